import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { unpack } from '../../engine/module/archive/unpack.js'
import archive from '../../modules/archive.js'
import copy from '../../modules/copy.js'
import file from '../../modules/file.js'
import { call, testController, testHost, type TestHost } from '../support/envelope.js'

const NAMES = ['plain', '$(touch x) "\'', 'a\nb', '-rf', '名字', 'with space']

function tree(host: TestHost): string {
  const top = `${host.folder}/work`
  mkdirSync(`${top}/sub`, { recursive: true, mode: 0o700 })
  for (const name of NAMES) writeFileSync(`${top}/sub/${name}`, `content of ${name}`, { mode: 0o640 })
  symlinkSync('../nowhere', `${top}/link`)
  return top
}

function names(path: string): readonly string[] {
  return unpack(readFileSync(path)).entries.map(({ name }) => name)
}

for (const shell of [['dash'], ['bash'], ['busybox', 'sh']]) {
  describe(`archive, on ${shell.join(' ')}`, () => {
    it('packs a folder, the second time changes nothing, and other times of the files neither', async () => {
      const host = testHost(shell)
      const path = tree(host)
      const dest = `${host.folder}/out.tar`
      const params = { path: [path], dest, format: 'tar', mode: '0600' }
      const first = await call(host, archive, params)
      expect(first, first.message).to.include({ status: 'changed' })
      expect(first.values).to.include({
        dest,
        dest_state: 'archive',
        state: 'file',
        mode: '0600',
        arcroot: `${host.folder}/`,
      })
      expect(statSync(dest).mode & 0o777).to.equal(0o600)
      expect([...names(dest)]).to.have.members([
        'work',
        'work/sub',
        'work/link',
        ...NAMES.map((name) => `work/sub/${name}`),
      ])
      const bytes = readFileSync(dest)
      for (const name of NAMES) utimesSync(`${path}/sub/${name}`, 1, 1)
      const trips = host.connection.counts.roundTrips
      expect(await call(host, archive, params)).to.include({ status: 'ok', changed: false })
      expect(host.connection.counts.roundTrips - trips).to.equal(1)
      expect(readFileSync(dest).equals(bytes)).to.be.true
      writeFileSync(`${path}/sub/plain`, 'else')
      expect(await call(host, archive, params)).to.include({ status: 'changed' })
      execFileSync('tar', ['-xf', dest, '-C', host.folder, '--one-top-level=again'])
      expect(readFileSync(`${host.folder}/again/work/sub/plain`, 'utf8')).to.equal('else')
    })

    it('foretells the same bytes from files that the dry run would have made', async () => {
      const host = testHost(shell)
      const steps = [
        [file, { path: `${host.folder}/w`, state: 'directory', mode: '0700' }],
        [copy, { dest: `${host.folder}/w/a`, content: 'one\0two', mode: '0600' }],
        [file, { path: `${host.folder}/w/b`, state: 'link', src: 'a' }],
        [archive, { path: [`${host.folder}/w`], dest: `${host.folder}/w.tgz` }],
      ] as const
      const run = async (checkMode: boolean): Promise<unknown[]> => {
        const sums = []
        for (const [module, params] of steps) {
          const done = await call(host, module, params, { checkMode })
          expect(done, done.message).to.include({ status: 'changed' })
          sums.push(done.values['checksum'], done.values['size'])
        }
        return sums.slice(-2)
      }
      const foretold = await run(true)
      expect(existsSync(`${host.folder}/w`)).to.be.false
      expect(await call(host, archive, steps[3][1], { checkMode: true })).to.include({ status: 'ok' })
      host.forecast.states.clear()
      expect(await run(false)).to.deep.equal(foretold)
    })

    it('compresses one single file without a tar', async () => {
      const host = testHost(shell)
      writeFileSync(`${host.folder}/log`, 'line\n')
      const done = await call(host, archive, { path: [`${host.folder}/log`] })
      expect(done.values).to.include({ dest: `${host.folder}/log.gz`, dest_state: 'compress' })
      expect(gunzipSync(readFileSync(`${host.folder}/log.gz`)).toString()).to.equal('line\n')
    })

    it('takes patterns, and what the controller has programs for', async () => {
      const host = testHost(shell)
      for (const name of ['a.txt', 'b.txt', '.c.txt', 'd.log']) writeFileSync(`${host.folder}/${name}`, name)
      const params = { path: [`${host.folder}/*.txt`], dest: `${host.folder}/o` }
      for (const format of ['bz2', 'xz']) {
        const done = await call(host, archive, { ...params, dest: `${params.dest}.${format}`, format })
        expect(done, done.message).to.include({ status: 'changed' })
        expect(done.values['archived']).to.deep.equal([`${host.folder}/a.txt`, `${host.folder}/b.txt`])
        expect(names(`${params.dest}.${format}`)).to.deep.equal(['a.txt', 'b.txt'])
      }
      const more = { ...params, exclude_path: [`${host.folder}/b*`] }
      expect((await call(host, archive, more)).values['archived']).to.deep.equal([`${host.folder}/a.txt`])
      const none = await call(host, archive, { ...params, path: [`${host.folder}/*.none`] })
      expect(none).to.include({ status: 'ok' })
    })

    it('leaves out what is excluded, and itself', async () => {
      const host = testHost(shell)
      const path = `${tree(host)}/`
      const dest = `${path}sub/out.zip`
      const params = {
        path: [path],
        dest,
        format: 'zip',
        exclude_path: [`${path}link`],
        exclusion_patterns: ['*/a\nb', 'sub/名*'],
      }
      expect(await call(host, archive, params)).to.include({ status: 'changed' })
      expect([...names(dest)]).to.have.members([
        'sub',
        ...NAMES.filter((name) => !/^(a\nb|名字)$/.test(name)).map((name) => `sub/${name}`),
      ])
      expect(await call(host, archive, params)).to.include({ status: 'ok' })
    })

    it('removes the sources, and is content without them', async () => {
      const host = testHost(shell)
      const path = tree(host)
      const params = {
        path: [path, `${host.folder}/none`],
        dest: `${host.folder}/o.tar`,
        format: 'tar',
        remove: true,
      }
      const first = await call(host, archive, params)
      expect(first.values).to.deep.include({ dest_state: 'incomplete', missing: [`${host.folder}/none`] })
      expect(existsSync(path)).to.be.false
      expect(await call(host, archive, params)).to.include({ status: 'ok', changed: false })
    })

    it('fails with what is wrong', async () => {
      const host = testHost(shell)
      const path = tree(host)
      const fails = async (params: Record<string, unknown>): Promise<string | undefined> => {
        const done = await call(host, archive, params, { checkMode: true })
        expect(done.status).to.equal('failed')
        return done.message
      }
      expect(await fails({ path: [path] })).to.match(/must specify "dest"/)
      expect(await fails({ path: [path], dest: path })).to.match(/is a directory/)
      expect(await fails({ path: [path], dest: `${host.folder}/no/x.gz` })).to.match(
        /folder .* does not exist/,
      )
      expect(await fails({ path: [path, path] })).to.match(/must specify "dest"/)
      expect(await fails({ path: ['relative'], dest: '/tmp/x' })).to.match(/is not absolute/)
      expect(await fails({ path: [path], dest: '/tmp/x', owner: 'no-such-user' })).to.match(
        /failed to look up user/,
      )
      execFileSync('mkfifo', [`${path}/pipe`])
      expect(await fails({ path: [path], dest: '/tmp/x' })).to.match(/pipe is no file, folder or link/)
    })
  })
}

describe('archive', () => {
  it('says that only the run can tell when the sources are', async () => {
    const host = testHost()
    writeFileSync(`${host.folder}/f`, 'x')
    const touch = { path: `${host.folder}/new`, state: 'directory' }
    await call(host, file, touch, { checkMode: true })
    const controller = testController()
    const params = { path: [`${host.folder}/f`], dest: `${host.folder}/new/f.gz` }
    expect(await call(host, archive, params, { checkMode: true, controller })).to.include({
      status: 'changed',
    })
  })

  it('refuses sources that are too large, and says what to do', async () => {
    const host = testHost()
    mkdirSync(`${host.folder}/big`)
    execFileSync('truncate', ['-s', '65M', `${host.folder}/big/file`])
    const done = await call(host, archive, { path: [`${host.folder}/big`], dest: '/tmp/x' })
    expect(done.status).to.equal('failed')
    expect(done.message).to.match(/too large for this module; use the module command with tar/)
  })
})
