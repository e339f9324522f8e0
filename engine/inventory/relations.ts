import type { Group, Host, Inventory } from './hosts.js'

/** What follows from an inventory's groups: kept until something changes, because large inventories ask often. */
interface Relations {
  readonly ancestors: Map<string, ReadonlySet<string>>
  readonly depths: Map<string, number>
  readonly members: Map<string, readonly string[]>
  readonly groups: Map<string, readonly Group[]>
}

const known = new WeakMap<Inventory, Relations>()

/** Must be called after groups, their members or their priorities have changed. */
export function forgetRelations(inventory: Inventory): void {
  known.delete(inventory)
}

/** Names of all groups above a group, not itself. */
export function ancestorsOf(inventory: Inventory, name: string): ReadonlySet<string> {
  return remember(relationsOf(inventory).ancestors, name, () => {
    const above = new Set<string>()
    const waiting = [...(inventory.groups.get(name)?.parents ?? [])]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (above.has(next)) continue
      above.add(next)
      waiting.push(...inventory.groups.get(next)!.parents)
    }
    return above
  })
}

/** Names of the hosts in a group and below it, in Ansible's order: its own first, then level by level. */
export function membersOf(inventory: Inventory, name: string): readonly string[] {
  return remember(relationsOf(inventory).members, name, () => {
    const hosts = new Set<string>()
    const seen = new Set<string>([name])
    let level = [name]
    while (level.length) {
      const below: string[] = []
      for (const group of level) {
        for (const host of inventory.groups.get(group)?.hosts ?? []) hosts.add(host)
        for (const child of inventory.groups.get(group)?.children ?? []) {
          if (!seen.has(child)) below.push(child)
          seen.add(child)
        }
      }
      level = below
    }
    return [...hosts]
  })
}

/** The groups a host is in, also through children, `all` first; later ones override the variables of earlier ones. */
export function groupsOf(inventory: Inventory, host: Host): readonly Group[] {
  return remember(relationsOf(inventory).groups, host.name, () => {
    const names = new Set<string>()
    for (const name of host.groups) {
      names.add(name)
      for (const above of ancestorsOf(inventory, name)) names.add(above)
    }
    const depth = (group: Group): number => depthOf(inventory, group.name)
    return [...names]
      .map((name) => inventory.groups.get(name)!)
      .sort((a, b) => depth(a) - depth(b) || a.priority - b.priority || (a.name < b.name ? -1 : 1))
  })
}

/** `group_names` of a host: sorted, without `all`. */
export function groupNamesOf(inventory: Inventory, host: Host): string[] {
  return groupsOf(inventory, host)
    .map(({ name }) => name)
    .filter((name) => name !== 'all')
    .sort()
}

/** The longest way down from a group without parents: 0 for `all`. */
function depthOf(inventory: Inventory, name: string): number {
  return remember(relationsOf(inventory).depths, name, () => {
    const parents = [...(inventory.groups.get(name)?.parents ?? [])]
    return parents.length ? Math.max(...parents.map((parent) => depthOf(inventory, parent))) + 1 : 0
  })
}

function relationsOf(inventory: Inventory): Relations {
  return remember(known, inventory, () => ({
    ancestors: new Map(),
    depths: new Map(),
    members: new Map(),
    groups: new Map(),
  }))
}

function remember<K, V>(
  map: { get(key: K): V | undefined; set(key: K, value: V): unknown },
  key: K,
  make: () => V,
): V {
  let value = map.get(key)
  if (value === undefined) map.set(key, (value = make()))
  return value
}
