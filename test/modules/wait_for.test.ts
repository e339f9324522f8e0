import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import copy from '../../modules/copy.js'
import wait_for from '../../modules/wait_for.js'
import { call, testHost } from '../support/envelope.js'

const soon = { timeout: 3, sleep: 1 }

for (const shell of [['dash'], ['bash'], ['busybox', 'sh']]) {
  describe(`wait_for, on ${shell.join(' ')}`, function () {
    this.timeout(20_000)
    let server: Server
    let port = 0
    before((done) => {
      server = createServer(() => {}).listen(0, '127.0.0.1', () => {
        port = (server.address() as AddressInfo).port
        done()
      })
    })
    after(() => server.close())

    it('sees an open port at once, also one that says nothing and does not close', async () => {
      const host = testHost(shell)
      const done = await call(host, wait_for, { port, ...soon })
      expect(done, done.message).to.include({ status: 'ok', changed: false })
      expect(done.values).to.include({ port, state: 'started', elapsed: 0 })
      expect(host.connection.counts.roundTrips).to.equal(1)
    })

    it('gives up after the time, with its own words or those it is given', async () => {
      const host = testHost(shell)
      const closed = { port: 1, timeout: 1, sleep: 1 }
      const late = await call(host, wait_for, closed)
      expect(late).to.include({ status: 'failed', message: 'Timeout when waiting for 127.0.0.1:1' })
      expect(late.values['elapsed']).to.equal(1)
      expect(await call(host, wait_for, { ...closed, msg: 'OSX is not up' })).to.include({
        message: 'OSX is not up',
      })
      expect(await call(host, wait_for, { port, state: 'stopped', timeout: 1 })).to.include({
        status: 'failed',
      })
      expect(await call(host, wait_for, { ...closed, state: 'stopped' })).to.include({ status: 'ok' })
    })

    it('does not wait in a dry run, and says that the run will', async () => {
      const host = testHost(shell)
      const started = Date.now()
      const done = await call(host, wait_for, { port: 1, timeout: 300, delay: 100 }, { checkMode: true })
      expect(done).to.include({ status: 'ok', changed: false })
      expect(done.unproven).to.match(/waits in the run/)
      expect(Date.now() - started).to.be.below(60_000)
    })

    it('waits for paths, and for text in them, whatever the names', async () => {
      const host = testHost(shell)
      const path = `${host.folder}/it's $(a)\n-名`
      setTimeout(() => writeFileSync(path, 'first\nready: 10000\n'), 500)
      const done = await call(host, wait_for, { path, search_regex: '^ready: [0-9]+$', ...soon })
      expect(done, done.message).to.include({ status: 'ok' })
      expect(await call(host, wait_for, { path, search_regex: "-e 'x' $(", timeout: 1 })).to.include({
        status: 'failed',
      })
      setTimeout(() => rmSync(path), 300)
      expect(await call(host, wait_for, { path, state: 'absent', ...soon })).to.include({ status: 'ok' })
    })

    it('sees what the dry run would have written', async () => {
      const host = testHost(shell)
      mkdirSync(`${host.folder}/d`)
      const path = `${host.folder}/d/log`
      const dry = { checkMode: true }
      await call(host, copy, { dest: path, content: 'ready\n' }, dry)
      const done = await call(host, wait_for, { path, search_regex: 'ready', ...soon }, dry)
      expect(done.unproven, 'found, not waited for').to.equal(undefined)
      expect((await call(host, wait_for, { path, search_regex: 'other', ...soon }, dry)).unproven).to.match(
        /waits/,
      )
    })
  })
}

describe('wait_for with the tools of a bare host', function () {
  this.timeout(20_000)
  it('connects with nc of busybox, and does not hang on a port that stays open', async () => {
    const server = createServer(() => {})
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const host = testHost(['busybox', 'sh'])
    const bare = `${host.folder}/bin`
    mkdirSync(bare)
    const busybox = execFileSync('which', ['busybox']).toString().trim()
    for (const name of ['nc', 'sh', 'id', 'dd', 'grep', 'timeout']) {
      symlinkSync(busybox, `${bare}/${name}`)
    }
    const environment = { PATH: bare }
    const done = await call(host, wait_for, { port, ...soon }, { environment })
    expect(done, done.message).to.include({ status: 'ok' })
    expect(await call(host, wait_for, { port: 1, timeout: 1 }, { environment })).to.include({
      status: 'failed',
    })
    server.close()
  })
})
