import { float } from '../../value.js'
import type { Float } from '../../value.js'
import type { Item } from '../item.js'

/** An integer in its narrowest form: a number while it is exact, a bigint beyond. */
export function narrow(n: bigint): number | bigint {
  return n >= BigInt(Number.MIN_SAFE_INTEGER) && n <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(n) : n
}

/** The integer of an int or bool. */
export function intOf(item: number | bigint | boolean): number | bigint {
  return typeof item === 'boolean' ? Number(item) : item
}

/** Any number as a double. */
export function floatOf(item: Item): number {
  return Number(item as number)
}

/** The integer a text spells, as Python's `int()` reads it (spaces around, `_` between digits); undefined when none. */
export function readInt(text: string, base = 10): number | bigint | undefined {
  const match = /^\s*([-+]?)(0[xX]|0[oO]|0[bB])?((?:[0-9a-zA-Z]+_)*[0-9a-zA-Z]+)\s*$/.exec(text)
  if (!match) return undefined
  const [, sign, prefix, digits] = match as unknown as [string, string, string | undefined, string]
  const prefixBase = prefix ? { x: 16, o: 8, b: 2 }[prefix[1]!.toLowerCase()]! : undefined
  if (base !== 0 && prefixBase !== undefined && prefixBase !== base) {
    return prefixBase === 2 && base > 11 ? readDigits(sign, prefix! + digits, base) : undefined
  }
  return readDigits(sign, digits, prefixBase ?? (base || 10))
}

function readDigits(sign: string, digits: string, base: number): number | bigint | undefined {
  let value = 0n
  for (const char of digits.replace(/_/g, '').toLowerCase()) {
    const digit = parseInt(char, 36)
    if (Number.isNaN(digit) || digit >= base) return undefined
    value = value * BigInt(base) + BigInt(digit)
  }
  return narrow(sign === '-' ? -value : value)
}

/** The float a text spells, as Python's `float()` reads it; undefined when none. */
export function readFloat(text: string): Float | number | undefined {
  const body = text.trim().toLowerCase()
  const special = /^([-+]?)(inf|infinity|nan)$/.exec(body)
  if (special) return special[2] === 'nan' ? NaN : special[1] === '-' ? -Infinity : Infinity
  if (!/^[-+]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[-+]?\d+(_\d+)*)?$/.test(body)) return undefined
  return float(Number(body.replace(/_/g, '')))
}
