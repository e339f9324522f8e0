import type { Difference, Key } from '../module/contract.js'
import { constant } from '../module/quote.js'
import { isUnknown, Unknown, type Maybe } from '../unknown.js'

/**
 * Ids of accounts and groups, for dry runs: which id a name has, and which one the shadow tools would choose for a new
 * one. They choose as `useradd` and `groupadd` do: one more than the highest in use, of the system one less than the
 * lowest, where that is out of range the first free one; and for an account's own group the account's id where it is free.
 */
export interface Accounts {
  readonly users: ReadonlyMap<string, number>
  readonly groups: ReadonlyMap<string, number>
  /** Numbers of /etc/login.defs by name. */
  readonly settings: ReadonlyMap<string, number>
}

/** Prints what {@link readAccounts} reads. */
export const ACCOUNTS = constant`cat /etc/passwd; echo %; cat /etc/group; echo %
[ ! -r /etc/login.defs ] || grep -E '^(SYS_)?[UG]ID_(MIN|MAX)' /etc/login.defs`

/** Reads what {@link ACCOUNTS} printed. */
export function readAccounts(text: string): Accounts {
  const [passwd = '', group = '', defs = ''] = text.split(/^%$/m)
  const ids = (part: string): ReadonlyMap<string, number> =>
    new Map(
      part
        .split('\n')
        .map((line) => line.split(':'))
        .filter((fields) => fields.length > 2)
        .map(([name, , id]) => [name!, Number(id)]),
    )
  const settings = [...defs.matchAll(/^(\w+)\s+(\d+)/gm)].map(
    ([, name, value]) => [name!, Number(value)] as const,
  )
  return { users: ids(passwd), groups: ids(group), settings: new Map(settings) }
}

type Kind = 'user' | 'group'
type States = ReadonlyMap<Key, Readonly<Record<string, unknown>>>
const ID = { user: 'uid', group: 'gid' } as const

/** The id of a name, as foreseen or as the host has it. */
export function idOf(
  kind: Kind,
  name: string,
  accounts: Accounts | undefined,
  states: States,
): Maybe<number> {
  const foreseen = states.get(`${kind}:${name}`)?.[ID[kind]] as Maybe<number> | undefined
  const found = (kind === 'user' ? accounts?.users : accounts?.groups)?.get(name)
  return foreseen ?? found ?? new Unknown(`id of ${kind} ${name}`)
}

/** The name of an id, as foreseen or as the host has it; the id as text where nobody has it. */
export function nameOf(
  kind: Kind,
  id: number,
  accounts: Accounts | undefined,
  states: States,
): Maybe<string> {
  if (!accounts) return new Unknown(`name of the ${kind} ${id}`)
  for (const [key, state] of states) {
    if (key.startsWith(`${kind}:`) && state[ID[kind]] === id && state['exists'] !== false)
      return key.slice(kind.length + 1)
  }
  const found = [...(kind === 'user' ? accounts.users : accounts.groups)].find(
    ([name, other]) => other === id && states.get(`${kind}:${name}`)?.['exists'] !== false,
  )
  return found?.[0] ?? String(id)
}

/** Who has an id: nobody is null. */
export function holderOf(
  kind: Kind,
  id: number,
  accounts: Accounts,
  states: States,
): string | null | undefined {
  const name = nameOf(kind, id, accounts, states)
  return name === String(id) ? null : (name as string | undefined)
}

/** Ids that new accounts and groups among the differences get, by key. */
export function newIds(
  differing: ReadonlyMap<Key, Difference>,
  accounts: Accounts | undefined,
  states: States,
): ReadonlyMap<Key, Readonly<Record<string, unknown>>> {
  const fresh = (kind: Kind): [Key, Difference][] =>
    [...differing].filter(
      ([key, { before, wished }]) =>
        key.startsWith(`${kind}:`) && before['exists'] === false && wished['exists'] === true,
    )
  const ids = new Map<Key, Record<string, unknown>>()
  for (const [key, { wished }] of fresh('user'))
    ids.set(key, { comment: '', groups: [], uid: wished['uid'] ?? nextId('user', wished, accounts, states) })
  for (const [key, { wished }] of fresh('group')) {
    const own = ids.get(`user:${key.slice(6)}`)?.['uid'] as Maybe<number> | undefined
    ids.set(key, { gid: wished['gid'] ?? nextId('group', wished, accounts, states, own), members: [] })
  }
  for (const [key, { wished }] of fresh('user')) {
    const group = wished['group']
    const own = typeof group === 'string' ? ids.get(`group:${group}`)?.['gid'] : undefined
    const gid = own ?? (typeof group === 'string' ? idOf('group', group, accounts, states) : undefined)
    ids.set(key, { ...ids.get(key), gid: gid ?? new Unknown(`group id of ${key.slice(5)}`) })
  }
  return ids
}

function nextId(
  kind: Kind,
  { system }: Readonly<Record<string, unknown>>,
  accounts: Accounts | undefined,
  states: States,
  preferred?: Maybe<number>,
): Maybe<number> {
  const late = new Unknown(`id of a new ${kind}`)
  if (!accounts || isUnknown(preferred)) return late
  const used = usedIds(kind, accounts, states)
  if (!used) return late
  const prefix = `${system === true ? 'SYS_' : ''}${kind === 'user' ? 'UID' : 'GID'}`
  const usual =
    system === true ? [101, (accounts.settings.get(`${prefix.slice(4)}_MIN`) ?? 1000) - 1] : [1000, 60000]
  const min = accounts.settings.get(`${prefix}_MIN`) ?? usual[0]!
  const max = accounts.settings.get(`${prefix}_MAX`) ?? usual[1]!
  if (preferred !== undefined && preferred >= min && preferred <= max && !used.has(preferred))
    return preferred
  const within = [...used].filter((id) => id >= min && id <= max)
  const next = system === true ? Math.min(max + 1, ...within) - 1 : Math.max(min - 1, ...within) + 1
  if (next >= min && next <= max) return next
  for (let i = 0; i <= max - min; i++) {
    const id = system === true ? max - i : min + i
    if (!used.has(id)) return id
  }
  return late
}

/** Undefined when some are known only after the run. */
function usedIds(kind: Kind, accounts: Accounts, states: States): ReadonlySet<number> | undefined {
  const found = new Map(kind === 'user' ? accounts.users : accounts.groups)
  for (const [key, state] of states) {
    if (!key.startsWith(`${kind}:`)) continue
    const id = state[ID[kind]]
    if (isUnknown(id)) return undefined
    if (state['exists'] === false) found.delete(key.slice(kind.length + 1))
    else if (typeof id === 'number') found.set(key.slice(kind.length + 1), id)
  }
  return new Set(found.values())
}
