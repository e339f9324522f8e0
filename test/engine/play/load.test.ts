import { expect } from 'chai'
import type { FplayError } from '../../../engine/errors.js'
import { toPlain } from '../../../engine/language/value.js'
import { inheritAll } from '../../../engine/play/inherit.js'
import { loadPlaybook } from '../../../engine/play/load.js'
import { findStart, matchesTask, taskName, tasksIn } from '../../../engine/play/names.js'
import type { Play } from '../../../engine/play/play.js'
import { tagsOf } from '../../../engine/play/tags.js'
import { cleanUp, load, loadPlay, loadTasks, options, refusals, write } from './playbooks.js'

const names = (play: Play): string[] =>
  play.sections
    .flatMap((nodes) => nodes.flatMap(tasksIn))
    .map((task) => (task.implicit ? '.' : taskName(task)))

describe('loadPlaybook', () => {
  after(cleanUp)

  it('puts the sections of a play in order', async () => {
    const play = await loadPlay({
      'site.yml':
        '- hosts: [a, b]\n  post_tasks: [{name: 4, debug: }]\n  tasks: [{name: 3, debug: }]\n  roles: [r]\n  pre_tasks: [{name: 1, debug: }]',
      'roles/r/tasks/main.yml': '- {name: 2, debug: }',
    })
    expect(play.title).to.equal('a,b')
    expect(play.sections.map((nodes) => nodes.flatMap(tasksIn).length)).to.deep.equal([1, 3, 1])
    expect(names(play)).to.deep.equal(['1', 'r : 2', '.', '3', '4'])
  })

  it('keeps what a play says of itself', async () => {
    const play = await loadPlay(`
- hosts: all
  user: me
  serial: [1, "50%"]
  order: sorted
  vars_prompt: [{name: x, private: no}]
  vars: {a: 1}
  gather_facts: no
`)
    expect(play.remoteUser?.value).to.equal('me')
    expect(play.serial?.value).to.deep.equal([1, '50%'])
    expect(play.varsPrompt[0]).to.deep.include({ name: 'x', prompt: 'x', private: false, confirm: false })
    expect(play.gatherFacts?.value).to.equal(false)
  })

  describe('import_tasks', () => {
    it('puts the tasks of a file in its place, with its keywords, at any depth', async () => {
      const tasks = await loadTasks({
        'site.yml':
          '- hosts: all\n  vars: {d: tasks}\n  tasks:\n    - import_tasks: "{{ d }}/a.yml"\n      when: x\n      tags: t',
        'tasks/a.yml': '- block:\n    - import_tasks: b.yml\n  when: y',
        'tasks/b.yml': '- {name: in b, debug: , when: z}',
      })
      expect(tasks.map(taskName)).to.deep.equal(['in b'])
      expect(inheritAll(tasks[0]!, 'when').map(({ value }) => value)).to.deep.equal(['x', 'y', 'z'])
      expect(tagsOf(tasks[0]!)).to.deep.equal(['t'])
    })

    const refused: [string, Record<string, string>, string][] = [
      [
        'a file that is not there',
        {},
        'there is no file of tasks "a.yml"; looked for a.yml (file-not-found)',
      ],
      ['a circle', { 'a.yml': '- import_tasks: a.yml' }, 'a.yml imports itself, without end (bad-keyword)'],
      [
        'a file that is no list',
        { 'a.yml': 'debug: x' },
        'a file of tasks is a list, and this is a dictionary',
      ],
    ]
    for (const [what, files, expected] of refused) {
      it(`refuses ${what}`, async () => {
        const site = '- hosts: all\n  tasks:\n    - import_tasks: a.yml'
        expect((await refusals({ 'site.yml': site, ...files }))[0]).to.include(expected)
      })
    }

    it('refuses a name only a host knows', async () => {
      const found = await refusals('- hosts: all\n  tasks:\n    - import_tasks: "{{ distro }}.yml"')
      expect(found[0]).to.match(/^site\.yml:3:\d+.*distro.*\(undefined-name\)$/)
    })

    it('refuses a loop', async () => {
      const found = await refusals('- hosts: all\n  tasks:\n    - import_tasks: a.yml\n      loop: [1]')
      expect(found.join('\n')).to.include(
        'import_tasks happens before the run and has no "loop"; use include_tasks',
      )
    })
  })

  describe('import_playbook', () => {
    it('brings the plays of a file with its vars, tags and conditions', async () => {
      const { plays } = await load({
        'site.yml': '- import_playbook: sub/other.yml\n  vars: {a: 1}\n  tags: t\n  when: x\n- hosts: last',
        'sub/other.yml': '- hosts: first\n  vars: {a: 0, b: 0}\n  tasks: [{import_tasks: tasks.yml}]',
        'sub/tasks.yml': '- debug:',
      })
      expect(plays.map((play) => play.title)).to.deep.equal(['first', 'last'])
      expect({ ...(toPlain(plays[0]!.vars!) as object) }).to.deep.equal({ a: 1, b: 0 })
      expect(plays[0]!.tags).to.deep.equal(['t'])
      expect(plays[0]!.when.map(({ value }) => value)).to.deep.equal(['x'])
      expect(plays[0]!.file).to.match(/sub\/other\.yml$/)
    })

    it('refuses a file that is not there, a circle and a keyword that would do nothing', async () => {
      expect((await refusals('- import_playbook: no.yml'))[0]).to.equal(
        'site.yml:1:20: there is no playbook "no.yml" (file-not-found)',
      )
      expect((await refusals('- import_playbook: site.yml'))[0]).to.include('imports itself')
      expect((await refusals('- import_playbook: no.yml\n  become: true'))[1]).to.include(
        'not of import_playbook',
      )
    })
  })

  describe('static checks', () => {
    it('tell all problems together, in the order of the file, each with its place', async () => {
      expect(
        await refusals(`
- hosts: all
  vars: {a: "{{ x | nofilter }}"}
  handlers: [{name: restart, debug: }]
  tasks:
    - name: one
      copy: {content: a, dest: /x, state: gone, mode: "{{ m }}"}
      when: a ==
    - debug: {msg: "{{ x", verbosity: "{{ v }}"}
      notify: restrat
    - debug: {var: a b}
`),
      ).to.deep.equal([
        'site.yml:3:21: there is no filter "nofilter" (unknown-filter)',
        'site.yml:7:43 task "one": copy: "state" is "gone"; allowed: absent, file (bad-param)',
        'site.yml:8:17 task "one": the expression ends too early; expected a value (template-syntax)',
        'site.yml:9:21: the template ends before "}}" (template-syntax)',
        'site.yml:10:15: there is no handler "restrat"; did you mean "restart"? (unknown-handler)',
        'site.yml:11:22: unexpected "b"; expected the end of the expression (template-syntax)',
      ])
    })

    it('blame a missing role once, not for its handlers too', async () => {
      const site = '- hosts: all\n  roles: [web]\n  tasks: [{debug: , notify: restart web}]'
      const found = await refusals(site)
      expect(found).to.have.length(1)
      expect(found[0]).to.include('there is no role "web"')
    })

    it('stop at twenty and say how many follow', async () => {
      const found = await refusals(`- hosts: all\n  tasks:\n${'    - nothing_like_it: x\n'.repeat(25)}`)
      expect(found).to.have.length(20)
      expect(found[19]).to.include('5 more problems follow')
    })

    it('do not ask for parameters that module_defaults give', async () => {
      const site =
        '- hosts: all\n  module_defaults: {ansible.builtin.copy: {dest: /x}}\n  tasks: [{copy: {content: a}}]'
      expect(await refusals(site)).to.deep.equal([])
      expect((await refusals(site.replace('dest: /x', 'dset: /x')))[0]).to.include(
        'copy has no parameter "dset"',
      )
    })

    const files = (task: string): string => `- hosts: all\n  tasks:\n    - ${task}`
    it('miss a relative file that a task surely needs', async () => {
      const found = await refusals(files('copy: {src: no.txt, dest: /x}'))
      expect(found[0]).to.equal(
        'site.yml:3:19: there is no file "no.txt"; looked for files/no.txt, no.txt (file-not-found)',
      )
      const there = { 'site.yml': files('copy: {src: yes.txt, dest: /x}'), 'files/yes.txt': '' }
      expect(await refusals(there)).to.deep.equal([])
    })
    for (const task of [
      'copy: {src: /made/before.txt, dest: /x}',
      'copy: {src: no.txt, dest: /x, remote_src: yes}',
      'copy: {src: "{{ x }}.txt", dest: /x}',
      '{copy: {src: no.txt, dest: /x}, when: x}',
      '{copy: {src: no.txt, dest: /x}, ignore_errors: yes}',
      '{block: [{copy: {src: no.txt, dest: /x}}], rescue: [{debug: }]}',
      '{copy: {src: no.txt, dest: /x}, tags: never}',
    ]) {
      it(`do not miss the file of ${task}`, async () => expect(await refusals(files(task))).to.deep.equal([]))
    }

    it('miss files of vars_files, unless one of several is there', async () => {
      const site = (value: string): string => `- hosts: all\n  vars_files:\n    - ${value}`
      expect((await refusals(site('no.yml')))[0]).to.equal(
        'site.yml:3:7: there is no file with variables "no.yml"; looked for no.yml (file-not-found)',
      )
      expect(await refusals({ 'site.yml': site('[no.yml, yes.yml]'), 'yes.yml': 'a: 1' })).to.deep.equal([])
      expect(await refusals(site('"{{ os }}.yml"'))).to.deep.equal([])
      expect((await refusals({ 'site.yml': site('l.yml'), 'l.yml': '- a' }))[0]).to.include('has a list')
    })

    it('leave unsafe text alone', async () => {
      expect(await refusals(files('debug: {msg: !unsafe "{{ x"}'))).to.deep.equal([])
    })
  })

  const mistakes: [string, string, string][] = [
    ['an empty playbook', '', 'site.yml:1:1: a playbook is a list of plays, and this is nothing; begin each play with "- hosts: …" (bad-keyword)'],
    ['a playbook that is no list', 'hosts: all', 'site.yml:1:1: a playbook is a list of plays, and this is a dictionary; begin each play with "- hosts: …" (bad-keyword)'],
    ['a play without hosts', '- name: x', 'site.yml:1:3: the play has no hosts; add "hosts:" with a pattern (bad-keyword)'],
    ['a play with empty hosts', '- hosts: []', 'site.yml:1:3: the play has no hosts; add "hosts:" with a pattern (bad-keyword)'],
    ['a task among plays', '- debug:', 'site.yml:1:3: a play has no keyword "debug"; put the task below "tasks:" of a play with "hosts:" (unknown-keyword)'],
    ['a misspelt keyword of a play', '- hosts: all\n  taks: []', 'site.yml:2:3: a play has no keyword "taks"; did you mean "tasks"? (unknown-keyword)'],
    ['tasks that are no list', '- hosts: all\n  tasks: {debug: }', 'site.yml:2:10: "tasks" is a dictionary; allowed: a list of tasks (bad-keyword)'],
    ['a strategy that does not exist', '- hosts: all\n  strategy: fast', 'site.yml:2:13: "strategy" is "fast"; allowed: linear, free or host_pinned (bad-keyword)'],
    ['a prompt without name', '- hosts: all\n  vars_prompt: [{prompt: x}]', 'site.yml:2:18: vars_prompt has no "name" (bad-keyword)'],
    ['a prompt with an unknown word', '- hosts: all\n  vars_prompt: [{name: x, secret: yes}]', 'site.yml:2:27: vars_prompt has no "secret"; allowed: confirm, default, encrypt, name, private, prompt, salt, salt_size, unsafe (unknown-keyword)'],
    ['a block as a handler', '- hosts: all\n  handlers: [{block: []}]', 'site.yml:2:14: a handler cannot be a block; list its tasks; give them a common topic with "listen" (bad-keyword)'],
    ['an unknown keyword of a block', '- hosts: all\n  tasks: [{block: [], loop: []}]', 'site.yml:2:23: "loop" is a keyword of a task, a handler, not of a block (unknown-keyword)'],
    ['a group of modules', '- hosts: all\n  module_defaults: {group/docker: {}}', 'site.yml:2:21: "group/docker": groups of modules are not supported in module_defaults; name each module (bad-keyword)'],
  ] // prettier-ignore
  for (const [what, yaml, expected] of mistakes) {
    it(`refuses ${what}`, async () => expect((await refusals(yaml))[0]).to.equal(expected))
  }

  it('refuses a playbook that is not there', async () => {
    const error: unknown = await loadPlaybook('/nowhere.yml', options()).catch((thrown: unknown) => thrown)
    expect((error as FplayError).message).to.equal('there is no playbook /nowhere.yml (file-not-found)')
  })

  it('warns of duplicate keys and of files without tasks', async () => {
    const { warnings } = await load({
      'site.yml': '- hosts: all\n  hosts: all\n  tasks: [{import_tasks: empty.yml}]',
      'empty.yml': '---\n',
    })
    expect(warnings.map(({ message }) => message)).to.have.length(2)
    expect(warnings[1]!.message).to.equal('the file has no tasks')
  })

  it('finds the task to start at, by name, with its role, and by pattern', async () => {
    const { plays } = await load({
      'site.yml': '- hosts: a\n  tasks: [{debug: }]\n- hosts: b\n  roles: [r]',
      'roles/r/tasks/main.yml': '- {name: Start it, debug: }',
    })
    const tasks = await loadTasks('- hosts: a\n  tasks: [{name: "a.b", debug: }]')
    expect(findStart(plays, 'Start it')?.play.title).to.equal('b')
    expect(findStart(plays, 'r : Start it')?.task.name).to.equal('Start it')
    expect(findStart(plays, 'r : St*[i]?')?.task.name).to.equal('Start it')
    expect(findStart(plays, 'start it')).to.equal(undefined)
    expect([matchesTask(tasks[0]!, 'a?b'), matchesTask(tasks[0]!, 'a.?'), matchesTask(tasks[0]!, 'aXb')]).to.deep.equal([true, true, false]) // prettier-ignore
  })

  it('loads 2,000 tasks in under a second of processor time', async () => {
    const task = (n: number): string =>
      `    - name: Task ${n}\n      copy: {content: "{{ x }} ${n}", dest: /x/${n}, mode: "0644"}\n      when: x is defined and x != ${n}\n      tags: [t${n}]\n`
    const folder = write({
      'site.yml': `- hosts: all\n  tasks:\n${Array.from({ length: 2000 }, (_, n) => task(n)).join('')}`,
    })
    const warm = options()
    // the first run pays for compiling what it runs
    await loadPlaybook(`${folder}/site.yml`, warm)
    const started = process.cpuUsage()
    const { plays } = await loadPlaybook(`${folder}/site.yml`, warm)
    const { user, system } = process.cpuUsage(started)
    expect(plays[0]!.sections[1]).to.have.length(2000)
    expect((user + system) / 1e6).to.be.lessThan(1)
  })
})
