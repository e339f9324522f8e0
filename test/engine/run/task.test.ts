import { expect } from 'chai'
import type { Dict, Value } from '../../../engine/language/value.js'
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

  it('evaluates nothing twice: not what a host printed, given to add_host', async () => {
    const vars: Dict = new Map<string, Value>([
      ['told', '{{ 7 * 7 }}'],
      ['list', ['{{ 7 * 7 }}']],
    ])
    const { converge } = fakeConverge({
      add_host: () => ({ status: 'ok', addHost: { name: 'new', groups: [], vars } }),
    })
    const when = 'hostvars.new.told is search("7 [*]") and hostvars.new.list[0] == hostvars.new.told'
    const tasks = `    - {add_host: {name: new}}\n    - {name: look, ping: , when: '${when}'}\n`
    const played = await playText(PLAY + tasks, { hosts: 'a,', parts: { converge } })
    expect(outcomeOn(played, 'look').status).to.equal('ok')
  })
})
