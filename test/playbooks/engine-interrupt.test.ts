import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Recap } from '../../engine/report/recap.js'
import { processes } from '../support/host-state.js'
import { iniInventory } from '../support/inventories.js'
import { useLab } from '../support/lab.js'
import { until } from '../support/until.js'
import { useWorkplace } from '../support/workplace.js'

const MAIN = join(import.meta.dirname, '../../engine/cli/main.ts')
const HOSTS = [1, 2, 3]
/** Its command ends long after a test has failed by its timeout: a run that waits for it does not pass. */
const SITE = `
- hosts: all
  gather_facts: false
  tasks:
    - file: { path: /tmp/begun, state: touch }
    - name: Long
      shell: sleep 654 & (trap '' TERM; sleep 655); touch /tmp/never
    - copy: { content: x, dest: /tmp/after }
`

describe('runs that are ended from outside', function () {
  this.timeout(200_000)
  const lab = useLab()
  const workplace = useWorkplace(() => lab().environment)
  const site = (): string => workplace.write('site.yml', SITE)
  const inventory = async (names?: string[]): Promise<string> =>
    workplace.write('hosts', await iniInventory(lab(), names))

  afterEach(async () => {
    for (const host of HOSTS)
      await lab().run(host, ['rm', '-f', '/tmp/begun', '/tmp/after', '/tmp/never', '/tmp/.fplay.lock'])
  })

  /** Resolves when the long command runs on all hosts. */
  async function inTheMiddle(): Promise<void> {
    for (const host of HOSTS) await until(async () => (await processes(lab(), host)).includes('sleep 655 '))
  }

  /** What a run has left on its hosts that it should not have, and no suite before this one. */
  const leftOvers = async (): Promise<string[]> =>
    (await found()).filter((line) => !foundBefore.includes(line))
  let foundBefore: readonly string[] = []
  before(async () => void (foundBefore = await found()))

  async function found(): Promise<string[]> {
    const all = await Promise.all(
      HOSTS.map(async (host) => {
        const running = (await processes(lab(), host)).filter((line) =>
          /^sleep 65|^\/bin\/sh $|sshd.*root/.test(line),
        )
        const { stdout } = await lab().run(host, [
          'find',
          '/tmp',
          '-name',
          '*fplay*',
          '-o',
          '-name',
          'never',
          '-o',
          '-name',
          'after',
        ])
        return [...running, ...stdout.split('\n').filter(Boolean)].map((line) => `${host}: ${line}`)
      }),
    )
    return all.flat()
  }

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`${signal}: exit status 99, a recap on the screen and in the file, nothing left on a host`, async () => {
      const run = workplace.start([site(), '-i', await inventory()])
      await inTheMiddle()
      run.child.kill(signal)
      const { code, out, err, recap } = await run.end
      expect([code, recap.exit_code], out + err).to.deep.equal([99, 99])
      expect(out)
        .to.contain('PLAY RECAP')
        .and.match(/one +: ok=1 +changed=1/)
      expect(Object.keys(recap.hosts)).to.deep.equal(['box', 'one', 'two'])
      expect(recap.tasks.filter(({ task }) => task !== 'Long').every(({ task }) => task === 'file')).to.equal(
        true,
      )
      expect(await leftOvers()).to.deep.equal([])
    })
  }

  /** What only its shell's death makes stale is taken over by the next run, without waiting for it. */
  async function nextRunTakesOver(): Promise<void> {
    const playbook = `
- hosts: all
  gather_facts: false
  tasks: [{ file: { path: /tmp/begun, state: absent } }]
`
    const next = await workplace.run([workplace.write('next.yml', playbook), '-i', await inventory()])
    expect(next.code, next.out + next.err).to.equal(0)
    await until(async () => (await leftOvers()).length === 0)
  }

  it('kill -9: nothing runs on, and the next run is not kept waiting', async () => {
    const run = workplace.start([site(), '-i', await inventory()])
    await inTheMiddle()
    run.child.kill('SIGKILL')
    await run.end
    await nextRunTakesOver()
  })

  it('while a host does not answer', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const file = workplace.write('silent', `silent ansible_host=127.0.0.1 ansible_port=${port}\n`)
    const run = workplace.start([site(), '-i', file, '-T', '900'])
    const [socket] = (await once(silent, 'connection')) as [Socket]
    run.child.kill('SIGINT')
    const { code, recap } = await run.end
    socket.destroy()
    silent.close()
    expect([code, recap.exit_code]).to.deep.equal([99, 99])
  })

  it('twice: at once, with what is known so far in the recap', async () => {
    const run = workplace.start([site(), '-i', await inventory()])
    await inTheMiddle()
    // Two of the same would count as one while the first is pending.
    run.child.kill('SIGINT')
    run.child.kill('SIGTERM')
    const { code, recap } = await run.end
    expect([code, recap.exit_code]).to.deep.equal([99, 99])
    await nextRunTakesOver()
  })

  /** A run at a terminal, which is what `script` makes; Ctrl-C is typed once `when` resolves. */
  async function atTerminal(
    argv: readonly string[],
    when: (screen: () => string) => Promise<void>,
  ): Promise<string> {
    const words = [process.execPath, '--import', import.meta.resolve('tsx/esm'), MAIN, ...argv]
    const command = `trap : INT; stty -g >before; ${words.map((word) => `'${word}'`).join(' ')}; echo "code=$?"; stty -g >after`
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      cwd: workplace.folder,
      env: {
        ...process.env,
        ...lab().environment,
        XDG_STATE_HOME: workplace.folder,
        TERM: 'xterm',
        SHELL: '/bin/sh',
      },
      stdio: 'pipe',
    })
    let screen = ''
    child.stdout.on('data', (bytes: Buffer) => (screen += bytes.toString()))
    const ended = once(child, 'close')
    await when(() => screen)
    child.stdin.write('\u0003')
    await ended
    const [before, after] = ['before', 'after'].map((name) => readFileSync(workplace.path(name), 'utf8'))
    expect(after, screen).to.equal(before)
    return screen
  }

  it('at a terminal: Ctrl-C leaves it as it was', async () => {
    const recap = workplace.path('terminal.json')
    const screen = await atTerminal([site(), '-i', await inventory(), '--recap-json', recap], inTheMiddle)
    expect(screen).to.contain('code=99').and.contain('PLAY RECAP')
    const cursor = [...screen.matchAll(/\u001b\[\?25([lh])/g)].map(([, each]) => each)
    expect(cursor.at(-1), 'the cursor is shown at the end').to.be.oneOf([undefined, 'h'])
    expect((JSON.parse(readFileSync(recap, 'utf8')) as Recap).exit_code).to.equal(99)
    expect(await leftOvers()).to.deep.equal([])
  })

  it('at a question at a terminal, before anything is contacted', async () => {
    const screen = await atTerminal([site(), '-i', await inventory(), '-K'], (shown) =>
      until(() => shown().includes('BECOME password')),
    )
    expect(screen).to.contain('code=99').and.not.contain('PLAY')
  })

  it('at a question that a pipe should answer', async () => {
    const run = workplace.start([site(), '-i', await inventory(), '-K'])
    // Nothing is written before the answer is there; but what a pipe does not hold is gone only when it is read.
    await new Promise((resolve) => run.child.stdin!.write('x'.repeat(4_000_000), resolve))
    run.child.kill('SIGINT')
    const { code, recap } = await run.end
    expect([code, recap.exit_code, recap.tasks]).to.deep.equal([99, 99, []])
  })
})
