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
  result: ({ cacheable, ...given }) => {
    const facts = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, asFact(value)]))
    return { values: { ansible_facts: facts }, facts: new Map(Object.entries(facts)) as never, cacheable }
  },
})

const WORDS: Readonly<Record<string, boolean>> = { true: true, yes: true, false: false, no: false }

/** `name=yes` means the boolean; texts in YAML are taken so too. */
function asFact(value: unknown): unknown {
  const text = typeof value === 'string' ? value.toLowerCase() : ''
  return Object.hasOwn(WORDS, text) ? WORDS[text] : value
}
