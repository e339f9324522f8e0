import { expect } from 'chai'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { contentOf } from '../../engine/content.js'
import copy from '../../modules/copy.js'
import template from '../../modules/template.js'
import { call, testController, testHost } from '../support/envelope.js'

const DRY = { checkMode: true }
const HOSTILE = `-e "q" 'a' $(touch hit) \`id\` \\n ü…\r\n\n*`

for (const shell of [['dash'], ['bash'], ['busybox', 'sh']]) {
  describe(`copy and template, on ${shell.join(' ')}`, () => {
    it('write any text to any name: predicted, done, nothing to do', async () => {
      const host = testHost(shell)
      const dest = `${host.folder}/-n 'f'\n`
      for (const [module, params, options] of [
        [copy, { content: HOSTILE, dest, mode: '0640' }, {}],
        [
          template,
          { src: 't.j2', dest, mode: '0640' },
          { controller: testController({ 't.j2': `${HOSTILE}2` }) },
        ],
      ] as const) {
        const before = existsSync(dest) ? readFileSync(dest, 'utf8') : undefined
        const foreseen = await call(host, module, params, { ...options, ...DRY })
        expect(foreseen, foreseen.message).to.include({ status: 'changed' })
        expect(existsSync(dest) ? readFileSync(dest, 'utf8') : undefined).to.equal(before)
        host.forecast.states.clear()
        const done = await call(host, module, params, options)
        expect(done, done.message).to.include({ status: 'changed' })
        expect(readFileSync(dest, 'utf8')).to.equal(module === copy ? HOSTILE : `${HOSTILE}2`)
        expect(statSync(dest).mode & 0o777).to.equal(0o640)
        for (const name of ['checksum', 'mode', 'owner', 'size', 'dest']) {
          expect(foreseen.values[name], name).to.equal(done.values[name])
        }
        expect(foreseen.diffs).to.deep.equal(done.diffs)
        host.connection.counts.roundTrips = 0
        expect(await call(host, module, params, options)).to.include({ status: 'ok' })
        expect(host.connection.counts.roundTrips).to.equal(1)
      }
      expect(readdirSync(host.folder)).to.deep.equal([`-n 'f'\n`])
    })

    it('write a megabyte, and bytes with NULs', async () => {
      const host = testHost(shell)
      const bytes = Buffer.alloc(1_000_000, '\0\xff\n\\%s', 'latin1')
      const controller = {
        ...testController(),
        unhashed: async () => contentOf(bytes),
        find: () => `${host.folder}/src`,
      }
      writeFileSync(`${host.folder}/src`, bytes)
      const done = await call(host, copy, { src: 'src', dest: `${host.folder}/dest` }, { controller })
      expect(done, done.message).to.include({ status: 'changed' })
      expect(readFileSync(`${host.folder}/dest`).equals(bytes)).to.equal(true)
      expect(done.diffs.at(-1)?.after).to.contain('1000000 bytes')
    })

    it('keep owner and mode of the old file, and the file itself as a backup', async () => {
      const host = testHost(shell)
      const dest = `${host.folder}/f`
      writeFileSync(dest, 'old')
      chmodSync(dest, 0o4751)
      const done = await call(host, copy, { content: 'new', dest, backup: true })
      expect(done, done.message).to.include({ status: 'changed' })
      expect(statSync(dest).mode & 0o7777).to.equal(0o4751)
      expect(readFileSync(String(done.values['backup_file']), 'utf8')).to.equal('old')
    })

    it('set only the mode where the bytes are right', async () => {
      const host = testHost(shell)
      const dest = `${host.folder}/f`
      writeFileSync(dest, 'x')
      const { ino } = statSync(dest)
      const done = await call(host, copy, { content: 'x', dest, mode: 'u=rw,go=' })
      expect(done).to.include({ status: 'changed' })
      expect(statSync(dest)).to.include({ ino })
      expect(statSync(dest).mode & 0o777).to.equal(0o600)
    })

    it('replace a link, or with follow write to what it points to', async () => {
      const host = testHost(shell)
      writeFileSync(`${host.folder}/real`, 'old')
      symlinkSync('real', `${host.folder}/link`)
      const given = { content: 'new', dest: `${host.folder}/link` }
      const followed = await call(host, copy, { ...given, follow: true })
      expect(followed, followed.message).to.include({ status: 'changed' })
      expect(readFileSync(`${host.folder}/real`, 'utf8')).to.equal('new')
      expect(lstatSync(given.dest).isSymbolicLink()).to.equal(true)
      const replaced = await call(host, copy, { ...given, content: 'own' })
      expect(replaced, replaced.message).to.include({ status: 'changed' })
      expect(lstatSync(given.dest).isSymbolicLink()).to.equal(false)
      expect(readFileSync(`${host.folder}/real`, 'utf8')).to.equal('new')
    })

    it('copy a file that is on the host', async () => {
      const host = testHost(shell)
      writeFileSync(`${host.folder}/a b`, 'x', { mode: 0o600 })
      const given = {
        src: `${host.folder}/a b`,
        dest: `${host.folder}/c`,
        remote_src: true,
        mode: 'preserve',
      }
      expect(await call(host, copy, given, DRY)).to.include({ status: 'changed' })
      host.forecast.states.clear()
      expect(await call(host, copy, given)).to.include({ status: 'changed' })
      expect(readFileSync(`${host.folder}/c`, 'utf8')).to.equal('x')
      expect(statSync(`${host.folder}/c`).mode & 0o777).to.equal(0o600)
      expect(await call(host, copy, given)).to.include({ status: 'ok' })
    })

    it('copy a folder', async () => {
      const host = testHost(shell)
      mkdirSync(`${host.folder}/src/sub`, { recursive: true })
      writeFileSync(`${host.folder}/src/sub/f`, 'x')
      mkdirSync(`${host.folder}/src/empty`)
      const controller = {
        ...testController(),
        find: (path: string) => path,
        unhashed: async (path: string) => contentOf(readFileSync(path)),
      }
      for (const [src, dest] of [
        [`${host.folder}/src`, `${host.folder}/one`],
        [`${host.folder}/src/`, `${host.folder}/two`],
      ] as const) {
        const foreseen = await call(host, copy, { src, dest }, { controller, ...DRY })
        expect(foreseen, foreseen.message).to.include({ status: 'changed' })
        host.forecast.states.clear()
        const done = await call(host, copy, { src, dest }, { controller })
        expect(done, done.message).to.include({ status: 'changed' })
        expect(await call(host, copy, { src, dest }, { controller })).to.include({ status: 'ok' })
      }
      expect(readFileSync(`${host.folder}/one/src/sub/f`, 'utf8')).to.equal('x')
      expect(readFileSync(`${host.folder}/two/sub/f`, 'utf8')).to.equal('x')
      expect(statSync(`${host.folder}/two/empty`).isDirectory()).to.equal(true)
    })
  })
}

describe('copy', () => {
  it('follows links of a folder, but for those that lead nowhere or to a folder that they are in', async () => {
    const host = testHost()
    mkdirSync(`${host.folder}/src/sub`, { recursive: true })
    mkdirSync(`${host.folder}/other`)
    const links = { other: '../other', gone: 'nowhere', self: 'self', 'sub/up': '..', 'sub/here': '.' }
    for (const [name, goal] of Object.entries(links)) symlinkSync(goal, `${host.folder}/src/${name}`)
    const given = { src: `${host.folder}/src/`, dest: `${host.folder}/dest` }
    for (const status of ['changed', 'ok']) {
      const done = await call(host, copy, given)
      expect(done, done.message).to.include({ status })
    }
    const { other, ...kept } = links
    expect(lstatSync(`${host.folder}/dest/other`).isDirectory(), other).to.equal(true)
    for (const [name, goal] of Object.entries(kept))
      expect(readlinkSync(`${host.folder}/dest/${name}`)).to.equal(goal)
  })

  it('puts a file into a folder that is there, or whose name ends in a slash', async () => {
    const host = testHost()
    const controller = testController({ 'conf/a.yml': 'x' })
    writeFileSync(`${host.folder}/a.yml`, 'x')
    const found = { ...controller, find: () => `${host.folder}/a.yml` }
    mkdirSync(`${host.folder}/d`)
    await call(host, copy, { src: 'conf/a.yml', dest: `${host.folder}/d` }, { controller: found })
    await call(host, copy, { src: 'conf/a.yml', dest: `${host.folder}/e/f/` }, { controller: found })
    expect(readFileSync(`${host.folder}/d/a.yml`, 'utf8')).to.equal('x')
    expect(readFileSync(`${host.folder}/e/f/a.yml`, 'utf8')).to.equal('x')
  })

  it('leaves a file that is there alone without force, and the old one when validate refuses', async () => {
    const host = testHost()
    const dest = `${host.folder}/f`
    writeFileSync(dest, 'old')
    expect(await call(host, copy, { content: 'new', dest, force: false })).to.include({ status: 'ok' })
    const foreseen = await call(host, copy, { content: 'new', dest, validate: 'grep -q old %s' }, DRY)
    expect(foreseen).to.include({ status: 'changed', unproven: 'the validate command was not run' })
    host.forecast.states.clear()
    const refused = await call(host, copy, { content: 'new', dest, validate: 'grep -q old %s' })
    expect(refused).to.include({ status: 'failed', message: 'failed to validate: grep -q old %s' })
    expect(readFileSync(dest, 'utf8')).to.equal('old')
    expect(readdirSync(host.folder)).to.deep.equal(['f'])
  })

  it('fails with what stands in the way, in a dry run as in a real one', async () => {
    const host = testHost()
    mkdirSync(`${host.folder}/d`)
    writeFileSync(`${host.folder}/f`, '')
    const message = async (params: Record<string, unknown>) => {
      const [dry, real] = [await call(host, copy, params, DRY), await call(host, copy, params)]
      expect([dry.status, real.status], `${dry.message} ${real.message}`).to.deep.equal(['failed', 'failed'])
      expect(dry.message).to.equal(real.message)
      return real.message
    }
    const content = 'x'
    expect(await message({ content, dest: `${host.folder}/no/f` })).to.contain(
      'no does not exist; make it with file',
    )
    expect(await message({ content, dest: `${host.folder}/d` })).to.contain('d is a directory')
    expect(await message({ content, dest: `${host.folder}/f/x` })).to.contain('f is not a folder')
    expect(await message({ content, dest: `${host.folder}/x`, owner: 'nobody-here' })).to.contain(
      'look up user nobody-here',
    )
    expect(
      await message({ src: `${host.folder}/none`, remote_src: true, dest: `${host.folder}/x` }),
    ).to.contain('none not found')
    expect(await message({ content, dest: `${host.folder}/x`, mode: 'rw' })).to.contain(
      'is not a permission mode',
    )
  })
})
