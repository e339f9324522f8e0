import { dirname, resolve } from 'node:path'
import { OMIT } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import { shortHostName } from '../inventory/hosts.js'
import { groupNamesOf, membersOf } from '../inventory/relations.js'
import { searchBases } from '../play/files.js'
import { chain, playOf } from '../play/inherit.js'
import type { Block, Role, Task } from '../play/play.js'
import { withDependencies } from '../play/role-order.js'
import type { Batch, Run } from './context.js'
import { LazyDict } from './lazy-dict.js'

/** Variables that the engine itself gives, by name; each is computed when it is asked for. */
export type Magic = ReadonlyMap<string, () => Value | undefined>

/** Those of the whole run. */
export function runMagic(run: Run): Magic {
  const { settings, inventory } = run
  return remembered(run, () => ({
    omit: () => OMIT,
    groups: () => groups(run),
    ansible_check_mode: () => settings.checkMode,
    ansible_diff_mode: () => settings.diff,
    ansible_verbosity: () => settings.verbosity,
    ansible_forks: () => settings.forks,
    ansible_run_tags: () => (settings.tags.length ? [...settings.tags] : ['all']),
    ansible_skip_tags: () => [...settings.skipTags],
    ansible_limit: () => settings.limit?.join(','),
    ansible_version: () => versionDict(settings.version),
    ansible_inventory_sources: () => [...inventory.sources],
  }))
}

/** Those of one host. */
export function hostMagic(run: Run, name: string): Magic {
  const host = run.inventory.hosts.get(name)
  return magic({
    inventory_hostname: () => name,
    inventory_hostname_short: () => shortHostName(name),
    group_names: () => (host ? groupNamesOf(run.inventory, host) : []),
  })
}

/** Those of a play and its batch of hosts. */
export function playMagic(batch: Batch): Magic {
  const { run, play, hosts, playHosts, removed } = batch
  const active = (all: readonly string[]) => (): Value[] => all.filter((host) => !removed.has(host))
  const roles = (): readonly Role[] => [...play.roles, ...batch.roles.shown]
  const named = (): Value[] => namesOf(roles())
  const dependent = (): Role[] => roles().flatMap((role) => withDependencies(role).slice(0, -1))
  return remembered(batch, () => ({
    ansible_play_name: () => play.title,
    playbook_dir: () => resolve(dirname(play.file)),
    ansible_play_hosts: active(playHosts),
    play_hosts: active(hosts),
    ansible_play_hosts_all: () => [...playHosts],
    ansible_play_batch: active(hosts),
    ansible_current_hosts: () => hosts.filter((host) => !run.failed.has(host) && !run.unreachable.has(host)),
    ansible_failed_hosts: () => hosts.filter((host) => run.failed.has(host)),
    ansible_play_role_names: named,
    role_names: named,
    ansible_role_names: () => namesOf([...dependent(), ...roles()]),
    ansible_dependent_role_names: () => namesOf(dependent()),
  }))
}

function namesOf(roles: readonly Role[]): string[] {
  return [...new Set(roles.map(({ name }) => name))]
}

/** Those of a task: where its files are searched, and its role. */
export function taskMagic(task: Task | Block): Magic {
  const { role } = task
  const ansible_search_path = (): Value => searchBases(task, playOf(task)).map((base) => resolve(base))
  if (!role) return magic({ ansible_search_path })
  return magic({
    ansible_search_path,
    role_name: () => role.name,
    ansible_role_name: () => role.name,
    role_path: () => resolve(role.path),
    ansible_parent_role_names: () => someOf(includingRoles(task).map(({ name }) => name)),
    ansible_parent_role_paths: () => someOf(includingRoles(task).map(({ path }) => resolve(path))),
  })
}

/** The roles that include or import the role of a node, the nearest first. */
function includingRoles(node: Task | Block): Role[] {
  return chain(node).flatMap((at) => {
    if (at.kind !== 'block' || (at.origin !== 'include_role' && at.origin !== 'import_role')) return []
    return (at.parent && chain(at.parent).find(({ role }) => role)?.role) ?? []
  })
}

function someOf(names: string[]): string[] | undefined {
  return names.length ? names : undefined
}

function magic(table: Readonly<Record<string, () => Value | undefined>>): Magic {
  return new Map(Object.entries(table))
}

const tables = new WeakMap<object, Magic>()

/** One table for the life of `owner`, each value computed anew when asked for. */
function remembered(owner: object, make: () => Readonly<Record<string, () => Value | undefined>>): Magic {
  let table = tables.get(owner)
  if (!table) tables.set(owner, (table = magic(make())))
  return table
}

function groups({ inventory }: Run): Dict {
  return new LazyDict(
    () => inventory.groups.keys(),
    (name) => (inventory.groups.has(String(name)) ? [...membersOf(inventory, String(name))] : undefined),
  )
}

function versionDict(version: string): Dict {
  const [major = 0, minor = 0, revision = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  return new Map(Object.entries({ full: version, string: version, major, minor, revision }))
}
