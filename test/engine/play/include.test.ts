import { expect } from 'chai'
import { join } from 'node:path'
import { inherit, inheritAll, includeParams } from '../../../engine/play/inherit.js'
import { createIncluder } from '../../../engine/play/includer.js'
import { loadPlaybook } from '../../../engine/play/load.js'
import { taskName, tasksIn } from '../../../engine/play/names.js'
import { tagsOf } from '../../../engine/play/tags.js'
import { toPlain } from '../../../engine/language/value.js'
import { cleanUp, options, refusals, write } from './playbooks.js'
import { rejectionOf } from '../../support/refusals.js'

/** Loads a playbook whose first play begins with an include, and what that includes. */
async function include(files: Record<string, string>, params: Record<string, unknown>, item?: string) {
  const folder = write(files)
  const { plays } = await loadPlaybook(join(folder, 'site.yml'), options())
  const [task] = plays[0]!.sections[1]!.flatMap(tasksIn)
  const vars = item === undefined ? undefined : new Map([['item', item]])
  return createIncluder(options()).load(task!, params, plays[0]!, vars)
}

async function refusal(work: Promise<unknown>): Promise<string> {
  return (await rejectionOf(work)).message.replace(/\S*\/fplay-play-[^/]*\//g, '')
}

const SITE = (entry: string): string => `
- hosts: all
  become: true
  tasks:
    - block:
        - ${entry}
      when: outer
      tags: t
`

describe('a dynamic include', () => {
  after(cleanUp)

  it('stays a task of the plan, and hands down its variables but not its own keywords', async () => {
    const site = SITE(
      '{include_tasks: "{{ f }}.yml", when: own, vars: {a: 1}, tags: mine, ignore_errors: yes}',
    )
    const { block } = await include(
      { 'site.yml': site, 'x.yml': '- {name: In, debug: }' },
      { file: 'x.yml' },
      'i',
    )
    const [task] = tasksIn(block)
    expect(taskName(task!)).to.equal('In')
    expect(inheritAll(task!, 'when').map(({ value }) => value)).to.deep.equal(['outer'])
    expect(tagsOf(task!)).to.deep.equal(['t'])
    expect(inherit(task!, 'ignoreErrors')).to.equal(undefined)
    expect(inherit(task!, 'become')?.value).to.equal(true)
    expect(includeParams(task!).map((vars) => ({ ...(toPlain(vars) as object) }))).to.deep.equal([
      { a: 1 },
      { item: 'i' },
    ])
  })

  it('hands down what apply says', async () => {
    const site = SITE('{include_tasks: {file: "{{ f }}", apply: {tags: [x], become_user: fate}}}')
    const apply = new Map<string, unknown>([
      ['tags', ['x']],
      ['become_user', 'fate'],
    ])
    const { block } = await include({ 'site.yml': site, 'x.yml': '- debug:' }, { file: 'x.yml', apply })
    const [task] = tasksIn(block)
    expect(tagsOf(task!)).to.deep.equal(['t', 'x'])
    expect(inherit(task!, 'becomeUser')?.value).to.equal('fate')
  })

  it('brings a role with its handlers', async () => {
    const { block, shown, handlers } = await include(
      {
        'site.yml': SITE('{include_role: {name: "{{ r }}"}}'),
        'roles/web/tasks/main.yml': '- {name: In, debug: }',
        'roles/web/handlers/main.yml': '- {name: restart, debug: }',
      },
      { name: 'web', allow_duplicates: true, public: true },
    )
    expect(shown.map(({ name }) => name)).to.deep.equal(['web'])
    expect(
      tasksIn(block)
        .filter((task) => !task.implicit)
        .map(taskName),
    ).to.deep.equal(['web : In'])
    expect(handlers.map(taskName)).to.deep.equal(['web : restart'])
  })

  it('of a handler finds tasks of its role, too', async () => {
    const role = {
      'site.yml': '- {hosts: all, roles: [web]}',
      'roles/web/handlers/main.yml': '- {name: clean, import_tasks: clean.yml}',
      'roles/web/tasks/main.yml': '- {debug: , notify: In}',
    }
    expect(await refusals({ ...role, 'roles/web/tasks/clean.yml': '- {name: In, debug: }' })).to.deep.equal(
      [],
    )
    expect((await refusals(role))[0]).to.include('there is no file of tasks "clean.yml"')
  })

  it('is checked as a playbook is, before anything of it runs', async () => {
    const site = { 'site.yml': SITE('{include_tasks: "{{ f }}"}'), 'x.yml': '- copy: {dst: /x}\n- copi: {}' }
    expect((await refusal(include(site, { file: 'x.yml' }))).split('\n')).to.deep.equal([
      'x.yml:1:3: copy needs the parameter "dest"; give it: Where it goes (missing-param)',
      'x.yml:1:3: copy: one of "src", "content" is needed (missing-param)',
      'x.yml:1:10: copy has no parameter "dst"; did you mean "dest"? (unknown-param)',
      'x.yml:2:3: there is no module or keyword "copi"; did you mean "copy"? (unknown-module)',
    ])
    expect(await refusal(include(site, { file: 'y.yml' }))).to.include('there is no file of tasks "y.yml"')
  })

  describe('with a literal name', () => {
    const site = (entry: string): string =>
      `- hosts: all\n  tasks:\n    - ${entry}\n    - {debug: , notify: restart}`
    const role = { 'roles/web/handlers/main.yml': '- {name: restart, debug: }' }

    it('is looked into before the run when it surely runs', async () => {
      expect((await refusals(site('include_tasks: no.yml')))[0]).to.include(
        'there is no file of tasks "no.yml"',
      )
      const found = await refusals({ 'site.yml': site('include_tasks: x.yml'), 'x.yml': '- copi:' })
      expect(found[0]).to.include('x.yml:1:3: there is no module or keyword "copi"')
    })

    it('is not asked for when it may never run', async () => {
      const entry = site('{include_tasks: no.yml, when: x}')
      expect(await refusals(entry)).to.deep.equal([])
      expect(await refusals({ 'site.yml': entry, 'no.yml': '- copi:' })).to.deep.equal([])
    })

    it('counts with its handlers', async () => {
      expect(await refusals({ ...role, 'site.yml': site('include_role: {name: web}') })).to.deep.equal([])
      expect(
        await refusals({ ...role, 'site.yml': site('{include_role: {name: web}, when: x}') }),
      ).to.deep.equal([])
      expect((await refusals({ ...role, 'site.yml': site('debug:') }))[0]).to.include(
        'there is no handler "restart"',
      )
    })

    it('that is a template may bring any handler', async () => {
      expect(await refusals(site('include_role: {name: "{{ r }}"}'))).to.deep.equal([])
    })

    it('may include itself under a condition', async () => {
      const files = {
        'site.yml': site('include_tasks: x.yml').replace('restart', '[]'),
        'x.yml': '- include_tasks: x.yml\n  when: n > 0',
      }
      expect(await refusals(files)).to.deep.equal([])
    })
  })
})
