import { expect } from 'chai'
import fc from 'fast-check'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from '../../../engine/connection/connect.js'
import { converge } from '../../../engine/run/converge.js'
import type { RunParts } from '../../../engine/run/run.js'
import { outcomeOn, playText, traceOf, type Played } from './playing.js'

/** A run whose hosts are all this machine. */
async function played(
  tasks: readonly string[],
  hosts = 'a,',
  looksAhead = true,
): Promise<Played & { trips: number }> {
  let trips = 0
  const parts: Partial<RunParts> = {
    connect: (settings) => createConnection({ ...settings, kind: 'local' }),
    converge: async (call, target) => {
      const before = target.connection.counts.roundTrips
      try {
        return await converge(looksAhead ? call : { ...call, upcoming: undefined }, target)
      } finally {
        trips += target.connection.counts.roundTrips - before
      }
    },
  }
  const text = `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks.map((task) => `    - ${task}\n`).join('')}`
  return { ...(await playText(text, { hosts, parts })), trips }
}

describe('looking ahead', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'fplay-ahead-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  it('answers most tasks that have nothing to change with a few messages, items of a loop too', async () => {
    const stats = Array.from({ length: 40 }, (_, i) => `stat: { path: '${folder}/${i}' }`)
    const { trips } = await played(stats)
    // The shell, the first task, then 4, 16 and 64 more with each message.
    expect(trips).to.be.lessThan(7)
    const loop = `{ stat: { path: '${folder}/{{ item }}' }, loop: "{{ range(200) | list }}" }`
    expect((await played([loop])).trips).to.be.lessThan(10)
  })

  it('answers for accounts and groups that are as they should be', async () => {
    const accounts = [
      'group: { name: root, gid: 0 }',
      'user: { name: root, home: /root, groups: [], append: true }',
      'group: { name: daemon }',
      'user: { name: daemon, home: /usr/sbin, create_home: false, group: daemon }',
    ]
    const { trips, events } = await played(accounts)
    expect(traceOf(events).filter((line) => line.endsWith('=ok'))).to.have.length(4)
    // The shell, and one for all.
    expect(trips).to.equal(2)
  })

  it('sees what a task between has done, on any host', async () => {
    const look = `stat: { path: '${folder}/x' }`
    const both = await played(
      [
        look,
        look,
        `{ command: touch ${folder}/x, when: inventory_hostname == 'a' }`,
        `{ ${look}, name: last }`,
      ],
      'a,b,',
    )
    for (const host of ['a', 'b']) {
      expect(outcomeOn(both, 'last', host)?.values['stat']).to.include({ exists: true })
    }
  })

  it('sees what happens while a task waits or tries again', async () => {
    const look = `stat: { path: '${folder}/x' }`
    const later = `shell: (sleep 0.3; touch ${folder}/x) >/dev/null 2>&1 &`
    const wait = `wait_for: { path: '${folder}/x', sleep: 1 }`
    const waited = await played([later, look, wait, `{ ${look}, name: last }`])
    expect(outcomeOn(waited, 'last', 'a')?.values['stat']).to.include({ exists: true })
    rmSync(join(folder, 'x'))
    const again = `{ ${look}, name: last, register: r, until: r.stat.exists, retries: 9, delay: 1 }`
    const tried = await played([later, look, again])
    expect(outcomeOn(tried, 'last', 'a')?.status).to.equal('ok')
  })

  it('looks nothing up on the controller for a guess', async () => {
    const log = join(folder, 'log')
    const look = `stat: { path: '${folder}/x' }`
    await played([
      look,
      look,
      `stat: { path: "{{ lookup('pipe', 'echo asked >>${log}; echo ${folder}/y') }}" }`,
    ])
    expect(readFileSync(log, 'utf8')).to.equal('asked\n')
  })

  it('ends as a run that asks for each task alone', async function () {
    this.timeout(60_000)
    const path = fc.constantFrom('d', 'd/x', 'd/y', 'l')
    const task = fc.oneof(
      path.map((p) => `stat: { path: '{at}/${p}' }`),
      path.map((p) => `copy: { dest: '{at}/${p}', content: one }`),
      path.map((p) => `copy: { dest: '{at}/${p}', content: two, mode: '0600' }`),
      path.map((p) => `file: { path: '{at}/${p}', state: directory }`),
      path.map((p) => `file: { path: '{at}/${p}', state: absent }`),
      path.map((p) => `file: { path: '{at}/${p}', src: '{at}/d', state: link, force: true }`),
      path.map((p) => `lineinfile: { path: '{at}/${p}', line: one }`),
      path.map((p) => `command: { cmd: 'touch {at}/${p}', creates: '{at}/${p}' }`),
      path.map((p) => `slurp: { src: '{at}/${p}' }`),
      path.map((p) => `file: { path: '{at}/${p}', owner: root }`),
      fc.constantFrom('user: { name: root, home: /root }', 'group: { name: root, gid: 0 }'),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(task, { minLength: 4, maxLength: 12 }), async (tasks) => {
        const ends = []
        for (const looksAhead of [true, false]) {
          const at = join(folder, looksAhead ? 'wide' : 'bare')
          rmSync(at, { recursive: true, force: true })
          execFileSync('mkdir', [at])
          const texts = tasks.map((text) => `{ ${text.replaceAll('{at}', at)}, ignore_errors: true }`)
          const { events } = await played(texts, 'a,', looksAhead)
          const tree = execFileSync('find', ['.', '-printf', '%p %y %m %s\\n'], { cwd: at, encoding: 'utf8' })
          ends.push({
            trace: traceOf(events).map((line) => line.replaceAll(at, '')),
            tree: tree.split('\n').sort(),
          })
        }
        expect(ends[0], tasks.join('\n')).to.deep.equal(ends[1])
      }),
      { numRuns: 8 },
    )
  })
})
