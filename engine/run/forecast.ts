import { FRESH, type Difference, type Key, type PathState, type Session } from '../module/contract.js'
import type { Content } from '../content.js'
import { Unknown, isUnknown, type Maybe } from '../unknown.js'

/** What a dry run foresees of one thing: attributes laid over what the host says. */
export type Foreseen = Readonly<Record<string, unknown>> & {
  /** Of a path: `none` cuts off what the host has below it; `unknown` says that only the run can tell. */
  readonly below?: 'none' | 'unknown'
}

/** What earlier tasks of a dry run would have made on one host, by {@link Key} with real paths. */
export interface Forecast {
  /** Tasks that were not run and may have changed anything; later predictions rest on them. */
  readonly assuming: string[]
  readonly states: Map<Key, Foreseen>
  /** What earlier tasks would have made on the controller, for all hosts; that of the controller's own is itself. */
  readonly controller: Forecast
}

/** A forecast of nothing. */
export function emptyForecast(controller?: Forecast): Forecast {
  const forecast = { assuming: [], states: new Map<Key, Foreseen>() }
  return Object.assign(forecast, { controller: controller ?? (forecast as object as Forecast) })
}

/** What a dry run foresees of a file of the controller: its content, or why only the run can tell. */
export function foreseenFile({ states }: Forecast, path: string): Maybe<Content> | undefined {
  const state = states.get(`path:${path}`)
  if (state?.['type'] !== 'file') return undefined
  return (state['content'] as Maybe<Content> | undefined) ?? new Unknown(`content of ${path}`)
}

/** The forecast as it is now: what a task saw, before its own changes are foreseen. */
export function snapshot(forecast: Forecast): Forecast {
  const { assuming, states, controller } = forecast
  return { assuming: [...assuming], states: new Map(states), controller }
}

/** The path with the links that earlier tasks would have made replaced; its last part only with `follow`. */
export function throughForeseenLinks(forecast: Forecast, path: string, follow: boolean): string {
  if (forecast.states.size === 0) return path
  let resolved = path
  for (let hops = 0; hops < 40; hops++) {
    const link = prefixes(resolved)
      .filter((prefix) => follow || prefix !== resolved)
      .find((prefix) => typeof forecast.states.get(`path:${prefix}`)?.['target'] === 'string')
    if (link === undefined) return resolved
    const target = forecast.states.get(`path:${link}`)!['target'] as string
    const base = target.startsWith('/') ? target : `${parentOf(link)}/${target}`
    resolved = normalize(base + resolved.slice(link.length))
  }
  return resolved
}

/** A path as the host has it, with the forecast laid over it. The nearest foreseen ancestor decides what is below. */
export function foreseePath(forecast: Forecast, found: PathState): PathState {
  if (forecast.states.size === 0) return found
  const own = forecast.states.get(`path:${found.real}`)
  if (own?.below === 'none') return { ...(own as object as PathState), real: found.real }
  const cut = prefixes(parentOf(found.real))
    .reverse()
    .map((ancestor) => forecast.states.get(`path:${ancestor}`)?.below)
    .find((below) => below !== undefined)
  const base: PathState =
    cut === 'none'
      ? { type: 'absent', real: found.real }
      : cut === 'unknown'
        ? { type: new Unknown(`what is below ${parentOf(found.real)}`), real: found.real }
        : found
  return own ? { ...base, ...(own as object), real: found.real } : base
}

/** Paths below `real` that only the forecast has, relative to it. */
export function foreseenBelow(forecast: Forecast, real: string): readonly string[] {
  const start = real === '/' ? 'path:/' : `path:${real}/`
  return [...forecast.states]
    .filter(([key, state]) => key.startsWith(start) && state['type'] !== 'absent')
    .map(([key]) => key.slice(start.length))
}

/** Notes what a task would have made. */
export function foresee(forecast: Forecast, key: Key, difference: Difference, session: Session): void {
  if (key.startsWith('run:')) return
  const changed = Object.fromEntries(
    Object.entries(difference.wished).map(([name, value]) => [
      name,
      value === FRESH ? new Unknown(`new ${name}`, [difference.before[name]]) : value,
    ]),
  )
  if (key.startsWith('controller:')) {
    const path: Key = `path:${key.slice(11)}`
    return foreseePathChange(
      forecast.controller,
      path,
      { ...difference, before: {} },
      { type: 'file', ...changed },
      session,
    )
  }
  if (key.startsWith('path:')) return foreseePathChange(forecast, key, difference, changed, session)
  const created = difference.before['exists'] === false ? idsOf(key) : {}
  forecast.states.set(key, { ...forecast.states.get(key), ...created, ...changed })
}

/** Notes what comes along with a change. Of what is new below a folder the forecast knows all. */
export function foreseeAlong(forecast: Forecast, key: Key, state: Readonly<Record<string, unknown>>): void {
  if (!key.startsWith('path:')) {
    forecast.states.set(key, { ...forecast.states.get(key), ...state })
    return
  }
  if (state['type'] === 'absent') dropBelow(forecast, key)
  const late = (name: string): Unknown => new Unknown(`${name} of ${key.slice(5)}`)
  const times = { mtime: late('time'), ctime: late('time'), atime: late('time'), inode: late('inode') }
  const rest = state['type'] === 'absent' ? {} : { ...times, device: late('device'), links: 1 }
  forecast.states.set(key, { ...rest, ...state, below: 'none' })
}

/** What the system chooses for a new account or group unless it is told. */
function idsOf(key: Key): Readonly<Record<string, unknown>> {
  const name = key.slice(key.indexOf(':') + 1)
  if (key.startsWith('user:')) {
    return { uid: new Unknown(`id of ${name}`), gid: new Unknown(`group id of ${name}`) }
  }
  return key.startsWith('group:') ? { gid: new Unknown(`id of group ${name}`), members: [] } : {}
}

function foreseePathChange(
  forecast: Forecast,
  key: Key,
  { before }: Difference,
  changed: Readonly<Record<string, unknown>>,
  session: Session,
): void {
  const type = changed['type'] ?? before['type']
  const below = changed['below'] as 'unknown' | undefined
  const replaced = type !== before['type'] || before['type'] === 'absent'
  if (replaced) dropBelow(forecast, key)
  if (type === 'absent') {
    forecast.states.set(key, { type, below: 'none' })
    return
  }
  const late = (name: string): Unknown => new Unknown(`${name} of ${key.slice(5)}`)
  const times = { mtime: late('time'), ctime: late('time'), inode: late('inode') }
  const ids = { ...idOf('owner', 'uid', changed, session), ...idOf('group', 'gid', changed, session) }
  const link = typeof changed['target'] === 'string' ? { ...linkState(changed['target']), ...times } : {}
  if (replaced) {
    const first = { device: late('device'), links: 1, atime: late('time'), size: late('size') }
    forecast.states.set(key, { ...first, ...times, ...ids, ...link, ...changed, below: below ?? 'none' })
    return
  }
  const rewritten = changed['sha1'] !== undefined && changed['sha1'] !== before['sha1']
  forecast.states.set(key, {
    ...forecast.states.get(key),
    ...(rewritten ? { content: late('content'), ...times } : { ctime: times.ctime }),
    ...ids,
    ...link,
    ...changed,
  })
}

/** Every link is as long as its target and open to all; only what it points to has a mode that counts. */
function linkState(target: string): Record<string, unknown> {
  return { mode: 0o777, size: Buffer.byteLength(target) }
}

/** A new owner brings a new id: the session's own is known, another's only where the module wished it too. */
function idOf(
  name: 'owner' | 'group',
  id: 'uid' | 'gid',
  changed: Readonly<Record<string, unknown>>,
  session: Session,
): Record<string, unknown> {
  const wished = changed[name]
  if (wished === undefined || id in changed) return {}
  const own = name === 'owner' ? session.user : session.group
  return {
    [id]:
      wished === own ? session[id] : new Unknown(`id of ${isUnknown(wished) ? wished.why : String(wished)}`),
  }
}

function dropBelow(forecast: Forecast, key: Key): void {
  for (const other of forecast.states.keys()) if (other.startsWith(`${key}/`)) forecast.states.delete(other)
}

/** `/a/b/c` gives `/a`, `/a/b`, `/a/b/c`. */
export function prefixes(path: string): string[] {
  const parts = path.split('/').filter(Boolean)
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}`)
}

/** The folder a path is in. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

/** One spelling for each absolute path: no double slash, no `.` or `..`, no slash at the end. */
export function normalize(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}
