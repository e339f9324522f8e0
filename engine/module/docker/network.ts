import type { Key, OwnState } from '../contract.js'
import { section, type Inspected } from './inspect.js'
import { setOf } from './satisfied.js'

/** Key of a network's state. */
export const networkKey = (name: string): Key => `network:${name}`

/** A network as a state: `state` (present or absent), `id`, names of `connected` containers, all that is said. */
export function networkState(network: Inspected | undefined): OwnState {
  if (network === undefined) return { state: 'absent', connected: [] }
  return { state: 'present', id: network['Id'], connected: connectedTo(network), network }
}

/** Names of the containers that are connected; the engine tells only those that run. */
function connectedTo(network: Inspected): readonly string[] {
  return setOf(Object.values(section(network, 'Containers')).map((one) => String((one as Inspected)['Name'])))
}

/** The network of this name or id. */
export function findNetwork(networks: readonly Inspected[], name: string): Inspected | undefined {
  return networks.find((one) => one['Name'] === name || one['Id'] === name)
}
