import { fail } from '../errors.js'
import type { Place, Problem } from '../errors.js'
import { setKeyPlace, setPlace } from '../language/place.js'
import type { Value } from '../language/value.js'
import type { Group, Host, Inventory } from './hosts.js'
import { ancestorsOf, forgetRelations } from './relations.js'

/** What reads a source into an inventory; also what an inventory plugin is given. */
export interface Builder {
  readonly inventory: Inventory
  /** The group of this name, made if there is none. Fails with `bad-inventory` when the name is no text. */
  addGroup(name: Value, place?: Place): Group
  /** The host of this name, made if there is none, as a direct member of `group`. */
  addHost(name: string, group: string, place?: Place): Host
  /** Makes `child` a child of `parent`; both must exist. Fails with `bad-inventory` when that closes a circle. */
  addChild(parent: string, child: string, place?: Place): void
  /** Sets a variable of a group or host; `ansible_group_priority` of a group sets its priority. */
  setVar(owner: Group | Host, name: Value, value: Value, place?: Place, keyPlace?: Place): void
  /** Notes something odd that does not stop the run. */
  warn(problem: Problem): void
}

/** An inventory with nothing but the groups `all` and `ungrouped`. */
export function createInventory(): Inventory {
  const inventory: Inventory = { hosts: new Map(), groups: new Map(), folders: [], sources: [] }
  const all = makeGroup(inventory, 'all')
  const ungrouped = makeGroup(inventory, 'ungrouped')
  link(all, ungrouped)
  return inventory
}

/** What a new host says of the source in which it was met first. */
export interface SourceNames {
  /** `inventory_file`. */
  readonly file?: string | undefined
  /** `inventory_dir`. */
  readonly folder?: string | undefined
}

/** A builder that adds to `inventory`. */
export function createBuilder(inventory: Inventory, source: SourceNames, warnings: Problem[]): Builder {
  return {
    inventory,
    addGroup(name, place) {
      if (typeof name !== 'string' || name === '') refuseName('group', name, place)
      return inventory.groups.get(name) ?? makeGroup(inventory, name, place)
    },
    addHost(name, group, place) {
      if (name === '') refuseName('host', name, place)
      const host = inventory.hosts.get(name) ?? makeHost(inventory, name, source, place)
      inventory.groups.get(group)!.hosts.add(name)
      host.groups.add(group)
      forgetRelations(inventory)
      return host
    },
    addChild: (parent, child, place) => addChild(inventory, parent, child, place),
    setVar(owner, name, value, place, keyPlace) {
      if ('hosts' in owner && name === 'ansible_group_priority') {
        owner.priority = readPriority(owner, value, place)
        return forgetRelations(inventory)
      }
      owner.vars.set(name, value)
      if (place) setPlace(owner.vars, place, name)
      if (keyPlace ?? place) setKeyPlace(owner.vars, (keyPlace ?? place)!, name)
    },
    warn: (problem) => void warnings.push(problem),
  }
}

/**
 * Puts every group below `all` and every host that is in no other group into `ungrouped`, as Ansible does after its
 * sources are read and after `add_host` and `group_by`.
 */
export function reconcile(inventory: Inventory): void {
  const all = inventory.groups.get('all')!
  const ungrouped = inventory.groups.get('ungrouped')!
  for (const group of inventory.groups.values())
    if (group !== all && group.parents.size === 0) link(all, group)
  for (const host of inventory.hosts.values()) {
    const elsewhere = [...host.groups].some((name) => name !== 'all' && name !== 'ungrouped')
    if (elsewhere) {
      ungrouped.hosts.delete(host.name)
      host.groups.delete('ungrouped')
    } else {
      ungrouped.hosts.add(host.name)
      host.groups.add('ungrouped')
    }
  }
  forgetRelations(inventory)
}

function makeGroup(inventory: Inventory, name: string, place?: Place): Group {
  const group: Group = {
    name,
    vars: new Map(),
    hosts: new Set(),
    children: new Set(),
    parents: new Set(),
    priority: 1,
    place,
  }
  inventory.groups.set(name, group)
  forgetRelations(inventory)
  return group
}

function makeHost(inventory: Inventory, name: string, source: SourceNames, place?: Place): Host {
  const host: Host = { name, vars: new Map(), groups: new Set(), place }
  host.vars.set('inventory_file', source.file ?? null)
  host.vars.set('inventory_dir', source.folder ?? null)
  inventory.hosts.set(name, host)
  return host
}

function addChild(inventory: Inventory, parent: string, child: string, place: Place | undefined): void {
  const upper = inventory.groups.get(parent)!
  const lower = inventory.groups.get(child)!
  if (upper.children.has(child)) return
  if (parent === child || ancestorsOf(inventory, parent).has(child)) {
    fail({
      code: 'bad-inventory',
      place,
      message: `the group "${child}" cannot be a child of "${parent}", which is below it`,
      cure: 'remove one of the two from the children of the other',
    })
  }
  link(upper, lower)
  forgetRelations(inventory)
}

function link(parent: Group, child: Group): void {
  parent.children.add(child.name)
  child.parents.add(parent.name)
}

function readPriority(group: Group, value: Value, place: Place | undefined): number {
  const priority = typeof value === 'string' ? Number(value) : value
  if (typeof priority === 'number' && Number.isInteger(priority)) return priority
  return fail({
    code: 'bad-inventory',
    place,
    message: `ansible_group_priority of the group "${group.name}" is ${JSON.stringify(value)}`,
    allowed: 'allowed: a whole number',
  })
}

function refuseName(what: 'group' | 'host', name: Value, place: Place | undefined): never {
  const quoted = typeof name === 'number' || typeof name === 'boolean' || typeof name === 'bigint'
  return fail({
    code: 'bad-inventory',
    place,
    message: `the name of a ${what} must be text, and this is ${String(name) || 'empty'}`,
    cure: quoted ? `quote it: "${String(name)}"` : undefined,
  })
}
