import { existsSync, mkdtempSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createConnection } from '../../../engine/connection/connect.js'
import type { Connection } from '../../../engine/connection/connection.js'
import { FplayError } from '../../../engine/errors.js'
import { createLocks } from '../../../engine/run/lock.js'
import type { Locks } from '../../../engine/run/lock.js'

describe('locks', () => {
  let path: string
  let folder: string
  const open: Connection[] = []
  const waited: string[] = []

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fplay-lock-'))
    path = join(folder, 'lock')
    waited.length = 0
  })

  afterEach(async () => {
    await Promise.all(open.splice(0).map((connection) => connection.close()))
    rmSync(folder, { recursive: true })
  })

  function run(who: string, timeout = 5000, lock = (_host: string) => path): Locks {
    const waiting = (host: string): void => void waited.push(`${who} waits for ${host}`)
    return createLocks({ who, timeout, signal: new AbortController().signal, path: lock, waiting })
  }

  function connect(locks: Locks, name = 'h'): Connection {
    const settings = { name, kind: 'local', address: name, hostKeyChecking: 'yes', timeout: 5 } as const
    const connection = locks.guard(createConnection(settings), settings)
    open.push(connection)
    return connection
  }

  async function output(connection: Connection, script = 'echo done'): Promise<string> {
    const { stdout, code } = await connection.run(script)
    expect(code).to.equal(0)
    return stdout.toString()
  }

  it('take no message of their own, and give the lock back at the end', async () => {
    const connection = connect(run('ann@c'))
    await connection.open()
    const before = connection.counts.roundTrips
    expect(await output(connection)).to.equal('done\n')
    const first = connection.counts.roundTrips - before
    expect(await output(connection)).to.equal('done\n')
    expect(connection.counts.roundTrips - before - first).to.equal(1)
    expect(readlinkSync(path)).to.match(/^[0-9a-f]{12}:\d+:ann%40c:\d+:\d+$/)
    await connection.close()
    expect(existsSync(folder) && linkThere(path)).to.equal(false)
  })

  it('make a second run wait until the first has ended', async () => {
    const first = connect(run('ann@c'))
    const second = connect(run('bob@d'))
    await output(first)
    const waiting = output(second, 'echo second')
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(waited).to.deep.equal(['bob@d waits for h'])
    await first.close()
    expect(await waiting).to.equal('second\n')
    expect(readlinkSync(path)).to.contain('bob%40d')
  })

  it('tell who holds the host and since when, when the time is up', async () => {
    await output(connect(run('ann@c')))
    const error = await connect(run('bob@d', 300))
      .run('echo never > /dev/null')
      .catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(FplayError)
    const { problems } = error as FplayError
    expect(problems[0]!.code).to.equal('locked')
    expect(problems[0]!.message).to.match(/^another run works on this host: ann@c since \d{4}-\d\d-\d\dT/)
  })

  it('take over what a shell that is gone has left', async () => {
    symlinkSync('0123456789ab:1700000000000:eve%40x:999999:1', path)
    expect(await output(connect(run('ann@c')))).to.equal('done\n')
    expect(readlinkSync(path)).to.contain('ann%40c')
  })

  it('take over the lock of a process whose number another one has now', async () => {
    symlinkSync(`0123456789ab:1700000000000:eve%40x:${process.pid}:1`, path)
    expect(await output(connect(run('ann@c')))).to.equal('done\n')
    expect(waited).to.deep.equal([])
  })

  it('are not fooled by a folder in their place', async () => {
    const error = await connect(run('ann@c', 100, () => folder))
      .run(':')
      .catch((reason: unknown) => reason)
    expect((error as FplayError).problems[0]!.code).to.equal('locked')
  })

  it('are shared by the shells of one run', async () => {
    const locks = run('ann@c')
    expect(await output(connect(locks, 'one name'))).to.equal('done\n')
    expect(await output(connect(locks, 'other name'))).to.equal('done\n')
    expect(waited).to.deep.equal([])
  })

  it('do not stop two runs that hold what the other wants: the younger gives way between tasks', async () => {
    const lock = (host: string): string => join(folder, host)
    const ann = run('ann@c', 5000, lock)
    await new Promise((resolve) => setTimeout(resolve, 5))
    const bob = run('bob@d', 5000, lock)
    const [annOne, annTwo] = [connect(ann, 'one'), connect(ann, 'two')]
    const [bobOne, bobTwo] = [connect(bob, 'one'), connect(bob, 'two')]
    await output(annOne)
    const bobsTask = bob.during('two', () => output(bobTwo, 'sleep 0.3; echo slow'))
    await new Promise((resolve) => setTimeout(resolve, 100))
    const bobs = bob.during('one', () => output(bobOne))
    const anns = ann.during('two', () => output(annTwo))
    expect(await bobsTask).to.equal('slow\n')
    expect(await anns).to.equal('done\n')
    await Promise.all([annOne.close(), annTwo.close()])
    expect(await bobs).to.equal('done\n')
    expect(await output(bobTwo)).to.equal('done\n')
    expect(readlinkSync(lock('two'))).to.contain('bob%40d')
  })
})

function linkThere(path: string): boolean {
  try {
    readlinkSync(path)
    return true
  } catch {
    return false
  }
}
