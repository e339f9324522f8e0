import type { Key, OwnState } from '../contract.js'

/** The packages of the host, whatever manages them: versions by name. */
export const PACKAGES: Key = 'packages:host'

/** The version of a package; undefined when it is not installed. */
export function versionIn(state: OwnState, name: string): string | undefined {
  const version = state[name]
  return typeof version === 'string' && version !== 'absent' ? version : undefined
}
