import type { Dict, Value } from '../language/value.js'
import type { Unknown } from '../unknown.js'

/** Names that a result has only when it is there: a program's result that is not known yet is no loop and was not skipped. */
const NOT_THERE = new Set<Value>(['skipped', 'results', 'unreachable', 'started', 'finished', 'attempts'])

/** A dictionary that has, besides what is known, values under names that only the real run can tell. */
export class OpenDict extends Map<Value, Value> {
  constructor(
    known: Dict,
    readonly rest: Unknown,
  ) {
    super()
    for (const [name, value] of known) this.set(name, value)
  }

  override get(name: Value): Value | undefined {
    return super.has(name) || NOT_THERE.has(name) ? super.get(name) : this.rest
  }

  /** A copy with some values replaced. */
  with(more: Iterable<readonly [Value, Value]>): OpenDict {
    return new OpenDict(new Map([...this, ...more]), this.rest)
  }
}
