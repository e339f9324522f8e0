import type { Ask, Converge, Difference, Key, Module, PathState } from '../../engine/module/contract.js'
import { Fail } from '../../engine/module/contract.js'
import { pathId, type Answers } from '../../engine/run/answers.js'
import { compare } from '../../engine/run/compare.js'
import { foresee, foreseeAlong } from '../../engine/run/foresee.js'
import { emptyForecast, normalize, snapshot, type Forecast } from '../../engine/run/forecast.js'
import { createView } from '../../engine/run/view.js'
import { withDefaults } from './envelope.js'

/** What a host answers to a module's own questions, by key: what the script would print. */
export type Outputs = Readonly<Record<string, string | { stdout?: string; stderr?: string; code?: number }>>

/** What a module would do on a host that answers so, without a host. */
export interface Plan {
  /** Why it cannot be done; then the rest is empty. */
  readonly failed?: string
  /** `key.attribute`, of all that differs, with the wished values. */
  readonly differs: Readonly<Record<string, unknown>>
  /** Why only the run can tell. */
  readonly undecided: readonly string[]
  readonly script: string
  readonly asks: readonly Ask[]
}

/** Paths of the host; others are absent. */
export interface Situation {
  readonly paths?: Readonly<Record<string, Omit<PathState, 'real'>>>
  readonly forecast?: Forecast
  /** What `prepare` gave. */
  readonly local?: unknown
}

const SESSION = { user: 'root', uid: 0, group: 'root', gid: 0, umask: 0o022, home: '/root', folder: '/root' }

/** Holds the module's wish against the answers, as the envelope does; a forecast that is given is continued. */
export function planOf(
  module: unknown,
  given: Readonly<Record<string, unknown>>,
  outputs: Outputs,
  { paths = {}, forecast = emptyForecast(), local }: Situation = {},
): Plan {
  const declared = module as Module
  const params = withDefaults(declared, given) as never
  try {
    const asks = declared.probe?.(params, local) ?? []
    const first = createView(partsOf(asks, outputs, paths, forecast))
    const more = declared.more?.(params, first, local) ?? []
    const all = [...asks, ...more]
    const before = createView(partsOf(all, outputs, paths, snapshot(forecast)))
    const { differing, undecided } = compare(declared.wanted!(params, before, local), before)
    const step: Converge | undefined =
      differing.size === 0 ? undefined : declared.converge?.(params, before, differing, local)
    foresee(forecast, differing, { session: SESSION })
    for (const [key, wished] of declared.brings?.(params, before, differing, local) ?? [])
      foreseeAlong(forecast, key, wished)
    return { differs: named(differing), undecided, script: step?.script.text ?? '', asks: all }
  } catch (error) {
    if (!(error instanceof Fail)) throw error
    const failed = error.cure === undefined ? error.message : `${error.message}; ${error.cure}`
    return { failed, differs: {}, undecided: [], script: '', asks: [] }
  }
}

function named(differing: ReadonlyMap<Key, Difference>): Readonly<Record<string, unknown>> {
  const entries = [...differing].flatMap(([key, { names, wished }]) =>
    names.map((name) => [`${key}.${name}`, wished[name]] as const),
  )
  return Object.fromEntries(entries)
}

function partsOf(
  asks: readonly Ask[],
  outputs: Outputs,
  paths: NonNullable<Situation['paths']>,
  forecast: Forecast,
): Parameters<typeof createView>[0] {
  const own = asks.flatMap((ask) => {
    if (ask.kind !== 'own') return []
    const output = outputs[ask.key] ?? ''
    const { stdout = '', stderr = '', code = 0 } = typeof output === 'string' ? { stdout: output } : output
    return [[ask.key, { stdout: Buffer.from(stdout), stderr, code }] as const]
  })
  const pathAnswers = asks.flatMap((ask) => {
    if (ask.kind !== 'path') return []
    const state: PathState = { type: 'absent', ...paths[ask.path], real: normalize(ask.path) }
    return [
      [pathId(normalize(ask.path), ask.follow ?? false), { state, denied: false, tooLarge: false }] as const,
    ]
  })
  const answers = {
    paths: new Map(pathAnswers),
    trees: new Map(),
    users: new Map(),
    groups: new Map(),
    own: new Map(own),
  } as unknown as Answers
  return { asks, answers, forecast, session: SESSION, controller: new Map() }
}
