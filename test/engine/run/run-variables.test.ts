import { expect } from 'chai'
import { outcomeOn, playText } from './playing.js'

describe('variables of a run', () => {
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
      /Could not find or access 'nowhere.yml'.*looked for .*vars\/nowhere.yml/,
    )
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
