import { isDifferent, primariesOf, refuseChange } from '../accounts.js'
import {
  Fail,
  type Key,
  type OwnState,
  type PathState,
  type UserState,
  type View,
  type Wish,
  type Wished,
} from '../contract.js'
import { homeOf, homeWishes } from './home.js'
import { keyWishes } from './key.js'
import { movedFrom, moveWishes } from './move.js'
import type { User } from './params.js'

/** The state that the account, its groups and its home should have. Throws {@link Fail} where that cannot be. */
export function wantedUser(given: User, before: View): Wish {
  const wish = given.state === 'absent' ? absentWish(given, before) : presentWish(given, before)
  const differing = [...wish].some(([key, wished]) => isDifferent(foundUnder(key, before), wished))
  if (differing) refuseImpossible(given, before)
  return wish
}

function foundUnder(key: Key, before: View): object {
  const what = key.slice(key.indexOf(':') + 1)
  if (key.startsWith('path:')) return before.path(what)
  if (key.startsWith('group:')) return before.group(what)
  return before.user(what)
}

function absentWish({ name, remove }: User, before: View): Wish {
  const found = before.user(name)
  const wish = new Map<Key, Wished<UserState> | Wished<PathState>>([[`user:${name}`, { exists: false }]])
  if (found.exists !== true) return wish
  const home = homeOf({ name, state: 'absent' } as User, before)
  if (remove && home !== undefined) wish.set(`path:${home}`, { type: 'absent' })
  if (losesGroup(name, found, before)) wish.set(`group:${name}`, { exists: false })
  return wish
}

/** Its own group goes with an account unless others are in it. */
function losesGroup(name: string, found: UserState, before: View): boolean {
  const { exists, members } = before.group(name)
  const others = Array.isArray(members) ? (members as string[]).filter((member) => member !== name) : []
  const isShared = others.length > 0 || primariesOf(name, before).some((one) => one !== name)
  return (
    exists === true && found.group === name && !isShared && before.settings()['USERGROUPS_ENAB'] === 'yes'
  )
}

function presentWish(given: User, before: View): Wish {
  const { name } = given
  const found = before.user(name)
  const isNew = found.exists !== true
  const ownGroup = isNew && given.group === undefined && before.group(name).exists !== true
  const group = given.group ?? (ownGroup ? name : undefined)
  refuseMissingGroups(given, before)
  const moved = movedFrom(given, before)
  return new Map<Key, Wished<UserState> | Wished<PathState> | OwnState>([
    ...(ownGroup ? [[`group:${name}`, { exists: true, system: given.system }] as const] : []),
    [`user:${name}`, userWish(given, found, group, before)],
    ...(moved === undefined ? homeWishes(given, group, found, before) : moveWishes(moved, given, before)),
    ...keyWishes(given, group ?? found.group, before),
  ])
}

/** What /etc/shadow should have beside the password. */
function shadowWish(given: User): Wished<UserState> {
  const { expires, password_expire_min: minimum, password_expire_max: maximum } = given
  return {
    ...(expires === undefined ? {} : { expires: dayOf(expires) }),
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
  }
}

function userWish(given: User, found: UserState, group: string | undefined, before: View): Wished<UserState> {
  const isNew = found.exists !== true
  const shell = given.shell ?? (isNew ? before.settings()['SHELL'] : undefined)
  const home = given.home ?? (isNew ? homeOf(given, before) : undefined)
  const password = passwordWish(given, found)
  return {
    exists: true,
    ...(isNew ? { system: given.system } : {}),
    ...(given.uid === undefined ? {} : { uid: given.uid }),
    ...(group === undefined ? {} : { group }),
    ...(given.groups === undefined ? {} : { groups: groupsWish(given, found, group) }),
    ...(given.comment === undefined ? {} : { comment: given.comment }),
    ...(home === undefined ? {} : { home }),
    ...(shell === undefined ? {} : { shell }),
    ...(password === undefined ? {} : { password }),
    ...shadowWish(given),
  }
}

function groupsWish(given: User, found: UserState, group: string | undefined): readonly string[] {
  const old = given.append && Array.isArray(found.groups) ? (found.groups as readonly string[]) : []
  const primary = group ?? found.group
  const all = [...old, ...given.groups!].filter((name) => name !== '' && name !== primary)
  return [...new Set(all)].sort()
}

/** A locked password is one with `!` before it; unlocking takes that away. */
function passwordWish(given: User, found: UserState): string | undefined {
  const isNew = found.exists !== true
  const old = typeof found.password === 'string' ? found.password : undefined
  const set = given.password !== undefined && (isNew || given.update_password === 'always')
  const base = set ? given.password : isNew ? '!' : old
  if (given.password_lock === undefined) return set ? base : undefined
  if (base === undefined) return given.password_lock ? '!' : undefined
  const bare = base.replace(/^!+/, '')
  if (given.password_lock) return base.startsWith('!') ? base : `!${base}`
  return bare === '' ? base : bare
}

function dayOf(expires: number): string {
  return expires < 0 ? '' : String(Math.floor(expires / 86400))
}

function refuseMissingGroups({ group, groups = [] }: User, before: View): void {
  for (const name of [...(group === undefined ? [] : [group]), ...groups.filter(Boolean)]) {
    if (before.group(name).exists === false) {
      throw new Fail(`Group ${name} does not exist`, [`group:${name}`], 'create it with the module group')
    }
  }
}

function refuseImpossible(given: User, before: View): void {
  const { name, uid, state } = given
  const isNew = before.user(name).exists !== true
  refuseChange(state === 'absent' ? 'userdel' : isNew ? 'useradd' : 'usermod', before)
  if (given.password !== undefined || given.password_lock !== undefined) refuseChange('chpasswd', before)
  const holder = uid === undefined ? undefined : (before.holder('user', uid) ?? undefined)
  if (holder !== undefined && holder !== name && !given.non_unique) {
    throw new Fail(
      `the uid ${uid} belongs to ${holder}`,
      [`user:${holder}`],
      'choose another, or use non_unique',
    )
  }
}

/** Throws for values that the files of accounts cannot hold. */
export function refuseFields(given: User): void {
  for (const field of ['comment', 'home', 'shell', 'password'] as const) {
    if (/[:\n]/.test(given[field] ?? ''))
      throw new Fail(`${field} has a colon or a line end, which /etc/passwd cannot hold`)
  }
}
