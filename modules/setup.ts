import { defineModule, fromPlain, type Dict, type Key, type OwnAsk } from '../engine/module/contract.js'
import { readFacts } from '../engine/module/facts/read.js'
import { factsScript } from '../engine/module/facts/script.js'
import { wantedFacts } from '../engine/module/facts/subsets.js'
import { fnmatch } from '../engine/module/fnmatch.js'

const KEY: Key = 'facts:host'

/** Gathers facts of the host. */
export default defineModule({
  summary: 'Gather facts of the host',
  params: {
    gather_subset: {
      type: 'list',
      elements: 'str',
      default: ['all'],
      description: 'Kinds of facts: all, min, hardware, network, virtual or finer ones; with ! without them.',
    },
    gather_timeout: {
      type: 'int',
      default: 10,
      description: 'Seconds after which the sizes of file systems are given up.',
    },
    filter: {
      type: 'list',
      elements: 'str',
      default: [],
      description: 'Patterns of the names that are returned.',
    },
    fact_path: {
      type: 'path',
      default: '/etc/ansible/facts.d',
      description: 'Folder of local facts (*.fact).',
    },
  },
  returns: { ansible_facts: 'The facts, named ansible_….' },
  examples: `
- setup: {gather_subset: [network]}
`,
  probe: (given) => {
    const { parts } = wantedFacts(given.gather_subset)
    const script = factsScript(parts, given.gather_timeout, given.fact_path)
    const ask: OwnAsk = { kind: 'own', key: KEY, script, read: ({ stdout }) => readFacts(stdout) }
    return [ask]
  },
  result: ({ filter, gather_subset: subset }, before) => {
    const patterns = filter.filter((pattern) => pattern !== '' && pattern !== '*')
    const told = wantedFacts(subset).pick({ ...before.own(KEY), gather_subset: subset })
    const named = Object.entries(told).map(([name, value]) => [factName(name), value] as const)
    const wanted = named.filter(
      ([name]) =>
        patterns.length === 0 ||
        patterns.some((p) => fnmatch(p).test(name) || fnmatch(p).test(name.slice(8))),
    )
    const facts = Object.fromEntries(wanted)
    return { values: { ansible_facts: facts }, facts: fromPlain(facts) as Dict }
  },
})

/** What Ansible says of the gathering itself has no prefix. */
function factName(name: string): string {
  return name === 'module_setup' || name === 'gather_subset' ? name : `ansible_${name}`
}
