import { dictLayer } from '../language/variables.js'
import type { Layer, Sources } from '../language/variables.js'
import type { Group, Host, Inventory } from './hosts.js'
import { groupsOf } from './relations.js'
import type { VarsFiles, VarsFolder } from './vars-files.js'

/**
 * What the inventory says of a host: variables of its groups and its own, from the sources and from the group_vars/
 * and host_vars/ folders beside them and beside the playbook (`playbookFolders`). Groups are ordered by depth,
 * priority and name; a folder that comes later is stronger than any group of an earlier one.
 */
export function inventoryVars(
  inventory: Inventory,
  host: Host,
  files: VarsFiles,
  playbookFolders: readonly string[] = [],
): Sources {
  const all = inventory.groups.get('all')!
  const groups = groupsOf(inventory, host).filter((group) => group !== all)
  const from = (folders: readonly string[], kind: VarsFolder, owners: readonly { name: string }[]): Layer[] =>
    folders.flatMap((folder) => owners.flatMap(({ name }) => files.layers(folder, kind, name)))
  return {
    'inventory group vars': [all, ...groups].map(groupLayer),
    'inventory group_vars/all': from(inventory.folders, 'group_vars', [all]),
    'playbook group_vars/all': from(playbookFolders, 'group_vars', [all]),
    'inventory group_vars': from(inventory.folders, 'group_vars', groups),
    'playbook group_vars': from(playbookFolders, 'group_vars', groups),
    'inventory host vars': [dictLayer(`inventory vars of the host ${host.name}`, host.vars)],
    'inventory host_vars': from(inventory.folders, 'host_vars', [host]),
    'playbook host_vars': from(playbookFolders, 'host_vars', [host]),
  }
}

function groupLayer(group: Group): Layer {
  return dictLayer(`inventory vars of the group ${group.name}`, group.vars)
}
