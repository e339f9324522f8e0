import { expect } from 'chai'
import { toPlain } from '../../../engine/language/value.js'
import { inheritAll } from '../../../engine/play/inherit.js'
import { taskName, tasksIn } from '../../../engine/play/names.js'
import type { Play, Task } from '../../../engine/play/play.js'
import { tagsOf } from '../../../engine/play/tags.js'
import { cleanUp, loadPlay, loadTasks, refusals, write } from './playbooks.js'

const ROLES = {
  'roles/web/meta/main.yml': 'dependencies: [{role: base, level: 3, when: d}]',
  'roles/web/defaults/main.yml': 'port: 80',
  'roles/web/vars/main.yml': 'name: web',
  'roles/web/vars/other.yml': 'name: other',
  'roles/web/tasks/main.yml': '- {name: Install, debug: }\n- import_tasks: more.yml',
  'roles/web/tasks/more.yml': '- {name: More, debug: }',
  'roles/web/tasks/stop.yaml': '- {name: Stop, debug: }',
  'roles/web/handlers/main.yml': '- {name: restart, debug: }',
  'roles/base/tasks/main.yml': '- {name: Base, debug: }',
  'roles/base/handlers/main.yml': '- {name: reload, debug: , listen: web}',
}

const plain = (value: Parameters<typeof toPlain>[0]): object => ({ ...(toPlain(value) as object) })
const withRoles = (site: string): Record<string, string> => ({ ...ROLES, 'site.yml': site })
const all = (play: Play): Task[] => play.sections.flatMap((nodes) => nodes.flatMap(tasksIn))

describe('roles', () => {
  after(cleanUp)

  it('run their dependencies first, then their tasks, each closed by role_complete', async () => {
    const play = await loadPlay(withRoles('- hosts: all\n  roles: [web]'))
    const shown = all(play).map((task) => (task.implicit ? `(${task.role?.name})` : taskName(task)))
    expect(shown).to.deep.equal(['base : Base', '(base)', 'web : Install', 'web : More', '(web)'])
    expect(play.roles.map((role) => role.name)).to.deep.equal(['web'])
    expect(play.roles[0]!.dependencies.map((role) => role.name)).to.deep.equal(['base'])
  })

  it('hand the keywords of their entry to their tasks and dependencies', async () => {
    const tasks = await loadTasks(
      withRoles('- hosts: all\n  roles: [{role: web, when: w, tags: t, become: yes}]'),
    )
    expect(tasks.map((task) => inheritAll(task, 'when').map(({ value }) => value))).to.deep.equal([['w', 'd'], ['w'], ['w']]) // prettier-ignore
    expect(tagsOf(tasks[0]!)).to.deep.equal(['t'])
    expect(tasks[0]!.role?.parents.map((role) => role.name)).to.deep.equal(['web'])
  })

  it('have defaults, vars, vars of the entry and parameters', async () => {
    const play = await loadPlay(withRoles('- hosts: all\n  roles: [{role: web, size: 81, vars: {x: 1}}]'))
    const [role] = play.roles
    expect([role!.defaults, role!.vars, role!.entryVars, role!.params].map(plain)).to.deep.equal([
      { port: 80 },
      { name: 'web' },
      { x: 1 },
      { size: 81 },
    ])
    expect(plain(role!.dependencies[0]!.params)).to.deep.equal({ level: 3 })
  })

  it('read folders of vars', async () => {
    const files = {
      'roles/r/vars/main/a.yml': 'a: 1',
      'roles/r/vars/main/b/c.yaml': 'b: 2',
      'roles/r/tasks/main.yml': '',
    }
    const play = await loadPlay({ ...files, 'site.yml': '- hosts: all\n  roles: [r]' })
    expect(plain(play.roles[0]!.vars)).to.deep.equal({ a: 1, b: 2 })
  })

  it('have one identity for equal applications and others for different ones', async () => {
    const play = await loadPlay(
      withRoles(
        '- hosts: all\n  roles: [base, base, {role: base, x: 1}, {role: base, when: w}, {role: base, vars: {v: 1}}]',
      ),
    )
    expect(new Set(play.roles.map((role) => role.identity)).size).to.equal(4)
    expect(play.roles[0]!.identity).to.equal(play.roles[1]!.identity)
    expect(play.roles[0]!.allowDuplicates).to.equal(false)
    expect(
      play.handlers.map(({ name }) => name),
      'the handlers of an identity are there once',
    ).to.have.length(4)
  })

  it('bring their handlers before those of the play, imported ones last', async () => {
    const play = await loadPlay({
      ...ROLES,
      'h.yml': '- {name: imported, debug: }',
      'site.yml': `
- hosts: all
  roles: [base]
  tasks: [{import_role: {name: web}}, {debug: , notify: ["web : restart", web, own]}]
  handlers: [{name: own, debug: }, {import_tasks: h.yml}]
`,
    })
    expect(play.handlers.map(taskName)).to.deep.equal([
      'base : reload',
      'own',
      'imported',
      'base : reload',
      'web : restart',
    ])
    expect(play.handlers.every((handler) => handler.handler)).to.equal(true)
  })

  it('are imported with other files, and see the variables of the import', async () => {
    const tasks = await loadTasks(
      withRoles(
        '- hosts: all\n  tasks: [{import_role: {name: web, tasks_from: stop, vars_from: other}, vars: {v: 1}, when: i}]',
      ),
    )
    expect(tasks.map(taskName)).to.deep.equal(['base : Base', 'web : Stop'])
    const role = tasks[1]!.role!
    expect([plain(role.vars), plain(role.entryVars), role.allowDuplicates]).to.deep.equal([
      { name: 'other' },
      { v: 1 },
      true,
    ])
    expect(inheritAll(tasks[1]!, 'when').map(({ value }) => value)).to.deep.equal(['i'])
  })

  it('are found on the roles path, beside the playbook, and beside the role that depends on them', async () => {
    const path = write({
      'far/tasks/main.yml': '- {name: Far, debug: }',
      'far/meta/main.yml': 'dependencies: [near]',
      'near/tasks/main.yml': '- {name: Near, debug: }',
    })
    const files = {
      'site.yml': '- hosts: all\n  roles: [far, here]',
      'here/tasks/main.yml': '- {name: Here, debug: }',
    }
    const tasks = await loadTasks(files, { rolesPath: [path] })
    expect(tasks.map(taskName)).to.deep.equal(['near : Near', 'far : Far', 'here : Here'])
  })

  it('check their arguments before their own tasks', async () => {
    const specs = {
      'roles/base/meta/argument_specs.yml':
        'argument_specs: {main: {short_description: Basics, options: {level: {type: int}}}}',
    }
    const tasks = await loadTasks({
      ...ROLES,
      ...specs,
      'site.yml': '- hosts: all\n  roles: [{role: base, level: 1}]',
    })
    expect(tasks.map(taskName)[0]).to.equal("base : Validating arguments against arg spec 'main' - Basics")
    expect(tasks[0]!.module).to.equal('validate_argument_spec')
    expect(tagsOf(tasks[0]!)).to.deep.equal(['always'])
  })

  const refused: [string, string, string][] = [
    ['one that does not exist', 'roles: [wbe]', 'site.yml:2:11: there is no role "wbe"; did you mean "web"?'],
    ['an entry without a name', 'roles: [{x: 1}]', 'site.yml:2:11: an entry of roles names no role: a dictionary; write "- role: NAME" (bad-keyword)'],
    ['a file it does not have', 'tasks: [{import_role: {name: web, tasks_from: stpo}}]', 'site.yml:2:32: the role web has no file tasks/stpo; did you mean "stop"? (file-not-found)'],
    ['an unknown parameter of import_role', 'tasks: [{import_role: {name: web, taks_from: x}}]', 'site.yml:2:37: import_role has no parameter "taks_from"; did you mean "tasks_from"? (unknown-param)'],
    ['one as a handler', 'handlers: [{import_role: {name: web}}]', 'site.yml:2:15: import_role cannot be a handler; use include_tasks, or the role\'s own handlers (bad-keyword)'],
  ] // prettier-ignore
  for (const [what, line, expected] of refused) {
    it(`refuse ${what}`, async () => {
      expect((await refusals(withRoles(`- hosts: all\n  ${line}`)))[0]).to.include(expected)
    })
  }

  it('refuse to depend on each other in a circle', async () => {
    const files = {
      'site.yml': '- hosts: all\n  roles: [a]',
      'roles/a/meta/main.yml': 'dependencies: [b]',
      'roles/b/meta/main.yml': 'dependencies: [a]',
    }
    expect((await refusals(files))[0]).to.equal(
      'roles/b/meta/main.yml:1:16: roles depend on each other in a circle: a -> b -> a (bad-keyword)',
    )
  })
})
