import {
  Fail,
  FRESH,
  type Ask,
  type Converge,
  type Difference,
  type Key,
  type OwnState,
  type Ran,
  type Returned,
  type ScriptOutput,
  type View,
  type Wish,
} from '../contract.js'
import type { Script } from '../quote.js'
import { PACKAGES, versionIn } from './installed.js'

/** What a task asks of a manager that knows names and states only. */
export interface PlainParams {
  readonly names: readonly string[]
  readonly state: 'present' | 'latest' | 'absent'
  readonly updates: boolean
  /** Words for each call of the manager. */
  readonly flags: readonly string[]
}

/** A manager of packages, by what it is asked and told. */
export interface PlainManager {
  /** Program, for messages. */
  readonly name: string
  /** Prints `lacking`, or for each name what there is and what there could be, for {@link read}. */
  ask(params: PlainParams): Script
  read(output: ScriptOutput): PlainAnswer
  /** Installs, upgrades (latest) or removes. */
  change(params: PlainParams, names: readonly string[], installed: (name: string) => boolean): Script
  /** Brings the index up to date. */
  readonly update: Script
}

/** What the manager said. */
export interface PlainAnswer {
  readonly lacking: boolean
  /** By the name that was asked for. */
  readonly installed: ReadonlyMap<string, string>
  /** The version that would be installed, by the name that was asked for. */
  readonly available: ReadonlyMap<string, string>
}

const ANSWER = '(answer)'

/** The question after the packages that are named. */
export function plainAsk(params: PlainParams, manager: PlainManager): Ask {
  return {
    kind: 'own',
    key: PACKAGES,
    script: manager.ask(params),
    read: (output) => plainState(output, manager),
  }
}

/** The manager's answer as a state. */
export function plainState(output: ScriptOutput, manager: PlainManager): OwnState {
  const answer = manager.read(output)
  return { ...Object.fromEntries(answer.installed), [ANSWER]: answer }
}

/** The wish; fails where the host has no such manager, or no such package is to be had. */
export function plainWish(params: PlainParams, before: View, manager: PlainManager): Wish {
  const state = before.own(PACKAGES)
  const answer = state[ANSWER] as PlainAnswer
  if (answer.lacking)
    throw new Fail(
      `the host has no ${manager.name}`,
      [],
      'use the module package, which takes what the host has',
    )
  const wished = Object.assign({}, ...params.names.map((name) => wishOf(name, params, before))) as Record<
    string,
    unknown
  >
  const differs = Object.entries(wished).some(
    ([name, value]) => (versionIn(state, name) ?? 'absent') !== value,
  )
  const updates = params.updates && params.names.length === 0
  if ((differs || updates) && before.session.uid !== 0) {
    throw new Fail(`packages are changed by root, and this is ${before.session.user}`, [], 'use become: true')
  }
  return new Map<Key, OwnState>([
    [PACKAGES, wished],
    ...(updates ? ([['run:index', { index: FRESH }]] as const) : []),
    // Other packages, files and scripts that come along are not foretold.
    ...(differs ? ([['run:scripts', { scripts: FRESH }]] as const) : []),
  ])
}

function wishOf(name: string, { state: wanted }: PlainParams, before: View): Record<string, unknown> {
  const state = before.own(PACKAGES)
  const { available } = state[ANSWER] as PlainAnswer
  const present = versionIn(state, name)
  if (wanted === 'absent') return present === undefined ? {} : { [name]: 'absent' }
  const best = available.get(name)
  if (present !== undefined) return wanted === 'latest' && best !== undefined ? { [name]: best } : {}
  if (best !== undefined) return { [name]: best }
  throw new Fail(
    `no package ${name} is available`,
    ['index:packages'],
    'mind the spelling, or the repositories of the host',
  )
}

/** Makes the difference. */
export function plainConverge(
  params: PlainParams,
  before: View,
  differing: ReadonlyMap<Key, Difference>,
  manager: PlainManager,
): Converge {
  const names = differing.get(PACKAGES)?.names ?? []
  const installed = (name: string): boolean => versionIn(before.own(PACKAGES), name) !== undefined
  return {
    script: names.length === 0 ? manager.update : manager.change(params, names, installed),
    stream: true,
  }
}

/** What the manager printed. */
export function plainResult(ran: Ran): Returned {
  return {
    values:
      ran.kind === 'ran'
        ? { rc: ran.code, results: ran.stdout.split('\n').filter(Boolean) }
        : { rc: 0, results: [] },
  }
}
