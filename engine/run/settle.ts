import { fail, FplayError } from '../errors.js'
import type { Status, TaskRecord } from '../events.js'
import type { Scope } from '../language/jinja/scope.js'
import { renderValue } from '../language/template.js'
import { isDict } from '../language/value.js'
import type { Dict } from '../language/value.js'
import type { Task } from '../play/play.js'
import type { Batch, Turn } from './context.js'
import { resultHosts } from './effects.js'
import { isUnknown } from '../unknown.js'
import { flag, text } from './evaluate.js'
import { outcomeOf, statusOf } from './outcome.js'
import type { Result } from './result.js'
import { dict } from './result.js'

/**
 * Draws the consequences of a result: the host goes on, into a rescue, or is out; handlers are notified, the result is
 * registered, counted and told.
 */
export function settle(turn: Turn, result: Result, seconds: number): Status {
  const { batch, task, info, host } = turn
  const { run } = batch
  const status = consequences(turn, result)
  if (task.register) register(turn, task.register.value, result)
  if (task.role && result.end !== 'skipped' && result.end !== 'unreachable') {
    batch.roles.begun.add(`${host} ${task.role.identity}`)
  }
  if (task.handler) batch.walks.get(host)?.handled(task)
  count(turn, status, result)
  warn(turn, result)
  run.emit({
    kind: 'host-result',
    task: info,
    host,
    outcome: outcomeOf(result, status, run.secrets, seconds),
  })
  return status
}

/** An include counts once a file, and one of a role not at all: its tasks do. */
function count({ batch, info, host, task }: Turn, status: Status, result: Result): void {
  const ending = endingOf(status, result)
  const files = result.includes?.length ?? 0
  const { tally } = batch.run
  if (status !== 'ok' || files === 0) return tally.add(info, host, ending)
  tally.list(info, host, ending)
  if (task.module === 'include_tasks') for (let i = 0; i < files; i++) tally.count(host, ending)
}

/** The recap knows no `undecided`: a task whose conditions are, counts as skipped, any other as what it can do. */
export function endingOf(
  status: Status,
  { changed, conditional }: Result,
): { status: TaskRecord['status']; changed: boolean } {
  if (status !== 'undecided') return { status, changed }
  return { status: conditional ? 'skipped' : changed ? 'changed' : 'ok', changed }
}

function consequences(turn: Turn, result: Result): Status {
  const { batch, host } = turn
  const status = statusOf(result)
  if (status === 'failed') return failed(turn, result)
  if (status === 'unreachable') {
    batch.run.unreachable.add(host)
    batch.removed.add(host)
  }
  if (result.changed && (result.end === 'ok' || result.end === 'undecided'))
    notify(batch, host, result.notify ?? [])
  return status
}

function failed(turn: Turn, result: Result): Status {
  const { batch, host, task } = turn
  const rescued = batch.walks.get(host)!.fail() === 'rescued'
  leave(batch, host)
  if (flag(task, 'runOnce', turn.scope)) failOthers(batch, host)
  if (!rescued) batch.removed.add(host)
  // A file that cannot be included counts as failed, as in Ansible, also where a rescue takes it.
  if (!rescued || result.includes) return 'failed'
  const { set } = batch.run.known(host)
  set.set('ansible_failed_task', failedTask(turn))
  set.set('ansible_failed_result', result.values)
  return 'rescued'
}

/** The failure of a task that runs once is that of every host. */
function failOthers(batch: Batch, host: string): void {
  for (const [name, walk] of batch.walks) {
    if (name === host || batch.run.unreachable.has(name)) continue
    walk.fail()
    leave(batch, name)
    if (walk.failed) batch.removed.add(name)
  }
}

/** A host whose walk has ended by a failure is out of this play and the next. */
export function leave(batch: Batch, host: string): void {
  const walk = batch.walks.get(host)!
  walk.peek()
  if (walk.failed) markFailed(batch, host)
}

/** Counts a host as failed, in this batch and for the rest of the run. */
export function markFailed(batch: Batch, host: string): void {
  batch.failed.add(host)
  batch.run.failed.add(host)
}

/** What a module warns of, of each item once. */
function warn({ batch, info, host }: Turn, { values, noLog }: Result): void {
  if (isUnknown(values) || noLog) return
  const items = values.get('results')
  const told = [values, ...(Array.isArray(items) ? items.filter(isDict) : [])].flatMap(warningsOf)
  for (const warning of new Set(told)) {
    const text = batch.run.secrets.mask(`${host}: task "${info.name}": ${warning}`)
    batch.run.emit({ kind: 'message', level: 'warning', text })
  }
}

function warningsOf(values: Dict): readonly string[] {
  const warnings = values.get('warnings')
  return Array.isArray(warnings) ? warnings.map(String) : []
}

function failedTask({ task, scope }: Turn): Dict {
  return dict({
    name: ownName(task, scope),
    action: task.module,
    args: task.params,
    tags: [...task.tags],
  })
}

/** The name of a task for one host, without that of its role; as written where it cannot be evaluated. */
function ownName({ name = '', place }: Task, scope: Scope): string {
  try {
    return text(renderValue(name, scope, place))
  } catch (error) {
    if (error instanceof FplayError) return name
    throw error
  }
}

function notify(batch: Batch, host: string, names: readonly string[]): void {
  for (const name of names) {
    const handlers = batch.handlers.notified(name)
    if (!handlers.length) refuseUnknown(batch, name)
    for (const handler of handlers) batch.walks.get(host)?.notify(handler)
  }
}

function refuseUnknown(batch: Batch, name: string): never {
  const names = batch.handlers.tasks
    .flatMap((task) => [task.name, ...task.listen])
    .filter((item) => item !== undefined)
  return fail({
    code: 'unknown-handler',
    message: `there is no handler "${name}" in the play "${batch.play.title}"`,
    allowed: names.length ? `handlers: ${[...new Set(names)].join(', ')}` : 'the play has no handlers',
  })
}

/** Sets the variable of `register`; with `run_once` on all hosts. */
function register(turn: Turn, name: string, { values }: Result): void {
  for (const host of resultHosts(turn)) turn.batch.run.known(host).set.set(name, values)
}
