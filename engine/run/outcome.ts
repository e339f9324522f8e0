import type { Outcome, Status } from '../events.js'
import { fromPlain, isDict, toPlain } from '../language/value.js'
import type { Value } from '../language/value.js'
import type { Secrets } from '../secrets.js'
import { isUnknown } from '../unknown.js'
import type { Turn } from './context.js'
import { OpenDict } from './open-dict.js'
import type { Result } from './result.js'

/** What is shown in place of a result that `no_log` hides. */
const CENSORED = "the output has been hidden because 'no_log: true' was specified for this result"

/** What reports may show of a result: nothing secret is in it. */
export function outcomeOf(
  result: Result,
  status: Status,
  secrets: Secrets,
  seconds: number,
  item?: string,
): Outcome {
  const { changed, delegatedTo, unproven } = result
  const common = { status, changed, delegatedTo, unproven, item: item && secrets.mask(item), seconds }
  if (result.noLog) {
    return {
      ...common,
      item: item && '(hidden)',
      message: messageIfBad(status),
      values: { censored: CENSORED, changed },
      diffs: [],
    }
  }
  let values: Outcome['values'] | undefined
  return {
    ...common,
    message: result.message && secrets.mask(result.message),
    diffs: result.diffs.map(({ name, before, after }) => ({
      name: secrets.mask(name),
      before: secrets.mask(before),
      after: secrets.mask(after),
    })),
    // Most reports show the values of failures only, and masking a large output costs time.
    get values() {
      return (values ??= maskedValues(result.values, secrets))
    },
  }
}

/** Tells how one item of a loop ended. */
export function reportItem(
  { batch, info, host }: Turn,
  result: Result,
  label: string,
  seconds: number,
): void {
  const { emit, secrets } = batch.run
  emit({
    kind: 'item-result',
    task: info,
    host,
    outcome: outcomeOf(result, statusOf(result), secrets, seconds, label),
  })
}

/** The status of a result as far as it does not depend on rescues. */
export function statusOf({ end, changed, ignored }: Result): Status {
  if (end === 'ok') return changed ? 'changed' : 'ok'
  return ignored && (end === 'failed' || end === 'unreachable') ? 'ignored' : end
}

function messageIfBad(status: Status): string | undefined {
  return status === 'failed' || status === 'unreachable' ? CENSORED : undefined
}

function maskedValues(values: Result['values'], secrets: Secrets): Outcome['values'] {
  if (isUnknown(values)) return {}
  return toPlain(masked(values, secrets)) as Outcome['values']
}

function masked(value: Value, secrets: Secrets): Value {
  if (typeof value === 'string') return secrets.mask(value)
  if (Array.isArray(value)) return value.map((item) => masked(item, secrets))
  if (isDict(value)) {
    const named = [...value].map(([key, item]): [Value, Value] => [
      masked(key, secrets),
      masked(item, secrets),
    ])
    return new Map(value instanceof OpenDict ? [...named, ['*', fromPlain(String(value.rest))]] : named)
  }
  return isUnknown(value) ? fromPlain(String(value)) : value
}
