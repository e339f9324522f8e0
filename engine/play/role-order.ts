import type { Role } from './play.js'

/** A role behind all its dependencies, each behind its own: the order in which they run and their variables count. */
export function withDependencies(role: Role): Role[] {
  return [...role.dependencies.flatMap(withDependencies), role]
}
