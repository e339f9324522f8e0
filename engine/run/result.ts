import { FplayError, formatPlace } from '../errors.js'
import type { Problem } from '../errors.js'
import type { Diff } from '../events.js'
import { fromPlain } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import { isUnknown, Unknown } from '../unknown.js'
import { OpenDict } from './open-dict.js'
import type { Converged } from './target.js'

/** What one turn at an `include_…` asks for; a loop asks several times. */
export interface Include {
  /** Evaluated and validated parameters. */
  readonly params: Readonly<Record<string, unknown>>
  /** The item's variables, handed down to what is included. */
  readonly variables: Dict | undefined
}

/** How a task, or one item of its loop, ended on a host, before anybody has decided what a failure leads to. */
export interface Result {
  readonly end: 'ok' | 'failed' | 'skipped' | 'unreachable' | 'undecided'
  /** In check mode: the prediction. */
  readonly changed: boolean
  /** Why it failed, was skipped or is undecided. */
  readonly message?: string | undefined
  /** What `register` gives, with `changed`, `failed` and the like; an Unknown when nothing of it is known. */
  readonly values: Dict | Unknown
  readonly diffs: readonly Diff[]
  readonly unproven?: string | undefined
  /** Undecided by its conditions: the run may as well skip it. */
  readonly conditional?: boolean
  /** `ignore_errors` or `ignore_unreachable` holds. */
  readonly ignored?: boolean
  /** Names and topics that are notified if the task has changed something. */
  readonly notify?: readonly string[]
  readonly delegatedTo?: string | undefined
  /** What it includes, for each item of a loop. */
  readonly includes?: readonly Include[]
  /** Converged values that become facts, hosts or groups. */
  readonly effects?: Converged | undefined
  /** Nothing of the result may be shown. */
  readonly noLog?: boolean
}

/** A result of a task that was not run because of its conditions. */
export function skipped(reason = 'Conditional result was False'): Result {
  const values = dict({ changed: false, skipped: true, skip_reason: reason })
  return { end: 'skipped', changed: false, message: reason, values, diffs: [] }
}

/** A result in a dry run whose conditions rest on something that only the real run can tell. */
export function undecidedCondition(condition: Unknown): Result {
  const message = `depends on ${condition.why}, which only the run can tell`
  const values = new Unknown(condition.why)
  return { end: 'undecided', changed: false, message, values, diffs: [], conditional: true }
}

/**
 * A result in a dry run whose parameters only the real run can tell.
 * @param changes  whether it can change anything; then it is taken to
 */
export function undecidedCall(names: readonly string[], why: string, changes: boolean): Result {
  const message = `${names.map((name) => `"${name}"`).join(', ')} will be known after the run: ${why}`
  return { end: 'undecided', changed: changes, message, values: new Unknown(why), diffs: [] }
}

/** A failure that the engine itself meets: a bad parameter, an undefined name, a file that is not there. */
export function failure(message: string, more: Readonly<Record<string, Value>> = {}): Result {
  const values = dict({ changed: false, failed: true, msg: message, ...more })
  return { end: 'failed', changed: false, message, values, diffs: [] }
}

/** The result of an error: unreachable for connections, otherwise failed. Defects of fplay are thrown on. */
export function resultOfError(error: unknown): Result {
  if (!(error instanceof FplayError)) throw error
  const { problems } = error
  if (problems.some(({ code }) => code === 'interrupted')) throw error
  const message = problems.map(sentence).join('\n')
  const undefinedNames = problems.filter(({ code }) => code === 'undefined-name').map(asAnsibleSays)
  const more = undefinedNames.length > 0 ? { msg: [...undefinedNames, message].join('\n') } : {}
  if (!problems.some(({ code }) => UNREACHABLE.has(code))) return failure(message, more)
  const values = dict({ changed: false, unreachable: true, msg: message })
  return { end: 'unreachable', changed: false, message, values, diffs: [] }
}

const UNREACHABLE = new Set<Problem['code']>(['unreachable', 'host-key', 'connection-lost'])

/** Words that playbooks look for. */
function asAnsibleSays({ message }: Problem): string {
  const named = message.replace(/^"([^"]*)" is undefined/, "'$1' is undefined")
  return `The task includes an option with an undefined variable. The error was: ${named}`
}

/** A problem without the host and task, which the report names anyway. */
function sentence(problem: Problem): string {
  const { place, message, allowed, cure } = problem
  return [(place ? `${formatPlace(place)}: ` : '') + message, allowed, cure].filter(Boolean).join('; ')
}

/**
 * The result of a module call, with `changed` and `failed` among its values.
 * @param diff  whether the value `diff` is wanted: as a list, or as a list only where several things differ
 */
export function resultOfCall(converged: Converged, diff: 'none' | 'list' | 'one'): Result {
  const { status, changed, message, diffs, unproven, rest } = converged
  const failed = status === 'failed'
  const known = fromPlain(converged.values) as Dict
  const values = rest ? new OpenDict(known, rest) : known
  values.set('changed', changed)
  values.set('failed', failed)
  if (status === 'skipped') values.set('skipped', true)
  if (message !== undefined && !known.get('msg')) values.set('msg', message)
  if (diff !== 'none' && diffs.length && !known.has('diff')) {
    const entries = diffs.map(diffEntry)
    values.set('diff', fromPlain(diff === 'one' && entries.length === 1 ? entries[0]! : entries))
  }
  return { end: endOf(status), changed, message, values, diffs, unproven, effects: converged }
}

function endOf(status: Converged['status']): Result['end'] {
  return status === 'changed' ? 'ok' : status
}

function diffEntry({ name, before, after }: Diff): Record<string, string> {
  return { before_header: name, after_header: name, before, after }
}

/** A result with some of its registered values replaced. */
export function withValues(result: Result, more: Readonly<Record<string, Value>>): Result {
  if (isUnknown(result.values)) return result
  const { values } = result
  const entries = Object.entries(more)
  if (values instanceof OpenDict) return { ...result, values: values.with(entries) }
  return { ...result, values: new Map([...values, ...entries]) }
}

/** A dictionary of the language. */
export function dict(entries: Readonly<Record<string, Value>>): Dict {
  return new Map(Object.entries(entries))
}
