import { expect } from 'chai'
import { formatListing, listPlays } from '../../../engine/play/listing.js'
import { cleanUp, load } from './playbooks.js'

const FILES = {
  'site.yml': `
- name: First
  hosts: all
  tags: [p]
  roles: [{role: web, tags: w}]
  tasks:
    - {import_tasks: sub.yml, tags: imp}
    - block:
        - ansible.builtin.command: ls
      rescue:
        - {name: not listed, debug: }
    - meta: flush_handlers
    - {include_tasks: other.yml, when: x}
    - {include_role: {name: web}}
  handlers: [{name: h, debug: }]
- hosts: [a, b]
  tasks: [{name: last, debug: , tags: never}]
`,
  'sub.yml': '- debug:',
  'roles/web/tasks/main.yml': '- {name: Web task, debug: }\n- debug:',
}

// what ansible-playbook of ansible-core 2.14 prints for these files
const PRINTED = `
playbook: site.yml

  play #1 (all): First\tTAGS: [p]
    pattern: ['all']
    hosts (1):
      h1
    tasks:
      web : Web task\tTAGS: [p, w]
      debug\tTAGS: [p, w]
      debug\tTAGS: [imp, p]
      ansible.builtin.command\tTAGS: [p]
      meta\tTAGS: [p]
      include_tasks\tTAGS: [p]
      include_role\tTAGS: [p]
      TASK TAGS: [imp, p, w]

  play #2 (a,b): a,b\tTAGS: []
    pattern: ['a', 'b']
    hosts (0):
    tasks:
      TASK TAGS: []
`

describe('formatListing', () => {
  after(cleanUp)

  it('prints as ansible-playbook does', async () => {
    const { plays } = await load(FILES)
    const hosts = ({ number }: { number: number }): string[] => (number === 1 ? ['h1'] : [])
    expect(formatListing('site.yml', listPlays(plays, [], []), { tasks: true, tags: true, hosts })).to.equal(
      PRINTED,
    )
  })

  it('lists what tags choose', async () => {
    const { plays } = await load(FILES)
    const listed = listPlays(plays, ['imp', 'never'], [])
    expect(listed.map(({ tasks }) => tasks.map(({ name }) => name))).to.deep.equal([['debug'], ['last']])
    expect(formatListing('x', listed, { tasks: false, tags: false })).to.equal(
      '\nplaybook: x\n\n  play #1 (all): First\tTAGS: [p]\n\n  play #2 (a,b): a,b\tTAGS: []\n',
    )
  })
})
