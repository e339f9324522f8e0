import { expect } from 'chai'
import fc from 'fast-check'
import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { entryName, FIXED_TIME, type ArchiveEntry } from '../../../../engine/module/archive/entry.js'
import { pack } from '../../../../engine/module/archive/pack.js'
import { writeTar } from '../../../../engine/module/archive/tar-write.js'
import { unpack } from '../../../../engine/module/archive/unpack.js'

const LONG = `${'a long folder/'.repeat(20)}file`
const ENTRIES: readonly ArchiveEntry[] = [
  { name: 'd', type: 'directory', mode: 0o2750 },
  { name: 'd/file', type: 'file', mode: 0o644, data: Buffer.from('hello\n'.repeat(1000)) },
  { name: 'd/$(touch x) "\'\n', type: 'file', mode: 0o600, data: Buffer.from([0, 255, 10]) },
  { name: 'd/链接', type: 'link', mode: 0o777, target: LONG },
  { name: LONG, type: 'file', mode: 0o755, data: Buffer.alloc(0) },
].map((entry) => entry as ArchiveEntry)

function sorted(entries: readonly ArchiveEntry[]): ArchiveEntry[] {
  return [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** As they are read again: files have the one time of all archives. */
function timed(entries: readonly ArchiveEntry[]): ArchiveEntry[] {
  return sorted(entries).map((entry) => (entry.type === 'file' ? { ...entry, time: FIXED_TIME } : entry))
}

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'fplay-test-'))
}

describe('archives', () => {
  for (const format of ['tar', 'gz', 'zip'] as const) {
    it(`are read as they were written: ${format}`, () => {
      const bytes = pack(ENTRIES, format)
      expect(unpack(bytes).entries).to.deep.equal(timed(ENTRIES))
      expect(pack([...ENTRIES].reverse(), format).equals(bytes)).to.be.true
    })
  }

  it('are read as they were written, whatever names and bytes', () => {
    const name = fc
      .stringMatching(/^[^/\0]{1,120}$/)
      .filter((text) => Buffer.from(text).toString() === text && text !== '.' && text !== '..')
    const entry = fc.record({
      name: fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
      type: fc.constant('file' as const),
      mode: fc.nat(0o7777).filter((mode) => mode > 0),
      data: fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
    })
    const entries = fc.uniqueArray(entry, { selector: (one) => one.name })
    fc.assert(
      fc.property(entries, fc.constantFrom('tar', 'gz', 'zip'), (all, format) => {
        expect(unpack(pack(all, format as 'tar')).entries).to.deep.equal(timed(all))
      }),
      { numRuns: 60 },
    )
  })

  for (const tar of [['tar'], ['busybox', 'tar']]) {
    it(`are unpacked by ${tar.join(' ')}`, () => {
      const here = folder()
      const [program, ...args] = tar
      execFileSync(program!, [...args, '-xpf', '-', '-C', here], { input: writeTar(ENTRIES) })
      expect(readFileSync(join(here, 'd/file'), 'utf8')).to.equal('hello\n'.repeat(1000))
      expect(readFileSync(join(here, 'd/$(touch x) "\'\n'))).to.deep.equal(Buffer.from([0, 255, 10]))
      expect(readlinkSync(join(here, 'd/链接'))).to.equal(LONG)
      expect(statSync(join(here, LONG)).mode & 0o777).to.equal(0o755)
    })
  }

  for (const options of [
    ['--format=gnu'],
    ['--format=pax'],
    ['--format=ustar'],
    ['--format=v7'],
    ['-z'],
    ['-j'],
    ['-J'],
  ]) {
    it(`of tar ${options.join(' ')} are read`, () => {
      const here = folder()
      const long = options[0] === '--format=v7' ? 'short' : '很长/长的'.repeat(7)
      mkdirSync(join(here, 'in', long), { recursive: true })
      writeFileSync(join(here, 'in', long, 'f'), 'x', { mode: 0o640 })
      execFileSync('ln', [join(here, 'in', long, 'f'), join(here, 'in', 'z-hard')])
      symlinkSync('nowhere', join(here, 'in', 'link'))
      const bytes = execFileSync('tar', ['-c', ...options, '-C', join(here, 'in'), '--sort=name', '.'])
      const { entries } = unpack(bytes)
      expect(entries).to.deep.include({ name: 'link', type: 'link', mode: 0o777, target: 'nowhere' })
      const files = entries.filter((entry) => entry.type === 'file')
      expect(files.map((entry) => entry.name).sort()).to.deep.equal([`${long}/f`, 'z-hard'].sort())
      for (const file of files) expect(file).to.deep.include({ mode: 0o640, data: Buffer.from('x') })
    })
  }

  it('that lead outside are refused', () => {
    for (const name of ['/etc/passwd', '../x', 'a/../../x', 'a\0b']) {
      expect(() => entryName(name), name).to.throw(/leads outside/)
    }
    const evil = writeTar([{ name: '../../etc/x', type: 'file', mode: 0o644, data: Buffer.from('x') }])
    expect(() => unpack(evil)).to.throw(/leads outside/)
  })

  it('that are damaged or no archives are refused, never with an error of another kind', () => {
    const whole = { tar: pack(ENTRIES, 'tar'), gz: pack(ENTRIES, 'gz'), zip: pack(ENTRIES, 'zip') }
    fc.assert(
      fc.property(
        fc.constantFrom('tar', 'gz', 'zip'),
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        (format, where, byte) => {
          const bytes = Buffer.from(whole[format as 'tar'])
          bytes[where % bytes.length] = byte
          try {
            unpack(bytes.subarray(0, Math.max(1, (where * 7) % (bytes.length + 1))))
          } catch (error) {
            expect((error as Error).constructor.name, String(error)).to.equal('BadArchive')
          }
        },
      ),
      { numRuns: 400 },
    )
    expect(() => unpack(Buffer.from('not an archive'.repeat(100)))).to.throw('this is not a tar archive')
  })
})
