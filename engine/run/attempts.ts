import { FplayError } from '../errors.js'
import type { Dict } from '../language/value.js'
import { isUnknown } from '../unknown.js'
import type { Maybe } from '../unknown.js'
import { forgetAhead } from './ahead.js'
import { prepareCall } from './call.js'
import type { Prepared } from './call.js'
import type { Turn } from './context.js'
import { conditionsHold, whole } from './evaluate.js'
import type { Condition } from './evaluate.js'
import { inherit } from '../play/inherit.js'
import type { Task } from '../play/play.js'
import { interruption, pause } from './interrupt.js'
import { withJob } from './job.js'
import { inLane } from './lanes.js'
import { failure, resultOfCall, resultOfError, withValues } from './result.js'
import type { Result } from './result.js'
import type { Converged, Target } from './target.js'
import { isHidden, turnNow, withVariables } from './turn.js'

/** Calls the module of a task: once, or with `until` again and again. Errors of evaluation are thrown. */
export async function callModule(turn: Turn): Promise<Result> {
  const prepared = prepareCall(turn)
  if (!('call' in prepared)) return prepared
  const result = await untilMet(turn, prepared)
  return { ...result, delegatedTo: prepared.delegatedTo }
}

/** Calls until the conditions of `until` hold. One that nobody can know in a dry run is taken to hold. */
async function untilMet(turn: Turn, prepared: Prepared): Promise<Result> {
  const { task, scope } = turn
  if (!task.until.length) {
    const result = await called(turn, prepared)
    await turn.speculation?.turn(result.end)
    return judged(turnNow(turn), result)
  }
  const retries = Math.max(0, whole(task.retries, 'retries', scope) ?? 3)
  const delay = whole(task.delay, 'delay', scope) ?? 5
  for (let attempt = 1; ; attempt++) {
    forgetAhead()
    const raw = withValues(await called(turn, prepared), { attempts: attempt })
    const result = judged(turn, raw)
    if (result.end === 'unreachable' || retries === 0) return result
    if (conditionsHold(task.until, withResult(turn, result).scope) !== false) return result
    if (attempt > retries) return exhausted(result, retries, task)
    const { run } = turn.batch
    const message = (!isHidden(turn) && result.message) || ''
    run.emit({ kind: 'host-retry', task: turn.info, host: turn.host, left: retries - attempt + 1, message })
    await pause((delay < 0 ? 1 : delay) * 1000, run.interrupt.signal)
  }
}

/** The last result when all attempts are used up: what is registered says failed, the task has if failed_when agrees. */
function exhausted(result: Result, retries: number, { failedWhen }: Task): Result {
  if (failedWhen?.length) return withValues(result, { attempts: retries, failed: true })
  const message = result.message ?? `the condition of until did not hold in ${retries + 1} attempts`
  return { ...withValues(result, { attempts: retries, failed: true }), end: 'failed', message }
}

/** One call of the module, ended after the task's `timeout`. */
async function called(turn: Turn, prepared: Prepared): Promise<Result> {
  const { call, target } = prepared
  const { run } = turn.batch
  if (run.interrupt.interrupted) throw interruption()
  const seconds =
    whole(inherit(turn.task, 'timeout'), 'timeout', turn.scope) ?? run.settings.keywords?.timeout ?? 0
  const limit = seconds > 0 ? AbortSignal.timeout(seconds * 1000) : undefined
  const signal = limit ? AbortSignal.any([limit, run.interrupt.signal]) : run.interrupt.signal
  try {
    const work = (on: Target): Promise<Converged> => run.converge({ ...call, signal }, on)
    const converged = await run.locks.during(target.name, async () =>
      withJob(await (isApart(turn, prepared) ? inLane(target, work) : work(target)), run.jobs),
    )
    return resultOfCall(converged, !call.diff ? 'none' : call.module.listsDiff ? 'list' : 'one')
  } catch (error) {
    if (run.interrupt.interrupted) throw interruption()
    if (!limit?.aborted) return resultOfError(error)
    const { module } = turn.task
    return failure(
      `The ${module} action failed to execute in the expected time frame (${seconds}) and was terminated`,
    )
  }
}

/** A command on another host, which more hosts may have delegated there. */
function isApart({ host }: Turn, { call, delegatedTo }: Prepared): boolean {
  return delegatedTo !== undefined && delegatedTo !== host && call.module.apart === true && !call.checkMode
}

/** The result as `changed_when` and `failed_when` have it; where they cannot be evaluated, it failed by that. */
function judged(turn: Turn, result: Result): Result {
  if (result.end === 'unreachable') return result
  const { changedWhen = [], failedWhen = [] } = turn.task
  const changed = judgement(changedWhen, withResult(turn, result))
  if (changed instanceof FplayError) return misjudged(result, 'changed_when_result', changed)
  const told = typeof changed === 'boolean' ? { ...withValues(result, { changed }), changed } : result
  const failed = judgement(failedWhen, withResult(turn, told))
  if (failed instanceof FplayError) return misjudged(told, 'failed_when_result', failed)
  return typeof failed === 'boolean' ? judgedFailed(told, failed) : told
}

function judgement(
  conditions: readonly Condition[],
  { scope }: Turn,
): Maybe<boolean> | undefined | FplayError {
  if (!conditions.length) return undefined
  try {
    return conditionsHold(conditions, scope)
  } catch (error) {
    if (error instanceof FplayError) return error
    throw error
  }
}

function misjudged(result: Result, name: string, error: FplayError): Result {
  const { message = '' } = resultOfError(error)
  return { ...withValues(result, { failed: true, [name]: message }), end: 'failed', message }
}

function judgedFailed(result: Result, failed: boolean): Result {
  const told = withValues(result, { failed, failed_when_result: failed })
  if (!failed) return { ...told, end: result.end === 'failed' ? 'ok' : result.end }
  return { ...told, end: 'failed', message: result.message ?? 'the condition of failed_when holds' }
}

/** The turn with the result under the name of `register`. */
function withResult(turn: Turn, result: Result): Turn {
  const { register } = turn.task
  if (!register) return withVariables(turn, 'facts', factsOf(result))
  const own: Dict = new Map([[register.value, result.values]])
  return withVariables(turn, 'register', new Map([...factsOf(result), ...own]))
}

function factsOf({ effects, values }: Result): Dict {
  return effects?.facts && !isUnknown(values) ? effects.facts : new Map()
}
