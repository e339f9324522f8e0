import type { Content } from '../content.js'
import { isUnknown } from '../unknown.js'
import {
  Fail,
  type Ask,
  type GroupState,
  type Key,
  type OwnState,
  type PathState,
  type Session,
  type UserState,
  type View,
} from '../module/contract.js'
import { fnmatch } from '../module/fnmatch.js'
import { holderOf } from './accounts.js'
import { idKey } from './account-lines.js'
import { pathId, type Answers, type PathAnswer } from './answers.js'
import { canonical, type States } from './compare.js'
import {
  bringsProgram,
  foreseenFile,
  foreseePath,
  foreseenBelow,
  normalize,
  parentOf,
  throughForeseenLinks,
  withoutGoneLinks,
  type Forecast,
} from './forecast.js'
import type { Watch } from './resting.js'

/** What a module sees of the host, and what the envelope compares: the answers with the forecast laid over them. */
export interface HostView extends View, States {
  /** The key under which a path's forecast is kept: its real path. */
  realKey(key: Key): Key
  /** Keys of all own states that were told. */
  readonly ownKeys: readonly Key[]
}

/** Everything a view is made of. */
export interface ViewParts {
  readonly asks: readonly Ask[]
  readonly answers: Answers
  readonly forecast: Forecast
  readonly session: Session
  readonly controller: ReadonlyMap<string, Content | undefined>
  /** Keys that were told of before: what is told no more is gone. */
  readonly formerly?: readonly Key[]
  /** Where the forecast is what others of the same message will have made. */
  readonly watch?: Watch | undefined
}

/** Lays the forecast over the answers. Asking for what was not probed is a defect and throws. */
export function createView(parts: ViewParts): HostView {
  const { asks, answers, forecast, session, controller, watch } = parts
  const gone = (parts.formerly ?? []).map((key): [Key, OwnState] => [key, {}])
  const own = new Map([...gone, ...readOwn(asks, answers)])
  const pathAsks = new Map(
    asks.flatMap((ask) => (ask.kind === 'path' ? [[normalize(ask.path), ask] as const] : [])),
  )
  const look = (path: string): PathState => {
    const ask = pathAsks.get(normalize(path))
    const follow = ask?.follow ?? false
    const through = throughForeseenLinks(forecast, normalize(path), follow)
    const answer = answers.paths.get(pathId(through, follow))
    if (!answer) return lookInTrees(normalize(path), parts)
    const state = foreseePath(forecast, withoutGoneLinks(forecast, through, answer.state))
    if (state === answer.state) refuseDenied(path, answer, ask)
    return watch ? watch.path(state, answer) : state
  }
  const parentState = (path: string): PathState | undefined => {
    const through = throughForeseenLinks(forecast, parentOf(normalize(path)), true)
    const answer = answers.paths.get(pathId(through, true))
    if (!answer) return undefined
    const state = foreseePath(forecast, withoutGoneLinks(forecast, through, answer.state))
    return watch ? watch.path(state, answer) : state
  }
  const laid = <State extends object>(key: Key, found: State): State => ({
    ...found,
    ...forecast.states.get(key),
  })
  const account = <State extends object>(key: Key, found: State): State =>
    watch ? watch.account(laid(key, found), found) : laid(key, found)
  const view: HostView = {
    session,
    ownKeys: [...own.keys()],
    path: look,
    knows: (path) => pathAsks.has(normalize(path)),
    told: (key) => own.has(key),
    tree: (path) => lookBelow(normalize(path), answers, forecast),
    user: (name) => account<UserState>(`user:${name}`, known(answers.users.get(name), `user ${name}`)),
    group: (name) => account<GroupState>(`group:${name}`, known(answers.groups.get(name), `group ${name}`)),
    own: (key) => laid<OwnState>(key, known(own.get(key), key)),
    present: (paths, pattern) => isPresent(paths, pattern, forecast),
    holder: (kind, id) =>
      watch?.holder(kind, id) ??
      (answers.accounts
        ? holderOf(kind, id, answers.accounts, forecast.states)
        : answers.holders.get(idKey(kind, id))),
    settings: () => known(answers.settings, 'the settings of accounts'),
    foreseenUsers: () =>
      new Map(
        [...forecast.states].flatMap(([key, state]): [string, Partial<UserState>][] =>
          key.startsWith('user:') ? [[key.slice(5), state as Partial<UserState>]] : [],
        ),
      ),
    brought: (program) => bringsProgram(forecast, program),
    controller: (path) => {
      const foreseen = foreseenFile(forecast.controller, path)
      return foreseen === undefined || isUnknown(foreseen) ? controller.get(path) : foreseen
    },
    state: (key) => stateOf(key, view, own),
    parent: (key) => (key.startsWith('path:') ? parentState(key.slice(5)) : undefined),
    realKey: (key) => (key.startsWith('path:') ? `path:${look(key.slice(5)).real}` : key),
  }
  return view
}

function stateOf(key: Key, view: View, own: ReadonlyMap<Key, OwnState>): Readonly<Record<string, unknown>> {
  const name = key.slice(key.indexOf(':') + 1)
  if (own.has(key)) return view.own(key)
  if (key.startsWith('path:')) return view.path(name) as unknown as Record<string, unknown>
  if (key.startsWith('user:')) return view.user(name) as unknown as Record<string, unknown>
  if (key.startsWith('group:')) return view.group(name) as unknown as Record<string, unknown>
  if (key.startsWith('controller:')) return { sha1: view.controller(name)?.sha1 }
  if (key.startsWith('run:')) return {}
  throw new Error(`${key} was wished for but not probed`)
}

/** What a question tells besides does not replace the answer to a question of its own. */
function readOwn(asks: readonly Ask[], answers: Answers): ReadonlyMap<Key, OwnState> {
  const further: [Key, OwnState][] = []
  const own = asks.flatMap((ask): [Key, OwnState][] => {
    if (ask.kind !== 'own') return []
    const answer = answers.own.get(ask.key)
    if (!answer) throw new Fail(`the host did not answer what was asked of ${ask.key}`)
    const output = { stdout: answer.stdout.toString('utf8'), stderr: answer.stderr, code: answer.code }
    const state = ask.read(output)
    further.push(...(ask.further?.(output) ?? []))
    return [[canonical(ask.key), state]]
  })
  return new Map([...further, ...own])
}

function refuseDenied(
  path: string,
  answer: PathAnswer,
  ask: Extract<Ask, { kind: 'path' }> | undefined,
): void {
  if (answer.denied) {
    throw new Fail(
      `permission denied: ${path} cannot be looked at`,
      [`path:${path}`],
      'use become, or another user',
    )
  }
  if (answer.tooLarge && ask?.need === 'content') {
    const limit = ask?.limit ?? 0
    throw new Fail(
      `${path} has ${String(answer.state.size)} bytes, more than the ${limit} this module can read`,
    )
  }
}

/** An entry that was seen only as part of a tree. */
function lookInTrees(path: string, { asks, answers, forecast }: ViewParts): PathState {
  for (const ask of asks) {
    if (ask.kind !== 'tree') continue
    const root = normalize(ask.path)
    const start = root === '/' ? root : `${root}/`
    if (!path.startsWith(start)) continue
    const state = lookBelow(root, answers, forecast).get(path.slice(start.length))
    if (state) return state
  }
  throw new Error(`${path} was not probed`)
}

/** A `*` of a path stays within its folder. */
function isPresent(paths: readonly string[], pattern: string, forecast: Forecast): boolean {
  const there = (path: string, type: PathState['type']): boolean =>
    foreseePath(forecast, { type, real: path }).type !== 'absent'
  if (paths.some((path) => there(path, 'file'))) return true
  const depth = pattern.split('/').length
  const matches = fnmatch(pattern)
  return [...forecast.states.keys()]
    .filter((key) => key.startsWith('path:'))
    .map((key) => key.slice(5))
    .some((path) => matches.test(path) && path.split('/').length === depth && there(path, 'absent'))
}

function lookBelow(path: string, answers: Answers, forecast: Forecast): ReadonlyMap<string, PathState> {
  const resolved = throughForeseenLinks(forecast, path, true)
  const answer = answers.trees.get(resolved)
  const isGone =
    answer && withoutGoneLinks(forecast, resolved, { type: 'directory', real: answer.real }).type === 'absent'
  const tree = isGone ? undefined : answer
  const real = tree?.real ?? resolved
  const found = new Map(tree?.entries ?? [])
  for (const relative of foreseenBelow(forecast, real)) {
    if (!found.has(relative))
      found.set(relative, { type: 'absent', real: `${real === '/' ? '' : real}/${relative}` })
  }
  const laid = [...found].map(([relative, state]) => [relative, foreseePath(forecast, state)] as const)
  return new Map(laid.filter(([, state]) => state.type !== 'absent'))
}

function known<State>(state: State | undefined, what: string): State {
  if (state === undefined) throw new Error(`${what} was not probed`)
  return state
}
