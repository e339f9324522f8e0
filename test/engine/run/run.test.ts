import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createConnection } from '../../../engine/connection/connect.js'
import type { Connection } from '../../../engine/connection/connection.js'
import { converge } from '../../../engine/run/converge.js'
import type { RunParts } from '../../../engine/run/run.js'
import { FplayError } from '../../../engine/errors.js'
import { createInterrupt } from '../../../engine/run/interrupt.js'
import type { Played } from './playing.js'
import { fakeConverge, outcomeOn, playText, traceOf } from './playing.js'

const THREE = 'a,b,c,'

function messages({ events }: Played): string[] {
  return events.flatMap((event) => (event.kind === 'message' ? [event.text] : []))
}

function unreachable(): never {
  throw new FplayError([{ code: 'connection-lost', message: 'the connection broke: broken pipe' }])
}

describe('a run', () => {
  it('lists each task and host once, a loop as one, with its place', async () => {
    const { end } = await playText(
      `
- name: first
  hosts: a
  gather_facts: false
  tasks:
    - {name: loop, ping: , loop: [1, 2], notify: done, changed_when: true}
    - include_tasks: part.yml
  handlers:
    - name: done
      ping:
`,
      { files: { 'part.yml': '\n- {name: part, ping: }\n' } },
    )
    const where = (path: string): string => path.replace(/^.*\//, '')
    expect(end.tasks.map((task) => ({ ...task, where: where(task.where) }))).to.deep.equal([
      {
        play: 'first',
        task: 'loop',
        module: 'ping',
        where: 'play.yml:6',
        host: 'a',
        status: 'changed',
        changed: true,
      },
      {
        play: 'first',
        task: 'include_tasks',
        module: 'include_tasks',
        where: 'play.yml:7',
        host: 'a',
        status: 'ok',
        changed: false,
      },
      {
        play: 'first',
        task: 'part',
        module: 'ping',
        where: 'part.yml:2',
        host: 'a',
        status: 'ok',
        changed: false,
      },
      {
        play: 'first',
        task: 'done',
        module: 'ping',
        where: 'play.yml:9',
        host: 'a',
        status: 'ok',
        changed: false,
      },
    ])
  })

  it('goes on without a host whose connection breaks, says why, and ends with 4', async () => {
    const { converge } = fakeConverge({ command: (_call, { name }) => (name === 'b' ? unreachable() : {}) })
    const played = await playText(
      `
- hosts: all
  gather_facts: false
  tasks:
    - {name: breaks, command: x}
    - {name: after, ping: }
`,
      { hosts: THREE, parts: { converge } },
    )
    expect(outcomeOn(played, 'breaks', 'b')).to.include({
      status: 'unreachable',
      message: 'the connection broke: broken pipe',
    })
    expect(traceOf(played.events).at(-1)).to.equal('after a=ok c=ok')
    expect(played.end.exitCode).to.equal(4)
    expect(played.end.hosts['b']).to.include({ unreachable: 1, failed: 0 })
  })

  it('runs at most as many hosts at once as forks and throttle allow', async () => {
    let now = 0
    const peaks: Record<string, number> = {}
    const { converge } = fakeConverge()
    const counted: typeof converge = async (call, target) => {
      peaks[call.task] = Math.max(peaks[call.task] ?? 0, ++now)
      await new Promise((resolve) => setTimeout(resolve, 20))
      now--
      return converge(call, target)
    }
    await playText(
      `
- hosts: all
  gather_facts: false
  tasks:
    - {name: forks, ping: }
    - {name: throttled, ping: , throttle: 1}
`,
      { hosts: 'a,b,c,d,e,', parts: { converge: counted }, settings: { forks: 3 } },
    )
    expect(peaks).to.deep.equal({ forks: 3, throttled: 1 })
  })

  for (const strategy of ['free', 'host_pinned']) {
    it(`lets a fast host run ahead with the strategy ${strategy}`, async () => {
      const order: string[] = []
      const { converge } = fakeConverge()
      let fast!: () => void
      const fastIsThrough = new Promise<void>((resolve) => (fast = resolve))
      const timed: typeof converge = async (call, target) => {
        if (target.name === 'a') await fastIsThrough
        order.push(`${call.task} ${target.name}`)
        if (order.length === 2) fast()
        return converge(call, target)
      }
      const { end } = await playText(
        `
- hosts: all
  strategy: ${strategy}
  gather_facts: false
  tasks:
    - {name: one, ping: }
    - {name: two, ping: }
`,
        { parts: { converge: timed } },
      )
      expect(order).to.deep.equal(['one b', 'two b', 'one a', 'two a'])
      expect(end.exitCode).to.equal(0)
    })
  }

  it('stops at an interruption: no new task, recap all the same, status 99', async () => {
    const interrupt = createInterrupt()
    const { converge } = fakeConverge()
    const stopping: typeof converge = async (call, target) => {
      interrupt.stop()
      return converge(call, target)
    }
    const { end, events } = await playText(
      `
- hosts: all
  gather_facts: false
  tasks:
    - {name: one, ping: }
    - {name: two, ping: }
- hosts: all
  gather_facts: false
  tasks: [{name: three, ping: }]
`,
      { parts: { converge: stopping, interrupt } },
    )
    expect(end).to.include({ exitCode: 99, interrupted: true })
    expect(traceOf(events).map((line) => line.split(' ')[0])).to.deep.equal(['PLAY', 'one'])
    expect(events.at(-1)!.kind).to.equal('run-end')
  })

  it('ends with a problem when a task notifies a handler that nobody has', async () => {
    const { end, events } = await playText(`
- hosts: all
  gather_facts: false
  tasks: [{name: one, ping: , changed_when: true, notify: '{{ "restrat" }}'}]
  handlers: [{name: restart, ping: }]
`)
    const problem = events.find((event) => event.kind === 'problem')
    expect(problem?.kind === 'problem' && problem.problem.code).to.equal('unknown-handler')
    expect(end.exitCode).to.equal(1)
  })

  it('starts at a task, and still gathers facts', async () => {
    const { converge } = fakeConverge({ setup: () => ({ facts: new Map([['ansible_system', 'Linux']]) }) })
    const played = await playText(
      `
- hosts: all
  gather_facts: false
  tasks: [{name: zero, ping: }]
- hosts: a
  tasks:
    - {name: one, ping: }
    - block:
        - {name: two, ping: }
        - {name: thr33, debug: {msg: '{{ ansible_facts.system }}'}}
    - {name: four, ping: }
- hosts: a
  gather_facts: false
  tasks: [{name: five, ping: }]
`,
      { parts: { converge }, settings: { startAtTask: 'thr*' } },
    )
    const names = traceOf(played.events).map((line) => line.replace(/ a=.*/, ''))
    expect(names).to.deep.equal(['PLAY all', 'PLAY a', 'Gathering Facts', 'thr33', 'four', 'PLAY a', 'five'])
    const nothing = await playText('- {hosts: a, gather_facts: false, tasks: [{ping: }]}', {
      settings: { startAtTask: 'x' },
    })
    expect(messages(nothing)).to.deep.equal([
      'no task is named "x" (--start-at-task does not look into includes)',
    ])
  })

  it('asks before each task until told to continue', async () => {
    const asked: string[] = []
    const answers = ['yes', 'no', 'continue'] as const
    const { events } = await playText(
      `
- hosts: a
  gather_facts: false
  tasks: [{name: one, ping: }, {name: two, ping: }, {name: three, ping: }, {name: four, ping: }]
`,
      {
        settings: {
          step: async ({ name }) => {
            asked.push(name)
            return answers[asked.length - 1]!
          },
        },
      },
    )
    expect(asked).to.deep.equal(['one', 'two', 'three'])
    expect(traceOf(events).slice(1)).to.deep.equal(['one a=ok', 'three a=ok', 'four a=ok'])
  })

  it('says when a play has no hosts, and goes on', async () => {
    const { end, events } = await playText(`
- {name: nobody, hosts: none*, gather_facts: false, tasks: [{ping: }]}
- {name: all, hosts: a, gather_facts: false, tasks: [{name: done, ping: }]}
`)
    expect(events.filter(({ kind }) => kind === 'no-hosts')).to.have.length(1)
    expect(traceOf(events)).to.deep.equal(['PLAY nobody', 'PLAY all', 'done a=ok'])
    expect(end.exitCode).to.equal(0)
  })
})

describe('messages to a host', () => {
  it('are one for a task with nothing to change, none for a task that asks nothing, at most two for a change', async () => {
    const counts: Connection['counts'][] = []
    const folder = mkdtempSync(join(tmpdir(), 'fplay-trips-'))
    const trips: number[] = []
    const connect: RunParts['connect'] = (settings) => {
      const connection = createConnection({ ...settings, kind: 'local' })
      counts.push(connection.counts)
      return connection
    }
    const settled: RunParts['converge'] = async (call, target) => {
      const before = target.connection.counts.roundTrips
      const converged = await converge(call, target)
      // What is made before its turn asks nothing.
      if (!call.speculation) trips.push(target.connection.counts.roundTrips - before)
      return converged
    }
    try {
      const { end } = await playText(
        `
- hosts: a
  gather_facts: false
  tasks:
    - {name: opens, ping: }
    - {stat: {path: /etc}}
    - {copy: {dest: ${folder}/x, content: hello}}
    - {copy: {dest: ${folder}/x, content: hello}}
    - {debug: {msg: x}}
    - {file: {path: ${folder}/x, mode: '0600'}}
    - {file: {path: ${folder}/x, mode: '0600'}}
`,
        { parts: { connect, converge: settled } },
      )
      expect(end.hosts['a']).to.include({ ok: 7, changed: 2 })
      // The message after a change asks ahead what the next tasks would need to go along with it.
      expect(trips.slice(1)).to.deep.equal([1, 2, 1, 0, 1, 1])
      expect(counts).to.have.length(1)
      expect(counts[0]!.connections).to.equal(1)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
