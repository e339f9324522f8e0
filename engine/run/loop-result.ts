import type { Dict, Value } from '../language/value.js'
import { isUnknown } from '../unknown.js'
import { OpenDict } from './open-dict.js'
import { dict } from './result.js'
import type { Result } from './result.js'

/** The result of one item with the variables it ran with. */
export interface ItemResult {
  readonly result: Result
  readonly variables: Dict
}

/** The result of a loop: `results` with one entry an item, and what they say together. */
export function combineItems(items: readonly ItemResult[]): Result {
  if (items.length === 0) return emptyLoop()
  const results = items.map(({ result }) => result)
  const failed = results.filter(({ end }) => end === 'failed')
  const end = endOf(results)
  const changed = results.some((result) => result.changed)
  const message = failed.length
    ? 'One or more items failed'
    : end === 'skipped'
      ? 'All items skipped'
      : 'All items completed'
  const values = dict({ changed, skipped: end === 'skipped', msg: message, results: items.map(entryOf) })
  if (failed.length) values.set('failed', true)
  if (end === 'unreachable') values.set('unreachable', true)
  return {
    end,
    changed,
    message: messageOf(results) ?? message,
    values,
    diffs: results.flatMap(({ diffs }) => diffs),
    unproven: results.find(({ unproven }) => unproven)?.unproven,
    // A failed item that is not ignored makes the whole task fail.
    ignored: results.some(isBad) && results.filter(isBad).every(({ ignored }) => ignored),
    noLog: results.some(({ noLog }) => noLog),
    notify: results.flatMap(({ notify }) => notify ?? []),
    ...(results.some(({ includes }) => includes)
      ? { includes: results.flatMap(({ includes }) => includes ?? []) }
      : {}),
    delegatedTo: results.find(({ delegatedTo }) => delegatedTo)?.delegatedTo,
  }
}

function emptyLoop(): Result {
  const reason = 'No items in the list'
  const values = dict({ changed: false, skipped: true, skipped_reason: reason, results: [] })
  return { end: 'skipped', changed: false, message: reason, values, diffs: [] }
}

function isBad({ end }: Result): boolean {
  return end === 'failed' || end === 'unreachable'
}

/** The gravest end of the items; skipped only when all are. */
function endOf(results: readonly Result[]): Result['end'] {
  const ends = new Set(results.map(({ end }) => end))
  for (const end of ['unreachable', 'failed', 'undecided', 'ok'] as const) if (ends.has(end)) return end
  return 'skipped'
}

/** What the gravest item says, for people. */
function messageOf(results: readonly Result[]): string | undefined {
  return (
    results.find((result) => isBad(result) && !result.ignored)?.message ??
    results.find(({ end }) => end === 'undecided')?.message
  )
}

function entryOf({ result, variables }: ItemResult): Value {
  if (isUnknown(result.values)) return result.values
  return result.values instanceof OpenDict
    ? result.values.with(variables)
    : new Map([...result.values, ...variables])
}
