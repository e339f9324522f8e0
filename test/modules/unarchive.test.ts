import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { contentOf } from '../../engine/content.js'
import { pack } from '../../engine/module/archive/pack.js'
import type { ArchiveEntry } from '../../engine/module/archive/entry.js'
import { writeTar } from '../../engine/module/archive/tar-write.js'
import archive from '../../modules/archive.js'
import copy from '../../modules/copy.js'
import file from '../../modules/file.js'
import stat from '../../modules/stat.js'
import unarchive from '../../modules/unarchive.js'
import { call, testController, testHost, type TestHost } from '../support/envelope.js'
import type { Call, Converged } from '../../engine/run/target.js'

const ODD = '$(touch x) "\'\n-名'
const ENTRIES: readonly ArchiveEntry[] = [
  { name: 'top', type: 'directory', mode: 0o750 },
  { name: 'top/a', type: 'file', mode: 0o640, data: Buffer.from('one\n') },
  { name: 'top/deep/er/b', type: 'file', mode: 0o755, data: Buffer.from([0, 1, 255]) },
  { name: `top/${ODD}`, type: 'file', mode: 0o600, data: Buffer.from('odd') },
  { name: 'top/-link', type: 'link', mode: 0o777, target: 'a' },
]

/** Unpacks bytes that are on the controller. */
function put(
  host: TestHost,
  bytes: Buffer,
  params: object = {},
  options: Partial<Call> = {},
): Promise<Converged> {
  const controller = { ...testController(), content: async () => contentOf(bytes) }
  return call(host, unarchive, { src: 'x.tar', dest: host.folder, ...params }, { controller, ...options })
}

for (const shell of [['dash'], ['bash'], ['busybox', 'sh']]) {
  describe(`unarchive, on ${shell.join(' ')}`, () => {
    for (const format of ['tar', 'gz', 'zip'] as const) {
      it(`unpacks ${format} once, as foretold`, async () => {
        const host = testHost(shell)
        const bytes = pack(ENTRIES, format)
        const dry = await put(host, bytes, {}, { checkMode: true })
        expect(dry, dry.message).to.include({ status: 'changed' })
        expect(readdirSync(host.folder)).to.deep.equal([])
        expect(await put(host, bytes, {}, { checkMode: true })).to.include({ status: 'ok' })
        host.forecast.states.clear()
        const first = await put(host, bytes, { list_files: true })
        expect(first, first.message).to.include({ status: 'changed' })
        expect(first.diffs).to.deep.equal(dry.diffs)
        expect(first.values['files']).to.have.members([
          'top/',
          'top/a',
          'top/deep/er/b',
          `top/${ODD}`,
          'top/-link',
        ])
        const top = `${host.folder}/top`
        expect(statSync(top).mode & 0o7777).to.equal(0o750)
        expect(readFileSync(`${top}/a`, 'utf8')).to.equal('one\n')
        expect(readFileSync(`${top}/deep/er/b`)).to.deep.equal(Buffer.from([0, 1, 255]))
        expect(statSync(`${top}/${ODD}`).mode & 0o7777).to.equal(0o600)
        expect(readlinkSync(`${top}/-link`)).to.equal('a')
        expect(readdirSync(host.folder)).to.deep.equal(['top'])
        const trips = host.connection.counts.roundTrips
        const second = await put(host, bytes)
        expect(second, second.message).to.include({ status: 'ok', changed: false })
        expect(host.connection.counts.roundTrips - trips).to.equal(1)
      })
    }

    it('writes only what differs, and leaves what is not in the archive alone', async () => {
      const host = testHost(shell)
      const bytes = pack(ENTRIES, 'tar')
      await put(host, bytes)
      const top = `${host.folder}/top`
      writeFileSync(`${top}/mine`, 'mine')
      const { ino } = statSync(`${top}/deep/er/b`)
      writeFileSync(`${top}/a`, 'bent')
      chmodSync(`${top}/${ODD}`, 0o644)
      const mended = await put(host, bytes)
      expect(mended, mended.message).to.include({ status: 'changed' })
      expect(mended.diffs).to.deep.equal([
        { name: `${top}/${ODD}`, before: 'mode: 0644\n', after: 'mode: 0600\n' },
        { name: `${top}/a`, before: 'bent', after: 'one\n' },
      ])
      expect(readFileSync(`${top}/a`, 'utf8')).to.equal('one\n')
      expect(statSync(`${top}/deep/er/b`).ino).to.equal(ino)
      expect(readFileSync(`${top}/mine`, 'utf8')).to.equal('mine')
    })

    it('unpacks an archive of the host that the same dry run would have packed and copied', async () => {
      const host = testHost(shell)
      mkdirSync(`${host.folder}/in`)
      writeFileSync(`${host.folder}/in/f`, 'text', { mode: 0o644 })
      const steps = [
        [archive, { path: [`${host.folder}/in`], dest: `${host.folder}/in.tar`, format: 'tar' }],
        [copy, { src: `${host.folder}/in.tar`, dest: `${host.folder}/there.tar`, remote_src: true }],
        [file, { path: `${host.folder}/out`, state: 'directory' }],
        [unarchive, { src: `${host.folder}/there.tar`, dest: `${host.folder}/out`, remote_src: true }],
        [file, { path: `${host.folder}/out/in/f`, mode: '0600' }],
      ] as const
      for (const checkMode of [true, false]) {
        for (const [module, params] of steps) {
          const done = await call(host, module, params, { checkMode })
          expect(done, done.message).to.include({ status: 'changed' })
        }
        if (checkMode) {
          const seen = await call(host, stat, { path: `${host.folder}/out/in/f` }, { checkMode })
          expect(seen.values['stat']).to.include({ exists: true, size: 4, mode: '0600' })
          expect(readdirSync(host.folder)).to.deep.equal(['in'])
          host.forecast.states.clear()
        }
      }
      expect(await call(host, unarchive, steps[3][1])).to.include({ status: 'changed' }) // the mode goes back
      expect(await call(host, unarchive, steps[3][1])).to.include({ status: 'ok' })
    })

    it('takes mode, include and exclude', async () => {
      const host = testHost(shell)
      const bytes = pack(ENTRIES, 'gz')
      const params = { mode: 'u=rwX,go=', include: ['top/*'], exclude: ['top/deep', 'top/-*'] }
      expect(await put(host, bytes, params)).to.include({ status: 'changed' })
      expect(readdirSync(`${host.folder}/top`).sort()).to.deep.equal([ODD, 'a'].sort())
      expect(statSync(`${host.folder}/top/a`).mode & 0o7777).to.equal(0o600)
      expect(await put(host, bytes, params)).to.include({ status: 'ok' })
    })

    it('does nothing when what it creates is there', async () => {
      const host = testHost(shell)
      const done = await put(host, pack(ENTRIES, 'tar'), { creates: host.folder })
      expect(done).to.include({ status: 'skipped', changed: false })
      expect(readdirSync(host.folder)).to.deep.equal([])
    })

    it('takes options of tar, and leaves newer files alone', async () => {
      const host = testHost(shell)
      const entries = ['top/a', 'top/b', 'top/c'].map((name): ArchiveEntry => ({
        name,
        type: 'file',
        mode: 0o644,
        data: Buffer.from('new'),
        time: 1e9,
      }))
      writeFileSync(`${host.folder}/a`, 'mine')
      writeFileSync(`${host.folder}/b`, 'mine')
      utimesSync(`${host.folder}/b`, 9e8, 9e8)
      const params = { keep_newer: true, extra_opts: ['--strip-components=1', '--exclude', 'c', '-o'] }
      const done = await put(host, writeTar(entries), params)
      expect(done, done.message).to.include({ status: 'changed' })
      expect(readdirSync(host.folder).sort()).to.deep.equal(['a', 'b'])
      expect(readFileSync(`${host.folder}/a`, 'utf8')).to.equal('mine')
      expect(readFileSync(`${host.folder}/b`, 'utf8')).to.equal('new')
      expect(statSync(`${host.folder}/b`).mtimeMs).to.equal(1e12)
      expect(await put(host, writeTar(entries), params)).to.include({ status: 'ok' })
      for (const option of ['--transform=s/a/b/', '--anchored', '--no-overwrite-dir', '-j', '-n']) {
        const { message } = await put(host, writeTar(entries), { extra_opts: [option] })
        expect(message).to.include(`"${option.split('=')[0]!}", which fplay cannot do; allowed: `)
      }
    })

    it('works in a folder that hands its group down, and through a link to a folder', async () => {
      const host = testHost(shell)
      mkdirSync(`${host.folder}/real/top`, { recursive: true })
      symlinkSync('real', `${host.folder}/link`)
      if (process.getuid?.() === 0) execFileSync('chgrp', ['daemon', `${host.folder}/real`])
      chmodSync(`${host.folder}/real`, 0o2775)
      const done = await put(host, pack(ENTRIES, 'tar'), { dest: `${host.folder}/link` })
      expect(done, done.message).to.include({ status: 'changed' })
      expect(await put(host, pack(ENTRIES, 'tar'), { dest: `${host.folder}/link` })).to.include({
        status: 'ok',
      })
    })

    it('refuses what leads outside, is damaged, or does not fit', async () => {
      const host = testHost(shell)
      const fails = async (
        entries: readonly ArchiveEntry[] | Buffer,
        params: object = {},
      ): Promise<string | undefined> => {
        const bytes = Buffer.isBuffer(entries) ? entries : writeTar(entries)
        const done = await put(host, bytes, params, { checkMode: true })
        expect(done.status).to.equal('failed')
        return done.message
      }
      const link: ArchiveEntry = { name: 'l', type: 'link', mode: 0o777, target: '/etc' }
      expect(await fails([{ name: '../x', type: 'directory', mode: 0o755 }])).to.match(/leads outside/)
      expect(await fails([link, { name: 'l/x', type: 'directory', mode: 0o755 }])).to.match(/lies below "l"/)
      expect(await fails(Buffer.from('nothing'.repeat(99)))).to.match(/not a tar archive/)
      expect(await fails(ENTRIES, { dest: `${host.folder}/none` })).to.match(
        /must be an existing dir; make it/,
      )
      writeFileSync(`${host.folder}/top`, 'a file')
      expect(await fails(ENTRIES)).to.match(/top is a file, but a directory in the archive/)
      expect(await fails(ENTRIES, { dest: `${host.folder}/top` })).to.match(
        /must be an existing dir, and is a file/,
      )
      expect(await fails(ENTRIES, { src: '/no/such', remote_src: true })).to.match(
        /Source '.no.such' does not exist/,
      )
      expect(existsSync('/etc/x')).to.be.false
    })
  })
}
