import { dirname, resolve } from 'node:path'
import { OMIT } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import { groupNamesOf, membersOf } from '../inventory/relations.js'
import type { Block, Task } from '../play/play.js'
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
    ansible_limit: () => settings.limit?.join(':'),
    ansible_version: () => versionDict(settings.version),
    ansible_inventory_sources: () => [...inventory.sources],
  }))
}

/** Those of one host. */
export function hostMagic(run: Run, name: string): Magic {
  const host = run.inventory.hosts.get(name)
  return magic({
    inventory_hostname: () => name,
    inventory_hostname_short: () => name.split('.')[0]!,
    group_names: () => (host ? groupNamesOf(run.inventory, host) : []),
  })
}

/** Those of a play and its batch of hosts. */
export function playMagic(batch: Batch): Magic {
  const { run, play, hosts, playHosts, removed } = batch
  const active = (): Value[] => playHosts.filter((host) => !removed.has(host))
  return remembered(batch, () => ({
    ansible_play_name: () => play.title,
    playbook_dir: () => resolve(dirname(play.file)),
    ansible_play_hosts: active,
    play_hosts: active,
    ansible_play_hosts_all: () => [...playHosts],
    ansible_play_batch: () => hosts.filter((host) => !removed.has(host)),
    ansible_current_hosts: () => hosts.filter((host) => !run.failed.has(host) && !run.unreachable.has(host)),
    ansible_failed_hosts: () => hosts.filter((host) => run.failed.has(host)),
    ansible_play_role_names: () => [...new Set(play.roles.map((role) => role.name))],
    ansible_role_names: () => [...new Set(play.roles.map((role) => role.name))],
    role_names: () => [...new Set(play.roles.map((role) => role.name))],
  }))
}

/** Those of a task: its role. */
export function taskMagic(task: Task | Block): Magic {
  const { role } = task
  if (!role) return NO_ROLE
  return magic({
    role_name: () => role.name,
    ansible_role_name: () => role.name,
    role_path: () => resolve(role.path),
    ansible_parent_role_names: () => role.parents.map((parent) => parent.name).reverse(),
    ansible_parent_role_paths: () => role.parents.map((parent) => resolve(parent.path)).reverse(),
  })
}

const NO_ROLE: Magic = new Map()

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
