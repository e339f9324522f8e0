import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { parseArguments } from '../../../engine/cli/arguments.js'
import { createConfig } from '../../../engine/cli/config.js'
import { PLAYBOOK_OPTIONS } from '../../../engine/cli/options.js'
import type { Prompt } from '../../../engine/cli/prompt.js'
import { createSettings } from '../../../engine/cli/settings.js'
import { fplay } from '../../support/caller.js'
import { useWorkplace } from '../../support/workplace.js'

/** Settings of ansible.cfg that change what a run does, each without and with it. */
describe('settings that runs follow', () => {
  const place = useWorkplace()
  const play = (tasks: string, words = ''): string =>
    place.write('play.yml', `- hosts: all\n  gather_facts: false\n${words}  tasks:\n${tasks}`)
  const run = (settings: string, more: readonly string[] = [], env: Record<string, string> = {}) => {
    const file = place.write('fplay.cfg', settings)
    const argv = [place.path('play.yml'), '-i', 'a,b,', '-c', 'local', ...more]
    return place.run(argv, { env: { FPLAY_CONFIG: file, ...env } })
  }
  const tasksOf = ({ recap }: Awaited<ReturnType<typeof run>>): string[] =>
    recap.tasks.map(({ task, host, status }) => `${task} ${host} ${status}`)

  it('any_errors_fatal', async () => {
    play("    - {name: one, debug: , failed_when: inventory_hostname == 'a'}\n    - {name: two, debug: }\n")
    expect(tasksOf(await run(''))).to.deep.equal(['one a failed', 'one b ok', 'two b ok'])
    expect(tasksOf(await run('[defaults]\nany_errors_fatal=yes\n'))).to.deep.equal([
      'one a failed',
      'one b ok',
    ])
  })

  it('strategy', async () => {
    play('    - {name: one, pause: {seconds: 0}}\n    - {name: two, debug: }\n')
    const { code, err } = await run('[defaults]\nstrategy=quick\n')
    expect([code, err]).to.satisfy(
      ([status, text]: [number, string]) => status === 5 && /"quick"; allowed: linear, free/.test(text),
    )
    play('    - {name: one, debug: }\n    - {name: two, debug: }\n')
    const starts = (out: string): number => (out.match(/^TASK \[one\]/gm) ?? []).length
    expect(starts((await run('')).out)).to.equal(1)
    expect(starts((await run('[defaults]\nstrategy = free\n')).out)).to.be.above(1)
  })

  it('no_log, which a task may take back', async () => {
    play('    - debug: {msg: seen}\n    - {debug: {msg: also}, no_log: false}\n')
    expect((await run('')).out).to.match(/seen/)
    const { out } = await run('[defaults]\nno_log=True\n')
    expect(out).to.match(/also/).and.not.match(/seen/)
  })

  it('task_timeout', async () => {
    play('    - command: sleep 30\n')
    const { out, code } = await run('[defaults]\ntask_timeout=1\n', ['-l', 'a'])
    expect(code).to.equal(2)
    expect(out).to.match(/expected time frame \(1\)/)
  })

  it('ansible_managed', async () => {
    place.write('note.j2', '{{ ansible_managed }}\n')
    play(
      '    - debug: {msg: "{{ lookup(\'template\', \'note.j2\') }}"}\n    - template: {src: note.j2, dest: "{{ playbook_dir }}/note"}\n',
    )
    const text = (): string => readFileSync(place.path('note'), 'utf8')
    await run('', ['-l', 'a', '--start-at-task', 'template'])
    expect(text()).to.equal('Ansible managed\n')
    await run('[defaults]\nansible_managed = By {file}, 100%% of {x}, %d\n', [
      '-l',
      'a',
      '--start-at-task',
      'template',
    ])
    expect(text()).to.match(/^By note\.j2, 100% of \{x\}, \d\d\n$/)
  })

  it('diff.context', async () => {
    const lines = Array.from({ length: 20 }, (_, line) => `line ${line}\n`).join('')
    place.write('text', lines)
    play('    - lineinfile: {path: "{{ playbook_dir }}/text", regexp: \'^line 10$\', line: changed}\n')
    const shown = async (settings: string): Promise<number> =>
      ((await run(settings, ['-l', 'a', '-CD'])).out.match(/^ line \d+$/gm) ?? []).length
    expect(await shown('')).to.equal(6)
    expect(await shown('[diff]\ncontext=1\n')).to.equal(2)
  })

  it('gather_subset and fact_path', async () => {
    place.write('facts/own.fact', '{"word": "mine"}')
    place.write(
      'play.yml',
      '- hosts: a\n  tasks: [{debug: {msg: "{{ ansible_local.own.word | default(\'-\') }} {{ ansible_memtotal_mb is defined }}"}}]\n',
    )
    expect((await run('')).out).to.match(/- True/)
    const settings = `[defaults]\nfact_path=${place.path('facts')}\ngather_subset=!all,local\n`
    expect((await run(settings)).out).to.match(/mine False/)
  })

  it('poll_interval and gather_timeout', () => {
    const keywords = (settings: string) => {
      const config = createConfig({ FPLAY_CONFIG: place.write('fplay.cfg', settings) })
      const { options } = parseArguments(PLAYBOOK_OPTIONS, ['play.yml'], config)
      const prompt = { interactive: false } as Prompt
      const desk = { settled: async () => undefined }
      const rest = { passwords: {}, extraVars: new Map(), limit: undefined }
      const { poll, gatherTimeout } = createSettings({ options, config, prompt, desk, ...rest }).keywords!
      return [poll, gatherTimeout]
    }
    expect(keywords('')).to.deep.equal([15, undefined])
    expect(keywords('[defaults]\npoll_interval=3\ngather_timeout=4\n')).to.deep.equal([3, 4])
  })

  it('retry_files_enabled: the file has the hosts for --limit', async () => {
    play("    - {debug: , failed_when: inventory_hostname == 'b'}\n")
    expect((await run('')).err).to.equal('')
    const { err } = await run(
      `[defaults]\nretry_files_enabled=True\nretry_files_save_path=${place.path('again')}\n`,
    )
    const file = place.path('again/play.retry')
    expect(err).to.include(`to retry, use: --limit @${file}`)
    expect(readFileSync(file, 'utf8')).to.equal('b\n')
    expect(tasksOf(await run('', ['--limit', `@${file}`]))).to.deep.equal(['debug b failed'])
    expect((await run('[defaults]\nretry_files_enabled=True\n')).err).to.include(place.path('play.retry'))
  })

  it('inventory.ignore_extensions and ignore_patterns', async () => {
    for (const name of ['one', 'two.skip', 'three.ini', 'four'])
      place.write(`inv/${name}`, `${name.replace(/\..*/, '')}\n`)
    const listed = async (settings: string): Promise<string> => {
      const env = { FPLAY_CONFIG: place.write('fplay.cfg', settings) }
      const { out } = await fplay(['-i', place.path('inv'), place.path('play.yml'), '--list-hosts'], env)
      return (out.match(/^ +\w+$/gm) ?? []).map((line) => line.trim()).join(' ')
    }
    play('    - debug:\n')
    expect(await listed('')).to.equal('four one two')
    expect(await listed('[inventory]\nignore_extensions=.skip\nignore_patterns=^f[aeiou]u\n')).to.equal(
      'one three',
    )
  })

  it('ssh_connection.retries: a host that is away is dialled again', async () => {
    const server = createServer((socket) => void socket.end('no ssh here\r\n'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    play('    - ping:\n')
    const started = performance.now()
    const argv = ['-l', 'a', '-c', 'ssh', '-e', `ansible_host=127.0.0.1 ansible_port=${port}`]
    const { out, code } = await run('[ssh_connection]\nretries=2\n', argv)
    expect(code).to.equal(4)
    expect(out).to.match(/refused/)
    expect(performance.now() - started).to.be.above(990)
  })
})
