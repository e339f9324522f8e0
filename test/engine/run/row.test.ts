import { expect } from 'chai'
import fc from 'fast-check'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunEvent } from '../../../engine/events.js'
import { createInterrupt } from '../../../engine/run/interrupt.js'
import { outcomeOn, traceOf } from './playing.js'
import { played, told, withoutTimes } from './sending.js'

const FREE = '  strategy: free\n'

describe('commands in a row', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'fplay-row-'))))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const log = (word: string): string => `command: { cmd: 'tee -a ${folder}/log', stdin: ${word} }`
  const logged = (): string => readFileSync(join(folder, 'log'), 'utf8').trim().split('\n').join(' ')

  it('are sent before the first has ended where one host plays, or all at their own pace', async () => {
    const tasks = Array.from({ length: 30 }, (_, i) => `{ ${log(String(i))}, register: r${i} }`)
    for (const [head, hosts] of [
      ['', 'a,'],
      [FREE, 'a,'],
      ['  serial: 1\n', 'a,b,'],
    ] as const) {
      rmSync(join(folder, 'log'), { force: true })
      const { waits, trips, events } = await played(tasks, true, head, hosts)
      const count = hosts.split(',').length - 1
      const numbers = Array.from({ length: 30 }, (_, i) => i).join(' ')
      expect(logged()).to.equal(Array.from({ length: count }, () => numbers).join(' '))
      expect(traceOf(events).filter((line) => line.includes('=changed'))).to.have.length(30 * count)
      // The lock is taken and given back, and two rows between.
      expect(trips).to.equal(32 * count)
      expect(waits).to.be.at.most(4 * count)
    }
    const both = await played(['command: true', 'command: true'], true, FREE, 'a,b,')
    expect(both.speculated).to.equal(2)
  })

  it('wait for other hosts where the order is one for all', async () => {
    const tasks = ['command: true', 'command: true', 'command: true']
    expect((await played(tasks, true, '', 'a,b,')).speculated).to.equal(0)
    expect((await played(tasks, true, FREE, 'a,b,c,d,e,f,')).speculated).to.equal(0)
    expect((await played(tasks, true, FREE, 'a,localhost,')).speculated).to.equal(0)
  })

  it('end with one that fails', async () => {
    const bad = `command: 'false'`
    await played([log('1'), bad, log('2')])
    expect(logged()).to.equal('1')
    const ignored = await played([log('3'), `{ ${bad}, ignore_errors: true }`, log('4'), log('5')])
    expect(logged()).to.equal('1 3 4 5')
    expect(traceOf(ignored.events).map((line) => line.split('=').at(-1))).to.include('ignored')
    await played([log('6'), `{ ${log('7')}, failed_when: true }`, log('8')])
    expect(logged()).to.equal('1 3 4 5 6 7')
    await played([`block:\n        - ${bad}\n        - ${log('9')}\n      rescue:\n        - ${log('10')}`])
    expect(logged()).to.equal('1 3 4 5 6 7 10')
    await played([`{ ${log('11')}, failed_when: false }`, `{ ${bad}, failed_when: false }`, log('12')])
    expect(logged()).to.equal('1 3 4 5 6 7 10 11 12')
  })

  it('are evaluated from what those before have registered', async () => {
    const { events } = await played([
      `{ command: echo one, register: first, changed_when: false }`,
      `{ command: echo two, register: second, changed_when: first.stdout == 'one' }`,
      `{ command: "echo {{ first.stdout }} {{ second.stdout }}", register: third }`,
      `{ command: "echo {{ now().timestamp() >= 0 }}", register: fourth }`,
      `{ command: 'echo {{ hostvars[inventory_hostname].third.stdout }}', register: fifth }`,
    ])
    const told = (n: number): unknown =>
      events.flatMap((event) => (event.kind === 'host-result' ? [event.outcome] : []))[n]?.values['stdout']
    expect([2, 3, 4].map(told)).to.deep.equal(['one two', 'True', 'one two'])
    const ends = traceOf(events).map((line) => line.split('=').at(-1))
    expect(ends.slice(1, 3)).to.deep.equal(['ok', 'changed'])
  })

  it('are guarded by what those before have made', async () => {
    const made = join(folder, 'made')
    await played([
      log('1'),
      `command: { cmd: touch ${made} }`,
      `{ ${log('2').replace(' }', `, creates: ${made} }`)} }`,
      `{ ${log('3').replace(' }', `, removes: ${made} }`)} }`,
    ])
    expect(logged()).to.equal('1 3')
  })

  it('travel with their guards, unless these are known to hold', async () => {
    const guarded = (n: number): string =>
      `shell: { cmd: 'echo ${n} | tee -a ${folder}/log ${folder}/m${n}', creates: '${folder}/${n % 3 === 0 ? `m${n}*` : `m${n}`}' }`
    const tasks = [`stat: { path: / }`, ...Array.from({ length: 12 }, (_, n) => guarded(n))]
    const none = tasks.map((task, n) =>
      n === 0 ? task : task.replace('creates', 'removes').replace('/m', '/n'),
    )
    for (const [head, hosts, waits] of [
      ['', 'a,', 6],
      // Each in its turn: one message for a command, and none for the other host, which finds it done.
      ['', 'a,b,', 30],
    ] as const) {
      const first = await played(tasks, true, head, hosts)
      const done = traceOf(first.events).filter((line) => line.includes('=changed'))
      expect(done).to.have.length(12)
      expect(first.waits).to.be.at.most(waits)
      const again = await played(tasks, true, head, hosts)
      expect(traceOf(again.events).filter((line) => line.includes('=changed'))).to.deep.equal([])
      // The lock with the first task, what is asked of the next ones, and the lock again.
      expect(again.trips).to.be.at.most(4 * (hosts.split(',').length - 1))
      rmSync(folder, { recursive: true })
      mkdirSync(folder)
    }
    expect((await played(none)).trips).to.be.at.most(4)
  })

  it('tell their lines and times each in its turn', async () => {
    const run = await played([
      `{ shell: 'echo a1; sleep 0.1; echo a2', name: a }`,
      `{ shell: 'echo b1; sleep 0.1; echo b2 >&2', name: b }`,
      `{ shell: 'echo c1', name: c, no_log: true }`,
    ])
    const seen = run.events.flatMap((event: RunEvent): readonly string[] => {
      if (event.kind === 'host-output') return [`${event.task.name}: ${event.line}`]
      return event.kind === 'task-start' || event.kind === 'host-result'
        ? [`${event.kind} ${event.task.name}`]
        : []
    })
    expect(seen).to.deep.equal([
      'task-start a', 'a: a1', 'a: a2', 'host-result a',
      'task-start b', 'b: b1', 'b: b2', 'host-result b',
      'task-start c', 'host-result c',
    ]) // prettier-ignore
    const time = (name: string, value: string): number =>
      Date.parse(`${String(outcomeOn(run, name, 'a')?.values[value])}Z`)
    // Both are rounded to milliseconds.
    expect(time('b', 'start')).to.be.at.least(time('a', 'end') - 2)
    expect(time('b', 'end')).to.be.at.least(time('b', 'start'))
  })

  it('do not begin when the run is interrupted', async () => {
    const interrupt = createInterrupt()
    const tasks = [log('1'), `command: sh -c 'echo now; exec sleep 60'`, log('2'), log('3')]
    const stop = (event: RunEvent): void =>
      void (event.kind === 'host-output' && event.line === 'now' && interrupt.stop())
    const { end } = await played(tasks, true, '', 'a,', { interrupt, emit: stop })
    expect(end).to.include({ interrupted: true })
    expect(logged()).to.equal('1')
  })

  it('end as they do one by one', async function () {
    this.timeout(60_000)
    const word = fc.constantFrom('a', 'b')
    const end = fc.constantFrom(
      '',
      '',
      '',
      ', ignore_errors: true',
      ', failed_when: false',
      ', failed_when: true',
      ', changed_when: false',
      ", changed_when: a is defined and 'x' in (a.stdout | default(''))",
      ', register: a',
      ', register: b',
      ', when: a is not defined',
      ', when: false',
      ', no_log: true',
    )
    const task = fc.oneof(
      { weight: 4, arbitrary: fc.tuple(word, end).map(([w, e]) => `{ shell: 'echo ${w}$HOME >>{at}/log; echo x', ${e.slice(2)} }`) },
      end.map((e) => `{ command: cat {at}/log, ${e.slice(2)} }`),
      end.map((e) => `{ shell: 'exit 3', ${e.slice(2)} }`),
      end.map((e) => `{ command: /nonexistent/program, ${e.slice(2)} }`),
      fc.tuple(word, end).map(([w, e]) => `{ command: { cmd: 'touch {at}/${w}', creates: '{at}/${w}' }, ${e.slice(2)} }`),
      fc.tuple(word, fc.constantFrom('a', 'l', '[ab]', '*', 'a/x', 'none'), fc.constantFrom('creates', 'removes'), end).map(
        ([w, path, guard, e]) => `{ shell: { cmd: 'echo ${w} >>{at}/log; touch {at}/${w}', ${guard}: '{at}/${path}' }, ${e.slice(2)} }`,
      ),
      fc.constantFrom('ln -s none {at}/l', 'rm -f {at}/a {at}/b {at}/l', 'mkdir {at}/d').map((cmd) => `{ shell: '${cmd} || :' }`),
      word.map((w) => `{ command: { cmd: 'touch x', chdir: '{at}/d', creates: '{at}/d/x' }, register: ${w}, ignore_errors: true }`),
      word.map((w) => `{ shell: "echo {{ ${w}.stdout | default('none') }} >>{at}/log" }`),
      word.map((w) => `{ copy: { dest: '{at}/${w}', content: ${w} } }`),
      word.map((w) => `{ shell: cat, args: { stdin: ${w}, chdir: '{at}' }, register: ${w} }`),
      word.map((w) => `{ command: 'echo {{ item }}', loop: [1, 2], register: ${w} }`),
    ) // prettier-ignore
    let speculated = 0
    await fc.assert(
      fc.asyncProperty(fc.array(task, { minLength: 3, maxLength: 10 }), fc.boolean(), async (tasks, free) => {
        const ends = []
        for (const together of [true, false]) {
          const at = mkdtempSync(join(folder, 'at-'))
          const run = await played(
            tasks.map((text) => text.replaceAll('{at}', at).replace(/,\s*}$/, ' }')),
            together,
            free ? FREE : '',
          )
          speculated += run.speculated
          const text = existsSync(join(at, 'log')) ? readFileSync(join(at, 'log'), 'utf8') : ''
          ends.push({ told: told(run.events, at).map(withoutTimes), text })
        }
        expect(ends[0], tasks.join('\n')).to.deep.equal(ends[1])
      }),
      { numRuns: 10 },
    )
    expect(speculated).to.be.greaterThan(0)
  })
})
