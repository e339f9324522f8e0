import type { ConnectionSettings } from '../../../../engine/connection/connection.js'
import type { Outcome, RunEvent } from '../../../../engine/events.js'
import type { Bearer } from '../../../../engine/play/keywords.js'
import type { RunParts } from '../../../../engine/run/run.js'
import type { PromptQuestion, RunSettings } from '../../../../engine/run/settings.js'
import type { Call, Converged, Target } from '../../../../engine/run/target.js'
import { fakeConverge, neverConnected, playText } from '../playing.js'

export type Words = Readonly<Record<string, unknown>>

/** How the module of the task that is watched ends; asynchronous where time matters. */
export type Ends = (call: Call, target: Target) => Partial<Converged> | Promise<Partial<Converged>>

/** What a run is made of beside the keyword. */
export interface Setting {
  /** Other keywords of the bearer. */
  readonly beside?: Words | undefined
  /** The watched task; `command: look` unless told. */
  readonly task?: Words | undefined
  /** What the task after it says. */
  readonly says?: string | undefined
  /** Keywords of the play. */
  readonly play?: Words | undefined
  readonly ends?: Ends | undefined
  readonly hosts?: string | undefined
  readonly settings?: Partial<RunSettings> | undefined
  readonly files?: Readonly<Record<string, string>> | undefined
  /** What is answered to every question. */
  readonly answer?: string | undefined
  /** True: nobody waits, {@link Seen.waits} tells how long it would have been. */
  readonly instant?: boolean | undefined
}

/** What came of a run. */
export interface Seen {
  /** Calls of the watched task, in order. */
  readonly calls: readonly Call[]
  /** Calls of all tasks. */
  readonly every: readonly Call[]
  /** How the hosts of those calls were to be reached. */
  readonly connections: readonly ConnectionSettings[]
  /** Hosts on which the watched task ended, and how. */
  readonly outcomes: Readonly<Record<string, Outcome>>
  /** What the task after it said, by host. */
  readonly said: Readonly<Record<string, unknown>>
  /** Most calls of the watched task at once. */
  readonly atOnce: number
  readonly events: readonly RunEvent[]
  readonly questions: readonly PromptQuestion[]
  /** Milliseconds of each wait. */
  readonly waits: readonly number[]
}

/** The playbook with the keyword at its bearer, and a watched task that the keyword is for. */
export function playbook(
  bearer: Bearer,
  words: Words,
  { beside, task, says, play }: Setting,
): [object[], Record<string, object>] {
  const own = { ...beside, ...words }
  const at = (one: Bearer): Words => (bearer === one ? own : {})
  const watched = { name: 'watched', command: 'look', ...task }
  const after = { name: 'after', debug: { msg: says ?? 'here' } }
  const body = (): object => {
    if (bearer === 'role') return { roles: [{ role: 'r', ...own }] }
    if (bearer !== 'handler') return { tasks: [{ block: [{ ...watched, ...at('task') }], ...at('block') }] }
    const start = { name: 'start', ping: null, changed_when: true, notify: 'watched', tags: 'always' }
    const others = (play?.['handlers'] as object[] | undefined) ?? []
    return { tasks: [start], handlers: [{ ...watched, ...own }, ...others] }
  }
  const whole = { hosts: 'all', gather_facts: false, ...play, ...body(), post_tasks: [after], ...at('play') }
  return [[whole], { 'roles/r/tasks/main.yml': [watched] }]
}

/** Runs the playbook on hosts that exist in name only. */
export async function see(bearer: Bearer, words: Words, setting: Setting): Promise<Seen> {
  const [plays, files] = playbook(bearer, words, setting)
  const text = (value: unknown): string => JSON.stringify(value)
  const written = Object.fromEntries(Object.entries(files).map(([name, content]) => [name, text(content)]))
  return watch(text(plays), { ...setting, files: { ...written, ...setting.files } })
}

/** Runs the text of a playbook and watches the task "watched". */
export async function watch(text: string, setting: Setting): Promise<Seen> {
  const { ends, hosts = 'a,b,', files = {}, answer, instant } = setting
  const questions: PromptQuestion[] = []
  const prompt = async (question: PromptQuestion): Promise<string> => {
    questions.push(question)
    return answer!
  }
  const settings = { ...setting.settings, prompt: answer === undefined ? undefined : prompt }
  const connections: ConnectionSettings[] = []
  const every: Call[] = []
  const reached = new WeakMap<object, ConnectionSettings>()
  const { converge } = fakeConverge()
  let [now, atOnce] = [0, 0]
  const parts: Partial<RunParts> = {
    connect: (to) => {
      const connection = neverConnected(to)
      reached.set(connection.counts, to)
      return connection
    },
    converge: async (call, target) => {
      every.push(call)
      if (!call.task.endsWith('watched')) return converge(call, target)
      connections.push(reached.get(target.connection.counts)!)
      atOnce = Math.max(atOnce, ++now)
      await new Promise((resolve) => setImmediate(resolve))
      try {
        const own = await ends?.(call, target)
        return { status: own?.changed ? 'changed' : 'ok', changed: false, values: {}, diffs: [], ...own }
      } finally {
        now--
      }
    },
  }
  const waits: number[] = []
  const { events } = await unhurried(instant ? waits : undefined, () =>
    playText(text, { hosts, files, settings, parts }),
  )
  const ended = (name: string): Record<string, Outcome> =>
    Object.fromEntries(
      events.flatMap((event) =>
        event.kind === 'host-result' && event.task.name.endsWith(name) ? [[event.host, event.outcome]] : [],
      ),
    )
  const said = Object.entries(ended('after')).map(([host, { values }]) => [host, values['msg']])
  const calls = every.filter(({ task }) => task.endsWith('watched'))
  return {
    calls,
    every,
    connections,
    outcomes: ended('watched'),
    said: Object.fromEntries(said),
    atOnce,
    events,
    questions,
    waits,
  }
}

/** Runs something whose waits are noted and take no time; without a list for them they are as they are. */
async function unhurried<T>(waits: number[] | undefined, work: () => Promise<T>): Promise<T> {
  if (!waits) return work()
  const real = globalThis.setTimeout
  const quick = (call: () => void, milliseconds: number): NodeJS.Timeout => {
    waits.push(milliseconds)
    return real(call, 0)
  }
  globalThis.setTimeout = quick as typeof setTimeout
  try {
    return await work()
  } finally {
    globalThis.setTimeout = real
  }
}
