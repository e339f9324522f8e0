import { expect } from 'chai'
import { mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { posix } from 'node:path'
import { contentOf } from '../../engine/content.js'
import type { Module, PathState, PathType, View } from '../../engine/module/contract.js'
import { isUnknown } from '../../engine/unknown.js'
import copy from '../../modules/copy.js'
import file from '../../modules/file.js'
import find from '../../modules/find.js'
import shell from '../../modules/shell.js'
import { call, testHost, withDefaults } from '../support/envelope.js'
import { pureView } from '../support/pure-view.js'

const DRY = { checkMode: true }

/** Path, kind, text or target, days since it was changed. */
type Entry = readonly [string, string, string?, number?]

interface Recorded {
  readonly tree: readonly Entry[]
  readonly cases: readonly Case[]
}

interface Case {
  readonly params: Readonly<Record<string, unknown>>
  readonly failed?: boolean
  readonly files: readonly (readonly [string, string | null])[]
  readonly matched: number
  readonly examined: number
  readonly msg: string
  readonly skipped: Readonly<Record<string, string>>
}

const RECORDED = JSON.parse(readFileSync(new URL('recorded/find.json', import.meta.url), 'utf8')) as Recorded

function build(folder: string): void {
  for (const [path, kind, rest = '', days] of RECORDED.tree) {
    const full = `${folder}/${path}`
    if (kind === 'directory') mkdirSync(full)
    else if (kind === 'link') symlinkSync(rest, full)
    else writeFileSync(full, bytesOf(rest))
    const then = Date.now() / 1000 - (days ?? 0) * 86_400
    if (days !== undefined) utimesSync(full, then, then)
  }
}

/** Bytes that are no text are recorded as lone surrogates. */
function bytesOf(text: string): Buffer {
  const parts = [...text].map((char) => {
    const code = char.codePointAt(0)!
    return code >= 0xdc80 && code <= 0xdcff ? Buffer.from([code & 255]) : Buffer.from(char)
  })
  return Buffer.concat(parts)
}

function paths(values: Readonly<Record<string, unknown>>): string[] {
  return (values['files'] as { path: string }[]).map(({ path }) => path)
}

describe('find', () => {
  it('finds what Ansible found', () => {
    const module = find as unknown as Module
    expect(RECORDED.cases.length).to.be.greaterThan(40)
    for (const { params, ...wanted } of RECORDED.cases) {
      const given = withDefaults(module, givenOf(params, '/t')) as never
      const about = JSON.stringify(params)
      if (wanted.failed) expect(() => module.probe!(given, undefined), about).to.throw(/^failed to process/)
      else {
        const { values } = module.result!(
          given,
          recordedView(),
          recordedView(),
          { kind: 'nothing' },
          undefined,
        )
        expect(told(values, '/t'), about).to.deep.equal(wanted)
      }
    }
  })
})

for (const program of [['dash'], ['busybox', 'sh']]) {
  describe(`find, on ${program.join(' ')}`, () => {
    it('finds what Ansible found', async () => {
      const host = testHost(program)
      build(host.folder)
      for (const { params, ...wanted } of RECORDED.cases.filter((_, i) => i % 9 === 4)) {
        const done = await call(host, find, givenOf(params, host.folder))
        expect(told(done.values, host.folder), JSON.stringify(params)).to.deep.equal(wanted)
      }
    })

    it('tells what each entry is, and costs one round trip, or two where it must look into files', async () => {
      const host = testHost(program)
      const name = `-a 'b'\n$(c) 名`
      writeFileSync(`${host.folder}/${name}`, 'x', { mode: 0o640 })
      const done = await call(host, find, { paths: [host.folder] })
      const [entry] = done.values['files'] as Record<string, unknown>[]
      expect(done.values).to.include({ matched: 1, examined: 1 })
      expect(entry).to.include({
        path: `${host.folder}/${name}`,
        mode: '0640',
        size: 1,
        isreg: true,
        rusr: true,
      })
      expect(entry).to.include({
        isdir: false,
        islnk: false,
        isfifo: false,
        wgrp: false,
        nlink: 1,
        pw_name: 'root',
      })
      expect(host.connection.counts.roundTrips).to.equal(1)
      await call(host, find, { paths: [host.folder], contains: 'x', get_checksum: true })
      expect(host.connection.counts.roundTrips).to.equal(3)
      await call(host, shell, { cmd: 'mkfifo pipe', chdir: host.folder })
      const any = await call(host, find, { paths: [host.folder], file_type: 'any', patterns: ['pipe'] })
      expect((any.values['files'] as unknown[])[0]).to.include({ isfifo: true, isreg: false })
    })

    it('goes through links that lead in a circle once', async () => {
      const host = testHost(program)
      mkdirSync(`${host.folder}/d`)
      symlinkSync('..', `${host.folder}/d/up`)
      symlinkSync('d', `${host.folder}/e`)
      writeFileSync(`${host.folder}/d/f`, '')
      const done = await call(host, find, { paths: [host.folder], recurse: true, follow: true })
      expect(paths(done.values)).to.include.members([`${host.folder}/d/f`, `${host.folder}/e/f`])
      expect(paths(done.values).length).to.be.lessThan(5)
    })

    it('sees in a dry run what earlier tasks would have made, changed and removed', async () => {
      const host = testHost(program)
      mkdirSync(`${host.folder}/d`)
      writeFileSync(`${host.folder}/d/gone`, 'x')
      writeFileSync(`${host.folder}/d/stays`, 'x')
      await call(host, file, { path: `${host.folder}/d/gone`, state: 'absent' }, DRY)
      await call(host, file, { path: `${host.folder}/d/new`, state: 'directory' }, DRY)
      await call(host, copy, { content: 'text', dest: `${host.folder}/d/new/f`, mode: '0600' }, DRY)
      const look = async (params: object) =>
        (await call(host, find, { paths: [`${host.folder}/d`], recurse: true, ...params }, DRY)).values
      expect(paths(await look({}))).to.deep.equal([`${host.folder}/d/new/f`, `${host.folder}/d/stays`])
      const written = await look({ contains: 'text', get_checksum: true, size: '4', age: '-1m' })
      const [entry] = written['files'] as Record<string, unknown>[]
      expect(entry).to.include({
        mode: '0600',
        size: 4,
        checksum: '372ea08cab33e71c02c651dbc83a474d32c676ea',
      })
      expect(isUnknown(entry!['mtime'])).to.equal(true)
      expect(await look({ age: '1h' })).to.include({ matched: 0 })
      await call(host, file, { path: `${host.folder}/l`, src: 'd', state: 'link' }, DRY)
      const linked = await call(host, find, { paths: [`${host.folder}/l`] }, DRY)
      expect(paths(linked.values)).to.deep.equal([`${host.folder}/l/stays`])
      await call(host, shell, { cmd: 'x', creates: `${host.folder}/d/late` }, DRY)
      expect(isUnknown((await look({}))['files'])).to.equal(true)
      expect(await look({ patterns: ['s*'] })).to.include({ matched: 1 })
    })

    it('refuses paths that are not absolute', async () => {
      const done = await call(testHost(program), find, { paths: ['etc'] })
      expect(done.message).to.contain('"etc" is not an absolute path')
    })
  })
}

const NOW = 1_700_000_000
const KINDS: Readonly<Record<string, PathType>> = { file: 'file', directory: 'directory', link: 'link' }

/** The recorded tree in /t, as a host would tell it to a module that asks for everything. */
function recordedView(): View {
  const entries = new Map(
    RECORDED.tree.map(([path, kind, rest = '', days = 0]): [string, PathState] => {
      const content = contentOf(bytesOf(rest))
      const target = kind === 'link' ? { target: rest } : { content, sha1: content.sha1, size: content.size }
      const time = { mtime: NOW - days * 86_400, ctime: NOW, atime: NOW }
      return [path, { type: KINDS[kind]!, mode: 0o644, ...time, ...target, real: `/t/${path}` }]
    }),
  )
  const real = (path: string): string =>
    posix
      .normalize(path)
      .slice(3)
      .replace(/\/$/, '')
      .replace(/^to-dir/, 'sub')
  return {
    ...pureView({}),
    path: (path) => {
      const at = real(path)
      return at === ''
        ? { type: 'directory', real: '/t' }
        : (entries.get(at) ?? { type: 'absent', real: path })
    },
    tree: (path) => {
      const start = real(path) === '' ? '' : `${real(path)}/`
      const below = [...entries].filter(([name]) => name.startsWith(start))
      return new Map(below.map(([name, state]) => [name.slice(start.length), state]))
    },
    own: () => ({ now: NOW + 1 }),
  }
}

/** Parameters as validation makes them: lists, and texts for numbers. */
function givenOf(params: Readonly<Record<string, unknown>>, folder: string): Record<string, unknown> {
  const { paths = [''], ...rest } = params as { paths?: string[] }
  return { ...listed(rest), paths: paths.map((path) => `${folder}/${path}`) }
}

function listed(params: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const made = Object.entries(params).map(([name, value]) => {
    if (/patterns|excludes/.test(name) && typeof value === 'string') return [name, value.split(',')] as const
    return [name, name === 'age' || name === 'size' ? String(value) : value] as const
  })
  return Object.fromEntries(made)
}

function told(values: Readonly<Record<string, unknown>>, folder: string): object {
  const short = (text: string): string => text.replace(`${folder}/`, '')
  const files = (values['files'] as { path: string; checksum?: string }[]).map(({ path, checksum }) => [
    short(path),
    checksum ?? null,
  ])
  const { matched, examined, msg } = values
  const skipped = Object.entries(values['skipped_paths'] as Record<string, string>).map(([path, why]) => [
    short(path),
    short(why),
  ])
  const order = (a: unknown[], b: unknown[]): number =>
    Buffer.compare(Buffer.from(String(a[0])), Buffer.from(String(b[0])))
  return { files: files.sort(order), matched, examined, msg, skipped: Object.fromEntries(skipped) as object }
}
