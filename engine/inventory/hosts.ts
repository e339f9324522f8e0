import { isIP } from 'node:net'
import type { Place } from '../errors.js'
import type { Dict } from '../language/value.js'

/** `inventory_hostname_short`: the name up to its first dot, unless it is an address. */
export function shortHostName(name: string): string {
  return isIP(name) ? name : name.split('.')[0]!
}

/** A host of the inventory. Its name is `inventory_hostname`. */
export interface Host {
  readonly name: string
  /** Variables given at the host in inventory sources, raw (templates not evaluated). */
  readonly vars: Dict
  /** Names of the groups it is a direct member of. */
  readonly groups: Set<string>
  readonly place?: Place | undefined
}

/** A group. `all` holds everything, `ungrouped` the hosts in no other group. */
export interface Group {
  readonly name: string
  readonly vars: Dict
  /** Names of the hosts that are direct members, in order. */
  readonly hosts: Set<string>
  /** Names of its child groups, in order. */
  readonly children: Set<string>
  /** Names of the groups it is a child of. */
  readonly parents: Set<string>
  /** `ansible_group_priority`; default 1. */
  priority: number
  readonly place?: Place | undefined
}

/** Everything that inventory sources say. Hosts and groups keep the order in which they were met. */
export interface Inventory {
  readonly hosts: Map<string, Host>
  readonly groups: Map<string, Group>
  /** Folders beside the sources in which group_vars/ and host_vars/ are looked for, in order. */
  readonly folders: string[]
  /** The sources, as given with -i. */
  readonly sources: string[]
}
