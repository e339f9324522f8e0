import { expect } from 'chai'
import type { RunParts } from '../../../engine/run/run.js'
import { Unknown } from '../../../engine/unknown.js'
import { fakeConverge, outcomeOn, playText } from './playing.js'

const PLAY = `
- hosts: all
  gather_facts: false
  tasks:
`

describe('a task on a host', () => {
  it('fills in module_defaults, leaves out what is omitted, and validates before anything is called', async () => {
    const { converge, calls } = fakeConverge()
    const played = await playText(
      `
- hosts: a
  gather_facts: false
  module_defaults: {stat: {path: /default, follow: true}}
  tasks:
    - {name: defaults, stat: {follow: '{{ omit }}'}}
    - {name: own, stat: {path: '{{ dir }}/x'}, vars: {dir: /srv}}
    - {name: wrong, stat: {path: /x, follow: '{{ "perhaps" }}'}, ignore_errors: true}
`,
      { parts: { converge } },
    )
    expect(calls.map(({ call }) => [call.params['path'], call.params['follow']])).to.deep.equal([
      ['/default', false],
      ['/srv/x', true],
    ])
    expect(outcomeOn(played, 'wrong').message).to.match(
      /play\.yml:8:\d+: stat: "follow" is "perhaps"; allowed: /,
    )
  })

  it('takes the nearest entry of module_defaults as a whole, and evaluates no other', async () => {
    const { converge, calls } = fakeConverge()
    await playText(
      `
- hosts: a
  gather_facts: false
  module_defaults: {stat: {path: '{{ nowhere }}', follow: true}}
  tasks:
    - module_defaults: [{stat: {path: /block}}]
      block:
        - {stat: {}}
        - {stat: {}, module_defaults: [{stat: {path: /first, follow: true}}, {stat: {path: /second}}]}
`,
      { parts: { converge } },
    )
    const seen = calls.map(({ call }) => [call.params['path'], call.params['follow']])
    expect(seen).to.deep.equal([
      ['/block', false],
      ['/second', false],
    ])
  })

  it('merges environments, the inner ones win', async () => {
    const { converge, calls } = fakeConverge()
    await playText(
      `
- hosts: a
  gather_facts: false
  environment: {A: play, B: '{{ 1 + 1 }}'}
  tasks:
    - block:
        - {command: 'true', environment: [{C: task}, {D: yes}]}
      environment: {A: block}
`,
      { parts: { converge } },
    )
    expect(calls[0]!.call.environment).to.deep.equal({ A: 'block', B: '2', C: 'task', D: 'True' })
  })

  it('becomes the user that variables, keywords and the command line ask for, in this order', async () => {
    const { converge, calls } = fakeConverge()
    await playText(
      `
- hosts: a
  gather_facts: false
  become_user: play
  tasks:
    - {command: 'true'}
    - {command: 'true', become: false}
    - {command: 'true', become_user: task, become_method: su}
    - {command: 'true', become: false, vars: {ansible_become: true, ansible_become_user: variable, ansible_become_pass: s3cret}}
`,
      { parts: { converge }, settings: { connection: { become: true, becomePassword: 'asked' } } },
    )
    const become = calls.map(
      ({ call }) => call.become && [call.become.user, call.become.method, call.become.password],
    )
    expect(become).to.deep.equal([
      ['play', 'sudo', 'asked'],
      undefined,
      ['task', 'su', 'asked'],
      ['variable', 'sudo', 's3cret'],
    ])
  })

  it('judges by changed_when and failed_when, which see the result', async () => {
    const ends = {
      command: () => ({ status: 'failed' as const, changed: true, message: 'no', values: { rc: 3 } }),
    }
    const { converge } = fakeConverge(ends)
    const played = await playText(
      `${PLAY}
    - {name: fine, command: x, register: r, failed_when: [r.rc == 3, r.rc > 5], changed_when: r.rc == 4}
    - {name: bad, command: x, register: r, failed_when: r.rc == 3, ignore_errors: true}
    - {name: undefined, command: x, failed_when: q.rc == 3, ignore_errors: true}
`,
      { hosts: 'a,', parts: { converge } },
    )
    expect(outcomeOn(played, 'fine')).to.include({ status: 'ok', changed: false })
    expect(outcomeOn(played, 'fine').values).to.include({ failed: false, failed_when_result: false, rc: 3 })
    expect(outcomeOn(played, 'bad').status).to.equal('ignored')
    expect(outcomeOn(played, 'undefined').message).to.match(/"q(.rc)?" is undefined/)
  })

  it('fails by conditions that cannot be evaluated, and keeps what the module returned', async () => {
    const played = await playText(`${PLAY}
    - {name: c, set_fact: {a: 1}, changed_when: nobody, register: c, ignore_errors: true}
    - {name: f, set_fact: {a: 1}, failed_when: nobody, register: f, ignore_errors: true}
    - {name: seen, debug: {msg: '{{ [c is failed, "nobody" in c.changed_when_result, c.ansible_facts.a, f is failed, "nobody" in f.failed_when_result] }}'}}
`)
    expect(outcomeOn(played, 'seen').values['msg']).to.deep.equal([true, true, 1, true, true])
  })

  it('writes items that are lists and dictionaries as the language does', async () => {
    const played = await playText(`${PLAY}    - {name: t, ping: , loop: [{a: [1, null]}, [x, 2]]}\n`)
    const items = played.events.flatMap((event) => (event.kind === 'item-result' ? [event.outcome.item] : []))
    expect(new Set(items)).to.deep.equal(new Set(["{'a': [1, None]}", "['x', 2]"]))
  })

  it('takes names of facts from templates, also before an equals sign', async () => {
    const played = await playText(`${PLAY}
    - {set_fact: "{{ 'x' + item }}={{ item }}", with_items: [a, b]}
    - {name: seen, debug: {msg: '{{ xa + xb }}'}}
`)
    expect(outcomeOn(played, 'seen').values['msg']).to.equal('ab')
  })

  it('takes the words yes, no, true and false for booleans in facts', async () => {
    const played = await playText(`${PLAY}
    - {set_fact: "a=yes b=No c=on", register: r}
    - {set_fact: {d: 'true', e: '{{ "false" }}'}}
    - {name: seen, debug: {msg: '{{ [a, b, c, d, e] }}'}}
`)
    expect(outcomeOn(played, 'seen').values['msg']).to.deep.equal([true, false, 'on', true, false])
  })

  it('has no hostvars in hostvars', async () => {
    const played = await playText(`${PLAY}
    - {name: seen, debug: {msg: '{{ (hostvars | to_json | from_json).a.inventory_hostname }}'}}
`)
    expect(outcomeOn(played, 'seen').values['msg']).to.equal('a')
  })

  it('refuses a dictionary where with_list wants a list', async () => {
    const played = await playText(
      `${PLAY}    - {name: t, debug: , with_list: '{{ {"a": 1} }}', ignore_errors: true}\n`,
    )
    expect(outcomeOn(played, 't').message).to.contain('with_list expects a list')
  })

  it('tries again until the condition holds, and tells each time', async () => {
    let calls = 0
    const { converge } = fakeConverge({ command: () => ({ values: { rc: ++calls < 3 ? 1 : 0 } }) })
    const text = `${PLAY}    - {name: wait, command: x, register: r, until: r.rc == 0, retries: 5, delay: 0}\n`
    const played = await playText(text, { hosts: 'a,', parts: { converge } })
    expect(outcomeOn(played, 'wait').values).to.include({ attempts: 3, failed: false })
    const left = played.events.flatMap((event) => (event.kind === 'host-retry' ? [event.left] : []))
    expect(left).to.deep.equal([5, 4])
  })

  it('has not failed when attempts are used up and failed_when does not hold, though the result says so', async () => {
    const { converge } = fakeConverge({ command: () => ({ values: { rc: 1 } }) })
    const played = await playText(
      `${PLAY}
    - {name: tried, command: x, register: r, until: r.rc == 0, retries: 1, delay: 0, failed_when: false}
    - {name: seen, debug: {msg: '{{ r.attempts }} {{ r is failed }}'}}
`,
      { hosts: 'a,', parts: { converge } },
    )
    expect(outcomeOn(played, 'tried').status).to.equal('ok')
    expect(outcomeOn(played, 'seen').values['msg']).to.equal('1 True')
  })

  it('tells a rescue of the failure: its name for each host, and all items of a loop', async () => {
    const { converge } = fakeConverge({
      command: ({ params }) => (params['cmd'] === 'bad' ? { status: 'failed' } : {}),
    })
    const played = await playText(
      `${PLAY}
    - block:
        - {name: 'on {{ inventory_hostname }}', command: '{{ item }}', loop: [good, bad]}
      rescue:
        - {name: seen, debug: {msg: '{{ ansible_failed_task.name }} {{ ansible_failed_result.results | length }}'}}
    - block: [{command: bad}]
      rescue: [{name: unnamed, debug: {msg: '<{{ ansible_failed_task.name }}>'}}]
`,
      { parts: { converge } },
    )
    expect(outcomeOn(played, 'seen', 'b').values['msg']).to.equal('on b 2')
    expect(outcomeOn(played, 'unnamed').values['msg']).to.equal('<>')
  })

  it('ends a task after its timeout', async () => {
    const slow: RunParts['converge'] = (call) =>
      new Promise((_resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('the signal came too late')), 5000)
        call.signal!.addEventListener('abort', () => {
          clearTimeout(timer)
          reject(call.signal!.reason as Error)
        })
      })
    const played = await playText(`${PLAY}    - {name: slow, command: x, timeout: 1}\n`, {
      hosts: 'a,',
      parts: { converge: slow },
    })
    expect(outcomeOn(played, 'slow').message).to.match(/failed to execute in the expected time frame \(1\)/)
  })

  it('shows nothing of a task with no_log, but registers it', async () => {
    const { converge } = fakeConverge({
      command: () => ({ changed: true, values: { stdout: 'hunter2' }, message: 'hunter2' }),
    })
    const played = await playText(
      `${PLAY}
    - {name: hidden, command: x, no_log: true, register: r}
    - {name: items, command: x, no_log: true, loop: [hunter2]}
    - {name: known, assert: {that: r.stdout == 'hunter2'}}
`,
      { hosts: 'a,', parts: { converge } },
    )
    const hidden = played.events.filter((event) => 'task' in event && event.task.name !== 'known')
    expect(JSON.stringify(hidden)).to.not.contain('hunter2')
    expect(outcomeOn(played, 'hidden').values['censored']).to.be.a('string')
    expect(played.end.exitCode).to.equal(0)
  })

  it('names items that are no texts as expressions show them, also what only the run can tell', async () => {
    const late = new Unknown('time of a')
    const { converge } = fakeConverge({
      command: () => ({ values: { files: [{ path: 'a', mtime: late }] } }),
    })
    const played = await playText(
      `${PLAY}\n    - {command: x, register: r}\n    - {debug: {msg: x}, loop: '{{ r.files + [[1, "b"]] }}'}\n`,
      { hosts: 'a,', parts: { converge } },
    )
    const items = played.events.flatMap((event) => (event.kind === 'item-result' ? [event.outcome.item] : []))
    expect(items).to.deep.equal(["{'path': 'a', 'mtime': 'known after the run: time of a'}", "[1, 'b']"])
  })

  it('never evaluates what came from a host again', async () => {
    const { converge } = fakeConverge({ command: () => ({ values: { stdout: '{{ 1 + 1 }}' } }) })
    const played = await playText(
      `${PLAY}
    - {command: x, register: r}
    - {name: shown, debug: {msg: '{{ r.stdout }}'}}
    - {set_fact: {copy: '{{ r.stdout }}'}}
    - {name: copied, debug: {msg: '{{ copy }} {{ item }}'}, loop: ['{{ r.stdout }}']}
    - {include_tasks: part.yml, loop: ['{{ r.stdout }}'], loop_control: {loop_var: given}}
`,
      {
        hosts: 'a,',
        parts: { converge },
        files: { 'part.yml': "- {name: included, debug: {msg: '{{ given }}'}}\n" },
      },
    )
    expect(outcomeOn(played, 'shown').values['msg']).to.equal('{{ 1 + 1 }}')
    const results = outcomeOn(played, 'copied').values['results'] as { msg: string }[]
    expect(results[0]!.msg).to.equal('{{ 1 + 1 }} {{ 1 + 1 }}')
    expect(outcomeOn(played, 'included').values['msg']).to.equal('{{ 1 + 1 }}')
  })

  describe('that is delegated', () => {
    it('runs on the other host with its connection, and keeps the variables of its own', async () => {
      const { converge, calls } = fakeConverge()
      const hosts =
        '[all]\na ansible_host=10.0.0.1 me=first\nb ansible_host=10.0.0.2 ansible_user=bob me=second\n'
      const connected: string[] = []
      await playText(
        `
- hosts: a
  gather_facts: false
  tasks:
    - {command: 'echo {{ me }}', delegate_to: b}
    - {command: 'echo {{ me }}', delegate_to: 192.0.2.9}
    - {command: 'echo {{ me }}', delegate_to: localhost}
`,
        {
          hosts,
          parts: {
            converge,
            connect: (settings) => {
              connected.push(`${settings.kind} ${settings.user ?? ''}@${settings.address}`)
              return { counts: { connections: 0, roundTrips: 0 }, close: async () => {} } as never
            },
          },
        },
      )
      expect(connected).to.deep.equal(['ssh bob@10.0.0.2', 'ssh @192.0.2.9', 'local @localhost'])
      expect(calls.map(({ target }) => target.name)).to.deep.equal(['b', '192.0.2.9', 'localhost'])
      expect(calls.map(({ call }) => call.params['cmd'])).to.deep.equal(Array(3).fill('echo first'))
    })
  })

  describe('in a dry run', () => {
    it('does not go through items that only the run can tell, in any kind of loop', async () => {
      const lines = new Unknown('lines of a command that was not run')
      const { converge } = fakeConverge({
        command: () => ({ changed: true, values: { stdout_lines: lines } }),
      })
      const loops = [
        "with_subelements: ['{{ r.results }}', stdout_lines]",
        "with_nested: ['{{ r.results[0].stdout_lines }}', [a]]",
        "with_together: [[a], '{{ r.results[0].stdout_lines }}']",
        "with_flattened: ['{{ r.results[0].stdout_lines }}', b]",
        "with_dict: '{{ r.results[0].stdout_lines }}'",
        "with_items: '{{ r.results[0].stdout_lines }}'",
      ]
      const played = await playText(
        `${PLAY}\n    - {command: x, register: r, loop: [1]}\n${loops.map((loop, i) => `    - {name: n${i}, ping: , ${loop}}\n`).join('')}`,
        { hosts: 'a,', parts: { converge }, settings: { checkMode: true } },
      )
      for (const [i, loop] of loops.entries())
        expect(outcomeOn(played, `n${i}`).status, loop).to.equal('undecided')
    })

    it('is undecided when its condition rests on a command that was not run', async () => {
      const unknown = new Unknown('stdout of a command that was not run')
      const { converge } = fakeConverge({ command: () => ({ changed: true, values: { stdout: unknown } }) })
      const played = await playText(
        `${PLAY}
    - {name: not run, command: x, register: r}
    - {name: condition, ping: , when: r.stdout == 'x', register: q}
    - {name: parameter, stat: {path: '{{ r.stdout }}'}, register: p}
    - {name: change, file: {path: '{{ r.stdout }}', state: absent}, notify: h}
    - {name: loop, ping: , loop: '{{ r.stdout.split() }}'}
    - {name: shown, debug: {msg: 'is {{ r.stdout }}'}}
    - {name: later, ping: , when: q.ping == 'pong' and p.stat.exists}
    - {name: certain, ping: , when: [false, r.stdout == 'x']}
  handlers:
    - {name: h, ping: }
`,
        { hosts: 'a,', parts: { converge }, settings: { checkMode: true } },
      )
      expect(outcomeOn(played, 'not run')).to.include({ status: 'changed', changed: true })
      expect(outcomeOn(played, 'condition')).to.include({ status: 'undecided', changed: false })
      expect(outcomeOn(played, 'condition').message).to.contain('stdout of a command that was not run')
      expect(outcomeOn(played, 'parameter')).to.include({ status: 'undecided', changed: false })
      expect(outcomeOn(played, 'change')).to.include({ status: 'undecided', changed: true })
      expect(outcomeOn(played, 'loop').status).to.equal('undecided')
      expect(outcomeOn(played, 'later')).to.include({ status: 'undecided', changed: false })
      expect(outcomeOn(played, 'certain').status).to.equal('skipped')
      expect(outcomeOn(played, 'h').status).to.equal('ok')
      const records = Object.fromEntries(played.end.tasks.map(({ task, status }) => [task, status]))
      expect(records).to.include({
        condition: 'skipped',
        parameter: 'ok',
        change: 'changed',
        later: 'skipped',
        loop: 'ok',
      })
      expect(played.end.hosts['a']).to.include({ failed: 0, changed: 2, skipped: 3 })
    })

    it('gives the call the mode the task asks for', async () => {
      const { converge, calls } = fakeConverge()
      const text = `${PLAY}    - {ping: }\n    - {ping: , check_mode: false, diff: true}\n`
      await playText(text, { hosts: 'a,', parts: { converge }, settings: { checkMode: true } })
      expect(calls.map(({ call }) => [call.checkMode, call.diff])).to.deep.equal([
        [true, false],
        [false, true],
      ])
    })
  })

  it('masks secrets in everything that is told', async () => {
    const { converge } = fakeConverge({
      command: () => ({ status: 'failed', message: 'wrong: topsecret', values: { stderr: 'topsecret' } }),
    })
    const played = await playText(`${PLAY}    - {name: fails, command: 'login topsecret'}\n`, {
      hosts: 'a,',
      parts: {
        converge,
        secrets: { add: () => undefined, mask: (text) => text.replaceAll('topsecret', '***') },
      },
    })
    expect(JSON.stringify(played.events)).to.not.contain('topsecret')
  })
})
