import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import copy from '../../modules/copy.js'
import wait_for from '../../modules/wait_for.js'
import { call, testHost } from '../support/envelope.js'

const soon = { timeout: 3, sleep: 1 }

const SHELLS = [['dash'], ['bash'], ['busybox', 'sh']]

/** A case in every shell, at once: most of a case is waiting. */
function inEach(title: string, body: (shell: readonly string[]) => Promise<void>): void {
  it(`${title}, in each shell`, async () => {
    const ends = await Promise.allSettled(SHELLS.map(body))
    const failed = ends.flatMap((end, i) =>
      end.status === 'rejected' ? [`${SHELLS[i]!.join(' ')}: ${(end.reason as Error).message}`] : [],
    )
    expect(failed).to.deep.equal([])
  })
}

describe('wait_for', () => {
  let server: Server
  let port = 0
  before((done) => {
    server = createServer(() => {}).listen(0, '127.0.0.1', () => {
      port = (server.address() as AddressInfo).port
      done()
    })
  })
  after(() => server.close())

  inEach('sees an open port at once, also one that says nothing and does not close', async (shell) => {
    const host = testHost(shell)
    const done = await call(host, wait_for, { port, ...soon })
    expect(done, done.message).to.include({ status: 'ok', changed: false })
    expect(done.values).to.include({ port, state: 'started' })
    expect(host.connection.counts.roundTrips).to.equal(1)
  })

  inEach('gives up after the time, with its own words or those it is given', async (shell) => {
    const host = testHost(shell)
    const closed = { port: 1, timeout: 1, sleep: 1 }
    const [late, worded, open] = await Promise.all([
      call(host, wait_for, closed),
      call(host, wait_for, { ...closed, msg: 'OSX is not up' }),
      call(host, wait_for, { port, state: 'stopped', timeout: 1 }),
    ])
    expect(late).to.include({ status: 'failed', message: 'Timeout when waiting for 127.0.0.1:1' })
    expect(late.values['elapsed']).to.equal(1)
    expect(worded).to.include({ message: 'OSX is not up' })
    expect(open).to.include({ status: 'failed' })
    expect(await call(host, wait_for, { ...closed, state: 'stopped' })).to.include({ status: 'ok' })
  })

  inEach('does not wait in a dry run, and says that the run will', async (shell) => {
    const host = testHost(shell)
    const started = Date.now()
    const done = await call(host, wait_for, { port: 1, timeout: 300, delay: 100 }, { checkMode: true })
    expect(done).to.include({ status: 'ok', changed: false })
    expect(done.unproven).to.match(/waits in the run/)
    expect(Date.now() - started).to.be.below(60_000)
  })

  inEach('waits for paths, and for text in them, whatever the names', async (shell) => {
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

  inEach('finds what Python would find, and tells the groups', async (shell) => {
    const host = testHost(shell)
    const path = `${host.folder}/log`
    writeFileSync(path, 'first\nReady: 10000 [ok] a.b\nend')
    const found: readonly (readonly [string, readonly (string | null)[]])[] = [
      ['Ready: (\\d+) \\[(ok|no)\\]', ['10000', 'ok']],
      ['^R[a-z]+:\\s(?:\\w+) ', []],
      ['(?i)^ready', []],
      ['(x)?end$', [null]],
      ['(\\d+?)0', ['1']],
      ['[\\d.]{5}(?= )', []],
      ['first\nReady', []],
      ['a\\.b$', []],
      ['[^\\s\\]]+\\]', []],
    ]
    for (const [pattern, groups] of found) {
      const done = await call(host, wait_for, { path, search_regex: pattern, ...soon })
      expect(done, pattern).to.include({ status: 'ok' })
      expect(done.values['match_groups'], pattern).to.deep.equal(groups)
    }
    const named = await call(host, wait_for, { path, search_regex: '(?P<port>\\d{3})', ...soon })
    expect(named.values['match_groupdict']).to.deep.equal({ port: '100' })
    for (const pattern of ['\\d{6}', 'a.b.', '^Ready$', 'a\\+b']) {
      const gone = await call(host, wait_for, { path, search_regex: pattern }, { checkMode: true })
      expect(gone.unproven).to.contain(`Timeout when waiting for search string ${pattern} in ${path}`)
    }
    expect((await call(host, wait_for, { path, search_regex: '(' })).status).to.equal('failed')
  })

  inEach('reads what a port says of itself', async (shell) => {
    const host = testHost(shell)
    const talker = createServer(
      (socket) => void socket.on('error', () => undefined).write('SSH-2.0-Open\r\n'),
    )
    await new Promise<void>((resolve) => talker.listen(0, '127.0.0.1', resolve))
    const at = { port: (talker.address() as AddressInfo).port }
    const done = await call(host, wait_for, { ...at, search_regex: 'SSH-([\\d.]+)', ...soon })
    expect(done, done.message).to.include({ status: 'ok' })
    expect(done.values['match_groups']).to.deep.equal(['2.0'])
    const other = await call(host, wait_for, {
      ...at,
      search_regex: '^HTTP',
      timeout: 1,
      connect_timeout: 1,
    })
    expect(other.message).to.match(/^Timeout when waiting for search string \^HTTP in 127/)
    talker.close()
  })

  inEach('waits until nobody is connected to a port', async (shell) => {
    const host = testHost(shell)
    const client = connect(port, '127.0.0.1')
    await once(client, 'connect')
    const drained = { port, state: 'drained' }
    expect((await call(host, wait_for, drained, { checkMode: true })).unproven).to.match(/to drain$/)
    const { values } = await call(host, wait_for, { ...drained, exclude_hosts: ['127.0.0.1'] })
    expect(values).to.include({ state: 'drained', port })
    expect(
      (await call(host, wait_for, { ...drained, active_connection_states: ['SYN_SENT'] })).status,
    ).to.equal('ok')
    client.destroy()
  })

  inEach('waits for a time when nothing else is named, and not in a dry run', async (shell) => {
    const done = await call(testHost(shell), wait_for, { timeout: 1 })
    expect(done.values['elapsed']).to.be.at.least(1)
    const dry = await call(testHost(shell), wait_for, { timeout: 300 }, { checkMode: true })
    expect(dry).to.include({ status: 'ok', changed: false, unproven: undefined })
  })

  inEach('refuses what does not fit together', async (shell) => {
    for (const [params, message] of [
      [{ path: '/x', state: 'stopped' }, /only be used for checking a port/],
      [{ path: '/x', state: 'drained' }, /only be used for checking a port/],
      [{ state: 'drained' }, /needs a port/],
      [{ port: 1, exclude_hosts: ['a'] }, /only be with state=drained/],
    ] as const)
      expect((await call(testHost(shell), wait_for, params)).message).to.match(message)
  })

  inEach('sees what the dry run would have written', async (shell) => {
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

describe('wait_for with the tools of a bare host', () => {
  it('connects with nc of busybox, and does not hang on a port that stays open', async () => {
    const server = createServer(() => {})
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const host = testHost(['busybox', 'sh'])
    const bare = `${host.folder}/bin`
    mkdirSync(bare)
    const busybox = execFileSync('which', ['busybox']).toString().trim()
    for (const name of ['nc', 'sh', 'id', 'dd', 'grep', 'timeout', 'head', 'sleep']) {
      symlinkSync(busybox, `${bare}/${name}`)
    }
    const environment = { PATH: bare }
    const done = await call(host, wait_for, { port, ...soon }, { environment })
    expect(done, done.message).to.include({ status: 'ok' })
    expect(await call(host, wait_for, { port: 1, timeout: 1 }, { environment })).to.include({
      status: 'failed',
    })
    const talker = createServer((socket) => socket.end('SSH-2.0\r\n'))
    await new Promise<void>((resolve) => talker.listen(0, '127.0.0.1', resolve))
    const at = { port: (talker.address() as AddressInfo).port, connect_timeout: 1 }
    const greeted = await call(host, wait_for, { ...at, search_regex: '^SSH', ...soon }, { environment })
    expect(greeted, greeted.message).to.include({ status: 'ok' })
    talker.close()
    server.close()
  })
})
