import { valueText } from '../language/template.js'
import { Unsafe } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import { dictLayer, findVariable, orderLayers, variableNames } from '../language/variables.js'
import type { Layer } from '../language/variables.js'
import type { Group, Host, Inventory } from './hosts.js'
import { inventoryVars } from './host-vars.js'
import { formatJson } from './listing-text.js'
import type { VarsFiles } from './vars-files.js'

/** What a listing shows beside groups and hosts. */
export interface ListingOptions {
  readonly files: VarsFiles
  /** The folder of the playbooks, whose group_vars/ and host_vars/ count too. */
  readonly playbookFolders?: readonly string[]
  /** Only these hosts; absent: all. */
  readonly shown?: ReadonlySet<string> | undefined
  /** Variables that win over all others. */
  readonly extraVars?: Dict | undefined
  /** As inventory scripts print it: variables stay with the group or host that has them. */
  readonly export?: boolean
}

/** Variables that ansible-inventory does not show. */
const INTERNAL = ['inventory_dir', 'inventory_file']

/** `--list`: groups with hosts and children, and every host's variables under `_meta`, as ansible-inventory has them. */
export function listInventory(inventory: Inventory, options: ListingOptions): Dict {
  const listing: Dict = new Map()
  const visit = (group: Group): void => {
    if (listing.has(group.name)) return
    const entry: Dict = new Map()
    listing.set(group.name, entry)
    const hosts = shownHosts(group, options)
    if (hosts.length) entry.set('hosts', hosts)
    if (group.children.size) entry.set('children', [...group.children])
    for (const child of group.children) visit(inventory.groups.get(child)!)
    if (options.export) setIfAny(entry, 'vars', groupVars(inventory, group, options))
    if (entry.size === 0) listing.delete(group.name)
  }
  visit(inventory.groups.get('all')!)
  const hostvars: Dict = new Map()
  for (const host of inventory.hosts.values())
    if (options.shown?.has(host.name) ?? true)
      setIfAny(hostvars, host.name, hostVars(inventory, host, options))
  listing.set('_meta', new Map([['hostvars', hostvars]]))
  return listing
}

/** `--list --yaml`: an inventory in the YAML format. */
export function listAsYaml(inventory: Inventory, options: ListingOptions): Dict {
  const seen = new Set<string>()
  const entryOf = (group: Group): Dict => {
    const entry: Dict = new Map()
    const children: Dict = new Map()
    for (const child of group.children) children.set(child, entryOf(inventory.groups.get(child)!))
    setIfAny(entry, 'children', children)
    const hosts: Dict = new Map()
    if (group.name !== 'all') {
      for (const name of shownHosts(group, options)) {
        hosts.set(name, seen.has(name) ? new Map() : hostVars(inventory, inventory.hosts.get(name)!, options))
        seen.add(name)
      }
    }
    setIfAny(entry, 'hosts', hosts)
    if (options.export) setIfAny(entry, 'vars', groupVars(inventory, group, options))
    return entry
  }
  const all = inventory.groups.get('all')!
  return new Map([['all', entryOf(all)]])
}

/** `--host`: the variables of one host, templates unevaluated. */
export function hostVars(inventory: Inventory, host: Host, options: ListingOptions): Dict {
  const sources = inventoryVars(inventory, host, options.files, options.playbookFolders)
  const extra = { 'extra vars': options.extraVars ? [dictLayer('extra vars', options.extraVars)] : [] }
  if (!options.export) return flatten(orderLayers(sources, extra))
  const { files, playbookFolders = [] } = options
  const folders = [...inventory.folders, ...playbookFolders]
  const own = folders.flatMap((folder) => files.layers(folder, 'host_vars', host.name))
  return flatten([...own.reverse(), dictLayer('host', host.vars)])
}

/** `--graph`: groups and hosts as a tree, from `start` down. */
export function graphInventory(
  inventory: Inventory,
  start: Group,
  options: Partial<ListingOptions> & { readonly vars?: boolean } = {},
): string {
  const lines: string[] = []
  const withVars = options.files && options.vars !== false ? { ...options, files: options.files } : undefined
  const add = (text: string, depth: number): void =>
    void lines.push(`${'  |'.repeat(depth)}${depth ? '--' : ''}${text}`)
  const addVars = (vars: Dict, depth: number): void => {
    const names = [...vars.keys()].map(String).sort()
    for (const name of names) add(`{${name} = ${showValue(vars.get(name)!)}}`, depth)
  }
  const visit = (group: Group, depth: number): void => {
    add(`@${group.name}:`, depth)
    for (const child of group.children) visit(inventory.groups.get(child)!, depth + 1)
    if (group.name !== 'all') {
      for (const name of shownHosts(group, options)) {
        add(name, depth + 1)
        if (withVars) addVars(hostVars(inventory, inventory.hosts.get(name)!, withVars), depth + 2)
      }
    }
    if (withVars) addVars(groupVars(inventory, group, withVars), depth + 1)
  }
  visit(start, 0)
  return lines.join('\n')
}

/** `all` has no hosts of its own in a listing. */
function shownHosts(group: Group, { shown }: Partial<ListingOptions>): string[] {
  if (group.name === 'all') return []
  return [...group.hosts].filter((name) => shown?.has(name) ?? true)
}

function groupVars(inventory: Inventory, group: Group, options: ListingOptions): Dict {
  const { files, playbookFolders = [] } = options
  const folders = [...inventory.folders, ...playbookFolders]
  const own = folders.flatMap((folder) => files.layers(folder, 'group_vars', group.name))
  const vars = flatten([...own.reverse(), dictLayer('group', group.vars)])
  if (group.priority !== 1) vars.set('ansible_group_priority', group.priority)
  return vars
}

/** All variables of layers, the strongest first, as one dictionary. */
function flatten(layers: readonly Layer[]): Dict {
  const vars: Dict = new Map()
  for (const name of variableNames(layers)) {
    if (!INTERNAL.includes(name)) vars.set(name, findVariable(layers, name)!.value)
  }
  return vars
}

/** Vault values stay encrypted. */
function showValue(value: Value): string {
  return value instanceof Unsafe ? formatJson(value).replace(/\n\s*/g, ' ') : valueText(value)
}

function setIfAny(entry: Dict, name: string, value: Dict): void {
  if (value.size) entry.set(name, value)
}
