import { fail } from '../errors.js'
import type { Task } from '../play/play.js'
import type { Batch } from './context.js'
import { executeMeta } from './meta.js'
import { Lockstep } from './lockstep.js'
import { perform } from './perform.js'
import type { Performed } from './perform.js'
import { leave, markFailed } from './settle.js'
import { stepsOf } from './walk.js'
import type { Step } from './walk.js'

/** All hosts do a task before any of them begins the next. */
export async function linear(batch: Batch): Promise<void> {
  const { run } = batch
  const tasks = new Lockstep(stepsOf(batch.nodes))
  let handlers = tasks
  while (!run.interrupt.interrupted) {
    const inHandlers = reachable(batch).filter((host) => batch.walks.get(host)!.inHandlers)
    const order = inHandlers.length ? handlers : tasks
    const round = nextRound(batch, inHandlers.length ? inHandlers : reachable(batch), order)
    if (!round) return
    const { step, hosts } = round
    if (step.kind === 'flush' || isFlush(step)) handlers = new Lockstep(batch.handlers.tasks)
    if (await takeStep(batch, step, hosts, order)) return
  }
}

interface Round {
  readonly step: Step
  readonly hosts: readonly string[]
}

/** The step that comes next in the order, and the hosts that are at it; they are moved past it. */
function nextRound(batch: Batch, hosts: readonly string[], order: Lockstep): Round | undefined {
  const due = new Map<string, Step>()
  for (const host of hosts) {
    const step = batch.walks.get(host)!.peek()
    if (step) due.set(host, step)
  }
  if (!due.size) return undefined
  const step = order.choose(new Set(due.values()))
  if (!step)
    return fail({ code: 'internal', message: `a task of the play "${batch.play.title}" is in no order` })
  const takers = [...due].filter(([, own]) => own === step).map(([host]) => host)
  for (const host of takers) batch.walks.get(host)!.take()
  return { step, hosts: takers }
}

/** Does a step on its hosts; true when the play is over for all. */
async function takeStep(
  batch: Batch,
  step: Step,
  hosts: readonly string[],
  order: Lockstep,
): Promise<boolean> {
  if (step.kind === 'flush') {
    for (const host of hosts) batch.walks.get(host)!.flush()
    return false
  }
  if (step.module === 'meta') {
    await executeMeta(batch, step, hosts)
    return batch.ended
  }
  const performed = await perform(batch, step, hosts)
  order.insert(performed.expansions.flatMap(({ nodes }) => stepsOf(nodes)))
  return isOver(batch, performed)
}

function isFlush(step: Task): boolean {
  return (
    step.module === 'meta' &&
    typeof step.params !== 'string' &&
    step.params.get('action') === 'flush_handlers'
  )
}

/** Applies `any_errors_fatal` and `max_fail_percentage`; true when no host goes on. */
function isOver(batch: Batch, { results, fatal }: Performed): boolean {
  const left = reachable(batch)
  const lost = [...results.keys()].filter(
    (host) =>
      batch.walks.get(host)!.failed || batch.walks.get(host)!.exposed || batch.run.unreachable.has(host),
  )
  if (fatal && lost.some((host) => results.get(host)!.end !== 'ok')) failAll(batch, left)
  if (results.size && exceedsPercentage(batch)) {
    for (const host of left) {
      if (batch.walks.get(host)!.failed) continue
      batch.walks.get(host)!.fail()
      leave(batch, host)
      markFailed(batch, host)
    }
    batch.broken = true
  }
  return batch.broken && batch.failed.size >= left.length
}

/** A fatal error: every host that is not in a rescue or always section counts as failed. */
function failAll(batch: Batch, hosts: readonly string[]): void {
  for (const host of hosts) {
    if (batch.walks.get(host)!.section !== 'block') continue
    markFailed(batch, host)
    batch.broken = true
  }
}

function exceedsPercentage({ maxFailPercentage, failed, hosts }: Batch): boolean {
  return maxFailPercentage !== undefined && (failed.size / hosts.length) * 100 > maxFailPercentage
}

/** Hosts of the batch that can be reached, in order. */
export function reachable({ hosts, run }: Batch): string[] {
  return hosts.filter((host) => !run.unreachable.has(host))
}
