import { defineModule, type Dict } from '../engine/module/contract.js'

/** Adds a host to the inventory of the run. */
export default defineModule({
  summary: 'Add a host to the inventory for the rest of the run',
  description: 'Every other parameter becomes a variable of the host. Runs once for all hosts of the play.',
  params: {
    name: { type: 'str', required: true, aliases: ['host', 'hostname'], description: 'Name of the host.' },
    groups: {
      type: 'list',
      elements: 'str',
      aliases: ['group', 'groupname'],
      description: 'Groups it becomes a member of; those that do not exist are made.',
    },
  },
  open: true,
  once: true,
  returns: { add_host: 'Name, groups and variables of the host.' },
  examples: `
- add_host:
    name: "{{ new_party.address }}"
    groups: [parties]
    ansible_user: fate
`,
  result: ({ name, groups = [], ...rest }) => {
    const vars = new Map(Object.entries(rest)) as Dict
    return {
      values: { add_host: { host_name: name, groups, host_vars: vars } },
      addHost: { name, groups, vars },
    }
  },
})
