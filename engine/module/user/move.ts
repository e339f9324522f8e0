import {
  Fail,
  isUnknown,
  Unknown,
  type Ask,
  type Key,
  type OwnState,
  type PathState,
  type View,
  type Wished,
} from '../contract.js'
import type { User } from './params.js'

/** The home that the account has, where `move_home` says that it is to go elsewhere. */
function leaving({ name, state, home, move_home: moves }: User, before: View): string | undefined {
  const old = before.user(name).home
  if (!moves || state !== 'present' || home === undefined || typeof old !== 'string' || old === '')
    return undefined
  return old === home ? undefined : old
}

/** Asks for the home that is left, and all that is in it. */
export function moveAsks(given: User, before: View): readonly Ask[] {
  const old = leaving(given, before)
  if (old === undefined) return []
  return [
    { kind: 'path', path: old, need: 'stat' },
    { kind: 'tree', path: old, need: 'stat' },
  ]
}

/** The home that moves; undefined when there is none. Fails, as usermod does, where its new place is taken. */
export function movedFrom(given: User, before: View): string | undefined {
  const old = leaving(given, before)
  if (old === undefined || before.path(old).type !== 'directory') return undefined
  const { type } = before.path(given.home!)
  if (type === 'absent' || isUnknown(type)) return old
  throw new Fail(
    `directory ${given.home!} exists`,
    [`path:${given.home!}`],
    'remove it, or leave move_home away',
  )
}

/** The home is at its new place, as it was, and no more at the old one. */
export function moveWishes(old: string, { home }: User, before: View): readonly [Key, Wished<PathState>][] {
  const { mode, owner, group } = before.path(old)
  return [
    [`path:${home!}`, { type: 'directory', ...told({ mode, owner, group }) }],
    [`path:${old}`, { type: 'absent' }],
  ]
}

/** What is in the home that moves, at its new place. */
export function movedContents(
  old: string,
  { home, uid: newId }: User,
  before: View,
): ReadonlyMap<Key, OwnState> {
  return new Map(
    [...before.tree(old)].map(([relative, state]): [Key, OwnState] => {
      const { type, mode, owner, group, size, target, gid } = state
      const uid = newId === undefined ? state.uid : undefined
      const path = `${home!}/${relative}`
      const late = type === 'file' ? { sha1: new Unknown(`content of ${path}`) } : {}
      return [`path:${path}`, { ...told({ type, mode, owner, group, uid, gid, size, target }), ...late }]
    }),
  )
}

function told(attributes: Readonly<Record<string, unknown>>): OwnState {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined))
}
