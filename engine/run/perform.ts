import PQueue from 'p-queue'
import { clock } from '../clock.js'
import type { TaskInfo } from '../events.js'
import { hasTemplate, renderValue } from '../language/template.js'
import { inherit } from '../play/inherit.js'
import { taskName } from '../play/names.js'
import type { Task } from '../play/play.js'
import type { Batch, Turn } from './context.js'
import { flag, text, whole } from './evaluate.js'
import { isGathering } from './facts.js'
import { expand } from './include.js'
import type { Expanded, Expansion } from './include.js'
import { interruption } from './interrupt.js'
import type { Result } from './result.js'
import { settle } from './settle.js'
import { runTaskOnce } from './successors.js'
import { turnOf } from './turn.js'

/** A task as it went on some hosts. */
export interface Performed {
  readonly results: ReadonlyMap<string, Result>
  /** What was included, to be put into the walks. */
  readonly expansions: readonly Expansion[]
  /** A failure is fatal for all hosts of the batch. */
  readonly fatal: boolean
}

const NOTHING: Performed = { results: new Map(), expansions: [], fatal: false }

/** Runs a task on hosts, up to `forks` of them at once, and draws the consequences. */
export async function perform(batch: Batch, task: Task, candidates: readonly string[]): Promise<Performed> {
  const hosts = candidates.filter((host) => !passesOver(batch, task, host))
  if (!hosts.length) return NOTHING
  const { run } = batch
  const info = infoOf(batch, task, hosts[0]!)
  if (!(await confirmed(batch, info))) return NOTHING
  const first = turnOf(batch, task, info, hosts[0]!)
  const once = runsOnce(first)
  const chosen = once ? hosts.slice(0, 1) : hosts
  run.emit({ kind: 'task-start', task: info, hosts: chosen })
  const queue = new PQueue({ concurrency: concurrencyOf(first, once) })
  const outcomes = await Promise.allSettled(
    chosen.map((host) =>
      queue.add(() => runHost(host === first.host ? first : turnOf(batch, task, info, host))),
    ),
  )
  if (run.interrupt.interrupted) throw interruption()
  const done = outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  })
  const { expansions, failures } = await includeAll(batch, done)
  run.emit({ kind: 'task-end', task: info })
  const results = new Map([...done.map(({ turn, result }) => [turn.host, result] as const), ...failures])
  return { results, expansions, fatal: isFatal(first, once) }
}

interface Done {
  readonly turn: Turn
  readonly result: Result
  readonly seconds: number
}

/** A result that includes something is settled when that is loaded. */
async function runHost(turn: Turn): Promise<Done> {
  const { run } = turn.batch
  if (run.interrupt.interrupted) throw interruption()
  run.emit({ kind: 'host-start', task: turn.info, host: turn.host })
  const started = clock()
  const result = await runTaskOnce(turn, (task) => passesOver(turn.batch, task, turn.host))
  const seconds = clock() - started
  if (!result.includes?.length) settle(turn, result, seconds)
  return { turn, result, seconds }
}

async function includeAll(batch: Batch, done: readonly Done[]): Promise<Expanded> {
  const including = done.filter(({ result }) => result.includes?.length)
  if (!including.length) return { expansions: [], failures: new Map() }
  const { expansions, failures } = await expand(batch, including)
  for (const { turn, result, seconds } of including) {
    const failure = failures.get(turn.host)
    settle(turn, failure ? { ...failure, includes: [], ignored: result.ignored ?? false } : result, seconds)
  }
  for (const { turn } of including) {
    if (failures.has(turn.host)) continue
    const own = expansions.filter(({ hosts }) => hosts.includes(turn.host))
    batch.walks.get(turn.host)!.insert(own.flatMap(({ nodes }) => nodes))
  }
  return { expansions, failures }
}

/** How a task is shown: its name with templates evaluated where they can be. */
export function infoOf(batch: Batch, task: Task, host: string): TaskInfo {
  const { run, play } = batch
  const { file, line } = task.place
  const info = {
    id: run.nextId(),
    play: play.title,
    module: task.module,
    where: `${file}:${line}`,
    handler: task.handler,
  }
  const raw = { ...info, name: taskName(task) }
  if (!hasTemplate(raw.name)) return raw
  const { scope } = turnOf(batch, task, raw, host)
  try {
    return { ...info, name: run.secrets.mask(text(renderValue(raw.name, scope, task.place))) }
  } catch {
    // A name is for people; what it cannot say yet does not keep the task from running.
    return raw
  }
}

/** A role that the host has completed before, or facts that are known already. */
function passesOver(batch: Batch, task: Task, host: string): boolean {
  const { role } = task
  const { known, settings } = batch.run
  if (isGathering(task)) return settings.gathering === 'smart' && known(host).gathered
  if (!role || task.handler || role.allowDuplicates) return false
  return batch.roles.completed.has(`${host} ${role.identity}`)
}

function runsOnce({ task, scope, batch }: Turn): boolean {
  if (flag(task, 'runOnce', scope)) return true
  const { registry } = batch.run
  return registry.has(task.module) && Boolean(registry.get(task.module).once)
}

function isFatal({ task, scope, batch }: Turn, once: boolean): boolean {
  const fatal = flag(task, 'anyErrorsFatal', scope) ?? batch.run.settings.keywords?.anyErrorsFatal
  return (once || Boolean(fatal)) && !inherit(task, 'ignoreErrors')
}

function concurrencyOf({ task, scope, batch }: Turn, once: boolean): number {
  const { forks } = batch.run.settings
  const throttle = once ? 0 : (whole(inherit(task, 'throttle'), 'throttle', scope) ?? 0)
  return Math.max(1, throttle > 0 ? Math.min(throttle, forks) : forks)
}

async function confirmed({ run }: Batch, info: TaskInfo): Promise<boolean> {
  if (!run.stepping.on || !run.settings.step) return true
  const answer = await run.settings.step(info)
  if (answer === 'continue') run.stepping.on = false
  return answer !== 'no'
}
