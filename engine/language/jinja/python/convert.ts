import type { Item } from '../item.js'
import { EvalError, isInt, isUnset, typeName } from '../item.js'

/** The text of an argument, or an error that names what wanted it. */
export function wantText(item: Item | undefined, what: string): string {
  if (typeof item === 'string') return item
  throw new EvalError(`${what} must be a text, not '${typeName(item ?? null)}'`)
}

/** The integer of an argument as a number, or an error that names what wanted it. */
export function wantInt(item: Item | undefined, what: string): number {
  if (isInt(item)) return Number(item)
  throw new EvalError(`${what} must be an integer, not '${typeName(item ?? null)}'`)
}

/** The integer of an argument, or undefined when it was left out. */
export function optionalInt(item: Item | undefined, what: string): number | undefined {
  return isUnset(item) ? undefined : wantInt(item, what)
}

/** The text of an argument, or undefined when it was left out. */
export function optionalText(item: Item | undefined, what: string): string | undefined {
  return isUnset(item) ? undefined : wantText(item, what)
}
