import { defineModule, Fail, fromPlain, type Dict, type Key, type OwnAsk } from '../engine/module/contract.js'
import { readFacts } from '../engine/module/facts/read.js'
import { factsScript, type Subset } from '../engine/module/facts/script.js'
import { fnmatch } from '../engine/module/fnmatch.js'

const ALL: readonly Subset[] = ['min', 'hardware', 'network', 'virtual']
/** Names of Ansible for single kinds of facts, and the subset of ours that has them. */
const FINER: Readonly<Record<string, Subset>> = Object.fromEntries([
  ...[
    'distribution',
    'user',
    'env',
    'date_time',
    'cmdline',
    'pkg_mgr',
    'service_mgr',
    'selinux',
    'apparmor',
    'lsb',
    'platform',
    'local',
  ].map((name) => [name, 'min'] as const),
  ...['mounts', 'devices', 'loadavg'].map((name) => [name, 'hardware'] as const),
  ...['interfaces', 'default_ipv4', 'default_ipv6', 'all_ipv4_addresses', 'all_ipv6_addresses', 'dns'].map(
    (name) => [name, 'network'] as const,
  ),
  ...['virtualization_type', 'virtualization_role'].map((name) => [name, 'virtual'] as const),
])

/** The subsets that `gather_subset` asks for: names add, names with `!` take away, `!all` leaves min, `!min` not even that. */
function subsetsOf(given: readonly string[]): ReadonlySet<Subset> {
  const names = given.map((name) => name.trim()).filter((name) => name !== 'facter' && name !== 'ohai')
  const added = names.filter((name) => !name.startsWith('!'))
  const removed = names.filter((name) => name.startsWith('!')).map((name) => name.slice(1))
  const wanted = new Set<Subset>(added.length === 0 || added.includes('all') ? ALL : ['min'])
  for (const name of removed) {
    if (name === 'all') for (const subset of ALL.slice(1)) wanted.delete(subset)
    else wanted.delete(subsetOf(name))
  }
  for (const name of added.filter((name) => name !== 'all')) wanted.add(subsetOf(name))
  return wanted
}

function subsetOf(name: string): Subset {
  const subset = ALL.find((known) => known === name) ?? FINER[name]
  if (subset) return subset
  throw new Fail(
    `gather_subset has no "${name}"`,
    [],
    `allowed: all, ${ALL.join(', ')}, ${Object.keys(FINER).join(', ')}`,
  )
}

const KEY: Key = 'facts:host'

/** Gathers facts of the host. */
export default defineModule({
  summary: 'Gather facts of the host',
  params: {
    gather_subset: {
      type: 'list',
      elements: 'str',
      default: ['all'],
      description: 'Kinds of facts: all, min, hardware, network, virtual; with ! without them.',
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
    const script = factsScript(subsetsOf(given.gather_subset), given.gather_timeout, given.fact_path)
    const ask: OwnAsk = { kind: 'own', key: KEY, script, read: ({ stdout }) => readFacts(stdout) }
    return [ask]
  },
  result: ({ filter }, before) => {
    const patterns = filter.filter((pattern) => pattern !== '' && pattern !== '*')
    const named = Object.entries(before.own(KEY)).map(([name, value]) => [`ansible_${name}`, value] as const)
    const wanted = named.filter(
      ([name]) =>
        patterns.length === 0 ||
        patterns.some((p) => fnmatch(p).test(name) || fnmatch(p).test(name.slice(8))),
    )
    const facts = Object.fromEntries(wanted)
    return { values: { ansible_facts: facts }, facts: fromPlain(facts) as Dict }
  },
})
