import { clock } from '../clock.js'
import { FplayError } from '../errors.js'
import { renderValue } from '../language/template.js'
import { isEngineModule } from '../play/actions.js'
import { inheritAll, notifiedBy } from '../play/inherit.js'
import type { Task } from '../play/play.js'
import { isUnknown } from '../unknown.js'
import type { Maybe } from '../unknown.js'
import type { Value } from '../language/value.js'
import { callModule } from './attempts.js'
import type { Turn } from './context.js'
import { applyEffects } from './effects.js'
import { callEngine } from './engine-modules.js'
import { conditionsHold, flag, text } from './evaluate.js'
import { pause } from './interrupt.js'
import { hidesVariable, itemLabel, itemVariables, loopItems, loopPlan } from './loop.js'
import { combineItems } from './loop-result.js'
import type { ItemResult } from './loop-result.js'
import { reportItem } from './outcome.js'
import { canChange } from '../module/contract.js'
import { resultOfError, skipped, undecidedCall, undecidedCondition } from './result.js'
import type { Result } from './result.js'
import { Kept, Speculation, type Successor } from './speculation.js'
import { isHidden, turnNow, withVariables } from './turn.js'

/**
 * Runs one task on one host: conditions, loop, parameters, the module, its retries, and what the result is judged to
 * be. Whatever goes wrong for the user is in the result; only an interruption and defects are thrown.
 */
export async function runTask(turn: Turn): Promise<Result> {
  try {
    return await runItems(turn)
  } catch (error) {
    return resultOfError(error)
  }
}

async function runItems(turn: Turn): Promise<Result> {
  const items = attempted(() => loopItems(turn))
  if (items instanceof FplayError) return runOnce(turn, items)
  if (items === undefined) return runOnce(turn)
  if (isUnknown(items)) return unknownLoop(turn, items.why)
  if (items.length === 0) return combineItems([])
  return attemptedLater(turn, () => runLoop(turn, items))
}

async function runLoop(turn: Turn, items: readonly Value[]): Promise<Result> {
  const plan = loopPlan(turn)
  if (hidesVariable(turn, plan)) warnHidden(turn, plan.variable)
  const results: ItemResult[] = []
  const loop: Loop = {
    count: items.length,
    turnAt: (index, early) =>
      withVariables({ ...turn, speculation: early }, 'loop', itemVariables(plan, items, index)),
    kept: new Map(),
  }
  const together = turn.itemsTogether !== undefined && plan.pause === 0
  for (const index of items.keys()) {
    if (index && plan.pause > 0) await pause(plan.pause, turn.batch.run.interrupt.signal)
    const variables = itemVariables(plan, items, index)
    const own: Turn = {
      ...loop.turnAt(index),
      nextItems: (count) => behind(loop, index, count).map((at) => loop.turnAt(at)),
      ...(together
        ? { successors: (count: number) => itemSuccessors(turn, loop, index, ITEMS * count) }
        : {}),
    }
    const started = clock()
    const result = (await loop.kept.get(index)?.take(turn.info)) ?? (await runOnce(own))
    const label = attempted(() => itemLabel(own, plan))
    const labelled = label instanceof FplayError ? resultOfError(label) : result
    results.push({ result: labelled, variables })
    reportItem(own, labelled, label instanceof FplayError ? '' : label, clock() - started)
    if (result.end === 'unreachable' && !result.ignored) break
  }
  return combineItems(results)
}

/** So many items go along where one task would: they do the same thing, so it is no guess that they will. */
const ITEMS = 2

/** A loop on its way. */
interface Loop {
  readonly count: number
  turnAt(index: number, early?: Speculation): Turn
  /** Items that went along with earlier ones. */
  readonly kept: Map<number, Kept<Result>>
}

/** The indexes of the next items, at most so many. */
function behind({ count }: Loop, index: number, limit: number): number[] {
  return Array.from({ length: Math.min(limit, count - 1 - index) }, (_, n) => index + 1 + n)
}

/** Items that may go along; one that fails does not keep the next from being run, but that has its own turn then. */
function* itemSuccessors(turn: Turn, loop: Loop, index: number, limit: number): Iterable<Successor> {
  for (const at of behind(loop, index, limit)) {
    if (turn.itemsTogether?.(loop.turnAt(at, new Speculation()), loop.turnAt(index)) !== true) return
    let result: Promise<Result> | undefined
    yield {
      pending: new Set(),
      leads: true,
      run: (speculation) => (result = runOnce(loop.turnAt(at, speculation))),
      keep: (speculation) => loop.kept.set(at, new Kept(speculation, result!)),
    }
  }
}

/** One item, or a task without a loop. A loop that failed to evaluate counts only if the conditions hold. */
async function runOnce(turn: Turn, loopError?: FplayError): Promise<Result> {
  const result = await attemptedLater(turn, async () => {
    const holds = conditionsOf(turn, loopError)
    if (holds === false) return skipped()
    if (isUnknown(holds)) return undecidedCondition(holds)
    if (loopError) throw loopError
    return isEngineModule(turn.task.module) ? callEngine(turn) : callModule(turn)
  })
  const now = turn.speculation?.begun ? turnNow(turn) : turn
  return applyEffects(now, finished(now, result))
}

function conditionsOf({ task, scope }: Turn, loopError: FplayError | undefined): Maybe<boolean> {
  try {
    return conditionsHold(inheritAll(task, 'when'), scope)
  } catch (error) {
    throw loopError ?? error
  }
}

/** The result with what keywords say of it: whether it is ignored, hidden, and whom it notifies. */
function finished(turn: Turn, result: Result): Result {
  const { task, scope } = turn
  const ignored =
    (result.end === 'failed' && flag(task, 'ignoreErrors', scope)) ||
    (result.end === 'unreachable' && flag(task, 'ignoreUnreachable', scope))
  const notify = result.end === 'ok' || result.end === 'undecided' ? namesOf(turn) : []
  return { ...result, ignored: Boolean(ignored), noLog: isHidden(turn), notify }
}

function namesOf({ task, scope }: Turn): string[] {
  return notifiedBy(task).flatMap(({ value, place }) => {
    const names = renderValue(value, scope, place)
    return (Array.isArray(names) ? names : [names]).map(text)
  })
}

/** A loop over something only the real run can tell: skipped if its conditions say so, otherwise undecided. */
function unknownLoop(turn: Turn, why: string): Result {
  const holds = conditionsHold(inheritAll(turn.task, 'when'), turn.scope)
  return finished(turn, holds === false ? skipped() : undecidedCall(['loop'], why, changesIn(turn)))
}

function changesIn({ task, batch }: Turn): boolean {
  const { registry } = batch.run
  return registry.has(task.module) && canChange(registry.get(task.module))
}

function attempted<T>(call: () => T): T | FplayError {
  try {
    return call()
  } catch (error) {
    if (error instanceof FplayError) return error
    throw error
  }
}

async function attemptedLater(turn: Turn, call: () => Promise<Result>): Promise<Result> {
  try {
    return await call()
  } catch (error) {
    return finished(turn, resultOfError(error))
  }
}

const warned = new WeakSet<Task>()

function warnHidden({ batch, info, task }: Turn, name: string): void {
  if (warned.has(task)) return
  warned.add(task)
  const text = `task "${info.name}": the loop variable "${name}" is in use already; give loop_control.loop_var another name`
  batch.run.emit({ kind: 'message', level: 'warning', text })
}
