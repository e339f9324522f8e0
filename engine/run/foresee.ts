import type { Content } from '../content.js'
import { isFlag } from '../module/chattr.js'
import { FRESH, type Difference, type Key, type Session } from '../module/contract.js'
import { sha1Of } from '../unhashed.js'
import { Unknown, isUnknown } from '../unknown.js'
import { idOf, nameOf, newIds, type Accounts } from './accounts.js'
import { parentOf, type Forecast } from './forecast.js'

/** Who the accounts of the host are, as far as that was asked. */
interface Who {
  readonly session: Session
  readonly accounts?: Accounts | undefined
}

/** Notes what a task would have made, by the key under which the forecast keeps it. */
export function foresee(
  forecast: Forecast,
  differing: ReadonlyMap<Key, Difference>,
  who: Who,
  realKey: (key: Key) => Key = (key) => key,
): void {
  const ids = newIds(differing, who.accounts, forecast.states)
  for (const [key, difference] of differing) {
    if (key.startsWith('run:')) continue
    const changed = { ...gidOf(key, difference, who, forecast), ...ids.get(key), ...changes(difference) }
    if (key.startsWith('controller:')) {
      const file = { type: 'file', ...changed }
      foreseePathChange(
        forecast.controller,
        `path:${key.slice(11)}`,
        { ...difference, before: {} },
        file,
        who,
      )
    } else if (key.startsWith('path:')) {
      foreseePathChange(forecast, realKey(key), difference, changed, who)
    } else forecast.states.set(key, { ...forecast.states.get(key), ...changed })
  }
}

function changes({ before, wished }: Difference): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(wished).map(([name, value]) => [
      name,
      value === FRESH ? new Unknown(`new ${name}`, [before[name]]) : value,
    ]),
  )
}

/** Notes what comes along with a change. Of what is new below a folder the forecast knows all. */
export function foreseeAlong(forecast: Forecast, key: Key, state: Readonly<Record<string, unknown>>): void {
  if (!key.startsWith('path:')) {
    forecast.states.set(key, { ...forecast.states.get(key), ...state })
    return
  }
  if (state['type'] === 'absent' || state['below'] === 'unknown') dropBelow(forecast, key)
  const late = (name: string): Unknown => new Unknown(`${name} of ${key.slice(5)}`)
  const times = { mtime: late('time'), ctime: late('time'), atime: late('time'), inode: late('inode') }
  const links = state['type'] === 'directory' ? late('links') : 1
  const rest = state['type'] === 'absent' ? {} : { ...times, device: late('device'), links }
  forecast.states.set(key, { ...rest, ...state, below: state['below'] === 'unknown' ? 'unknown' : 'none' })
}

function foreseePathChange(
  forecast: Forecast,
  key: Key,
  { before }: Difference,
  changed: Readonly<Record<string, unknown>>,
  who: Who,
): void {
  const type = changed['type'] ?? before['type']
  // What only the run can tell may well be the folder that is wished for, with all that is in it.
  const kept = type === 'directory' && isUnknown(before['type'])
  const below = (changed['below'] as 'unknown' | undefined) ?? (kept ? 'unknown' : undefined)
  const replaced = type !== before['type'] || before['type'] === 'absent'
  const rewritten = changed['sha1'] !== undefined && changed['sha1'] !== before['sha1']
  if (replaced && !kept) dropBelow(forecast, key)
  if (replaced || rewritten) stirFolder(forecast, key)
  if (type === 'absent') {
    forecast.states.set(key, { type, below: 'none' })
    return
  }
  const late = (name: string): Unknown => new Unknown(`${name} of ${key.slice(5)}`)
  const times = { mtime: late('time'), ctime: late('time'), inode: late('inode') }
  const ids = { ...ownerOf('user', changed, who, forecast), ...ownerOf('group', changed, who, forecast) }
  const link = typeof changed['target'] === 'string' ? { ...linkState(changed['target']), ...times } : {}
  if (replaced) {
    // File systems differ in what they count of a folder.
    const links = type === 'directory' ? late('links') : 1
    const first = {
      device: late('device'),
      links,
      atime: late('time'),
      size: late('size'),
      ...(type === 'file' ? { sha1: sumOf(changed['content']) ?? late('checksum') } : {}),
    }
    forecast.states.set(key, { ...first, ...times, ...ids, ...link, ...changed, below: below ?? 'none' })
    return
  }
  forecast.states.set(key, {
    ...forecast.states.get(key),
    // What is written anew has no other names.
    ...(rewritten
      ? { content: late('content'), links: 1, ...times, ...newFlags(before) }
      : { ctime: times.ctime }),
    ...ids,
    ...link,
    ...changed,
  })
}

/** A file that takes the place of another has none of its attributes but what its file system gives to all. */
function newFlags(before: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const names = Object.keys(before).filter((name) => isFlag(name) && name !== '+e')
  return Object.fromEntries(names.map((name) => [name, false]))
}

/** What a new file has in it has a checksum, wished or not. */
const sumOf = (content: unknown): unknown =>
  content === undefined || isUnknown(content) ? undefined : sha1Of(content as Content)

/** Every link is as long as its target and open to all; only what it points to has a mode that counts. */
function linkState(target: string): Record<string, unknown> {
  return { mode: 0o777, size: Buffer.byteLength(target) }
}

/** Another primary group brings another id. */
function gidOf(
  key: Key,
  { wished, names }: Difference,
  { accounts }: Who,
  { states }: Forecast,
): Readonly<Record<string, unknown>> {
  const { group } = wished
  if (!key.startsWith('user:') || typeof group !== 'string' || !names.includes('group')) return {}
  return { gid: idOf('group', group, accounts, states) }
}

/** A new owner brings a new id, and a new id a new owner. */
function ownerOf(
  kind: 'user' | 'group',
  changed: Readonly<Record<string, unknown>>,
  { session, accounts }: Who,
  { states }: Forecast,
): Readonly<Record<string, unknown>> {
  const [name, id] = kind === 'user' ? (['owner', 'uid'] as const) : (['group', 'gid'] as const)
  const [wishedName, wishedId] = [changed[name], changed[id]]
  if (wishedName !== undefined && wishedId === undefined) {
    if (isUnknown(wishedName)) return { [id]: new Unknown(`id of ${wishedName.why}`) }
    const own = kind === 'user' ? session.user : session.group
    return { [id]: wishedName === own ? session[id] : idOf(kind, String(wishedName), accounts, states) }
  }
  if (typeof wishedId !== 'number' || wishedName !== undefined) return {}
  return { [name]: nameOf(kind, wishedId, accounts, states) }
}

/** What comes to or goes from a folder changes its times, and often its size. */
function stirFolder(forecast: Forecast, key: Key): void {
  const folder: Key = `path:${parentOf(key.slice(5))}`
  const late = (name: string): Unknown => new Unknown(`${name} of ${folder.slice(5)}`)
  const stirred = { size: late('size'), mtime: late('time'), ctime: late('time'), links: late('links') }
  forecast.states.set(folder, { ...forecast.states.get(folder), ...stirred })
}

function dropBelow(forecast: Forecast, key: Key): void {
  for (const other of forecast.states.keys()) if (other.startsWith(`${key}/`)) forecast.states.delete(other)
}
