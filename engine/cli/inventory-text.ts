import { inventoryVars } from '../inventory/host-vars.js'
import type { Host, Inventory } from '../inventory/hosts.js'
import { readLimit, selectHosts } from '../inventory/pattern.js'
import { createVarsFiles } from '../inventory/vars-files.js'
import { findVariable, orderLayers, variableNames } from '../language/variables.js'
import { Float, isDict, keyText, Unsafe } from '../language/value.js'
import type { Value } from '../language/value.js'
import type { VaultReader } from '../language/vault.js'
import { readExtraVars } from './extra-vars.js'

/** An inventory as it is shown: only the hosts of the limit, with their variables as written. */
export interface InventoryView {
  readonly inventory: Inventory
  readonly shown: ReadonlySet<string>
  /** Variables of a host, those of its groups among them. */
  vars(host: Host): Record<string, unknown>
}

/** How an inventory is looked at. */
export interface ViewOptions {
  readonly vault: VaultReader
  readonly limit: readonly string[]
  readonly extraVars: readonly string[]
}

/** Variables that every host has and nobody wrote. */
const UNTOLD = new Set(['inventory_dir', 'inventory_file'])

/** A view of the hosts that the limit leaves. Variables are merged by precedence; templates stay. */
export function createView(inventory: Inventory, { vault, limit, extraVars }: ViewOptions): InventoryView {
  const files = createVarsFiles(vault, () => undefined)
  const extra = readExtraVars(extraVars, vault)
  const patterns = limit.length ? readLimit(limit) : undefined
  const hosts = selectHosts(inventory, 'all', { limit: patterns }).hosts
  return {
    inventory,
    shown: new Set(hosts.map(({ name }) => name)),
    vars(host) {
      const layers = orderLayers(inventoryVars(inventory, host, files))
      const names = [...variableNames(layers)].filter((name) => !UNTOLD.has(name)).sort()
      const own = names.map((name) => [name, plain(findVariable(layers, name)!.value)])
      return Object.fromEntries([
        ...own,
        ...[...extra].map(([name, value]) => [keyText(name), plain(value)]),
      ]) as Record<string, unknown>
    },
  }
}

/** The shape of `ansible-inventory --list`, which an inventory script prints too. */
export function listInventory(view: InventoryView): Record<string, unknown> {
  const { inventory, shown } = view
  const groups = [...inventory.groups.values()].flatMap(({ name, hosts, children }) => {
    const own = name === 'all' ? [] : [...hosts].filter((host) => shown.has(host))
    const entry = {
      ...(children.size ? { children: [...children] } : {}),
      ...(own.length ? { hosts: own } : {}),
    }
    return Object.keys(entry).length ? [[name, entry] as const] : []
  })
  const hostvars = Object.fromEntries(shownHosts(view).map((host) => [host.name, view.vars(host)]))
  return { _meta: { hostvars }, ...Object.fromEntries(groups) }
}

/** The shape of a YAML inventory. Variables stand at a host's first mention. */
export function nestInventory(view: InventoryView): Record<string, unknown> {
  const { inventory, shown } = view
  const told = new Set<string>()
  const hostEntry = (name: string): Record<string, unknown> => {
    if (told.has(name)) return {}
    told.add(name)
    return view.vars(inventory.hosts.get(name)!)
  }
  const groupEntry = (name: string): Record<string, unknown> => {
    const { hosts, children } = inventory.groups.get(name)!
    const own = [...hosts].filter((host) => shown.has(host) && name !== 'all')
    return {
      ...(own.length ? { hosts: Object.fromEntries(own.map((host) => [host, hostEntry(host)])) } : {}),
      ...(children.size
        ? { children: Object.fromEntries([...children].map((child) => [child, groupEntry(child)])) }
        : {}),
    }
  }
  return { all: groupEntry('all') }
}

/** Groups and hosts as a tree, as `ansible-inventory --graph` draws it. */
export function formatGraph(view: InventoryView, group: string, withVars: boolean): string {
  const { inventory, shown } = view
  const lines: string[] = []
  const line = (depth: number, text: string): void =>
    void lines.push(depth ? `${'  |'.repeat(depth)}--${text}` : text)
  const walk = (name: string, depth: number): void => {
    const { hosts, children } = inventory.groups.get(name)!
    line(depth, `@${name}:`)
    for (const child of children) walk(child, depth + 1)
    for (const host of hosts) {
      if (!shown.has(host) || name === 'all') continue
      line(depth + 1, host)
      const vars = withVars ? Object.entries(view.vars(inventory.hosts.get(host)!)) : []
      for (const [key, value] of vars)
        line(depth + 2, `{${key} = ${typeof value === 'string' ? value : JSON.stringify(value)}}`)
    }
  }
  walk(group, 0)
  return `${lines.join('\n')}\n`
}

function shownHosts({ inventory, shown }: InventoryView): Host[] {
  return [...inventory.hosts.values()].filter(({ name }) => shown.has(name))
}

/** Plain data for showing: encrypted values stay encrypted. */
export function plain(value: Value): unknown {
  if (value instanceof Unsafe)
    return value.ciphertext === undefined ? value.text : { __ansible_vault: value.ciphertext }
  if (value instanceof Float) return value.value
  if (Array.isArray(value)) return value.map(plain)
  if (isDict(value)) return Object.fromEntries([...value].map(([key, item]) => [keyText(key), plain(item)]))
  return value
}
