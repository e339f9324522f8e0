import { expect } from 'chai'
import fc from 'fast-check'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { played, told, withoutTimes } from './sending.js'

describe('sending together', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'fplay-together-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  it('ends as a run that does each task alone', async function () {
    this.timeout(300_000)
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
            const found = execFileSync(
              'find',
              ['.', '-type', 'f', '-printf', '%p %y %m %s %n\\n', '-exec', 'sha1sum', '{}', '+'],
              {
                cwd: at,
                encoding: 'utf8',
              },
            )
            const others = execFileSync('find', ['.', '!', '-type', 'f', '-printf', '%p %y %m\\n'], {
              cwd: at,
              encoding: 'utf8',
            })
            ends.push({
              told: told(run.events, at).map(withoutTimes),
              files: withoutTimes(found).split('\n').sort(),
              others: others.split('\n').sort(),
            })
          }
          expect(ends[0], tasks.join('\n')).to.deep.equal(ends[1])
        },
      ),
      { numRuns: 12 },
    )
    expect(speculated).to.be.greaterThan(0)
  })
})
