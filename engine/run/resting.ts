import type { Ask, PathState, Session } from '../module/contract.js'
import { isUnknown } from '../unknown.js'
import { pathId, type Answers, type PathAnswer } from './answers.js'
import { isForetold, normalize, prefixes, throughForeseenLinks, type Forecast } from './forecast.js'
import type { PathAsk, Questions } from './questions.js'
import type { Speculation } from './speculation.js'

/**
 * Tasks that rest on one another go along in one message (together.ts): one is evaluated with what those before it
 * will have made laid over what the host has answered, as in a dry run. What it makes of that it would make of it in
 * its turn; where it needs what only the host can tell by then (a time, an id that is chosen there), it waits for its
 * turn.
 */
export interface Watch {
  /** A path's state as the task sees it. */
  path(state: PathState, answer: PathAnswer): PathState
  /** An account's, or a group's. */
  account<State extends object>(state: State, found: State): State
  /** Who will have an id; undefined where the host's own answer holds. */
  holder(kind: 'user' | 'group', id: number): string | undefined
}

/** Watches what a task makes of a forecast; nothing to watch where there is none. */
export function watchOf(speculation: Speculation | undefined, session: Session): Watch | undefined {
  if (!speculation || speculation.forecast.states.size === 0) return undefined
  const { forecast } = speculation
  const watched = <State extends object>(state: State, found: State): State =>
    new Proxy(state, { get: (_, name) => seen(speculation, state, found, name) })
  return {
    path: (state, { state: found, denied, tooLarge }) => {
      if (speculation.parcel) return state
      if (state !== found && (denied || tooLarge || !isOpen(forecast, state.real, session)))
        speculation.refuse('it may not be looked at')
      return watched(state, found)
    },
    account: watched,
    holder: (kind, id) => {
      if (speculation.parcel) return undefined
      const made = [...forecast.states].filter(([key]) => key.startsWith(`${kind}:`))
      const ids = made.map(([, { uid, gid }]) => (kind === 'user' ? uid : gid))
      if (ids.some(isUnknown)) speculation.refuse('an id will be chosen')
      return made[ids.indexOf(id)]?.[0].slice(kind.length + 1)
    },
  }
}

/** An attribute, as far as it is known before the turn. What has been sent is not held back any more. */
function seen(speculation: Speculation, state: object, found: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(state, name)
  if (speculation.parcel) return value
  if (isUnknown(value)) speculation.refuse(value.why)
  if (isNameless(name, value) && makesAccounts(speculation.forecast)) speculation.refuse('it gets a name')
  if (name === 'group' && value === undefined && isSetgid(state))
    speculation.refuse('a folder gives its group')
  if (value === Reflect.get(found, name)) return value
  speculation.resting = true
  return value
}

/** What belongs to an id without a name belongs to an account that gets the id. */
function isNameless(name: string | symbol, value: unknown): boolean {
  return (name === 'owner' || name === 'group') && /^\d+$/.test(String(value))
}

function isSetgid({ mode }: { readonly mode?: unknown }): boolean {
  return typeof mode === 'number' && (mode & 0o2000) !== 0
}

/** Whether accounts or groups are made. */
export function makesAccounts({ states }: Forecast): boolean {
  return [...states.keys()].some((key) => /^(user|group):/.test(key))
}

/** Whether a shell may look at what was changed: root may, others if the new mode lets its owner do so. */
function isOpen({ states }: Forecast, real: string, session: Session): boolean {
  if (session.uid === 0) return true
  return prefixes(real).every((prefix) => {
    const { mode, owner, type } = states.get(`path:${prefix}`) ?? {}
    if (type === 'absent' || (mode === undefined && owner === undefined)) return true
    const needs = prefix === real && type === 'file' ? 0o400 : 0o500
    return owner === session.user && typeof mode === 'number' && (mode & needs) === needs
  })
}

/** Refuses what goes through a link that one before it makes: where that leads the host must be asked. */
export function refuseNewLinks(speculation: Speculation | undefined, asks: readonly Ask[]): void {
  if (!speculation) return
  const through = asks.some((ask) => {
    if (ask.kind !== 'path') return false
    const path = normalize(ask.path)
    return throughForeseenLinks(speculation.forecast, path, ask.follow ?? false) !== path
  })
  if (through) speculation.refuse('it goes through a new link')
}

/** Answers that need no host: of what is new, or gone, the forecast tells all. */
export function foretoldAnswers(paths: readonly PathAsk[], forecast: Forecast): Answers['paths'] {
  return new Map(
    paths
      .filter(({ path }) => isForetold(forecast, path))
      .map(({ path, follow }) => [
        pathId(path, follow),
        { state: { type: 'absent', real: path }, denied: false, tooLarge: false },
      ]),
  )
}

/** Questions whose answers others before it may have altered, and nobody can tell how. */
export function asksOpenly({ trees, own, flags, labels }: Questions, { states }: Forecast): boolean {
  const marks = states.size > 0 && (flags || labels !== 'no')
  return marks || trees.length > 0 || own.some(({ ask }) => !ask.rests)
}
