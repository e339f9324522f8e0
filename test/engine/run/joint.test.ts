import { expect } from 'chai'
import fc from 'fast-check'
import { execFileSync } from 'node:child_process'
import {
  chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync,
  writeFileSync,
} from 'node:fs' // prettier-ignore
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from '../../../engine/connection/connect.js'
import type { Connection } from '../../../engine/connection/connection.js'
import { INLINE_LIMIT } from '../../../engine/connection/session.js'
import { contentOf } from '../../../engine/content.js'
import type { Difference, Key } from '../../../engine/module/contract.js'
import { constant } from '../../../engine/module/quote.js'
import { jointly } from '../../../engine/run/joint.js'
import type { Parcel } from '../../../engine/run/speculation.js'
import { localSettings, SHELLS } from '../connection/shells.js'

const [uid, gid] = [process.getuid!(), process.getgid!()]

/** A step that makes one thing where nothing is. */
function making(path: string, wished: Readonly<Record<string, unknown>>, bytes?: Buffer | string): Parcel {
  const content = bytes === undefined ? undefined : contentOf(bytes)
  const whole = { type: 'file', mode: 0o644, uid, gid, ...wished }
  const told = content ? { sha1: content.sha1, size: content.size, content } : {}
  const difference: Difference = {
    before: { type: 'absent', real: path },
    wished: { ...told, ...whole },
    names: ['type'],
  }
  const differing = new Map<Key, Difference>([[`path:${path}`, difference]])
  return {
    step: { script: constant`:`, plain: true, inputs: content ? [content] : [] },
    differing,
  } as unknown as Parcel
}

const folder = (path: string, wished = {}): Parcel =>
  making(path, { type: 'directory', mode: 0o755, ...wished })
const empty = (path: string, wished = {}): Parcel => making(path, { size: 0, ...wished })

describe('making files jointly', () => {
  const shape = (...parcels: Parcel[]): string =>
    jointly(parcels)
      .map((script) => (script === undefined ? '-' : script.text.includes('fplay_free') ? 'J' : 'j'))
      .join('')
  const [a, b, c] = ['a', 'b', 'c'].map((name) => making(`/d/${name}`, {}, name)) as [Parcel, Parcel, Parcel]

  it('is done where it starts fewer processes', () => {
    expect(shape(a)).to.equal('-')
    expect(shape(a, b)).to.equal('Jj')
    expect(shape(a, making('/e/b', {}, 'b'))).to.equal('--')
    expect(shape(a, making('/d/b', { mode: 0o600 }, 'b'))).to.equal('--')
    expect(shape(folder('/a'))).to.equal('-')
    expect(shape(folder('/a'), folder('/a/b'))).to.equal('Jj')
    expect(shape(empty('/a'))).to.equal('-')
    expect(shape(empty('/a'), empty('/b'), empty('/c/c'))).to.equal('Jjj')
    expect(shape(folder('/d'), a, b, empty('/d/e'))).to.equal('Jjjj')
  })

  it('is done with those that stand together, and are plain', () => {
    const others: readonly Parcel[] = [
      { ...b, step: { ...b.step, plain: false } },
      making('/d/s', { mode: 0o4755 }, 's'),
      making('/d/t', { atime: 1 }, 't'),
      making('/d/l', { setype: 'x_t' }, 'l'),
      making('/d/f', { '+i': true }, 'f'),
      making('/d/o', { uid: undefined }, 'o'),
      making('/d/k', { type: 'link', target: 'a' }),
      making(`/d/${'x'.repeat(250)}`, {}, 'n'),
      making('/d/large', {}, Buffer.alloc(INLINE_LIMIT + 1)),
      { ...b, differing: new Map([['user:x', {} as Difference]]) },
      { ...b, differing: new Map() },
      {
        ...b,
        differing: new Map(
          [...b.differing].map(([key, each]) => [key, { ...each, before: { ...each.before, type: 'file' } }]),
        ),
      },
    ]
    for (const other of others) expect(shape(a, b, other, a, c)).to.equal('Jj-Jj')
    expect(shape(a, others[0]!, c)).to.equal('---')
    const many = Array.from({ length: 600 }, (_, n) => making(`/d/${'x'.repeat(200)}${n}`, {}, 'x'))
    expect(shape(...many)).to.equal('-'.repeat(600))
  })
})

for (const [name, shell] of Object.entries(SHELLS)) {
  describe(`making files jointly on ${name}`, function () {
    this.timeout(60_000)
    let connection: Connection
    let at: string
    before(function () {
      if (shell === undefined) this.skip()
      connection = createConnection(localSettings(shell))
    })
    after(() => connection?.close())
    beforeEach(() => {
      at = realpathSync(mkdtempSync(join(tmpdir(), 'fplay-joint-')))
      for (const folder of ['d', 'e', 'bin']) mkdirSync(join(at, folder))
    })
    afterEach(() => rmSync(at, { recursive: true }))

    /** Whether all was made in place of the members' own scripts. */
    async function made(parcels: readonly Parcel[], head = ''): Promise<boolean> {
      const [script] = jointly(parcels)
      const inputs = parcels.flatMap(({ step }) => step.inputs ?? [])
      const text = `${head}\nfplay_q=\n${script!.text} || echo own; echo "$fplay_j" >&2`
      const { stdout, stderr, code } = await connection.run(text, { inputs })
      expect(code).to.equal(0)
      expect(stderr.toString()).to.equal(stdout.length === 0 ? '1\n' : '\n')
      return stdout.length === 0
    }
    /** A program that stands before the real one. */
    function program(name: string, text: string): string {
      writeFileSync(join(at, 'bin', name), `#!/bin/sh\n${text}\n`)
      chmodSync(join(at, 'bin', name), 0o755)
      return `PATH=${at}/bin:$PATH`
    }
    const file = (path: string, bytes: Buffer | string = path, wished = {}): Parcel =>
      making(join(at, path), wished, bytes)
    const tree = (): readonly string[] =>
      readdirSync(at, { recursive: true, encoding: 'utf8' })
        .filter((path) => !path.startsWith('bin'))
        .sort()

    it('makes what is wished, of any bytes and names', async () => {
      const text = fc.stringMatching(/^[ -~\n]{1,12}$/).filter((text) => !/[/]|^\.\.?$|^\.new$/.test(text))
      const mode = fc.constantFrom(0o644, 0o600, 0o400, 0o777, 0o640)
      const bytes = fc.oneof(
        fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array)),
        fc.constantFrom('', '\n\n', '\0', '\\0', '%s', 'x'.repeat(70_000)).map((text) => Buffer.from(text)),
      )
      const one = fc.record({ in: fc.constantFrom('d', 'e', 'new'), text, mode, bytes, kind: fc.nat(4) })
      const some = fc.uniqueArray(one, {
        minLength: 5,
        maxLength: 9,
        selector: (each) => `${each.in}/${each.text}`,
      })
      await fc.assert(
        fc.asyncProperty(some, async (all) => {
          for (const folder of ['d', 'e', 'new']) rmSync(join(at, folder), { recursive: true, force: true })
          const parcels = all.map(({ in: folder, text, mode, bytes, kind }) => {
            const path = join(at, folder, text)
            if (kind === 0) return making(path, { type: 'directory', mode: mode | 0o700 })
            return kind === 1 ? empty(path, { mode }) : making(path, { mode }, bytes)
          })
          const tops = ['d', 'e', 'new'].map((name) => folderOf(name))
          expect(await made([...tops, ...parcels])).to.equal(true)
          for (const { in: folder, text, mode, bytes, kind } of all) {
            const path = join(at, folder, text)
            const found = lstatSync(path)
            expect(found.mode & 0o7777).to.equal(kind === 0 ? mode | 0o700 : mode)
            expect(found.isDirectory()).to.equal(kind === 0)
            if (kind > 0)
              expect(readFileSync(path).equals(kind === 1 ? Buffer.alloc(0) : bytes)).to.equal(true)
          }
          expect(tree()).to.have.length(3 + all.length)
        }),
        { numRuns: 15 },
      )
    })
    const folderOf = (name: string): Parcel => folder(join(at, name))

    it('gives owners, and removes what a cut has left', async function () {
      if (uid !== 0) this.skip()
      writeFileSync(join(at, 'd/.a.fplay-part'), 'half')
      mkdirSync(join(at, 'd/.b.fplay-part/.new'), { recursive: true })
      writeFileSync(join(at, 'd/.b.fplay-part/b'), 'half')
      const who = { owner: 'daemon', group: 'mail', uid: undefined, gid: undefined, mode: 0o640 }
      const all = [file('d/a', 'a', who), file('d/b', 'b', who), folder(join(at, 'd/c'), who)]
      expect(await made([...all, empty(join(at, 'd/e'), who), empty(join(at, 'd/f'))])).to.equal(true)
      const list = execFileSync('stat', ['-c', '%n %a %U %G', 'a', 'b', 'c', 'e', 'f'], {
        cwd: join(at, 'd'),
      })
      const owned = ['a', 'b', 'c', 'e'].map((name) => `${name} 640 daemon mail\n`).join('')
      expect(list.toString()).to.equal(`${owned}f 644 root root\n`)
      expect(tree()).to.deep.equal(['d', 'd/a', 'd/b', 'd/c', 'd/e', 'd/f', 'e'])
    })

    it('makes all or nothing', async () => {
      const good = [
        folderOf('n'),
        empty(join(at, 'd/empty')),
        file('d/a'),
        file('d/b'),
        file('e/c'),
        file('e/f'),
      ]
      writeFileSync(join(at, 'd/there'), 'old')
      mkdirSync(join(at, 'e/there'))
      symlinkSync('nowhere', join(at, 'e/link'))
      const before = tree()
      const bad = [
        file('d/x', 'x', { uid: undefined, owner: 'nobody-of-this-name' }),
        file('missing/x'),
        empty(join(at, 'missing/x')),
        empty(join(at, 'd/there')),
        file('d/there'),
        file('e/there'),
        file('e/link'),
        folderOf('d/there'),
        folderOf('e/there'),
        file('d/.new'),
      ]
      for (const one of bad) {
        expect(await made([...good, one]), String([...one.differing.keys()])).to.equal(false)
        expect(tree()).to.deep.equal(before)
      }
      expect(readFileSync(join(at, 'd/there'), 'utf8')).to.equal('old')
      expect(await made(good)).to.equal(true)
    })

    it('takes back what is in place already when another cannot be put there', async () => {
      const count = `n=$(cat ${at}/bin/n 2>/dev/null); echo "$n"x >${at}/bin/n; [ "$n" = x ] && exit 1`
      const path = program('mv', `${count}\nexec /bin/mv "$@"`)
      const all = [folderOf('n'), empty(join(at, 'd/z')), file('d/a'), file('d/b'), file('n/c'), file('n/d')]
      expect(await made(all, path)).to.equal(false)
      expect(readFileSync(join(at, 'bin/n'), 'utf8').trim()).to.equal('xx')
      expect(tree()).to.deep.equal(['d', 'e'])
    })

    it('puts in place all that it has begun to put there, when it is ended', async () => {
      const path = program('mv', 'kill -TERM $PPID\nexec /bin/mv "$@"')
      expect(await made([file('d/a'), file('d/b'), file('e/a'), file('e/b')], path)).to.equal(true)
      expect(tree()).to.deep.equal(['d', 'd/a', 'd/b', 'e', 'e/a', 'e/b'])
    })

    it('is not led elsewhere by the owner of the folder', async () => {
      const swap = `[ "$1" != -m ] || { for p do :; done; rm -rf "\${p%/.new}"; ln -s ${at}/e "\${p%/.new}"; }`
      const path = program('mkdir', `/bin/mkdir "$@" || exit\n${swap}`)
      mkdirSync(join(at, 'e/.new'))
      expect(await made([file('d/a'), file('d/b')], path)).to.equal(false)
      expect(tree()).to.deep.equal(['d', 'e', 'e/.new'])
    })

    it('needs no install', async () => {
      for (const name of ['mkdir', 'mv', 'rm', 'chmod', 'chown']) program(name, `exec /bin/${name} "$@"`)
      const all = [
        folderOf('n'),
        folderOf('n/o'),
        file('d/a', 'a', { mode: 0o640 }),
        file('d/b', 'b', { mode: 0o640 }),
      ]
      expect(await made(all, `PATH=${at}/bin`)).to.equal(true)
      expect(tree()).to.deep.equal(['d', 'd/a', 'd/b', 'e', 'n', 'n/o'])
      expect(lstatSync(join(at, 'd/b')).mode & 0o7777).to.equal(0o640)
      expect(await made(all, `PATH=${at}/bin`)).to.equal(false)
    })
  })
}
