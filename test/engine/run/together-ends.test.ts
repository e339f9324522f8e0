import { expect } from 'chai'
import fc from 'fast-check'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { played, told, withoutTimes } from './sending.js'

/** Runs of each kind of tasks; more of them by hand, where something was changed. */
const RUNS = Number(process.env['FPLAY_RUNS'] ?? 12)

describe('sending together', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'fplay-together-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  /** Holds runs of arbitrary tasks to what they do one by one; gives the number of calls before their turn. */
  async function endsAlike(task: fc.Arbitrary<string>): Promise<number> {
    let speculated = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(task, { minLength: 4, maxLength: 14 }),
        fc.boolean(),
        fc.constantFrom('a,', 'a,b,'),
        async (tasks, ignoring, hosts) => {
          const ends = []
          for (const together of [true, false]) {
            const at = join(folder, together ? 'many' : 'sole')
            rmSync(at, { recursive: true, force: true })
            execFileSync('mkdir', ['-p', `${at}/a`, `${at}/b`])
            const texts = tasks.map((text) => {
              const bare = text.replaceAll('{at}', `${at}/{{ inventory_hostname }}`)
              return ignoring ? `{ ${bare.replace(/^\{ (.*) \}$/, '$1')}, ignore_errors: true }` : bare
            })
            const run = await played(texts, together, '', hosts)
            speculated += run.speculated
            ends.push({ told: told(run.events, at).map(withoutTimes), ...foundBelow(at) })
          }
          expect(ends[0], tasks.join('\n')).to.deep.equal(ends[1])
        },
      ),
      { numRuns: RUNS },
    )
    return speculated
  }

  it('ends as a run that does each task alone', async function () {
    this.timeout(100_000 + RUNS * 20_000)
    const path = fc.constantFrom('d', 'd/x', 'd/y', 'e', 'e/z', 'l', 'm')
    const mode = fc.constantFrom('', ", mode: '0600'", ", mode: '0755'")
    const task = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.tuple(path, mode).map(([p, m]) => `copy: { dest: '{at}/${p}', content: ${p}${m} }`),
      },
      fc.tuple(path, mode).map(([p, m]) => `copy: { dest: '{at}/${p}', content: two, backup: true${m} }`),
      path.map((p) => `copy: { dest: '{at}/${p}', content: three, validate: 'false %s' }`),
      {
        weight: 3,
        arbitrary: fc.tuple(path, mode).map(([p, m]) => `file: { path: '{at}/${p}', state: directory${m} }`),
      },
      path.map((p) => `file: { path: '{at}/${p}', state: absent }`),
      fc.tuple(path, mode).map(([p, m]) => `file: { path: '{at}/${p}', state: touch${m} }`),
      path.map((p) => `file: { path: '{at}/${p}', src: '{at}/d', state: link, force: true }`),
      fc.tuple(path, path).map(([p, q]) => `file: { path: '{at}/${p}', src: '{at}/${q}', state: hard }`),
      fc.tuple(path, path).map(([p, q]) => `copy: { src: '{at}/${q}', dest: '{at}/${p}' }`),
      fc.tuple(path, path).map(([p, q]) => `template: { src: '{at}/${q}', dest: '{at}/${p}' }`),
      path.map((p) => `lineinfile: { path: '{at}/${p}', line: one, create: true }`),
      path.map((p) => `blockinfile: { path: '{at}/${p}', block: some, create: true }`),
      path.map((p) => `command: { cmd: 'touch {at}/${p}', creates: '{at}/${p}' }`),
      path.map((p) => `{ stat: { path: '{at}/${p}' }, register: seen }`),
      path.map((p) => `file: { path: '{at}/${p}', src: '{at}/m', state: link }`),
      fc
        .array(path, { minLength: 2, maxLength: 4 })
        .map(
          (ps) =>
            `{ copy: { dest: '{at}/{{ item }}', content: loop }, loop: [${ps.join()}], register: looped }`,
        ),
      fc
        .tuple(path, path)
        .map(
          ([p, q]) => `{ file: { path: '{at}/{{ item }}', state: directory }, loop: [${p}, ${q}, ${q}/x] }`,
        ),
      path.map((p) => `{ copy: { dest: '{at}/${p}', content: seen }, register: seen, changed_when: false }`),
      path.map((p) => `{ copy: { dest: '{at}/${p}', content: judged }, failed_when: seen is defined }`),
      path.map((p) => `{ file: { path: '{at}/${p}', state: touch }, when: looped is not defined }`),
      path.map((p) => `{ copy: { dest: '{at}/${p}', content: if }, when: seen is defined }`),
    )
    expect(await endsAlike(task)).to.be.greaterThan(0)
  })

  it('ends so too where tasks rest on one another', async function () {
    this.timeout(100_000 + RUNS * 20_000)
    const top = fc.constantFrom('d', 'e')
    const file = fc.constantFrom('d/x', 'd/y', 'd/s/x', 'e/x', 'l/x', 'f')
    const mode = fc.constantFrom('', '', ", mode: '0640'", ", mode: 'g+w'", ", mode: '2750'")
    const word = fc.constantFrom('one', 'two', 'key=1', 'key=2')
    const task = fc.oneof(
      {
        weight: 5,
        arbitrary: fc
          .tuple(fc.oneof(top, fc.constantFrom('d/s', 'e/t', 'd/s/deep', 'l/m')), mode)
          .map(([p, m]) => `file: { path: '{at}/${p}', state: directory${m} }`),
      },
      {
        weight: 4,
        arbitrary: fc
          .tuple(file, word, mode)
          .map(([p, w, m]) => `copy: { dest: '{at}/${p}', content: "${w}\\n"${m} }`),
      },
      {
        weight: 5,
        arbitrary: fc
          .tuple(file, word)
          .map(([p, w]) => `lineinfile: { path: '{at}/${p}', line: ${w}, create: true }`),
      },
      file.map((p) => `lineinfile: { path: '{at}/${p}', regexp: '^key', line: key=3, backup: true }`),
      file.map((p) => `lineinfile: { path: '{at}/${p}', regexp: one, state: absent }`),
      fc.tuple(file, word).map(([p, w]) => `blockinfile: { path: '{at}/${p}', block: '${w}', create: true }`),
      file.map((p) => `replace: { path: '{at}/${p}', regexp: 'o', replace: 0 }`),
      file.map((p) => `ini_file: { path: '{at}/${p}', section: s, option: o, value: v }`),
      fc.oneof(top, file).map((p) => `file: { path: '{at}/${p}', state: absent }`),
      fc.tuple(fc.oneof(top, file), mode).map(([p, m]) => `file: { path: '{at}/${p}'${m} }`),
      top.map((p) => `file: { path: '{at}/l', src: '{at}/${p}', state: link }`),
      file.map((p) => `file: { path: '{at}/k', src: '{at}/${p}', state: link }`),
      fc.tuple(file, file).map(([p, q]) => `file: { path: '{at}/${p}', src: '{at}/${q}', state: hard }`),
      fc
        .tuple(file, file)
        .map(([p, q]) => `copy: { src: '{at}/${p}', dest: '{at}/${q}', remote_src: true, mode: preserve }`),
      file.map((p) => `copy: { dest: '{at}/${p}', content: kept, force: false }`),
      file.map((p) => `copy: { dest: '{at}/${p}', content: bad, validate: 'false %s' }`),
      fc.tuple(top, word).map(([p, w]) => `copy: { dest: '{at}/${p}/new/${w}', content: deep }`),
      top.map((p) => `copy: { dest: '{at}/${p}/new/', src: /etc/hostname }`),
      fc
        .tuple(fc.constantFrom('d/x', 'd', 'e/x'), word, mode)
        .map(
          ([p, w, m]) =>
            `{ lineinfile: { path: '{at}/${p}', line: '${w} {{ item }}', create: true${m} }, loop: [1, 2, 3] }`,
        ),
      file.map((p) => `{ stat: { path: '{at}/${p}' }, register: seen }`),
      file.map((p) => `{ copy: { dest: '{at}/${p}', content: if }, when: seen is defined }`),
    )
    expect(await endsAlike(task)).to.be.greaterThan(0)
  })
})

/** All that is below a folder. */
function foundBelow(at: string): { readonly files: readonly string[]; readonly others: readonly string[] } {
  const find = (...tests: string[]): string[] =>
    withoutTimes(execFileSync('find', ['.', ...tests], { cwd: at, encoding: 'utf8' }))
      .split('\n')
      .sort()
  return {
    files: find('-type', 'f', '-printf', '%p %y %m %s %n\\n', '-exec', 'sha1sum', '{}', '+'),
    others: find('!', '-type', 'f', '-printf', '%p %y %m %l\\n').map((line) =>
      line.replace(/\/(many|sole)\//, '/'),
    ),
  }
}
