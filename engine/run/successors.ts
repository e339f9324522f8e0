import { hostname, networkInterfaces } from 'node:os'
import { isEngineModule } from '../play/actions.js'
import { inherit, inheritAll } from '../play/inherit.js'
import type { Inherited } from '../play/inherit.js'
import type { Task } from '../play/play.js'
import { sessionName } from './ask.js'
import { becomeOf, connectionSettings } from './connect.js'
import type { Batch, Turn } from './context.js'
import { whole } from './evaluate.js'
import type { Result } from './result.js'
import { Kept, Speculation } from './speculation.js'
import type { Successor } from './speculation.js'
import { runTask } from './task.js'
import { turnOf } from './turn.js'

/**
 * Which tasks, or items of a loop, may go along in the message of an earlier one (together.ts): those that certainly come
 * next if none fails, and that nothing reaches which happens meanwhile. What they send is evaluated from what is the same
 * before their turn as in it: what is registered meanwhile, and what may change with other hosts (Turn.speculation in
 * turn.ts), is not to be had. What their results mean is evaluated in their turn.
 */

/** Keywords that let a task depend on its turn, or other hosts on its end. */
const IN_TURN = ['runOnce', 'anyErrorsFatal', 'delegateTo', 'checkMode', 'diff'] as const

/** Those that do so unless they are 0. */
const LIMITS = ['throttle', 'timeout'] as const

/** Tasks that went along, by host and task, until their turn. */
const kept = new WeakMap<Batch, Map<string, Map<Task, Kept<Result>>>>()

/** Runs a task on a host, unless it went along with an earlier one: then its result is there. */
export async function runTaskOnce(turn: Turn, passesOver: (task: Task) => boolean): Promise<Result> {
  const { batch, host, task } = turn
  const tasks = kept.get(batch)?.get(host)
  const early = tasks?.get(task)
  tasks?.delete(task)
  return (await early?.take(turn.info)) ?? runTask(withSuccessors(turn, passesOver))
}

function withSuccessors(turn: Turn, passesOver: (task: Task) => boolean): Turn {
  const { task } = turn
  if (!isAlike(turn, turn)) return turn
  if (!task.loop) {
    return failsByItself(task)
      ? { ...turn, successors: (count) => successorsOf(turn, count, passesOver) }
      : turn
  }
  return { ...turn, itemsTogether: isAlike }
}

function* successorsOf(turn: Turn, count: number, passesOver: (task: Task) => boolean): Iterable<Successor> {
  const { batch, host, info } = turn
  const registered = new Set(registeredBy(turn.task))
  for (const task of batch.walks.get(host)?.following(count) ?? []) {
    // As a speculation, so that nothing is looked up for it before its turn.
    const next = turnOf(batch, task, info, host, new Speculation(new Set(registered)))
    if (passesOver(task) || task.loop || !isAlike(next, turn)) return
    let result: Promise<Result> | undefined
    yield {
      pending: new Set(registered),
      leads: failsByItself(task),
      run: (speculation) => (result = runTask(turnOf(batch, task, info, host, speculation))),
      keep: (speculation) => keep(next, new Kept(speculation, result!)),
    }
    for (const name of registeredBy(task)) registered.add(name)
  }
}

function registeredBy({ register }: Task): readonly string[] {
  return register ? [register.value] : []
}

function keep({ batch, host, task }: Turn, result: Kept<Result>): void {
  const hosts = kept.get(batch) ?? new Map<string, Map<Task, Kept<Result>>>()
  kept.set(batch, hosts)
  const tasks = hosts.get(host) ?? new Map<Task, Kept<Result>>()
  hosts.set(host, tasks)
  tasks.set(task, result)
}

/** Whether a task fails only where its module does: what follows it may be run before its result is judged. */
function failsByItself({ failedWhen = [] }: Task): boolean {
  return failedWhen.length === 0 || failedWhen[0]!.value === false
}

/** Whether a task does one plain thing, once or for each item, on its own host, and in the same shell as another. */
function isAlike(turn: Turn, other: Turn): boolean {
  const { task, batch } = turn
  if (!isPlain(task) || batch.maxFailPercentage !== undefined || !isSettled(turn)) return false
  try {
    const isLimited = LIMITS.some((name) => (whole(inherit(task, name), name, turn.scope) ?? 0) > 0)
    return !isLimited && sessionName(becomeOf(turn)) === sessionName(becomeOf(other)) && hasOwnMachine(turn)
  } catch {
    // The task itself will tell what is wrong with it.
    return false
  }
}

function isPlain(task: Task): boolean {
  const { until, handler } = task
  const bare = !until.length && !handler && !task.async
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
  const { converge, program, until, once, open } = registry.get(task.module)
  return Boolean(converge && !program && !until && !once && !open)
}

/** The machines of a batch's hosts. */
interface Machines {
  /** Addresses of the controller, as they were when the batch began. */
  readonly own: ReadonlySet<string>
  /** Hosts by machine. */
  readonly counts: ReadonlyMap<string, number>
}

const machines = new WeakMap<Batch, Machines>()

/**
 * Whether no other host of the batch is the same machine by another name, and none the controller: what is done there counts
 * here, where other tasks find their files.
 */
function hasOwnMachine(turn: Turn): boolean {
  const { own, counts } = machinesOf(turn)
  return !counts.has(HERE) && (counts.get(machineOf(turn, own)) ?? 0) <= 1
}

function machinesOf({ batch, info, task }: Turn): Machines {
  const known = machines.get(batch)
  if (known) return known
  const own = new Set(
    Object.values(networkInterfaces()).flatMap((some) => some!.map(({ address }) => address)),
  )
  const counts = new Map<string, number>()
  for (const name of batch.hosts) {
    const machine = machineOf(turnOf(batch, task, info, name), own)
    counts.set(machine, (counts.get(machine) ?? 0) + 1)
  }
  const found = { own, counts }
  machines.set(batch, found)
  return found
}

const HERE = 'the controller'

function machineOf(turn: Turn, own: Machines['own']): string {
  const { kind, address, port } = connectionSettings(turn)
  return kind === 'local' || isOwn(address, own) ? HERE : `${address} ${port ?? 22}`
}

/** Whether an address is plainly one of this machine's. */
function isOwn(address: string, own: Machines['own']): boolean {
  return address === 'localhost' || address === hostname() || /^127\.|^::1$/.test(address) || own.has(address)
}
