import { expect } from 'chai'
import { once } from 'node:events'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { createConnection } from '../../../engine/connection/connect.js'
import type { Connection } from '../../../engine/connection/connection.js'
import { localTransport } from '../../../engine/connection/local.js'
import { INLINE_LIMIT, Session } from '../../../engine/connection/session.js'
import { contentOf, type Content } from '../../../engine/content.js'
import { localSettings } from './shells.js'
import { problemOf } from '../../support/refusals.js'

/** Bytes of which no two thousand are alike. */
function content(size: number): Content {
  return contentOf(Buffer.alloc(size, Array.from({ length: 1499 }, (_, i) => String(i * i)).join(',')))
}

describe('a session', () => {
  let connection: Connection
  let folder: string
  const path = (name: string): string => join(folder, name)

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fplay-session-'))
    connection = createConnection(localSettings())
  })
  afterEach(() => connection.close())

  it('logs in once, however many ask at once', async () => {
    let logins = 0
    connection = new Session(localSettings(), async () => {
      logins++
      return localTransport()
    })
    await Promise.all([
      connection.open(),
      connection.run(':'),
      connection.run(':'),
      connection.tcp('::', 1).catch(String),
    ])
    expect([logins, connection.counts.connections]).to.deep.equal([1, 1])
  })

  it('can be opened again after it was closed, or after a login that failed', async () => {
    let fails = true
    connection = new Session(localSettings(), async () => {
      if (fails) throw new Error('no way')
      return localTransport()
    })
    expect(await connection.run(':').catch((error: Error) => error.message)).to.equal('no way')
    fails = false
    expect((await connection.run('echo in')).stdout.toString()).to.equal('in\n')
    await connection.close()
    expect((await connection.run('echo again')).stdout.toString()).to.equal('again\n')
    expect(connection.counts.connections).to.equal(2)
  })

  it('uploads what appears whole, readable by its owner only', async () => {
    const whole = content(300_000)
    writeFileSync(path('file'), 'old')
    const seen: string[] = []
    await connection.upload(whole, path('file'), {
      onProgress: (sent, total) => {
        seen.push(`${sent}/${total}`)
        if (sent < total) expect(readFileSync(path('file'), 'utf8')).to.equal('old')
      },
    })
    expect(readFileSync(path('file')).equals(whole.bytes())).to.equal(true)
    expect(statSync(path('file')).mode & 0o777).to.equal(0o600)
    expect([seen[0], seen.at(-1)]).to.deep.equal(['0/300000', '300000/300000'])
    expect(readdirSync(folder)).to.deep.equal(['file'])
  })

  it('uploads empty contents, and names that are no plain words', async () => {
    const name = path("it's -n $(x)")
    await connection.upload(contentOf(''), name)
    expect(statSync(name).size).to.equal(0)
  })

  it('continues a part, sends nothing that is there, and does not trust a part that is wrong', async () => {
    const whole = content(300_000)
    const partial = path(`.fplay-partial-${whole.sha1}`)
    const begin = async (part: Buffer): Promise<number> => {
      writeFileSync(partial, part)
      let first: number | undefined
      await connection.upload(whole, path('file'), { onProgress: (sent) => (first ??= sent) })
      expect(readFileSync(path('file')).equals(whole.bytes())).to.equal(true)
      return first!
    }
    expect(await begin(whole.bytes().subarray(0, 100_000))).to.equal(100_000)
    expect(await begin(whole.bytes())).to.equal(300_000)
    expect(await begin(Buffer.alloc(400_000))).to.equal(0)
    expect(await begin(Buffer.alloc(1000))).to.equal(0)
    expect(await begin(Buffer.concat([whole.bytes().subarray(0, 100_000), Buffer.alloc(1000)]))).to.equal(0)
    expect(existsSync(partial)).to.equal(false)
  })

  it('gives no name to what another try has completed while the line of this one was dead', async () => {
    const whole = content(1_000_000)
    const partial = path(`.fplay-partial-${whole.sha1}`)
    const stop = new AbortController()
    const half = whole.bytes().subarray(0, 500_000)
    async function* stalled() {
      yield half
      await once(stop.signal, 'abort')
    }
    const lost = problemOf(
      connection.upload({ ...whole, open: () => Readable.from(stalled()) }, path('file'), {
        signal: stop.signal,
      }),
    )
    while (!existsSync(partial) || statSync(partial).size < 262_144) await sleep(10)
    writeFileSync(partial, whole.bytes(), { flag: 'r+' })
    stop.abort()
    await lost
    // its script ends after it is known here to be lost
    for (let left = 10; left; left--) {
      await sleep(50)
      expect(existsSync(path('file'))).to.equal(false)
    }
    expect(statSync(partial).size).to.equal(whole.size)
  })

  it('does not write through a link that stands in for a part', async () => {
    const whole = content(5000)
    writeFileSync(path('victim'), 'untouched')
    symlinkSync(path('victim'), path(`.fplay-partial-${whole.sha1}`))
    await connection.upload(whole, path('file'))
    expect(readFileSync(path('victim'), 'utf8')).to.equal('untouched')
  })

  it('says so when the content is shorter than it was, and when the target cannot be written', async () => {
    const whole = content(5000)
    const shorter = { ...whole, open: () => Readable.from([Buffer.alloc(10)]) }
    expect((await problemOf(connection.upload(shorter, path('file')))).message).to.contain('10 of 5000 bytes')
    expect((await problemOf(connection.upload(whole, path('no/such/folder')))).message).to.contain('no/such')
  })

  it('gives a script inputs of any size, and cleans up after', async () => {
    const big = content(INLINE_LIMIT + 1)
    const seen: number[] = []
    const reply = await connection.run(
      `fplay_input 2 ${big.size} | cmp - '${path('copy')}' || echo differs; fplay_input 1 3; fplay_input_to 2 ${big.size} '${path('moved')}'`,
      { inputs: [contentOf('abc'), big], onProgress: (sent) => seen.push(sent) },
    )
    expect(reply.stdout.toString()).to.equal('differs\nabc')
    expect(readFileSync(path('moved')).equals(big.bytes())).to.equal(true)
    expect(seen.at(-1)).to.equal(big.size)
    const unread = await connection.run('exit 2', { inputs: [big] })
    expect(unread.code).to.equal(2)
    expect((await connection.run(`ls -A ~/.fplay | grep -c ${big.sha1} || :`)).stdout.toString()).to.equal(
      '0\n',
    )
  })

  it('keeps the order of scripts whose inputs travel first', async () => {
    const calls = [
      connection.run(`echo one >>'${path('log')}'`, { inputs: [content(INLINE_LIMIT + 1)] }),
      connection.run(`echo two >>'${path('log')}'`),
    ]
    await Promise.all(calls)
    expect(readFileSync(path('log'), 'utf8')).to.equal('one\ntwo\n')
  })

  it('runs scripts of different lanes side by side, by one login', async () => {
    const waiting = connection.run(`until [ -e ${path('go')} ]; do sleep 0.05; done; echo waited`)
    const going = connection.run(`: >${path('go')}; echo went`, { lane: 1 })
    const replies = await Promise.all([waiting, going])
    expect(replies.map(({ stdout }) => String(stdout))).to.deep.equal(['waited\n', 'went\n'])
    expect(connection.counts.connections).to.equal(1)
  })

  it('downloads any bytes', async () => {
    const whole = content(300_000)
    writeFileSync(path('file'), whole.bytes())
    const download = async (name: string, from: number): Promise<Buffer> => {
      const pieces: Buffer[] = []
      await connection.download(path(name), from, (bytes) => void pieces.push(Buffer.from(bytes)))
      return Buffer.concat(pieces)
    }
    expect((await download('file', 0)).equals(whole.bytes())).to.equal(true)
    expect((await download('file', 299_000)).equals(whole.bytes().subarray(299_000))).to.equal(true)
    writeFileSync(path('empty'), '')
    expect((await download('empty', 0)).length).to.equal(0)
    expect((await problemOf(download('none', 0))).message).to.contain(path('none'))
    const full = connection.download(path('file'), 0, () => {
      throw new Error('the disk is full')
    })
    expect(await full.catch((error: Error) => error.message)).to.equal('the disk is full')
    expect((await download('file', 0)).length).to.equal(300_000)
  })

  it('opens streams, and says which could not be opened', async () => {
    const server = createServer((socket) => socket.end('hello'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const stream = await connection.tcp('127.0.0.1', port)
    expect(String((await stream.toArray()).join(''))).to.equal('hello')
    server.close()
    await once(server, 'close')
    expect((await problemOf(connection.tcp('127.0.0.1', port))).message).to.contain(`127.0.0.1 port ${port}`)
  })

  it('does not begin what was cancelled before', async () => {
    const signal = AbortSignal.abort()
    expect((await problemOf(connection.run(`touch '${path('file')}'`, { signal }))).code).to.equal(
      'interrupted',
    )
    expect((await problemOf(connection.upload(content(9), path('file'), { signal }))).code).to.equal(
      'interrupted',
    )
    await connection.run(':')
    expect(existsSync(path('file'))).to.equal(false)
  })

  it('refuses names that are no accounts before anything is started', async () => {
    for (const user of ['-c', 'a b', '', 'x\ny']) {
      const problem = await problemOf(connection.run(':', { become: { user, method: 'sudo' } }))
      expect(problem.code).to.equal('become-failed')
    }
  })

  it('says what a login shell that runs no commands printed', async () => {
    connection = createConnection({ ...localSettings('/no/such/shell'), timeout: 2 })
    const problem = await problemOf(connection.run(':'))
    expect(problem.code).to.equal('unreachable')
    expect(problem.message).to.contain('/no/such/shell')
  })
})
