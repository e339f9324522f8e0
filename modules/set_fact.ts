import { defineModule } from '../engine/module/contract.js'

/** Sets variables of the host. */
export default defineModule({
  summary: 'Set variables of the host for the rest of the run',
  params: {
    cacheable: { type: 'bool', default: false, description: 'Keep them in the fact cache too.' },
  },
  open: true,
  takesUnknown: true,
  returns: { ansible_facts: 'The variables.' },
  examples: `
- set_fact:
    party_folder: "{{ dir }}/confs-{{ party_id }}"
`,
  result: ({ cacheable, ...facts }) => ({
    values: { ansible_facts: facts },
    facts: new Map(Object.entries(facts)) as never,
    cacheable,
  }),
})
