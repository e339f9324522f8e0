import { expect } from 'chai'
import { selected, tagsOf } from '../../../engine/play/tags.js'
import { cleanUp, loadTasks } from './playbooks.js'

const PLAYBOOK = `
- hosts: all
  tasks:
    - {name: plain, debug: }
    - {name: a, debug: , tags: a}
    - {name: always, debug: , tags: always}
    - {name: never, debug: , tags: [never, n]}
    - block:
        - {name: inner, debug: , tags: "b, c"}
      tags: a
`

describe('tags', () => {
  after(cleanUp)

  const chosen = async (tags: string[], skip: string[] = []): Promise<string> =>
    (await loadTasks(PLAYBOOK))
      .filter((task) => selected(task, tags, skip))
      .map((task) => task.name)
      .join(' ')

  // compared with ansible-playbook --list-tasks of ansible-core 2.14
  const cases: [string[], string[], string][] = [
    [[], [], 'plain a always inner'],
    [['all'], [], 'plain a always inner'],
    [['a'], [], 'a always inner'],
    [['b'], [], 'always inner'],
    [['n'], [], 'always never'],
    [['never'], [], 'always never'],
    [['tagged'], [], 'a always inner'],
    [['untagged'], [], 'plain always'],
    [[], ['a'], 'plain always'],
    [[], ['always'], 'plain a inner'],
    [[], ['tagged'], 'plain'],
    [[], ['untagged'], 'a always inner'],
    [[], ['all'], 'always'],
    [['a'], ['c'], 'a always'],
    [['all', 'n'], [], 'plain a always never inner'],
  ]
  for (const [tags, skip, expected] of cases) {
    it(`--tags ${tags.join() || '-'} --skip-tags ${skip.join() || '-'}`, async () => {
      expect(await chosen(tags, skip)).to.equal(expected)
    })
  }

  it('are inherited and each there once', async () => {
    const tasks = await loadTasks(PLAYBOOK.replace('hosts: all', 'hosts: all\n  tags: [a, p]'))
    expect(tagsOf(tasks.at(-1)!)).to.deep.equal(['a', 'p', 'b', 'c'])
  })

  it('may be templates of what is known before the run', async () => {
    const [task] = await loadTasks(
      '- hosts: all\n  vars: {t: [x, y]}\n  tasks: [{debug: , tags: ["{{ t }}", z, "{{ e }}"]}]',
      { extraVars: new Map([['e', 'extra']]) },
    )
    expect(task!.tags).to.deep.equal(['x', 'y', 'z', 'extra'])
  })
})
