import type { Key, OwnAsk, OwnState } from '../contract.js'
import { inspectedOf, inspectScript, refuseComplaints, section, type Inspected } from './inspect.js'

/** Key of {@link containerAsk}. */
export const containerKey = (name: string): Key => `container:${name}`

/**
 * Asks for the `state` of a container, by name or id (running, paused, restarting, created, exited, dead, removing;
 * `absent` without one), and all that docker says of it, `container`.
 */
export function containerAsk(name: string): OwnAsk {
  return {
    kind: 'own',
    key: containerKey(name),
    script: inspectScript('container', [name]),
    read: (output) => {
      refuseComplaints(output)
      return containerState(inspectedOf(output.stdout.split('\n'))[0])
    },
  }
}

/** A container as a state: `state`, `id`, `image` (the id it was made from), `started`, and all that is said, `container`. */
export function containerState(container: Inspected | undefined): OwnState {
  if (container === undefined) return { state: 'absent' }
  const { Status: state, StartedAt: started } = section(container, 'State')
  return { state, id: container['Id'], started, image: container['Image'], container }
}

/** The name of a container as people write it: the engine puts a slash before it. */
export function nameOf(container: Inspected): string {
  return String(container['Name']).replace(/^\//, '')
}

/** The container of this name or id among those that were inspected. */
export function findContainer(containers: readonly Inspected[], name: string): Inspected | undefined {
  return containers.find((one) => nameOf(one) === name || String(one['Id']).startsWith(name))
}
