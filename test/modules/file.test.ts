import { expect } from 'chai'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import copy from '../../modules/copy.js'
import file from '../../modules/file.js'
import stat from '../../modules/stat.js'
import { call, testHost, type TestHost } from '../support/envelope.js'

const DRY = { checkMode: true }
/** Names that are options, expressions, several words or lines to a careless shell. */
const HOSTILE = ['-rf', '$(touch hit)', 'a b', 'q\'"', 'new\nline\n', 'ü…', '`id`', '*', '\\']

/** Predicted, done, nothing to do; the dry run leaves the host alone. */
async function foretold(
  host: TestHost,
  params: Record<string, unknown>,
  state: () => unknown,
): Promise<void> {
  const before = state()
  const foreseen = await call(host, file, params, DRY)
  expect(foreseen, foreseen.message).to.include({ status: 'changed' })
  expect(state()).to.deep.equal(before)
  host.forecast.states.clear()
  const done = await call(host, file, params)
  expect(done, done.message).to.include({ status: 'changed' })
  expect(done.diffs.map(({ name }) => name)).to.deep.equal(foreseen.diffs.map(({ name }) => name))
  const again = await call(host, file, params)
  expect(again, again.message).to.include({ status: 'ok' })
  expect(again.diffs).to.deep.equal([])
}

for (const shell of [['dash'], ['busybox', 'sh']]) {
  describe(`file, on ${shell.join(' ')}`, () => {
    for (const name of HOSTILE) {
      it(`makes, links and removes what is called ${JSON.stringify(name)}`, async () => {
        const host = testHost(shell)
        const path = `${host.folder}/${name}`
        const is = () => existsSync(path) && lstatSync(path).isDirectory()
        await foretold(host, { path, state: 'directory', mode: '0711' }, is)
        expect(lstatSync(path).mode & 0o777).to.equal(0o711)
        const link = `${host.folder}/link`
        await foretold(host, { path: link, state: 'link', src: name }, () => existsSync(link))
        expect(readlinkSync(link)).to.equal(name)
        await foretold(host, { path, state: 'absent' }, is)
        expect(existsSync(path)).to.equal(false)
      })
    }

    it('touches: makes an empty file, and renews the times of one that is there, each time', async () => {
      const host = testHost(shell)
      const path = `${host.folder}/f`
      const made = await call(host, file, { path, state: 'touch', mode: 'u=rw,go=' })
      expect(made, made.message).to.include({ status: 'changed' })
      expect([statSync(path).size, statSync(path).mode & 0o777]).to.deep.equal([0, 0o600])
      writeFileSync(path, 'kept')
      utimesSync(path, 1, 1)
      expect(await call(host, file, { path, state: 'touch' }, DRY)).to.include({ status: 'changed' })
      expect(statSync(path).mtimeMs).to.equal(1000)
      host.forecast.states.clear()
      expect(await call(host, file, { path, state: 'touch' })).to.include({ status: 'changed' })
      expect(statSync(path).mtimeMs).to.be.greaterThan(1000)
      expect(readFileSync(path, 'utf8')).to.equal('kept')
      const times = { access_time: 'preserve', modification_time: 'preserve' }
      expect(await call(host, file, { path, state: 'touch', ...times })).to.include({ status: 'ok' })
    })

    it('touches twice within a second', async () => {
      const host = testHost(shell)
      for (let i = 0; i < 3; i++) {
        const touched = await call(host, file, { path: `${host.folder}/f`, state: 'touch' })
        expect(touched, touched.message).to.include({ status: 'changed' })
      }
    })

    it('makes a hard link', async () => {
      const host = testHost(shell)
      writeFileSync(`${host.folder}/f`, 'x')
      const path = `${host.folder}/hard`
      await foretold(host, { path, state: 'hard', src: `${host.folder}/f` }, () => existsSync(path))
      expect(statSync(path).ino).to.equal(statSync(`${host.folder}/f`).ino)
    })

    it('points a link elsewhere, to what is not there only by force, and replaces a file by one', async () => {
      const host = testHost(shell)
      const path = `${host.folder}/link`
      symlinkSync('old', path)
      const given = { path, state: 'link', src: 'none' }
      expect((await call(host, file, given)).message).to.match(/src file does not exist, use "force=yes"/)
      await foretold(host, { ...given, force: true }, () => readlinkSync(path))
      writeFileSync(`${host.folder}/f`, '')
      expect((await call(host, file, { ...given, path: `${host.folder}/f`, src: 'f' })).message).to.match(
        /^refusing to convert from file to symlink for .*; use force/,
      )
      await foretold(host, { ...given, path: `${host.folder}/f`, force: true }, () =>
        lstatSync(`${host.folder}/f`).isFile(),
      )
    })

    it('counts the names of a file, as the run will', async () => {
      const host = testHost(shell)
      const [one, two] = [`${host.folder}/one`, `${host.folder}/two`]
      const links = async (options: object) => {
        const steps = [
          await call(host, copy, { dest: one, content: 'text' }, options),
          await call(host, file, { src: one, path: two, state: 'hard' }, options),
          await call(host, file, { path: one, mode: '0600' }, options),
          await call(host, stat, { path: one }, options),
          await call(host, copy, { dest: two, content: 'another' }, options),
          await call(host, stat, { path: two }, options),
        ]
        return steps.map(({ values, changed }) => {
          const { nlink } = (values['stat'] ?? {}) as { nlink?: number }
          return [changed, values['state'], nlink]
        })
      }
      const predicted = await links(DRY)
      host.forecast.states.clear()
      expect(predicted).to.deep.equal(await links({}))
      expect(predicted.map(([, , nlink]) => nlink)).to.include.members([2, 1])
      symlinkSync('one', `${host.folder}/link`)
      const path = `${host.folder}/named`
      await foretold(host, { src: `${host.folder}/link`, path, state: 'hard' }, () => existsSync(path))
      expect(readlinkSync(path)).to.equal('one')
    })

    it('takes a link that leads to itself for one that leads nowhere', async () => {
      const host = testHost(shell)
      const path = `${host.folder}/loop`
      symlinkSync(path, path)
      const touched = await call(host, file, { path, state: 'touch' })
      expect(touched.status).to.equal('failed')
      expect(touched.message).to.include(path)
      // readlink -f prints nothing then.
      expect(existsSync('x')).to.equal(false)
    })
  })
}

describe('file', () => {
  it('gives the mode to folders made on the way, and counts on the umask', async () => {
    const host = testHost()
    await call(host, file, { path: `${host.folder}/a/b`, state: 'directory', mode: '0700' })
    expect(statSync(`${host.folder}/a`).mode & 0o777).to.equal(0o700)
    await call(host, file, { path: `${host.folder}/c`, state: 'directory' })
    expect(statSync(`${host.folder}/c`).mode & 0o777).to.equal(0o777 & ~process.umask())
  })

  it('fails with what stands in the way', async () => {
    const host = testHost()
    writeFileSync(`${host.folder}/f`, '')
    mkdirSync(`${host.folder}/d`)
    const message = async (params: Record<string, unknown>) => {
      const [dry, real] = [await call(host, file, params, DRY), await call(host, file, params)]
      expect([dry.status, real.status]).to.deep.equal(['failed', 'failed'])
      expect(dry.message).to.equal(real.message)
      return real.message
    }
    expect(await message({ path: `${host.folder}/none`, state: 'file' })).to.contain(
      'none) is absent, cannot continue; use state touch',
    )
    expect(await message({ path: `${host.folder}/f`, state: 'directory' })).to.contain(
      'f already exists as a file; remove it first',
    )
    expect(await message({ path: `${host.folder}/f/x`, state: 'directory' })).to.contain(
      'f is a file: remove it first',
    )
    expect(await message({ path: `${host.folder}/f`, owner: 'nobody-here' })).to.contain(
      'chown failed: failed to look up user nobody-here',
    )
    expect(await message({ path: `${host.folder}/f`, group: 'nobody-here' })).to.contain(
      'chgrp failed: failed to look up group nobody-here',
    )
    expect(await message({ path: `${host.folder}/f`, mode: 'u=q' })).to.contain(
      'mode "u=q" is not a permission mode',
    )
    expect(await message({ path: `${host.folder}/d`, state: 'link', src: '/' })).to.contain(
      'refusing to convert from directory to symlink for ',
    )
    expect(await message({ path: `${host.folder}/l`, state: 'link' })).to.contain('state link needs src')
    expect(await message({ path: `${host.folder}/no/f`, state: 'touch' })).to.contain(
      `${host.folder}/no does not exist`,
    )
    expect(await message({ path: `${host.folder}/no/l`, state: 'link', src: '/' })).to.contain(
      `${host.folder}/no does not exist`,
    )
  })

  it('removes a folder with what is in it, and says what is no more', async () => {
    const host = testHost()
    mkdirSync(`${host.folder}/d/e`, { recursive: true })
    const gone = await call(host, file, { path: `${host.folder}/d`, state: 'absent' })
    expect(gone.values).to.deep.equal({ path: `${host.folder}/d`, state: 'absent' })
    expect(gone.diffs).to.deep.equal([
      { name: `${host.folder}/d`, before: 'type: directory\n', after: 'type: absent\n' },
    ])
    expect(existsSync(`${host.folder}/d`)).to.equal(false)
  })
})
