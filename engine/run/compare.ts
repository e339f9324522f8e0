import { isDeepStrictEqual } from 'node:util'
import {
  FRESH,
  type Converge,
  type Difference,
  type Key,
  type PathState,
  type Session,
  type Wish,
} from '../module/contract.js'
import { isFlag } from '../module/chattr.js'
import type { Unknown } from '../unknown.js'
import { isUnknown } from '../unknown.js'
import { normalize } from './forecast.js'

/** Attributes that go along with others and are never compared themselves. */
const CARRIED = new Set(['content', 'real', 'below', 'size', 'system'])

/** Attributes that may be fresh and look as before: busybox tells times in whole seconds. */
const COARSE = new Set(['mtime', 'atime'])

/** States by key, as the view of a host gives them. */
export interface States {
  readonly session: Session
  state(key: Key): Readonly<Record<string, unknown>>
  /** The folder a path is in, for what a new entry inherits. */
  parent(key: Key): PathState | undefined
}

/** What differs, and what cannot be told before the run. */
export interface Comparison {
  readonly differing: ReadonlyMap<Key, Difference>
  /** Why the comparison cannot be decided before the run. */
  readonly undecided: readonly string[]
  /** The keys of which that is so. */
  readonly open: ReadonlySet<Key>
}

/** Holds a wish against what was found. */
export function compare(wish: Wish, states: States): Comparison {
  const differing = new Map<Key, Difference>()
  const undecided: string[] = []
  const open = new Set<Key>()
  for (const [given, wished] of wish) {
    const key = canonical(given)
    const before = states.state(key)
    const whole = complete(key, wished as Readonly<Record<string, unknown>>, before, states)
    const verdicts = Object.keys(whole)
      .filter((name) => !CARRIED.has(name) && whole[name] !== undefined)
      .filter((name) => name === 'type' || whole['type'] !== 'absent')
      .map((name) => ({
        name,
        verdict: isLongAgo(name, before[name], whole[name]) || differs(foundOf(name, before), whole[name]),
      }))
      .filter(({ verdict }) => verdict !== false)
    if (verdicts.length === 0) continue
    differing.set(key, { before, wished: whole, names: verdicts.map(({ name }) => name) })
    // One difference that is sure settles that there is something to do.
    if (verdicts.some(({ verdict }) => verdict === true)) continue
    open.add(key)
    undecided.push(...verdicts.flatMap(({ verdict }) => (isUnknown(verdict) ? [verdict.why] : [])))
  }
  return { differing, undecided, open }
}

/** True when something has changed: what only the run could tell counts when it is another than before. */
export function hasChanged(
  differing: ReadonlyMap<Key, Difference>,
  open: ReadonlySet<Key>,
  after: States,
): boolean {
  return [...differing].some(([key, { before, names }]) => {
    if (!open.has(key)) return true
    const now = after.state(key)
    return names.some((name) => !same(now[name], before[name]))
  })
}

/** Names of the wished attributes that the second probe does not show, but for those that `accepts` finds well. */
export function unreached(
  wish: ReadonlyMap<Key, Difference>,
  states: States,
  accepts: Converge['accepts'] = () => false,
): readonly string[] {
  return [...wish].flatMap(([key, { before, wished, names }]) => {
    if (key.startsWith('run:')) return []
    const after = states.state(key)
    return names
      .filter((name) => {
        const value = wished[name]
        if (isUnknown(value)) return false
        if (value === FRESH)
          return !COARSE.has(name) && before[name] !== undefined && same(after[name], before[name])
        return !same(after[name], value) && !accepts(key, name, value, after)
      })
      .map((name) => `${key} has ${name} ${show(name, after[name])}, not ${show(name, wished[name])}`)
  })
}

/** One spelling for each key: a path has no double slash or dots. */
export function canonical(key: Key): Key {
  return key.startsWith('path:') ? `path:${normalize(key.slice(5))}` : key
}

/** A mode in octal, lists and dictionaries in a line, anything else as text. */
export function show(name: string, value: unknown): string {
  if (value === undefined) return 'unset'
  if (name === 'mode' && typeof value === 'number') return value.toString(8).padStart(4, '0')
  const text = (part: unknown): string =>
    typeof part === 'object' && part !== null && !isUnknown(part) ? JSON.stringify(part) : String(part)
  if (Array.isArray(value)) return value.map(text).join(',')
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) {
    return String(value)
  }
  return Object.entries(value)
    .map(([key, part]) => `${key}=${text(part)}`)
    .join(',')
}

/** What has just been made has no attribute of the file system. */
function foundOf(name: string, before: Readonly<Record<string, unknown>>): unknown {
  return isFlag(name) ? (before[name] ?? false) : before[name]
}

/** What a run makes has a time of the run: it is none of the days before, whatever the clocks of hosts say. */
function isLongAgo(name: string, found: unknown, wished: unknown): boolean {
  if (!COARSE.has(name) || !isUnknown(found) || typeof wished !== 'number') return false
  return Math.abs(Date.now() / 1000 - wished) > 2 * 86_400
}

function differs(found: unknown, wished: unknown): boolean | Unknown {
  if (wished === FRESH) return true
  // The same thing that only the run can tell: a hard link has the inode of its file.
  if (wished === found) return false
  if (isUnknown(wished)) {
    if (wished.not.some((value) => isDeepStrictEqual(value, found))) return true
    return wished
  }
  if (isUnknown(found)) {
    if (found.not.some((value) => isDeepStrictEqual(value, wished))) return true
    return found
  }
  return !same(found, wished)
}

/** An attribute that a host does not have is absent. */
function same(found: unknown, wished: unknown): boolean {
  return isDeepStrictEqual(found, wished) || (found === undefined && wished === 'absent')
}

/** What a new file or directory gets without being told: umask, the session's names, a setgid parent's group. */
function complete(
  key: Key,
  wished: Readonly<Record<string, unknown>>,
  before: Readonly<Record<string, unknown>>,
  states: States,
): Readonly<Record<string, unknown>> {
  const type = wished['type']
  if (!key.startsWith('path:') || before['type'] === type) return wished
  if (type !== 'file' && type !== 'directory' && type !== 'link') return wished
  const { session } = states
  const parent = states.parent(key)
  const setgid = typeof parent?.mode === 'number' && (parent.mode & 0o2000) !== 0
  const inherits = setgid && type === 'directory' ? 0o2000 : 0
  const mode = ((type === 'directory' ? 0o777 : 0o666) & ~session.umask) | inherits
  const has = (name: string, id: string): boolean => wished[name] !== undefined || wished[id] !== undefined
  return {
    ...(type === 'link' ? {} : { mode }),
    ...(has('owner', 'uid') ? {} : { owner: session.user }),
    ...(has('group', 'gid') ? {} : { group: setgid ? parent.group : session.group }),
    ...wished,
  }
}
