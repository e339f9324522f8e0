import { keyPlaceOf, placeOf } from '../language/place.js'
import { isDict, keyText, type Value } from '../language/value.js'

/** A text that YAML has split at its commas, as `{mode: u=rwx,g=rx}` without quotes is. */
export interface TornValue {
  /** Name of the entry whose value it was. */
  readonly name: string
  /** The text as it was written. */
  readonly text: string
  /** True for the first piece that became an entry of its own. */
  readonly isFirst: boolean
}

/**
 * The text of which `key` is a piece: an entry without a value, behind one with a text in the same line. In a line of its
 * own an entry is no piece: there a comma splits nothing.
 */
export function tornValue(dict: Value | undefined, key: Value): TornValue | undefined {
  if (!isDict(dict) || dict.get(key) !== null) return undefined
  const line = keyPlaceOf(dict, key)?.line
  const keys = [...dict.keys()].filter((other) => keyPlaceOf(dict, other)?.line === line)
  const at = keys.indexOf(key)
  const start = keys.findLastIndex((other, i) => i < at && dict.get(other) !== null)
  const value = dict.get(keys[start]!)
  if (line === undefined || start < 0 || typeof value !== 'string') return undefined
  const end = keys.findIndex((other, i) => i > at && dict.get(other) !== null)
  const pieces = keys.slice(start + 1, end < 0 ? undefined : end)
  let column = (placeOf(dict, keys[start])?.column ?? 0) + value.length
  let text = value
  for (const piece of pieces) {
    const { column: next = column } = keyPlaceOf(dict, piece) ?? {}
    text += `,${' '.repeat(Math.max(0, next - column - 1))}${keyText(piece)}`
    column = next + keyText(piece).length
  }
  return { name: keyText(keys[start]!), text, isFirst: at === start + 1 }
}
