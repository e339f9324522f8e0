import type { Key, OwnState } from '../contract.js'

/** Key of a volume's state: `state` (present or absent), `driver`, `driver_options`, `labels`. */
export const volumeKey = (name: string): Key => `volume:${name}`

/** Of a volume's state: the containers that a dry run would have made with it. */
const USED_BY = 'used by '

/** What is brought to a volume by a container that uses it. */
export function usedBy(container: string): OwnState {
  return { state: 'present', [`${USED_BY}${container}`]: true }
}

/** Containers that earlier tasks of a dry run would have made with the volume. */
export function foreseenUsers(volume: OwnState): readonly string[] {
  return Object.keys(volume).flatMap((name) => (name.startsWith(USED_BY) ? [name.slice(USED_BY.length)] : []))
}
