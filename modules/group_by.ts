import { defineModule } from '../engine/module/contract.js'

/** Puts the host into a group that is named after what is known of it. */
export default defineModule({
  summary: 'Put the host into a group for the rest of the run',
  params: {
    key: { type: 'str', required: true, description: 'Name of the group; blanks become dashes.' },
    parents: {
      type: 'list',
      elements: 'str',
      default: ['all'],
      description: 'Groups it is a child of; those that do not exist are made.',
    },
  },
  returns: { add_group: 'Name of the group.', parent_groups: 'Names of its parents.' },
  examples: `
- group_by:
    key: "os_{{ ansible_facts.distribution }}"
`,
  result: ({ key, parents }) => {
    const group = dashed(key)
    const above = parents.map((name) => dashed(String(name)))
    return { values: { add_group: group, parent_groups: above }, groupBy: { group, parents: above } }
  },
})

function dashed(name: string): string {
  return name.replaceAll(' ', '-')
}
