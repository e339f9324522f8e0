import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { fplay } from '../../support/caller.js'

const ZERO = { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 }
const MAIN = fileURLToPath(new URL('../../../engine/cli/main.ts', import.meta.url))

describe('fplay PLAYBOOK', () => {
  let folder: string
  let recap: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fplay-cli-'))
    recap = join(folder, 'recap.json')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const write = (name: string, text: string): string => {
    const file = join(folder, name)
    writeFileSync(file, text)
    return file
  }
  const play = (tasks: string, more = ''): string =>
    write('site.yml', `- name: Site\n  hosts: all\n  gather_facts: false\n${more}  tasks:\n${tasks}`)
  const run = (argv: readonly string[], env: Record<string, string> = {}, input = '') =>
    fplay(['-i', 'one,two,', '-c', 'local', '--recap-json', recap, ...argv], { HOME: folder, ...env }, input)
  const written = (): unknown => JSON.parse(readFileSync(recap, 'utf8'))

  describe('writes the recap however it ends', () => {
    it('well', async () => {
      const file = play('    - name: Say\n      debug: {msg: hello}\n')
      const { code, out } = await run([file])
      expect(code).to.equal(0)
      expect(out).to.include('ok: [one]: hello')
      const task = {
        play: 'Site',
        task: 'Say',
        module: 'debug',
        where: `${file}:5`,
        status: 'ok',
        changed: false,
      }
      expect(written()).to.deep.equal({
        hosts: { one: { ...ZERO, ok: 1 }, two: { ...ZERO, ok: 1 } },
        tasks: [
          { ...task, host: 'one' },
          { ...task, host: 'two' },
        ],
        exit_code: 0,
      })
    })

    it('in the file that the environment names', async () => {
      const other = join(folder, 'other.json')
      await fplay([play('    - debug:\n'), '-i', 'one,', '-c', 'local'], { FPLAY_RECAP: other })
      expect(JSON.parse(readFileSync(other, 'utf8'))).to.have.property('exit_code', 0)
    })

    it('with a failed host', async () => {
      const file = play("    - fail: {msg: no way}\n      when: inventory_hostname == 'two'\n")
      const { code, out } = await run([file])
      expect(code).to.equal(2)
      expect(out).to.match(/failed: \[two\]: no way\n {4}at .*site\.yml:5/)
      expect(written()).to.deep.include({
        hosts: { one: { ...ZERO, skipped: 1 }, two: { ...ZERO, failed: 1 } },
        exit_code: 2,
      })
    })

    it('with an unreachable host', async () => {
      const file = play('    - ping:\n')
      const { code } = await fplay([
        file,
        '-i',
        'gone,',
        '--recap-json',
        recap,
        '-T',
        '2',
        '-e',
        'ansible_host=127.0.0.1 ansible_port=1',
      ])
      expect(code).to.equal(4)
      expect(written()).to.deep.include({ hosts: { gone: { ...ZERO, unreachable: 1 } }, exit_code: 4 })
    })

    it('with mistakes in the playbook, all of which are told', async () => {
      const { code, err, out } = await run([play('    - debgu:\n    - copy: {dst: /x}\n')])
      expect(code).to.equal(4)
      expect(out).to.equal('')
      expect(err).to.match(/site\.yml:5:7: .*did you mean "debug"\?/)
      expect(err).to.match(/site\.yml:6:14: copy has no parameter "dst"/)
      expect(written()).to.deep.equal({ hosts: {}, tasks: [], exit_code: 4 })
    })

    it('without a playbook, an inventory or a host', async () => {
      expect(await run([join(folder, 'none.yml')])).to.include({ code: 1 })
      expect(written()).to.deep.equal({ hosts: {}, tasks: [], exit_code: 1 })
      expect(await run([play('    - ping:\n'), '-l', 'three'])).to.include({ code: 1 })
      expect(await run([play('    - ping:\n'), '-i', join(folder, 'nowhere')])).to.include({ code: 1 })
    })

    it('when it is interrupted', async function () {
      this.timeout(30_000)
      const file = play("    - shell: 'echo $$ >pid; exec sleep 30'\n      args: {chdir: " + folder + '}\n')
      const argv = ['--import', 'tsx', MAIN, file, '-i', 'one,', '-c', 'local', '--recap-json', recap]
      const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] })
      const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
      while (!existsSync(join(folder, 'pid'))) await new Promise((resolve) => setTimeout(resolve, 50))
      child.kill('SIGINT')
      expect(await ended).to.equal(99)
      expect(written()).to.have.property('exit_code', 99)
      const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'))
      const isThere = (): boolean => existsSync(`/proc/${pid}`)
      for (let left = 100; left && isThere(); left--) await new Promise((resolve) => setTimeout(resolve, 100))
      expect(isThere()).to.equal(false)
    })
  })

  it('changes nothing in check mode, and says so', async () => {
    const file = join(folder, 'made')
    const { code, out } = await run([
      play(`    - copy: {dest: ${file}, content: "new\\n"}\n`),
      '-C',
      '-D',
      '-l',
      'one',
    ])
    expect(code).to.equal(0)
    expect(existsSync(file)).to.equal(false)
    expect(out).to.match(/^CHECK MODE/)
    expect(out).to.include(`+++ after: ${file}`)
    expect(out).to.include('\n+new\n')
    expect(out).to.match(/PLAY RECAP \(check mode: nothing was changed/)
    expect(out).to.match(/one : ok=1 +changed=1/)
  })

  it('looks without running', async () => {
    const file = play('    - name: First\n      debug:\n      tags: [a]\n')
    expect(await run([file, '--syntax-check'])).to.deep.equal({
      code: 0,
      out: `\nplaybook: ${file}\n`,
      err: '',
    })
    const { out } = await run([file, '--list-tasks', '--list-hosts', '--list-tags', '-l', 'two'])
    expect(out).to.include("pattern: ['all']\n    hosts (1):\n      two\n")
    expect(out).to.include('First\tTAGS: [a]')
    expect(out).to.include('TASK TAGS: [a]')
  })

  it('runs several playbooks', async () => {
    const [first, second] = ['a', 'b'].map((name) =>
      write(`${name}.yml`, `- hosts: all\n  gather_facts: false\n  tasks:\n    - debug: {msg: ${name}}\n`),
    )
    const { out } = await run([first!, second!])
    expect(out).to.match(/one\]: a[^]*one\]: b/)
    expect(out.match(/PLAY RECAP/g)).to.have.lengthOf(1)
  })

  it('never shows a password', async () => {
    const vault = write('vault', 'vault-pass\n')
    const argv = [
      play("    - debug: {msg: \"{{ ansible_password | default(lookup('env', 'X')) }} sesame-1\"}\n"),
    ]
    const { code, out, err } = await run(
      [...argv, '-k', '-K', '--vault-password-file', vault],
      {},
      'sesame-1\nsesame-2\n',
    )
    expect(code, err).to.equal(0)
    expect(out).to.include('ok: [one]:')
    expect(out + err + readFileSync(recap, 'utf8')).to.not.match(/sesame|vault-pass\n/)
  })

  it('says that nobody answers', async () => {
    const { code, err } = await run([play('    - ping:\n'), '-k'])
    expect(code).to.equal(5)
    expect(err).to.match(/"SSH password:" was not answered/)
  })

  it('says when the recap cannot be written', async () => {
    const { code, err } = await run([play('    - ping:\n'), '--recap-json', join(folder, 'no', 'dir.json')])
    expect(code).to.equal(1)
    expect(err).to.match(/the recap cannot be written to .*ENOENT/)
  })
})
