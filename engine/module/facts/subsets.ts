import { Fail } from '../contract.js'
import type { Facts } from './parts.js'
import type { Subset } from './script.js'

/** One kind of facts: the part of the script that looks for them, what else they rest on, how they are called. */
interface Kind {
  readonly part: Subset
  readonly needs?: readonly string[]
  /** Other names by which it may be asked for. */
  readonly also?: readonly string[]
  /** The names of its facts, where the part has others too. */
  readonly facts?: RegExp
}

const SYSTEM = ['system', 'kernel', 'kernel_version', 'machine', 'machine_id', 'architecture'] as const
const USER = [
  'user_id',
  'user_uid',
  'user_gid',
  'user_gecos',
  'user_dir',
  'user_shell',
  'real_user_id',
] as const

/** Ansible's names of what `gather_subset` may ask for. */
const KINDS: Readonly<Record<string, Kind>> = {
  platform: {
    part: 'min',
    also: SYSTEM,
    facts:
      /^(system|nodename|hostname|fqdn|domain|kernel|kernel_version|machine|machine_id|architecture|userspace_.*)$/,
  },
  distribution: {
    part: 'min',
    also: ['distribution_version', 'distribution_release', 'distribution_major_version', 'os_family'],
    facts: /^(distribution.*|os_family)$/,
  },
  user: {
    part: 'min',
    also: [...USER, 'effective_user_id', 'effective_group_ids'],
    facts: /^(user|real|effective)_(?!space)/,
  },
  env: { part: 'min', facts: /^env$/ },
  date_time: { part: 'min', facts: /^date_time$/ },
  cmdline: { part: 'min', facts: /^(proc_)?cmdline$/ },
  python: { part: 'min', facts: /^python(_version)?$/ },
  fips: { part: 'min', facts: /^fips$/ },
  chroot: { part: 'min', also: ['is_chroot'], facts: /^is_chroot$/ },
  ssh_pub_keys: { part: 'min', facts: /^ssh_host_key_/ },
  dns: { part: 'min', facts: /^dns$/ },
  local: { part: 'min', facts: /^local$/ },
  lsb: { part: 'min', facts: /^lsb$/ },
  selinux: { part: 'min', facts: /^selinux$/ },
  apparmor: { part: 'min', facts: /^apparmor$/ },
  pkg_mgr: { part: 'min', needs: ['distribution'], facts: /^pkg_mgr$/ },
  service_mgr: { part: 'min', needs: ['platform', 'distribution'], facts: /^service_mgr$/ },
  hardware: {
    part: 'hardware',
    needs: ['platform'],
    also: ['mounts', 'devices', 'loadavg', 'processor', 'processor_cores', 'processor_count'],
  },
  network: {
    part: 'network',
    needs: ['platform', 'distribution'],
    also: ['interfaces', 'default_ipv4', 'default_ipv6', 'all_ipv4_addresses', 'all_ipv6_addresses'],
  },
  virtual: {
    part: 'virtual',
    also: [
      'virtualization_type',
      'virtualization_role',
      'virtualization_tech_guest',
      'virtualization_tech_host',
    ],
  },
}

const ALL = Object.keys(KINDS)
const MIN = ALL.filter((name) => KINDS[name]!.part === 'min')
/** Other programs that Ansible asks where they are there. */
const FOREIGN = new Set(['facter', 'ohai'])

/** What was asked for: the parts of the script, and which facts of it are told. */
export interface Wanted {
  readonly parts: ReadonlySet<Subset>
  readonly pick: (facts: Facts) => Facts
}

/**
 * Reads `gather_subset` as Ansible does: min is there from the beginning, names add, names with `!` take away unless
 * they were added by name, and what is left brings along what it rests on.
 */
export function wantedFacts(given: readonly string[]): Wanted {
  const names = given.map((name) => name.trim()).filter((name) => !FOREIGN.has(name.replace('!', '')))
  const added = names.filter((name) => !name.startsWith('!'))
  const byName = added.filter((name) => name !== 'all' && name !== 'min').map(kindOf)
  const removed = new Set(
    names.filter((name) => name.startsWith('!')).flatMap((name) => without(name.slice(1))),
  )
  const base = given.length === 0 || added.includes('all') ? ALL : MIN
  const kinds = [...base.filter((name) => !removed.has(name)), ...byName]
  const all = new Set(kinds.flatMap((name) => [name, ...(KINDS[name]!.needs ?? [])]))
  return { parts: new Set([...all].map((name) => KINDS[name]!.part)), pick: (facts) => pick(facts, all) }
}

function without(name: string): readonly string[] {
  if (name === 'min') return MIN
  if (name === 'all') return ALL.filter((kind) => !MIN.includes(kind))
  return ALL.includes(name) ? [name] : []
}

function kindOf(name: string): string {
  const kind = ALL.find((known) => known === name || KINDS[known]!.also?.includes(name))
  if (kind !== undefined) return kind
  const also = ALL.flatMap((known) => KINDS[known]!.also ?? [])
  throw new Fail(`gather_subset has no "${name}"`, [], `allowed: all, min, ${[...ALL, ...also].join(', ')}`)
}

function pick(facts: Facts, kinds: ReadonlySet<string>): Facts {
  const isTold = (fact: string): boolean => {
    const kind = MIN.find((name) => KINDS[name]!.facts!.test(fact))
    return kind === undefined || kinds.has(kind)
  }
  return Object.fromEntries(Object.entries(facts).filter(([name]) => isTold(name)))
}
