import { isDeepStrictEqual } from 'node:util'
import { str } from '../../language/jinja/python/render.js'
import type { Dict } from '../contract.js'

/** How what is there is held against what is wished: equal, at least that, or not at all. */
export type Comparison = 'strict' | 'allow_more_present' | 'ignore'

/** What can be compared: a value, an ordered list, a set (a sorted list without doubles), texts by name. */
export type Comparable =
  string | number | boolean | null | readonly string[] | Readonly<Record<string, string>>

/** Kinds of {@link Comparable}. */
export type Shape = 'value' | 'list' | 'set' | 'dict'

/** True when `found` is as `wanted` asks. */
export function satisfies(
  shape: Shape,
  comparison: Comparison,
  wanted: Comparable,
  found: Comparable | undefined,
): boolean {
  if (comparison === 'ignore') return true
  if (comparison === 'strict' || shape === 'value') return isDeepStrictEqual(found ?? empty(shape), wanted)
  if (shape === 'dict') {
    const have = (found ?? {}) as Readonly<Record<string, string>>
    return Object.entries(wanted as object).every(([name, value]) => have[name] === value)
  }
  const have = (found ?? []) as readonly string[]
  return shape === 'set'
    ? (wanted as readonly string[]).every((one) => have.includes(one))
    : inOrder(wanted as readonly string[], have)
}

function empty(shape: Shape): Comparable {
  return shape === 'value' ? null : shape === 'dict' ? {} : []
}

/** True when all of `few` stand in `many` in that order, perhaps with others between. */
function inOrder(few: readonly string[], many: readonly string[]): boolean {
  let at = 0
  for (const one of many) if (one === few[at]) at++
  return at === few.length
}

/** A set in one order. */
export function setOf(items: readonly string[]): readonly string[] {
  return [...new Set(items)].sort()
}

/** A dictionary of the language as texts by name, in one order; booleans as the engine writes them. */
export function textsOf(given: Dict | undefined): Readonly<Record<string, string>> {
  const entries = [...(given ?? [])].map(([name, value]) => [String(name), textOf(value)] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function textOf(value: unknown): string {
  return typeof value === 'boolean' ? String(value) : str(value as never)
}

/** Texts by name of what was inspected, in one order. */
export function recordOf(found: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries((found ?? {}) as Readonly<Record<string, unknown>>)
  return Object.fromEntries(
    entries.map(([name, value]) => [name, String(value)] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/** `--flag name=value` for each. */
export function pairFlags(flag: string, values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`])
}
