import type { Place, Problem } from '../errors.js'
import { keyPlaceOf, placeOf } from '../language/place.js'
import type { Dict, Value } from '../language/value.js'
import type { Catalog } from './actions.js'
import type { Block, Play, Role, Written } from './play.js'
import type { Problems } from './problems.js'

/** Where a list of tasks is parsed: what its nodes inherit from, and whom problems are told. */
export interface Scope {
  readonly problems: Problems
  /** As the collections of the parents have it. */
  readonly catalog: Catalog
  /** Tells what is odd and keeps nothing from running. */
  readonly warn: (problem: Problem) => void
  /** Undefined while the play itself is parsed. */
  readonly parent: Block | Play | undefined
  readonly role?: Role | undefined
  /** True in lists of handlers. */
  readonly handler: boolean
  /** Name of the task being parsed, for messages. */
  readonly task?: string | undefined
  /** Where a value stands that has no place of its own. */
  readonly place: Place
  /** Evaluates a text with the variables that are known before the run (of the play, roles, blocks, command line). */
  evaluate(text: string, place: Place, node: Block | Play | undefined): Value
}

/** The value of a key with its place; undefined where there is no such key. */
export function writtenAt(dict: Dict, key: string, scope: Pick<Scope, 'place'>): Written | undefined {
  if (!dict.has(key)) return undefined
  return { value: dict.get(key)!, place: placeOf(dict, key) ?? scope.place }
}

/** Where a key stands. */
export function keyPlace(dict: Dict, key: Value, scope: Pick<Scope, 'place'>): Place {
  return keyPlaceOf(dict, key) ?? scope.place
}

/** The items of a list with their places; a value that is no list is its own only item. */
export function items(written: Written): Written[] {
  const { value, place } = written
  if (!Array.isArray(value)) return [written]
  return value.map((item, index) => ({ value: item, place: placeOf(value, index) ?? place }))
}

/** Tells a problem and gives undefined, for `return problem(…)`. */
export function problem(scope: Pick<Scope, 'problems' | 'task'>, what: Problem): undefined {
  scope.problems.add({ ...what, task: what.task ?? scope.task })
  return undefined
}
