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
      const timed: typeof converge = async (call, target) => {
        await new Promise((resolve) => setTimeout(resolve, target.name === 'a' ? 60 : 5))
        order.push(`${call.task} ${target.name}`)
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

  it('asks for variables, but not for those that -e gives', async () => {
    const asked: string[] = []
    const played = await playText(
      `
- hosts: a
  gather_facts: false
  vars: {who: you}
  vars_prompt:
    - {name: colour, prompt: 'Colour of {{ who }}', default: red, private: false, unsafe: true}
    - {name: given, prompt: never}
  tasks: [{name: shown, debug: {msg: '{{ colour }} {{ given }}'}}]
`,
      {
        settings: {
          extraVars: new Map([['given', 'x']]),
          prompt: async ({ text, hidden, default: fallback }) => {
            asked.push(`${text} ${hidden} ${fallback}`)
            return '{{ blue }}'
          },
        },
      },
    )
    expect(asked).to.deep.equal(['Colour of you false red'])
    expect(outcomeOn(played, 'shown').values['msg']).to.equal('{{ blue }} x')
  })

  it('masks what was typed for a private variable, not the default that stands in the playbook', async () => {
    const secret = async (answer?: string): Promise<unknown> => {
      const text = `
- hosts: a
  gather_facts: false
  vars_prompt: [{name: word, prompt: Word, default: common}]
  tasks: [{name: shown, debug: {msg: 'common or rare: {{ word }}'}}]
`
      const prompt = answer === undefined ? undefined : () => Promise.resolve(answer)
      return outcomeOn(await playText(text, { settings: { prompt } }), 'shown').values['msg']
    }
    expect(await secret()).to.equal('common or rare: common')
    expect(await secret('rare')).to.equal('common or ********: ********')
  })

  it('takes the group_vars beside the playbook of each play', async () => {
    const text = `
- import_playbook: deep/inner.yml
- {hosts: a, gather_facts: false, tasks: [{name: outer, debug: {msg: '{{ colour }}'}}]}
`
    const files = {
      'group_vars/all.yml': 'colour: red',
      'deep/inner.yml': `
- {hosts: a, gather_facts: false, tasks: [{name: inner, debug: {msg: '{{ colour }}'}}]}
`,
      'deep/group_vars/all.yml': 'colour: blue',
    }
    const played = await playText(text, { files })
    expect(outcomeOn(played, 'inner').values['msg']).to.equal('blue')
    expect(outcomeOn(played, 'outer').values['msg']).to.equal('red')
  })

  it('knows the magic variables', async () => {
    const played = await playText(
      `
- hosts: web
  name: the play
  gather_facts: false
  tasks:
    - name: all of them
      assert:
        that:
          - inventory_hostname == 'b.example'
          - inventory_hostname_short == 'b'
          - group_names == ['web']
          - groups.web == ['a', 'b.example']
          - groups['all'] | sort == ['a', 'b.example', 'c']
          - hostvars.c.colour == 'red c'
          - hostvars['a'].inventory_hostname == 'a'
          - play_hosts == ansible_play_hosts
          - ansible_play_hosts_all == ['a', 'b.example']
          - ansible_play_batch == ['a', 'b.example']
          - ansible_play_name == 'the play'
          - ansible_version.major == 2
          - not ansible_check_mode
          - not ansible_diff_mode
          - ansible_verbosity == 0
          - playbook_dir == inventory_dir
          - vars.colour == 'red b.example'
          - lookup('vars', 'colour') == 'red b.example'
          - role_name is undefined
      when: inventory_hostname != 'a'
`,
      { hosts: '[web]\na\nb.example\n[other]\nc\n[all:vars]\ncolour="red {{ inventory_hostname }}"\n' },
    )
    expect(outcomeOn(played, 'all of them', 'b.example').message).to.equal(undefined)
    expect(played.end.exitCode).to.equal(0)
  })

  it('puts variables in order: from role defaults to the command line', async () => {
    const played = await playText(
      `
- hosts: a
  gather_facts: false
  vars: {v2: play, v3: play, v4: play, v5: play, v6: play, v7: play}
  vars_files: ['{{ inventory_hostname }}.yml']
  roles:
    - {role: r, v7: param}
`,
      {
        files: {
          'a.yml': 'v3: file\nv4: file\nv5: file\nv6: file\n',
          'roles/r/defaults/main.yml': 'v1: default\nv2: default\n',
          'roles/r/vars/main.yml': 'v4: role\nv5: role\nv6: role\nv7: role\n',
          'roles/r/tasks/main.yml': `
- {set_fact: {v6: fact}}
- {name: shown, debug: {msg: '{{ v1 }} {{ v2 }} {{ v3 }} {{ v4 }} {{ v5 }} {{ v6 }} {{ v7 }} {{ v8 }}'}, vars: {v5: task, v8: task}}
`,
        },
        settings: { extraVars: new Map([['v8', 'extra']]) },
      },
    )
    expect(outcomeOn(played, 'r : shown').values['msg']).to.equal(
      'default play file role task fact param extra',
    )
  })

  it('reads variables during the run, from a file or a folder', async () => {
    const played = await playText(
      `
- hosts: a
  gather_facts: false
  tasks:
    - {include_vars: {file: one.yml, name: all}}
    - {include_vars: {dir: more, ignore_files: ['skipped'], extensions: [yml]}}
    - {name: shown, debug: {msg: '{{ all.x }} {{ y }} {{ z }}'}}
    - {name: missing, include_vars: nowhere.yml, ignore_errors: true}
`,
      {
        files: {
          'vars/one.yml': "x: '{{ 1 + 1 }}'\n",
          'vars/more/a.yml': 'y: 1\nz: 1\n',
          'vars/more/deep/b.yml': 'z: 3\n',
          'vars/more/skipped.yml': 'z: 4\n',
        },
      },
    )
    expect(outcomeOn(played, 'shown').values['msg']).to.equal('2 1 3')
    expect(outcomeOn(played, 'missing').message).to.match(
      /there is no file "nowhere.yml".*looked for .*vars\/nowhere.yml/,
    )
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

  it("checks a role's variables against its specification of arguments", async () => {
    const { end, events } = await playText(
      `
- {hosts: a, gather_facts: false, roles: [{role: r, number: http}], vars: {word: x}}
`,
      {
        files: {
          'roles/r/meta/argument_specs.yml':
            'argument_specs: {main: {options: {number: {type: int, required: true}, word: {type: str}}}}\n',
          'roles/r/tasks/main.yml': '- {name: never, ping: }\n',
        },
      },
    )
    expect(end.exitCode).to.equal(2)
    const result = events.find((event) => event.kind === 'host-result')
    expect(result?.kind === 'host-result' && result.outcome.message).to.match(
      /Validation of arguments failed:\n.*"number" is "http"/,
    )
    expect(JSON.stringify(events)).to.not.contain('never')
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
      trips.push(target.connection.counts.roundTrips - before)
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
