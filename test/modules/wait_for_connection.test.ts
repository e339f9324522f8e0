import { expect } from 'chai'
import type { RunOptions } from '../../engine/connection/connection.js'
import { FplayError } from '../../engine/errors.js'
import wait_for from '../../modules/wait_for.js'
import wait_for_connection from '../../modules/wait_for_connection.js'
import { call, testHost, type TestHost } from '../support/envelope.js'

/** A host that cannot be reached for some attempts: it refuses, or says nothing. */
function awayFor(attempts: number, silent = false): TestHost & { readonly tried: () => number } {
  const host = testHost()
  let tried = 0
  const run = async (script: string, options: RunOptions = {}) => {
    if (tried++ >= attempts) return host.connection.run(script, options)
    if (silent) {
      await new Promise((_, reject) =>
        options.signal!.addEventListener('abort', () => reject(new Error('ended on request'))),
      )
    }
    throw new FplayError([{ code: tried % 2 ? 'unreachable' : 'connection-lost', message: 'no route' }])
  }
  return { ...host, connection: { ...host.connection, run }, tried: () => tried }
}

describe('wait_for_connection', function () {
  it('tries until the host answers, and tells how long that took', async () => {
    const host = awayFor(3)
    const done = await call(host, wait_for_connection, { sleep: 0 })
    expect(done, done.message).to.include({ status: 'ok', changed: false })
    expect(done.values['elapsed']).to.be.at.least(0)
    expect(host.tried()).to.equal(4)
    const there = testHost()
    await call(there, wait_for_connection, {})
    expect(there.connection.counts.roundTrips).to.equal(1)
  })

  it('gives an attempt only so much time', async () => {
    const done = await call(awayFor(1, true), wait_for_connection, { connect_timeout: 1, sleep: 0 })
    expect(done, done.message).to.include({ status: 'ok' })
    expect(done.values['elapsed']).to.be.at.least(1)
  })

  it('gives up after the time, with the last reason', async () => {
    const done = await call(awayFor(99), wait_for_connection, { timeout: 1, sleep: 1 })
    expect(done).to.include({ status: 'failed', message: 'timed out waiting for connection: no route' })
    expect(done.values['elapsed']).to.be.at.least(1)
  })

  it('looks once in a dry run, and says that the run waits', async () => {
    const host = awayFor(99)
    const dry = await call(host, wait_for_connection, { delay: 100 }, { checkMode: true })
    expect(dry).to.include({ status: 'ok', changed: false })
    expect(dry.unproven).to.contain('no route')
    expect(host.tried()).to.equal(1)
  })

  it('leaves other errors, and other modules that wait, as they are', async () => {
    const broken = {
      ...testHost(),
      connection: { ...testHost().connection, run: () => Promise.reject(new Error('x')) },
    }
    const thrown = (module: unknown, host: TestHost) =>
      call(host, module, { path: '/', sleep: 0 }).then(
        () => 'nothing',
        (error: Error) => error.message,
      )
    expect(await thrown(wait_for_connection, broken)).to.equal('x')
    expect(await thrown(wait_for, awayFor(1))).to.contain('no route')
  })
})
