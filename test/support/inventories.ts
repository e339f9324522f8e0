import type { Lab } from '../../lab/lab.js'

/** Names that tests of the engine give the hosts of the lab: two of Debian and one of busybox. */
export const ENGINE_NAMES = ['one', 'two', 'box'] as const

/** An INI inventory of the lab's hosts, by these names in the order of their numbers. */
export async function iniInventory(lab: Lab, names: readonly string[] = ENGINE_NAMES): Promise<string> {
  const hosts = await lab.hosts()
  return names.map((name, i) => `${name} ansible_host=${hosts[i]!.address}\n`).join('')
}
