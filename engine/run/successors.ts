import { hostname, networkInterfaces } from 'node:os'
import { isEngineModule } from '../play/actions.js'
import { inherit, inheritAll } from '../play/inherit.js'
import type { Inherited } from '../play/inherit.js'
import type { Task } from '../play/play.js'
import { sessionName } from './ask.js'
import { becomeOf, connectionSettings } from './connect.js'
import type { Batch, Turn } from './context.js'
import type { Result } from './result.js'
import { Speculation } from './speculation.js'
import type { Successor } from './speculation.js'
import { runTask } from './task.js'
import { turnOf } from './turn.js'

/**
 * Which tasks may go along in the message of an earlier one (together.ts): those that certainly come next if none fails,
 * and that nothing reaches which happens meanwhile. What they are evaluated from is the same before their turn as in it:
 * no task of a message registers anything, and what may change with other hosts (Turn.speculation in turn.ts) is not to be had.
 */

/** Keywords that let a task depend on its turn, or other hosts on its end. */
const IN_TURN = [
  'throttle',
  'timeout',
  'runOnce',
  'anyErrorsFatal',
  'delegateTo',
  'checkMode',
  'diff',
] as const

/** Results of tasks that went along, by host and task, until their turn. */
const kept = new WeakMap<Batch, Map<string, Map<Task, Promise<Result>>>>()

/** Runs a task on a host, unless it went along with an earlier one: then its result is there. */
export async function runTaskOnce(turn: Turn, passesOver: (task: Task) => boolean): Promise<Result> {
  const { batch, host, task } = turn
  const results = kept.get(batch)?.get(host)
  const result = results?.get(task)
  if (result) {
    results!.delete(task)
    return result
  }
  return runTask(
    isAlike(turn, turn) ? { ...turn, successors: (count) => successorsOf(turn, count, passesOver) } : turn,
  )
}

function* successorsOf(turn: Turn, count: number, passesOver: (task: Task) => boolean): Iterable<Successor> {
  const { batch, host, info } = turn
  for (const task of batch.walks.get(host)?.following(count) ?? []) {
    // As a speculation, so that nothing is looked up for it before its turn.
    const next = turnOf(batch, task, info, host, new Speculation())
    if (passesOver(task) || !isAlike(next, turn)) return
    let result: Promise<Result> | undefined
    yield {
      run: (speculation: Speculation) => (result = runTask(turnOf(batch, task, info, host, speculation))),
      keep: () => keep(next, result!),
    }
  }
}

function keep({ batch, host, task }: Turn, result: Promise<Result>): void {
  const hosts = kept.get(batch) ?? new Map<string, Map<Task, Promise<Result>>>()
  kept.set(batch, hosts)
  const results = hosts.get(host) ?? new Map<Task, Promise<Result>>()
  hosts.set(host, results)
  results.set(task, result)
}

/** Whether a task does one plain thing once, on its own host, and in the same shell as another. */
function isAlike(turn: Turn, other: Turn): boolean {
  const { task, batch } = turn
  if (!isPlain(task) || batch.maxFailPercentage !== undefined || !isSettled(turn)) return false
  try {
    return sessionName(becomeOf(turn)) === sessionName(becomeOf(other)) && hasOwnMachine(turn)
  } catch {
    // The task itself will tell what is wrong with it.
    return false
  }
}

function isPlain(task: Task): boolean {
  const { loop, until, register, changedWhen, failedWhen, handler } = task
  const bare = !loop && !until.length && !register && !changedWhen && !failedWhen && !handler && !task.async
  return (
    bare && !IN_TURN.some((name: Inherited) => inherit(task, name)) && !inheritAll(task, 'environment').length
  )
}

/** Nothing goes on beside the tasks, and the module does no more than look and make the difference. */
function isSettled({ task, batch: { run } }: Turn): boolean {
  const { settings, registry, jobs, stepping } = run
  const { keywords = {}, checkMode, diff } = settings
  const quiet = !checkMode && !diff && jobs.size === 0 && !stepping.on
  if (!quiet || keywords.anyErrorsFatal || (keywords.timeout ?? 0) > 0) return false
  if (isEngineModule(task.module) || !registry.has(task.module) || registry.ownFile(task.module)) return false
  const { probe, converge, program, until, once, open } = registry.get(task.module)
  return Boolean(probe && converge && !program && !until && !once && !open)
}

const machines = new WeakMap<Batch, ReadonlyMap<string, number>>()

/**
 * Whether no other host of the batch is the same machine by another name, and none the controller: what is done there counts
 * here, where other tasks find their files.
 */
function hasOwnMachine({ batch, info, task, host }: Turn): boolean {
  let counts = machines.get(batch)
  if (!counts) {
    const found = new Map<string, number>()
    for (const name of batch.hosts) {
      const machine = machineOf(turnOf(batch, task, info, name))
      found.set(machine, (found.get(machine) ?? 0) + 1)
    }
    machines.set(batch, (counts = found))
  }
  return !counts.has(HERE) && (counts.get(machineOf(turnOf(batch, task, info, host))) ?? 0) <= 1
}

const HERE = 'the controller'

function machineOf(turn: Turn): string {
  const { kind, address, port } = connectionSettings(turn)
  return kind === 'local' || isOwn(address) ? HERE : `${address} ${port ?? 22}`
}

/** Whether an address is plainly one of this machine's. */
function isOwn(address: string): boolean {
  if (address === 'localhost' || address === hostname() || /^127\.|^::1$/.test(address)) return true
  return Object.values(networkInterfaces()).some((some) => some?.some((one) => one.address === address))
}
