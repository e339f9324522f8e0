import { expect } from 'chai'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import blockinfile from '../../modules/blockinfile.js'
import copy from '../../modules/copy.js'
import file from '../../modules/file.js'
import lineinfile from '../../modules/lineinfile.js'
import replace from '../../modules/replace.js'
import { emptyForecast } from '../../engine/run/forecast.js'
import { call, testHost } from '../support/envelope.js'

const DRY = { checkMode: true }

for (const shell of [['dash'], ['bash'], ['busybox', 'sh']]) {
  describe(`editing a file, on ${shell.join(' ')}`, () => {
    for (const [module, params, after] of [
      [lineinfile, { regexp: '^b=', line: 'b=$(id) "\'\\' }, 'a=1\nb=$(id) "\'\\\n'],
      [blockinfile, { block: 'x\ny', marker: '# {mark}' }, 'a=1\nb=2\n# BEGIN\nx\ny\n# END\n'],
      [replace, { regexp: '^(\\w)=', replace: '\\1 = ' }, 'a = 1\nb = 2\n'],
    ] as const) {
      it(`${module.summary}: predicted, then done, then nothing to do`, async () => {
        const host = testHost(shell)
        const path = `${host.folder}/a b`
        writeFileSync(path, 'a=1\nb=2\n', { mode: 0o640 })
        const given = { ...params, path }
        const foreseen = await call(host, module, given, DRY)
        expect(foreseen).to.include({ status: 'changed' })
        expect(readFileSync(path, 'utf8')).to.equal('a=1\nb=2\n')
        expect(await call(host, module, given, DRY)).to.include({ status: 'ok' })

        host.forecast.states.clear()
        const first = await call(host, module, given)
        expect(first, first.message).to.include({ status: 'changed' })
        expect(first.values['msg']).to.equal(foreseen.values['msg'])
        expect(first.diffs).to.deep.equal([{ name: path, before: 'a=1\nb=2\n', after }])
        expect(readFileSync(path, 'utf8')).to.equal(after)
        expect(statSync(path).mode & 0o777).to.equal(0o640)
        expect(await call(host, module, given)).to.include({ status: 'ok' })
        expect(readdirSync(host.folder)).to.deep.equal(['a b'])
      })
    }

    it('makes the file and the folders above when told to, and foresees both', async () => {
      const host = testHost(shell)
      const path = `${host.folder}/d/e/f`
      const given = { path, line: 'one', mode: '0600' }
      const refused = await call(host, lineinfile, given)
      expect(refused).to.include({ status: 'failed' })
      expect(refused.message).to.equal(`Destination ${path} does not exist !; say create: true to make it`)
      expect(refused.values['rc']).to.equal(257)
      const created = { ...given, create: true }
      expect(await call(host, lineinfile, created, DRY)).to.include({ status: 'changed' })
      expect(await call(host, lineinfile, { ...created, line: 'one' }, DRY)).to.include({ status: 'ok' })
      expect(existsSync(`${host.folder}/d`)).to.equal(false)
      host.forecast.states.clear()
      expect(await call(host, lineinfile, created)).to.include({ status: 'changed' })
      expect(readFileSync(path, 'utf8')).to.equal('one\n')
      expect(statSync(path).mode & 0o777).to.equal(0o600)
    })

    it('edits what a link points to, and leaves the link', async () => {
      const host = testHost(shell)
      writeFileSync(`${host.folder}/real`, 'a\n')
      symlinkSync('real', `${host.folder}/link`)
      const done = await call(host, lineinfile, { path: `${host.folder}/link`, line: 'b' })
      expect(done, done.message).to.include({ status: 'changed' })
      expect(lstatSync(`${host.folder}/link`).isSymbolicLink()).to.equal(true)
      expect(readFileSync(`${host.folder}/real`, 'utf8')).to.equal('a\nb\n')
    })

    it('keeps the old file as a backup, or because the new one is refused', async () => {
      const host = testHost(shell)
      const path = `${host.folder}/f`
      writeFileSync(path, 'a\n')
      const given = { path, line: 'b', backup: true }
      const bad = await call(host, lineinfile, { ...given, validate: 'grep -q c %s' })
      expect(bad).to.include({ status: 'failed', message: 'failed to validate: grep -q c %s' })
      expect(readdirSync(host.folder)).to.deep.equal(['f'])
      const done = await call(host, lineinfile, { ...given, validate: 'grep -q b %s' })
      expect(readFileSync(String(done.values['backup']), 'utf8')).to.equal('a\n')
      expect(readdirSync(host.folder)).to.have.lengthOf(2)
      expect((await call(host, lineinfile, given)).values['backup']).to.equal('')
    })

    it('edits bytes that are not UTF-8, and a megabyte', async () => {
      const host = testHost(shell)
      const path = `${host.folder}/f`
      writeFileSync(path, Buffer.from('caf\xe9\nx\n', 'latin1'))
      await call(host, lineinfile, { path, regexp: '^x', line: 'ü' })
      expect(readFileSync(path)).to.deep.equal(
        Buffer.concat([Buffer.from('caf\xe9\n', 'latin1'), Buffer.from('ü\n')]),
      )
      writeFileSync(path, 'line\n'.repeat(200_000))
      const done = await call(host, lineinfile, { path, line: 'last' })
      expect(done, done.message).to.include({ status: 'changed' })
      expect(statSync(path).size).to.equal(1_000_005)
    })
  })
}

describe('editing a file in a dry run', () => {
  it('builds on what earlier tasks would have written', async () => {
    const host = testHost()
    const path = `${host.folder}/conf`
    const run = async (options: object) => [
      await call(host, copy, { content: 'a=1\n', dest: path }, options),
      await call(host, lineinfile, { path, line: 'b=2' }, options),
      await call(host, lineinfile, { path, line: 'b=2' }, options),
      await call(host, replace, { path, regexp: '=', replace: ' = ' }, options),
      await call(host, blockinfile, { path, block: 'c', insertbefore: '^b = 2' }, options),
      await call(host, file, { path: `${host.folder}/empty`, state: 'touch' }, options),
      await call(host, lineinfile, { path: `${host.folder}/empty`, line: 'x' }, options),
    ]
    const outcome = (all: Awaited<ReturnType<typeof run>>) =>
      all.map(({ status, values }) => [status, values['msg']])
    const foreseen = outcome(await run(DRY))
    expect(readdirSync(host.folder)).to.deep.equal([])
    host.forecast.states.clear()
    expect(outcome(await run({}))).to.deep.equal(foreseen)
    expect(foreseen.map(([status]) => status)).to.deep.equal([
      'changed',
      'changed',
      'ok',
      'changed',
      'changed',
      'changed',
      'changed',
    ])
  })

  it('is undecided where only the run can tell the content', async () => {
    const host = testHost()
    const path = `${host.folder}/f`
    writeFileSync(path, `a\n${'x'.repeat(300 * 1024)}\n`) // more than a dry run remembers
    await call(host, copy, { src: path, remote_src: true, dest: `${host.folder}/g` }, DRY)
    const result = await call(host, lineinfile, { path: `${host.folder}/g`, line: 'a' }, DRY)
    expect(result).to.include({ status: 'undecided' })
    expect(result.message).to.contain(`content of ${host.folder}/g`)
  })

  it('fails on a directory, a bad pattern and a group that is not there', async () => {
    const host = { ...testHost(), forecast: emptyForecast() }
    mkdirSync(`${host.folder}/d`)
    writeFileSync(`${host.folder}/f`, 'a\n')
    const message = async (params: object) =>
      (await call(host, lineinfile, { path: `${host.folder}/f`, ...params })).message
    expect(await message({ path: `${host.folder}/d`, line: 'x' })).to.equal(
      `Path ${host.folder}/d is a directory !`,
    )
    expect(await message({ line: 'x', regexp: '(' })).to.contain('"(" is not a regular expression')
    expect(await message({ line: '\\2', regexp: '(a)', backrefs: true })).to.contain('no group "2"')
    expect(await message({ line: 'x', validate: 'true' })).to.contain('%s')
    expect(await message({ state: 'absent' })).to.contain('needs one of line, regexp and search_string')
    expect(await message({ line: 'x', backrefs: true })).to.equal('backrefs needs regexp')
  })
})
