import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contentOf, type Content } from '../../engine/content.js'
import type { Module, PathState, View } from '../../engine/module/contract.js'
import { isUnknown } from '../../engine/unknown.js'
import assemble from '../../modules/assemble.js'
import copy from '../../modules/copy.js'
import shell from '../../modules/shell.js'
import { call, testController, testHost, withDefaults } from '../support/envelope.js'
import { pureView } from '../support/pure-view.js'

const DRY = { checkMode: true }

interface Recorded {
  readonly params: Readonly<Record<string, unknown>>
  readonly files: Readonly<Record<string, string>>
  readonly whole: string
}
const RECORDED = new URL('recorded/assemble.json', import.meta.url)
const CASES = JSON.parse(readFileSync(RECORDED, 'utf8')) as readonly Recorded[]

describe('assemble', () => {
  it('makes of fragments what Ansible made of them', () => {
    const module = assemble as unknown as Module
    for (const { params, files, whole } of CASES) {
      const given = withDefaults(module, { ...params, src: '/src', dest: '/dest' }) as never
      const tree = new Map(
        Object.entries(files).map(([name, text]): [string, PathState] => {
          const content = contentOf(text)
          return [name, { type: 'file', sha1: content.sha1, content, real: `/src/${name}` }]
        }),
      )
      const paths = pureView({
        '/src': { type: 'directory' },
        '/dest': { type: 'absent' },
        '/dest/.fplay-none': { type: 'absent' },
      })
      const view: View = { ...paths, tree: () => tree }
      const wish = module.wanted!(given, view, undefined).get('path:/dest') as { content: Content }
      expect(wish.content.text(), JSON.stringify({ params, files })).to.equal(whole)
    }
    expect(CASES.length).to.be.greaterThan(150)
  })

  it('takes fragments of the controller, decrypted or as they are', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fplay-fragments-'))
    mkdirSync(`${folder}/sub`)
    for (const name of ['b', 'a', 'sub/c']) writeFileSync(`${folder}/${name}`, name)
    const read: string[] = []
    const controller = {
      ...testController(),
      content: async (path: string, _folder: string, decrypt?: boolean) => {
        read.push(`${path.slice(folder.length)} ${decrypt}`)
        return contentOf(readFileSync(path))
      },
    }
    const host = testHost()
    const dest = `${host.folder}/f`
    const given = { src: folder, dest, remote_src: false, decrypt: false }
    const made = await call(host, assemble, given, { controller })
    expect(made, made.message).to.include({ status: 'changed' })
    expect(readFileSync(dest, 'utf8')).to.equal('a\nb')
    expect(read).to.deep.equal(['/a false', '/b false'])
    expect(await call(host, assemble, given, { controller })).to.include({ status: 'ok' })
    const file = await call(host, assemble, { ...given, src: `${folder}/a` }, { controller })
    expect(file.message).to.equal(`Source (${folder}/a) is not a directory`)
  })
})

for (const program of [['dash'], ['busybox', 'sh']]) {
  describe(`assemble, on ${program.join(' ')}`, () => {
    it('is foreseen, done once, and shown', async () => {
      const host = testHost(program)
      const src = `${host.folder}/it's $(a) 名`
      const dest = `${host.folder}/-made`
      mkdirSync(`${src}/below`, { recursive: true })
      writeFileSync(`${src}/2\n`, 'two')
      writeFileSync(`${src}/1`, 'one\n'.repeat(30_000))
      writeFileSync(`${src}/below/3`, 'no fragment')
      symlinkSync('../elsewhere', `${src}/4`)
      symlinkSync('nowhere', `${src}/5`)
      writeFileSync(`${host.folder}/elsewhere`, 'linked')
      const given = { src, dest, delimiter: '--', mode: '0600' }
      const dry = await call(host, assemble, given, DRY)
      expect(dry, dry.message).to.include({ status: 'changed' })
      expect(existsSync(dest)).to.equal(false)
      host.forecast.states.clear()
      const made = await call(host, assemble, given)
      expect(made, made.message).to.include({ status: 'changed' })
      expect(readFileSync(dest, 'utf8')).to.equal(`${'one\n'.repeat(30_000)}--\ntwo\n--\nlinked`)
      expect(lstatSync(dest).mode & 0o777).to.equal(0o600)
      const { checksum, md5sum } = made.values
      expect(execFileSync('md5sum', [dest]).toString()).to.include(md5sum)
      expect(execFileSync('sha1sum', [dest]).toString()).to.include(checksum)
      expect(made.values).to.include({ src, dest, msg: 'OK', state: 'file', mode: '0600' })
      expect(dry.values).to.include({ checksum, md5sum, mode: '0600' })
      expect(Object.keys(dry.values)).to.have.members(Object.keys(made.values))
      const before = host.connection.counts.roundTrips
      expect(await call(host, assemble, given)).to.include({ status: 'ok' })
      expect(host.connection.counts.roundTrips - before, 'a trip more for the links').to.equal(2)
      writeFileSync(`${src}/1`, 'uno\n')
      const again = await call(host, assemble, { ...given, backup: true, regexp: '^[1]' }, { diff: true })
      expect(again.diffs[0]!.after).to.equal('uno\n')
      expect(readFileSync(String(again.values['backup_file']), 'utf8')).to.match(/^one\n/)
    })

    it('costs one round trip when nothing is to change', async () => {
      const host = testHost(program)
      mkdirSync(`${host.folder}/d`)
      writeFileSync(`${host.folder}/d/a`, 'a')
      writeFileSync(`${host.folder}/f`, 'a')
      expect(await call(host, assemble, { src: `${host.folder}/d`, dest: `${host.folder}/f` })).to.include({
        status: 'ok',
      })
      expect(host.connection.counts.roundTrips).to.equal(1)
    })

    it('sees in a dry run what earlier tasks would have put among the fragments', async () => {
      const host = testHost(program)
      mkdirSync(`${host.folder}/d`)
      writeFileSync(`${host.folder}/d/a`, 'a')
      await call(host, copy, { content: 'b', dest: `${host.folder}/d/b` }, DRY)
      const given = { src: `${host.folder}/d`, dest: `${host.folder}/f` }
      const dry = await call(host, assemble, given, DRY)
      expect(dry.values['checksum']).to.equal(contentOf('a\nb').sha1)
      expect(await call(host, assemble, given, DRY)).to.include({ status: 'ok' })
      await call(host, shell, { cmd: 'x', creates: `${host.folder}/d/c` }, DRY)
      const late = await call(host, assemble, given, DRY)
      expect(late).to.include({ status: 'undecided' })
      expect(isUnknown(late.values['checksum'])).to.equal(true)
    })

    it('leaves a link whose goal is right, and replaces another by a file', async () => {
      const host = testHost(program)
      mkdirSync(`${host.folder}/d`)
      writeFileSync(`${host.folder}/d/a`, 'a')
      writeFileSync(`${host.folder}/goal`, 'a')
      symlinkSync('goal', `${host.folder}/l`)
      const given = { src: `${host.folder}/d`, dest: `${host.folder}/l` }
      expect(await call(host, assemble, given)).to.include({ status: 'ok' })
      writeFileSync(`${host.folder}/goal`, 'b')
      expect(await call(host, assemble, given)).to.include({ status: 'changed' })
      expect(lstatSync(`${host.folder}/l`).isFile()).to.equal(true)
      expect(readFileSync(`${host.folder}/goal`, 'utf8')).to.equal('b')
    })

    it('refuses what cannot be, in a dry run too', async () => {
      for (const options of [{}, DRY]) {
        const host = testHost(program)
        writeFileSync(`${host.folder}/f`, '')
        const said = async (params: object) =>
          (await call(host, assemble, { dest: `${host.folder}/x`, ...params }, options)).message
        expect(await said({ src: `${host.folder}/none` })).to.equal(
          `Source (${host.folder}/none) does not exist`,
        )
        expect(await said({ src: `${host.folder}/f` })).to.equal(
          `Source (${host.folder}/f) is not a directory`,
        )
        expect(await said({ src: host.folder, regexp: '(' })).to.match(/\(/)
        expect(await said({ src: host.folder, validate: 'true' })).to.equal('validate must contain %s: true')
        expect(await said({ src: host.folder, dest: host.folder })).to.match(/is a directory/)
        expect(await said({ src: host.folder, owner: 'nobody-here' })).to.match(/look up user nobody-here/)
      }
      const host = testHost(program)
      writeFileSync(`${host.folder}/f`, 'bad')
      const refused = await call(host, assemble, {
        src: host.folder,
        dest: `${host.folder}/g`,
        validate: 'grep -q good %s',
      })
      expect(refused.message).to.contain('failed to validate')
      expect(existsSync(`${host.folder}/g`)).to.equal(false)
    })
  })
}
