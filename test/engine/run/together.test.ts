import { expect } from 'chai'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { traceOf } from './playing.js'
import { played } from './sending.js'

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
    // The first task asks, also for the others, all are sent, and the lock is given back.
    expect(trips).to.equal(3)
    expect(speculated).to.equal(11)
  })

  const line = (text: string): string =>
    `lineinfile: { path: '${folder}/d/e/lines', line: '${text}', create: true }`
  const chain = (): string[] => [
    `{ file: { path: '${folder}/d', state: directory, mode: '0750' }, register: made }`,
    `file: { path: '${folder}/d/e', state: directory }`,
    `copy: { dest: '${folder}/d/e/x', content: of it, mode: '0600' }`,
    ...['one', 'two', 'three'].map(line),
    `file: { path: '${folder}/l', src: d, state: link }`,
    `file: { path: '${folder}/d/e/x', state: absent }`,
  ]

  it('sends tasks that rest on one another', async () => {
    const { trips, speculated, events } = await played(chain())
    expect(traceOf(events).filter((line) => line.endsWith('a=changed'))).to.have.length(8)
    expect(readFileSync(join(folder, 'd/e/lines'), 'utf8')).to.equal('one\ntwo\nthree\n')
    expect(existsSync(join(folder, 'l/e/x'))).to.equal(false)
    expect([trips, speculated]).to.deep.equal([3, 7])
  })

  it('flushes what is new once, and what replaces an old file before it does', async () => {
    const [log, bin, old] = ['log', 'bin', 'old'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    mkdirSync(bin)
    writeFileSync(join(bin, 'sync'), `#!/bin/sh\necho "$@" >>'${log}'\n`, { mode: 0o755 })
    writeFileSync(old, 'old')
    const path = process.env['PATH']!
    process.env['PATH'] = `${bin}:${path}`
    try {
      await played([...chain().slice(0, 6), copy('old')])
    } finally {
      process.env['PATH'] = path
    }
    expect(readFileSync(old, 'utf8')).to.equal('of old')
    expect(readFileSync(log, 'utf8').trim().split('\n')).to.have.members([
      `${folder}/.old.fplay-part`,
      `${folder}/d/e/x ${folder}/d/e/lines`,
    ])
  })

  it('leaves to its turn what only the host can tell', async () => {
    const { speculated, events } = await played([
      ...chain().slice(0, 3),
      `file: { path: '${folder}/d/e/y', src: '${folder}/d/e/x', state: hard }`,
      `copy: { dest: '${folder}/d/e/z', content: '{{ made.size }}' }`,
      `copy: { dest: '${folder}/d/e/z', content: '{{ made.size }}' }`,
    ])
    expect(traceOf(events).slice(-3).join()).to.match(/a=changed,.*a=changed,.*a=ok$/)
    // The folder and the copy, and in vain the hard link; then in vain the last copy, as nothing is to be done.
    expect(speculated).to.equal(4)
  })

  it('runs nothing of a chain behind a task that failed', async () => {
    const bad = `copy: { dest: '${folder}/d/e/x', content: bad, validate: 'false %s' }`
    const { events } = await played([...chain().slice(0, 2), bad, ...chain().slice(3)])
    expect(traceOf(events).at(-1)).to.match(/a=failed$/)
    expect(['d/e', 'd/e/lines', 'l'].map((name) => existsSync(join(folder, name)))).to.deep.equal([
      true,
      false,
      false,
    ])
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

  it('lets tasks go along whose limits are none', async () => {
    const tasks = [copy('0'), copy('1'), copy('2')]
    const limits = `  throttle: "{{ 1 - 1 }}"\n  timeout: 0\n`
    expect((await played(tasks, true, limits)).speculated).to.equal(2)
  })

  it('changes what all items of a loop want with one message', async () => {
    const loop = `{ copy: { dest: '${folder}/{{ item }}', content: 'of {{ item }}' }, loop: [0, 1, 2, 3, 4, 5, 6, 7] }`
    const { trips, speculated, events } = await played([loop])
    expect(readFileSync(join(folder, '7'), 'utf8')).to.equal('of 7')
    expect(events.filter(({ kind }) => kind === 'item-result')).to.have.length(8)
    // The first item asks, also for the others, all are sent, and the lock is given back.
    expect([trips, speculated]).to.deep.equal([3, 7])
  })

  it('does all items of a loop although one of them fails', async () => {
    const { events } = await played([
      `{ copy: { dest: '${folder}/{{ item }}', content: x, validate: "{{ 'false' if item == 2 else 'true' }} %s" }, loop: [0, 1, 2, 3, 4] }`,
      copy('5'),
    ])
    const ends = events.flatMap((event) => (event.kind === 'item-result' ? [event.outcome.status] : []))
    expect(ends).to.deep.equal(['changed', 'changed', 'failed', 'changed', 'changed'])
    const there = ['0', '1', '2', '3', '4', '5'].filter((name) => existsSync(join(folder, name)))
    expect(there).to.deep.equal(['0', '1', '3', '4'])
  })

  it('registers what nobody reads before its turn, and judges results in their turn', async () => {
    const { speculated, events } = await played([
      copy('0'),
      `{ ${copy('1')}, register: one, changed_when: false }`,
      `{ ${copy('2')}, register: two, changed_when: not one.changed }`,
      `{ ${copy('3')}, vars: { all: '{{ two }}' }, when: all.changed }`,
      `{ ${copy('4')}, failed_when: true, ignore_errors: true }`,
      copy('5'),
    ])
    expect(
      traceOf(events)
        .map((line) => line.split(' ').at(-1))
        .slice(1),
    ).to.deep.equal(['changed', 'ok', 'changed', 'changed', 'ignored', 'changed'].map((end) => `a=${end}`))
    // 1 and 2 are with 0; 3 reads what 2 registers; 4 is with 3, and nobody behind it.
    expect(speculated).to.equal(3)
  })

  it('makes links together, and looks through them in its turn', async () => {
    const { speculated, events } = await played([
      copy('0'),
      `file: { path: '${folder}/l', src: '0', state: link }`,
      `file: { path: '${folder}/m', src: '0', state: link }`,
      `copy: { dest: '${folder}/l', content: through, follow: true }`,
    ])
    expect(traceOf(events).filter((line) => line.endsWith('a=changed'))).to.have.length(4)
    expect(readFileSync(join(folder, '0'), 'utf8')).to.equal('through')
    // The copy was evaluated, and left to its turn.
    expect(speculated).to.equal(3)
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
})
