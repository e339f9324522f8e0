import { fail, FplayError } from '../errors.js'
import { renderValue } from '../language/template.js'
import { str } from '../language/jinja/python/render.js'
import type { Item } from '../language/jinja/item.js'
import { isDict, Omit } from '../language/value.js'
import type { Value } from '../language/value.js'
import { inherit, inheritAll } from '../play/inherit.js'
import { showValue } from '../play/value-kinds.js'
import { isUnknown } from '../unknown.js'
import { becomeOf, connectionSettings } from './connect.js'
import { canChange } from '../module/contract.js'
import type { ParamTable } from '../module/params.js'
import type { Task } from '../play/play.js'
import type { Run, Turn } from './context.js'
import { controllerOf } from './controller.js'
import { flag, text, whole } from './evaluate.js'
import { FACTS_MODULE } from './facts.js'
import { checkParams, evaluateParams } from './params.js'
import { undecidedCall } from './result.js'
import type { Result } from './result.js'
import type { Background, Call, Target } from './target.js'
import { delegateOf, isHidden, turnOn } from './turn.js'
import { upcomingAsks } from './upcoming.js'

/** A module call that is ready to be made. */
export interface Prepared {
  readonly call: Call
  readonly target: Target
  /** The host it is delegated to. */
  readonly delegatedTo: string | undefined
}

/**
 * Evaluates everything a module call needs. Bad parameters are thrown; parameters that only the real run can tell give
 * an undecided result, unless the module copes with them.
 */
export function prepareCall(turn: Turn): Prepared | Result {
  const { task, scope, batch, info } = turn
  const { run } = batch
  const module = run.registry.get(task.module)
  const given = evaluateParams(turn)
  if (isUnknown(given)) return undecidedCall(['parameters'], given.why, canChange(module))
  const { params, unknown } = checkParams(turn, module, given)
  if (unknown.length && !module.takesUnknown)
    return undecidedCall(unknown, reasonOf(params, unknown), canChange(module))
  noteSecrets(run, module.params, params)
  const delegatedTo = delegateOf(turn)
  const there = delegatedTo === undefined ? turn : turnOn(turn, delegatedTo)
  const call: Call = {
    module,
    moduleName: task.module,
    ownFile: run.registry.ownFile(task.module),
    params,
    controller: controllerOf(turn, run.files),
    become: becomeOf(there),
    environment: environmentOf(turn),
    task: info.name,
    promisesNoChange: task.changedWhen?.length === 1 && task.changedWhen[0]!.value === false,
    checkMode: flag(task, 'checkMode', scope) ?? run.settings.checkMode,
    diff: flag(task, 'diff', scope) ?? run.settings.diff,
    noLog: isHidden(turn),
    verbosity: run.settings.verbosity,
    background: backgroundOf(turn),
    onLine: isHidden(turn) ? undefined : lineTeller(turn),
    ownPace: batch.ownPace,
    onProgress: (sent, total) =>
      run.emit({ kind: 'host-progress', task: info, host: turn.host, sent, total }),
    signal: run.interrupt.signal,
  }
  const target = run.targets.get(connectionSettings(there), turn.host)
  const upcoming = looksAhead(turn) ? (count: number) => upcomingAsks(turn, call, target, count) : undefined
  return {
    call: { ...call, upcoming, successors: turn.successors, speculation: turn.speculation },
    target,
    delegatedTo,
  }
}

/**
 * Whether the task may ask for others: it asks once, on its own host and in the plain environment, and no job goes on in
 * the background that changes what is asked for.
 */
function looksAhead({ task, batch }: Turn): boolean {
  if (batch.run.jobs.size > 0) return false
  const elsewhere = inherit(task, 'delegateTo') ?? inheritAll(task, 'environment')[0]
  return !elsewhere && !task.until.length && !batch.run.stepping.on
}

/** Seconds between two looks at a job where neither `poll` nor a setting says. */
const POLL = 15

function backgroundOf({ task, scope, batch }: Turn): Background | undefined {
  const seconds = whole(task.async, 'async', scope) ?? 0
  if (seconds <= 0) return undefined
  const poll = whole(task.poll, 'poll', scope) ?? batch.run.settings.keywords?.poll ?? POLL
  return { seconds, poll: Math.max(0, poll), jobs: batch.run.jobs }
}

/** Shows a line that a command prints while it runs; of one that runs before its turn, when that has come. */
function lineTeller({ batch, info, host, speculation }: Turn): (line: string) => void {
  const { emit, secrets } = batch.run
  const tell = (line: string, task = info): void =>
    emit({ kind: 'host-output', task, host, line: secrets.mask(line) })
  return speculation ? (line) => speculation.tell((own) => tell(line, own)) : (line) => tell(line)
}

/** Values of parameters that are never shown. */
function noteSecrets({ secrets }: Run, table: ParamTable, params: Readonly<Record<string, unknown>>): void {
  for (const [name, { secret }] of Object.entries(table)) {
    const value = params[name]
    if (secret && typeof value === 'string') secrets.add(value)
  }
}

/**
 * `environment:` of the task and its parents; the inner ones win. The task that gathers facts goes without one that
 * rests on the host's own environment, which is among those facts.
 */
function environmentOf({ task, scope }: Turn): Record<string, string> {
  const environment: Record<string, string> = {}
  for (const { value, place } of inheritAll(task, 'environment')) {
    const rendered = rendersWithoutFacts(task, () => renderValue(value, scope, place))
    for (const part of Array.isArray(rendered) ? rendered : [rendered]) {
      // What only the run can tell has no names yet.
      if (isAbsent(part) || isUnknown(part)) continue
      if (!isDict(part))
        return fail({
          code: 'bad-keyword',
          place,
          message: `environment is ${showValue(part)}`,
          allowed: 'allowed: a dictionary of variables',
        })
      for (const [name, item] of part) if (!isAbsent(item)) environment[text(name)] = str(item as Item)
    }
  }
  return environment
}

function rendersWithoutFacts(task: Task, render: () => Value): Value {
  try {
    return render()
  } catch (error) {
    if (
      error instanceof FplayError &&
      task.module === FACTS_MODULE &&
      /ansible_env|ansible_facts/.test(error.message)
    )
      return null
    throw error
  }
}

function isAbsent(value: Value): boolean {
  return value === null || value instanceof Omit
}

function reasonOf(params: Readonly<Record<string, unknown>>, names: readonly string[]): string {
  const reasons = names.map((name) => firstUnknown(params[name])).filter(Boolean)
  return [...new Set(reasons)].join('; ')
}

function firstUnknown(value: unknown): string | undefined {
  if (isUnknown(value)) return value.why
  const inner = Array.isArray(value) ? value : value instanceof Map ? [...value.values()] : plainValues(value)
  for (const item of inner) {
    const found = firstUnknown(item)
    if (found) return found
  }
  return undefined
}

function plainValues(value: unknown): unknown[] {
  return value !== null && typeof value === 'object' ? Object.values(value) : []
}
