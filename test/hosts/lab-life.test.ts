import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { bringUp, execute, takeDown } from '../../lab/lab.js'

const home = process.env['LAB_HOME'] ?? '/var/lib/fplay-lab'
const name = `l${process.pid.toString(36)}`
const net = `10.78.${1 + (process.pid % 250)}`

describe('lab life', function () {
  this.timeout(60_000)
  afterEach(() => takeDown(name))

  it('is left alone by a second up', async () => {
    const first = await bringUp(name, net, ['debian', 'busybox'])
    const before = await bootTimes()
    const second = await bringUp(name, net, ['debian', 'busybox'])
    expect(await bootTimes()).to.deep.equal(before)
    expect(second.keyFile).to.equal(first.keyFile)
  })

  it('refuses a net that the machine already reaches, and other hosts than it has', async () => {
    await bringUp(name, net, ['debian'])
    const other = `${name}2`
    await rejects(bringUp(other, net, ['debian']), `${net}.0/24 is already routed on this machine`)
    await takeDown(other)
    await rejects(bringUp(name, net, ['busybox']), `host 1 of lab ${name} is debian, not busybox`)
    await rejects(bringUp(name, '10.79.1', ['debian']), `lab ${name} exists at ${net}.0/24`)
  })

  it('can be completed after an up that was killed half way, whenever that was', async () => {
    for (const after of [20, 60, 120, 250]) {
      const killed = spawn('lab/lab', ['up', name, '--net', `${net}.0/24`, '--hosts', 'debian:docker,debian'])
      await delay(after)
      killed.kill('SIGKILL')
      const lab = await bringUp(name, net, ['debian:docker', 'debian'])
      expect((await lab.hosts()).map(({ on }) => on)).to.deep.equal([true, true])
      expect((await lab.run(1, ['docker', 'version'])).status).to.equal(0)
      await takeDown(name)
      await nothingIsLeft()
    }
  })

  it('leaves nothing when it goes down, containers included', async () => {
    const lab = await bringUp(name, net, ['debian:docker', 'busybox'])
    const image = await execute('sh', [
      '-c',
      `tar -c -T /dev/null | lab/lab run ${name} 1 docker import - empty`,
    ])
    expect(image.status, image.stderr).to.equal(0)
    const put = `lab/lab run ${name} 2 cat /usr/bin/busybox | lab/lab run ${name} 1 sh -c 'cat >/root/sleep; chmod 755 /root/sleep'`
    await execute('sh', ['-c', put])
    const run = ['docker', 'run', '-d', '-v', '/root/sleep:/sleep', 'empty', '/sleep', '86399']
    const container = await lab.run(1, run)
    expect(container.status, container.stderr).to.equal(0)
    expect(processes()).to.include(`/sleep 86399`)
    await lab.down()
    await nothingIsLeft()
    expect(processes()).to.not.include(`/sleep 86399`)
  })
})

async function rejects(promise: Promise<unknown>, message: string): Promise<void> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).to.be.instanceOf(Error)
  expect((error as Error).message).to.contain(message)
}

/** Process id and start time of each host's init. */
function bootTimes(): string[] {
  return readdirSync(`${home}/${name}/hosts`).map((host) =>
    readFileSync(`${home}/${name}/hosts/${host}/pid`, 'utf8'),
  )
}

async function nothingIsLeft(): Promise<void> {
  const traces = [
    'ip netns list',
    'ip -o link',
    'ip -4 route show table all',
    'cat /proc/self/mountinfo',
    'find /sys/fs/cgroup -type d',
  ]
  for (const trace of traces) {
    const { stdout } = await execute('sh', ['-c', trace])
    expect(stdout, trace).to.not.match(new RegExp(`fp-${name}\\b`))
    expect(stdout, trace).to.not.contain(`${net}.`)
  }
  expect(existsSync(`${home}/${name}`)).to.equal(false)
  expect(existsSync(`${home}/${name}.lock`)).to.equal(false)
  expect(processes().filter((line) => line.includes(`/${name}/`))).to.deep.equal([])
}

/** The command lines of all processes of this machine, those of hosts and containers included. */
function processes(): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim()
      } catch {
        return '' // it has ended since
      }
    })
}
