import { expect } from 'chai'
import fc from 'fast-check'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from '../../../engine/connection/connect.js'
import type { RunEvent } from '../../../engine/events.js'
import { converge } from '../../../engine/run/converge.js'
import type { RunParts } from '../../../engine/run/run.js'
import { playText, traceOf, type Played } from './playing.js'

interface Sent {
  readonly trips: number
  /** Calls that were made before their turn. */
  readonly speculated: number
}

/** A run whose hosts are all this machine, and have a folder each. */
async function played(
  tasks: readonly string[],
  together = true,
  head = '',
  hosts = 'a,',
): Promise<Played & Sent> {
  let trips = 0
  let speculated = 0
  const parts: Partial<RunParts> = {
    connect: (settings) => {
      const connection = createConnection({ ...settings, kind: 'local' })
      const run = connection.run.bind(connection)
      return Object.assign(connection, {
        run: (...args: Parameters<typeof run>) => {
          trips++
          return run(...args)
        },
      })
    },
    converge: (call, target) => {
      if (call.speculation) speculated++
      return converge(together ? call : { ...call, successors: undefined }, target)
    },
  }
  const lines = tasks.map((task) => `    - ${task}\n`).join('')
  const text = `- hosts: all\n  gather_facts: false\n${head}  tasks:\n${lines}`
  return { ...(await playText(text, { hosts, parts })), trips, speculated }
}

/** All that was told of tasks, without what no two runs have alike. */
function told(events: readonly RunEvent[], folder: string): readonly string[] {
  const outcomes = events
    .flatMap((event) => (event.kind === 'host-result' ? [event] : []))
    .sort((one, other) => one.task.id - other.task.id || one.host.localeCompare(other.host))
  return [
    ...traceOf(events),
    ...outcomes.map(({ outcome: { status, changed, message, values } }) =>
      JSON.stringify([status, changed, message, values], (_, value: unknown) =>
        value instanceof Map ? [...value] : value,
      ),
    ),
  ].map((line) => line.replaceAll(folder, ''))
}

describe('sending together', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'fplay-together-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  const copy = (name: string, more = ''): string =>
    `copy: { dest: '${folder}/${name}', content: of ${name} }${more}`

  it('changes the files of many tasks with a few messages', async () => {
    const tasks = Array.from({ length: 12 }, (_, i) => copy(String(i)))
    const { trips, speculated, events } = await played(tasks)
    expect(readFileSync(join(folder, '11'), 'utf8')).to.equal('of 11')
    expect(traceOf(events).filter((line) => line.endsWith('a=changed'))).to.have.length(12)
    // Two for the first task, two for all others, and the lock is given back.
    expect(trips).to.equal(5)
    expect(speculated).to.equal(11)
  })

  it('runs nothing behind a task that failed', async () => {
    const { events } = await played([
      copy('0'),
      copy('1'),
      `copy: { dest: '${folder}/2', content: two, validate: 'false %s' }`,
      copy('3'),
    ])
    expect(traceOf(events).at(-1)).to.match(/a=failed$/)
    expect(['1', '2', '3'].map((name) => existsSync(join(folder, name)))).to.deep.equal([true, false, false])
  })

  it('goes on behind a failure that is ignored or rescued', async () => {
    const bad = `copy: { dest: '${folder}/2', content: two, validate: 'false %s' }`
    const ignored = await played([copy('0'), copy('1'), `{ ${bad}, ignore_errors: true }`, copy('3')])
    expect(existsSync(join(folder, '3'))).to.equal(true)
    expect(traceOf(ignored.events).slice(-2).join()).to.match(/a=ignored,.*a=changed$/)
    const block = `block:\n        - ${copy('4')}\n        - ${bad}\n        - ${copy('5')}`
    await played([copy('6'), copy('7'), `${block}\n      rescue:\n        - ${copy('8')}`, copy('9')])
    const there = ['4', '5', '6', '7', '8', '9'].filter((name) => existsSync(join(folder, name)))
    expect(there).to.deep.equal(['4', '6', '7', '8', '9'])
  })

  it('evaluates what may change only in its turn', async () => {
    const log = join(folder, 'log')
    await played([
      copy('0'),
      copy('1'),
      `copy: { dest: '${folder}/2', content: "{{ lookup('pipe', 'test -e ${folder}/1 && echo after; echo asked >>${log}') }}" }`,
      `{ ${copy('3')}, register: three }`,
      `copy: { dest: '${folder}/4', content: '{{ three.dest }}' }`,
    ])
    expect(readFileSync(join(folder, '2'), 'utf8')).to.equal('after')
    expect(readFileSync(log, 'utf8')).to.equal('asked\n')
    expect(readFileSync(join(folder, '4'), 'utf8')).to.equal(join(folder, '3'))
  })

  it('reads files that the host may share with the controller only in its turn', async () => {
    const included = join(folder, 'included')
    for (const old of [included, join(folder, '2')]) writeFileSync(old, 'old')
    writeFileSync(join(folder, 'part'), `{% include '${included}' %}`)
    await played([
      copy('0'),
      copy('1'),
      copy('2'),
      `copy: { src: '${folder}/2', dest: '${folder}/3' }`,
      `copy: { dest: '${included}', content: new }`,
      `template: { src: '${folder}/part', dest: '${folder}/4' }`,
    ])
    expect(readFileSync(join(folder, '3'), 'utf8')).to.equal('of 2')
    expect(readFileSync(join(folder, '4'), 'utf8')).to.equal('new')
  })

  it('compares with files of the controller only in its turn', async () => {
    for (const name of ['old', 'back']) writeFileSync(join(folder, name), 'old')
    // The one before asks what the fetch asks, so that the host need not be asked for it.
    const { speculated } = await played([
      copy('0'),
      copy('1'),
      `copy: { dest: '${folder}/old', content: old, follow: true }`,
      `fetch: { src: '${folder}/old', dest: '${folder}/back', flat: true }`,
      copy('2'),
    ])
    // Copy 1, the copy before the fetch, and the fetch; none that stands behind it.
    expect(speculated).to.equal(3)
  })

  it('lets no task go along where a host is the controller', async () => {
    const tasks = [copy('0'), copy('1'), copy('2')]
    expect((await played(tasks, true, '', 'a,localhost,')).speculated).to.equal(0)
  })

  it('lets no task go along where others depend on its end', async () => {
    const tasks = [copy('0'), copy('1'), copy('2')]
    for (const head of ['any_errors_fatal: true', 'max_fail_percentage: 50', 'throttle: 1']) {
      expect((await played(tasks, true, `  ${head}\n`)).speculated, head).to.equal(0)
      for (const name of ['0', '1', '2']) rmSync(join(folder, name))
    }
  })

  it('notifies handlers, and they run behind all', async () => {
    const head = `  handlers:\n    - { name: h, command: "sh -c 'ls ${folder} >${folder}/list'" }\n`
    const { speculated, events } = await played(
      [copy('0'), copy('1'), `{ ${copy('2')}, notify: h }`, copy('3')],
      true,
      head,
    )
    expect(speculated).to.be.greaterThan(0)
    expect(readFileSync(join(folder, 'list'), 'utf8').split('\n')).to.include.members(['0', '1', '2', '3'])
    expect(traceOf(events).at(-1)).to.equal('h a=changed')
  })

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

/** Times, inodes, names of backups and the playbook's folder are others in each run. */
function withoutTimes(line: string): string {
  return line
    .replace(/"(atime|mtime|ctime|inode|version|start|end|delta)":[^,}]*/g, '"$1"')
    .replace(/\/\S*fplay-run-\w+/g, '')
    .replace(/\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~/g, '.backup~')
}
