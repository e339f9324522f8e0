import { expect } from 'chai'
import { isDict, toPlain } from '../../../engine/language/value.js'
import { inherit, inheritAll, nodeVars, notifiedBy, playOf } from '../../../engine/play/inherit.js'
import type { Task } from '../../../engine/play/play.js'
import { cleanUp, loadTask, loadTasks, refusedTask } from './playbooks.js'

function params(task: Task): unknown {
  return isDict(task.params) ? { ...(toPlain(task.params) as object) } : task.params
}

describe('a task', () => {
  after(cleanUp)

  describe("has its module's parameters in any of the forms that Ansible reads", () => {
    const cases: [string, string, unknown][] = [
      ['a dictionary', '- copy: {content: a, dest: /b}', { content: 'a', dest: '/b' }],
      ['key=value text', '- copy: content=a dest="/b c"', { content: 'a', dest: '/b c' }],
      ['text over several lines', '- copy: >\n    content=a\n    dest=/b', { content: 'a', dest: '/b' }],
      ['free-form text', '- command: ls -l a=b chdir=/x', { cmd: 'ls -l a=b', chdir: '/x' }],
      ['free-form text and args', '- command: ls\n  args: {chdir: /x}', { chdir: '/x', cmd: 'ls' }],
      ['args alone, which the module wins over', '- debug: msg=a\n  args: {msg: b, verbosity: 1}', { msg: 'a', verbosity: 1 }],
      ['nothing', '- debug:', {}],
      ['action as text', '- action: copy content=a dest=/b', { content: 'a', dest: '/b' }],
      ['action as a dictionary', '- action: {module: copy, content: a, dest: /b}', { content: 'a', dest: '/b' }],
      ['action as a dictionary with more text', '- action: {module: copy content=a, dest: /b}', { content: 'a', dest: '/b' }],
      ['action and args', '- action: command ls\n  args: {chdir: /x}', { chdir: '/x', cmd: 'ls' }],
      ['any key of an open module', '- set_fact: a=1 b=2', { a: '1', b: '2' }],
      ['a template', '- debug: "{{ all_of_it }}"', '{{ all_of_it }}'],
    ] // prettier-ignore
    for (const [what, yaml, expected] of cases) {
      it(what, async () => expect(params(await loadTask(yaml))).to.deep.equal(expected))
    }

    it('a template with parameters beside it', async () => {
      const task = await loadTask('- debug: "{{ all_of_it }} verbosity=1"')
      expect([task.params, toPlain(task.extraParams!)]).to.deep.equal(['{{ all_of_it }}', { verbosity: '1' }])
    })

    it('a template in args', async () => {
      const task = await loadTask('- command: ls\n  args: "{{ more }}"')
      expect([task.params, toPlain(task.extraParams!)]).to.deep.equal(['{{ more }}', { cmd: 'ls' }])
    })
  })

  it('may name the lookup of its loop with a collection', async () => {
    for (const name of ['items', 'ansible.builtin.items'])
      expect((await loadTask(`- debug:\n  with_${name}: [1]`)).loop?.lookup).to.equal('items')
  })

  it('may name its module with a collection', async () => {
    for (const name of ['ansible.builtin.debug', 'ansible.legacy.debug', 'community.general.debug']) {
      const task = await loadTask(`- ${name}: {msg: x}`)
      expect([task.module, task.action]).to.deep.equal(['debug', name])
    }
  })

  it('runs on the controller as local_action', async () => {
    const task = await loadTask('- local_action: command ls')
    expect([task.module, task.delegateTo?.value]).to.deep.equal(['command', 'localhost'])
  })

  it('loops by loop or a lookup', async () => {
    expect((await loadTask('- debug:\n  loop: [1]')).loop).to.deep.include({ lookup: undefined, value: [1] })
    const task = await loadTask(
      '- debug:\n  with_dict: "{{ d }}"\n  loop_control: {loop_var: it, label: "{{ it }}"}',
    )
    expect(task.loop).to.deep.include({ lookup: 'dict', value: '{{ d }}' })
    expect([task.loopControl.loopVar?.value, task.loopControl.label?.value]).to.deep.equal(['it', '{{ it }}'])
  })

  it('keeps conditions, lists and their places', async () => {
    const task = await loadTask('- debug:\n  when: [a, b]\n  until: c\n  changed_when: false\n  notify: []')
    expect(task.when.map(({ value, place }) => [value, place.line, place.column])).to.deep.equal([
      ['a', 4, 12],
      ['b', 4, 15],
    ])
    expect(task.until.map(({ value }) => value)).to.deep.equal(['c'])
    expect(task.changedWhen!.map(({ value }) => value)).to.deep.equal([false])
    expect(task.failedWhen).to.equal(undefined)
  })

  it('inherits from blocks and the play, the nearest first', async () => {
    const [task] = await loadTasks(`
- hosts: all
  become: true
  become_user: root
  environment: {A: 1}
  vars: {p: 1}
  handlers: [{name: h, debug: }]
  tasks:
    - block:
        - {debug: , when: c, environment: {B: 1}, vars: {t: 1}}
      when: [a, b]
      become_user: fate
      vars: {b: 1}
      notify: h
`)
    expect(inherit(task!, 'become')?.value).to.equal(true)
    expect(inherit(task!, 'becomeUser')?.value).to.equal('fate')
    expect(inherit(task!, 'port')).to.equal(undefined)
    expect(inheritAll(task!, 'when').map(({ value }) => value)).to.deep.equal(['a', 'b', 'c'])
    expect(inheritAll(task!, 'environment').map(({ value }) => toPlain(value))).to.deep.equal([
      { A: 1 },
      { B: 1 },
    ])
    expect(nodeVars(task!).map(toPlain)).to.deep.equal([{ b: 1 }, { t: 1 }])
    expect(notifiedBy(task!).map(({ value }) => value)).to.deep.equal(['h'])
    expect(playOf(task!).title).to.equal('all')
  })

  describe('is refused when', () => {
    const cases: [string, string, string][] = [
      ['it names no module', '- name: x', 'site.yml:3:5 task "x": the task names no module; add one, for example "debug:" (bad-keyword)'],
      ['it names two', '- debug:\n  copy:', 'site.yml:4:5: one task names the modules "debug" and "copy"; make a task of each; begin the second with "- " (bad-keyword)'],
      ['it names one that does not exist', '- copi: {}', 'site.yml:3:5: there is no module or keyword "copi"; did you mean "copy"? (unknown-module)'],
      ['action names one that does not exist', '- action: copi a=b', 'site.yml:3:13: there is no module "copi"; did you mean "copy"? (unknown-module)'],
      ['its module is a template', '- action: "{{ m }} a=b"', 'site.yml:3:14: the name of a module cannot be a template; write a task for each module, with "when" (unknown-module)'],
      ['a keyword is misspelt', '- debug:\n  whne: a', 'site.yml:4:5: a task has no keyword "whne"; did you mean "when"? (unknown-keyword)'],
      ['a keyword belongs to a play', '- debug:\n  serial: 1', 'site.yml:4:5: "serial" is a keyword of a play, not of a task (unknown-keyword)'],
      ['a parameter is not indented', '- debug:\n  msg: x', 'site.yml:4:5: a task has no keyword "msg"; it is a parameter of debug: write it below "debug:", two columns deeper (unknown-keyword)'],
      ['it is include', '- include: x.yml', 'site.yml:3:5: there is no module or keyword "include"; use include_tasks or import_tasks (unknown-module)'],
      ['it is text', '- debug', 'site.yml:3:5: a task is a dictionary, and this is "debug"; write "- name: …" and the module below it (bad-keyword)'],
      ['a keyword has a wrong value', '- debug:\n  become: perhaps', 'site.yml:4:13: "become" is "perhaps"; allowed: true or false (bad-keyword)'],
      ['register is no name', '- debug:\n  register: a-b', 'site.yml:4:15: "register" is "a-b"; allowed: the name of a variable (letters, digits and _, no digit first) (bad-keyword)'],
      ['register is a template', '- debug:\n  register: "{{ r }}"', 'site.yml:4:16: "register" cannot be a template; allowed: the name of a variable (letters, digits and _, no digit first) (bad-keyword)'],
      ['a variable has an impossible name', '- debug:\n  vars: {a-b: 1}', 'site.yml:4:12: "a-b" cannot be the name of a variable; allowed: letters, digits and _, no digit first, and no word of Python (bad-keyword)'],
      ['it loops twice', '- debug:\n  loop: [1]\n  with_items: [2]', 'site.yml:5:5: a task loops once, and has "loop" too; keep one (bad-keyword)'],
      ['loop is no list', '- debug:\n  loop: 5', 'site.yml:4:11: "loop" is 5; allowed: a list (bad-keyword)'],
      ['loop_control has an unknown word', '- debug:\n  loop: [1]\n  loop_control: {loopvar: x}', 'site.yml:5:20: loop_control has no "loopvar"; did you mean "loop_var"? (unknown-keyword)'],
      ['a quote is open', '- command: echo "a', 'site.yml:3:14: the quote " is not closed; write the parameters as a dictionary below the module (for a command: "cmd: …") (bad-param)'],
      ['text is no key=value', '- debug: hello', 'site.yml:3:12: debug takes no text, and "hello" is no key=value; write the parameters below "debug:", one a line (bad-param)'],
      ['parameters are a list', '- debug: [a]', 'site.yml:3:12: the parameters of debug are a list; allowed: a dictionary, or key=value text (bad-param)'],
      ['Ansible knows a keyword that fplay does not do', '- debug:\n  debugger: always', 'site.yml:4:5: "debugger": there is no debugger; leave it out; --step asks before each task (bad-keyword)'],
      ['rescue stands beside a module', '- debug:\n  rescue: []', 'site.yml:4:5: "rescue" is a keyword of a block, not of a task; put the tasks before it below "block:" (unknown-keyword)'],
      ['a keyword does nothing at an include', '- include_tasks: x.yml\n  when: x\n  become: true', 'site.yml:5:5: "become" does nothing at include_tasks; give it to the included tasks: "apply: { … }" among the parameters (bad-keyword)'],
      ['module_defaults names no module', '- debug:\n  module_defaults: {copi: {}}', 'site.yml:4:23: there is no module "copi"; did you mean "copy"? (unknown-module)'],
      ['meta does not know the word', '- meta: end_plya', 'site.yml:3:11: meta: "action" is "end_plya"; did you mean "end_play"? (bad-param)'],
    ] // prettier-ignore
    for (const [what, yaml, expected] of cases) {
      it(what, async () => expect((await refusedTask(yaml)).split('\n')[0]).to.equal(expected))
    }
  })
})
