import { expect } from 'chai'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createHash, randomBytes } from 'node:crypto'
import { foreseenFile } from '../../engine/run/forecast.js'
import { isUnknown } from '../../engine/unknown.js'
import copy from '../../modules/copy.js'
import fetch from '../../modules/fetch.js'
import slurp from '../../modules/slurp.js'
import { call, testHost } from '../support/envelope.js'

const DRY = { checkMode: true }

for (const shell of [['dash'], ['bash'], ['busybox', 'sh']]) {
  describe(`fetch and slurp, on ${shell.join(' ')}`, () => {
    it('bring any bytes to the controller, below the name of the host', async () => {
      const host = testHost(shell)
      const bytes = randomBytes(100_000)
      const src = `${host.folder}/a 'b'\n$(c)`
      writeFileSync(src, bytes)
      const given = { src, dest: `${host.folder}/kept` }
      const dest = `${host.folder}/kept/h${src}`
      expect(await call(host, fetch, given, DRY)).to.include({ status: 'changed' })
      expect(existsSync(dest)).to.equal(false)
      host.forecast.states.clear()

      const first = await call(host, fetch, given)
      expect(first, first.message).to.include({ status: 'changed' })
      expect(readFileSync(dest).equals(bytes)).to.equal(true)
      const hash = (kind: string) => createHash(kind).update(bytes).digest('hex')
      expect(first.values).to.include({ dest, checksum: hash('sha1'), md5sum: hash('md5') })

      host.connection.counts.roundTrips = 0
      const second = await call(host, fetch, given)
      expect(second).to.include({ status: 'ok' })
      expect(second.values).to.include({ dest, file: src, checksum: hash('sha1'), md5sum: hash('md5') })
      expect(host.connection.counts.roundTrips).to.equal(1)
    })

    it('read a file whole', async () => {
      const host = testHost(shell)
      writeFileSync(`${host.folder}/f`, Buffer.from([0, 255, 10, 10]))
      const read = await call(host, slurp, { src: `${host.folder}/f` })
      expect(read).to.include({ status: 'ok' })
      expect(read.values).to.deep.equal({
        content: 'AP8KCg==',
        encoding: 'base64',
        source: `${host.folder}/f`,
      })
    })
  })
}

describe('fetch', () => {
  it('takes dest as it is when flat, and as a folder when it ends in a slash', async () => {
    const host = testHost()
    writeFileSync(`${host.folder}/f`, 'x')
    const given = { src: `${host.folder}/f`, flat: true }
    await call(host, fetch, { ...given, dest: `${host.folder}/deep/g` })
    await call(host, fetch, { ...given, dest: `${host.folder}/folder/` })
    expect(readFileSync(`${host.folder}/deep/g`, 'utf8')).to.equal('x')
    expect(readFileSync(`${host.folder}/folder/f`, 'utf8')).to.equal('x')
  })

  describe('of a large file', () => {
    const bytes = randomBytes(11 * 1024 * 1024)
    const sha1 = createHash('sha1').update(bytes).digest('hex')
    /** What is kept of it for a host. */
    const part = (name: string): string => {
      const mark = createHash('sha1').update(name).digest('hex').slice(0, 8)
      return `.g.${mark}-${sha1.slice(0, 16)}.fplay-part`
    }
    const open = (): {
      host: ReturnType<typeof testHost>
      given: { src: string; dest: string; flat: boolean }
      partial: string
    } => {
      const host = testHost()
      writeFileSync(`${host.folder}/f`, bytes, { mode: 0o640 })
      const given = { src: `${host.folder}/f`, dest: `${host.folder}/to/g`, flat: true }
      mkdirSync(`${host.folder}/to`)
      return { host, given, partial: `${host.folder}/to/${part('h')}` }
    }

    it('writes it as it comes, once', async () => {
      const { host, given } = open()
      expect(await call(host, fetch, given, DRY)).to.include({ status: 'changed' })
      host.forecast.states.clear()
      writeFileSync(
        `${host.folder}/to/${part('h').replace(/-.*/, '-0123456789abcdef.fplay-part')}`,
        'of another time',
      )
      writeFileSync(`${host.folder}/to/${part('other')}`, 'of another host')
      const first = await call(host, fetch, given)
      expect(first, first.message).to.include({ status: 'changed' })
      expect(first.values).to.deep.include({ checksum: sha1, remote_checksum: sha1, md5sum: undefined })
      expect(readFileSync(given.dest).equals(bytes)).to.equal(true)
      expect(statSync(given.dest).mode & 0o777).to.equal(0o640)
      expect(readdirSync(`${host.folder}/to`)).to.have.members(['g', part('other')])
      expect(await call(host, fetch, given)).to.include({ status: 'ok' })
    })

    for (const [what, part] of [
      ['goes on where a transfer was cut', bytes.subarray(0, 5_000_000)],
      ['begins anew behind a part that is not of the file', Buffer.alloc(5_000_000)],
      ['begins anew behind a part that is too long', Buffer.alloc(12_000_000)],
    ] as const) {
      it(what, async () => {
        const { host, given, partial } = open()
        writeFileSync(partial, part)
        const told: number[] = []
        const options = { onProgress: (got: number) => void told.push(got) }
        expect(await call(host, fetch, given, options)).to.include({ status: 'changed' })
        expect(told[0]).to.equal(part.length === 5_000_000 ? part.length : 0)
        expect(told.includes(0)).to.equal(part[0] === 0 && part[1] === 0)
        expect(told.at(-1)).to.equal(bytes.length)
        expect(readFileSync(given.dest).equals(bytes)).to.equal(true)
        expect(readdirSync(`${host.folder}/to`)).to.deep.equal(['g'])
      })
    }

    it('follows no link that somebody put in its way', async () => {
      const { host, given, partial } = open()
      writeFileSync(`${host.folder}/other`, 'mine')
      symlinkSync(`${host.folder}/other`, partial)
      const failed = await call(host, fetch, given)
      expect(failed).to.include({ status: 'failed' })
      expect(failed.message).to.contain('cannot be written on this machine: ELOOP')
      expect(readFileSync(`${host.folder}/other`, 'utf8')).to.equal('mine')
    })

    it('says what keeps it from being written', async () => {
      const { host, given } = open()
      writeFileSync(`${host.folder}/way`, '')
      const failed = await call(host, fetch, { ...given, dest: `${host.folder}/way/g` })
      expect(failed).to.include({ status: 'failed' })
      expect(failed.message).to.contain(`${host.folder}/way/g cannot be written on this machine: E`)
    })
  })

  it('fails on what is not there or is a folder, or says so and goes on', async () => {
    const host = testHost()
    mkdirSync(`${host.folder}/d`)
    for (const [src, message] of [
      [`${host.folder}/none`, 'does not exist'],
      [`${host.folder}/d`, 'is a directory'],
    ]) {
      const strict = await call(host, fetch, { src, dest: `${host.folder}/out` })
      expect(strict).to.include({ status: 'failed' })
      expect(strict.message).to.contain(message)
      const lax = await call(host, fetch, { src, dest: `${host.folder}/out`, fail_on_missing: false })
      expect(lax).to.include({ status: 'ok' })
      expect(lax.values['msg']).to.contain(message)
      expect((await call(host, slurp, { src })).status).to.equal('failed')
    }
    expect(existsSync(`${host.folder}/out`)).to.equal(false)
  })

  it('foresees the content that an earlier task of the dry run would have written', async () => {
    const host = testHost()
    const path = `${host.folder}/f`
    await call(host, copy, { content: 'new', dest: path }, DRY)
    writeFileSync(`${host.folder}/have`, 'new')
    const kept = await call(host, fetch, { src: path, dest: `${host.folder}/have`, flat: true }, DRY)
    expect(kept, kept.message).to.include({ status: 'ok' })
    writeFileSync(`${host.folder}/have`, 'old')
    const differs = await call(host, fetch, { src: path, dest: `${host.folder}/have`, flat: true }, DRY)
    expect(differs, differs.message).to.include({ status: 'changed' })
    const foreseen = foreseenFile(host.forecast.controller, `${host.folder}/have`)
    expect(isUnknown(foreseen) ? foreseen.why : foreseen?.text()).to.equal('new')
    const shown = await call(
      host,
      fetch,
      { src: path, dest: `${host.folder}/other`, flat: true },
      { ...DRY, diff: true },
    )
    expect(JSON.stringify(shown.diffs))
      .to.match(/3 bytes|\? bytes/)
      .and.not.contain('new')
    const read = await call(host, slurp, { src: path }, DRY)
    expect(read.values['content']).to.equal(Buffer.from('new').toString('base64'))
  })
})
