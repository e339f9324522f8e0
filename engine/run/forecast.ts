import { FRESH, type Difference, type Key, type PathState, type Session } from '../module/contract.js'
import type { Content } from '../content.js'
import { isFlag } from '../module/chattr.js'
import { sha1Of } from '../unhashed.js'
import { Unknown, isUnknown, type Maybe } from '../unknown.js'
import { idOf, nameOf, newIds, type Accounts } from './accounts.js'

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

/** Where programs are found, and the plugins of docker. */
const PROGRAMS = /\/(?:s?bin|cli-plugins)$/

/** Whether an earlier task of a dry run would have put a program of this name where programs are. */
export function bringsProgram({ states }: Forecast, program: string): boolean {
  return [...states].some(([key, { type, mode }]) => {
    if (!key.startsWith('path:') || !key.endsWith(`/${program}`) || !PROGRAMS.test(parentOf(key.slice(5))))
      return false
    if (type === 'absent' || type === 'directory') return false
    return typeof mode !== 'number' || (mode & 0o111) !== 0
  })
}

/** Whether an earlier task of a dry run would have installed a package, of whatever files. */
export function bringsPackages({ states }: Forecast): boolean {
  return [...states]
    .filter(([key]) => /^packages?:/.test(key))
    .some(([, state]) =>
      Object.values(state).some((version) => version !== 'absent' && typeof version !== 'boolean'),
    )
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

/**
 * What the host says of `path` (with the links of earlier tasks replaced), unless it went through a link that an earlier
 * task would have removed or replaced: then nothing of it is there.
 */
export function withoutGoneLinks(forecast: Forecast, path: string, found: PathState): PathState {
  if (forecast.states.size === 0 || found.real === path) return found
  const isGone = prefixes(path).some((prefix) => {
    const state = forecast.states.get(`path:${prefix}`)
    const type = state?.['type']
    if (prefix === path) return typeof type === 'string' && type !== 'link'
    return state?.below === 'none' || type === 'absent'
  })
  return isGone ? { type: 'absent', real: path } : found
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

/** Whether all that can be said of a path is in the forecast: itself, or a folder above it, is new or gone. */
export function isForetold({ states }: Forecast, path: string): boolean {
  return states.size > 0 && prefixes(path).some((prefix) => states.get(`path:${prefix}`)?.below === 'none')
}

/** Paths below `real` that only the forecast has, relative to it. */
export function foreseenBelow(forecast: Forecast, real: string): readonly string[] {
  const start = real === '/' ? 'path:/' : `path:${real}/`
  return [...forecast.states]
    .filter(([key, state]) => key.startsWith(start) && state['type'] !== 'absent')
    .map(([key]) => key.slice(start.length))
}

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
