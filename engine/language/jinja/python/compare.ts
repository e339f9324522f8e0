import { isUnknown } from '../../../unknown.js'
import { Omit } from '../../value.js'
import type { Item, ItemDict } from '../item.js'
import {
  EvalError,
  isFloat,
  isInt,
  isItemDict,
  isList,
  isNumeric,
  iterate,
  notKnown,
  Opaque,
  Tuple,
  typeName,
  Undefined,
} from '../item.js'
import { Bytes } from './bytes.js'
import { DateTime, TimeDelta } from './datetime.js'
import { intOf } from './numbers.js'

/** `a == b`. Values of different kinds are different; `1 == 1.0 == True`. */
export function equals(a: Item, b: Item): boolean {
  if (isUnknown(a) || isUnknown(b)) return equalsUnknown(a, b)
  if (typeof a === 'string' || typeof b === 'string') {
    refuseUndefined(a, b)
    return a === b
  }
  if (isNumeric(a) && isNumeric(b)) return sameNumber(a, b)
  if (isList(a) && isList(b)) {
    if (a instanceof Tuple !== b instanceof Tuple || a.length !== b.length) return false
    return a.every((item, index) => equals(item, b[index]!))
  }
  if (isItemDict(a) && isItemDict(b)) return a.size === b.size && [...a].every(([k, v]) => hasEntry(b, k, v))
  refuseUndefined(a, b)
  if (a instanceof Bytes && b instanceof Bytes) return a.data.equals(b.data)
  if (
    (a instanceof DateTime && b instanceof DateTime) ||
    (a instanceof TimeDelta && b instanceof TimeDelta)
  ) {
    return a.micros === b.micros
  }
  return a === b || (a instanceof Omit && b instanceof Omit)
}

function refuseUndefined(a: Item, b: Item): void {
  if (a instanceof Undefined) a.raise()
  if (b instanceof Undefined) b.raise()
}

function equalsUnknown(a: Item, b: Item): boolean {
  const [unknown, other] = isUnknown(a) ? [a, b] : [b, a]
  if (isUnknown(unknown)) {
    if (!isUnknown(other) && unknown.not.some((value) => equals(value as Item, other))) return false
    return notKnown(unknown)
  }
  return false
}

function sameNumber(a: Item, b: Item): boolean {
  if (isInt(a) && isInt(b)) return intOf(a) === intOf(b)
  return Number(a as number) === Number(b as number)
}

function hasEntry(dict: ItemDict, key: Item, value: Item): boolean {
  const found = dictGet(dict, key)
  return found !== undefined && equals(found, value)
}

/** The value of a key, or undefined; `1`, `1.0` and `True` are the same key. */
export function dictGet(dict: ItemDict, key: Item): Item | undefined {
  const found = dict.get(key)
  if (found !== undefined || typeof key === 'string') return found
  if (key instanceof Undefined) return key.raise()
  if (isUnknown(key)) return notKnown(key)
  const same = sameKey(dict, key)
  return same === undefined ? undefined : dict.get(same)
}

/** The key of `dict` that is equal to `key`, when it holds one. */
export function sameKey(dict: ItemDict, key: Item): Item | undefined {
  if (dict.has(key)) return key
  if (!isNumeric(key) && !isList(key)) return undefined
  for (const candidate of dict.keys())
    if (typeof candidate !== 'string' && equals(candidate, key)) return candidate
  return undefined
}

/** `needle in haystack`: an item of a list, a key of a dictionary, a part of a text. */
export function contains(haystack: Item, needle: Item): boolean {
  if (needle instanceof Undefined) return needle.raise()
  if (typeof haystack === 'string') {
    if (typeof needle === 'string') return haystack.includes(needle)
    if (isUnknown(needle)) return notKnown(needle)
    throw new EvalError(`'in <string>' requires string as left operand, not ${typeName(needle)}`)
  }
  if (isItemDict(haystack))
    return dictGet(haystack, needle) !== undefined || sameKey(haystack, needle) !== undefined
  if (isNumeric(haystack) || haystack === null) {
    throw new EvalError(`argument of type '${typeName(haystack)}' is not iterable`)
  }
  return listHas(iterate(haystack), needle)
}

function listHas(items: readonly Item[], needle: Item): boolean {
  let doubt: unknown
  for (const item of items) {
    try {
      if (equals(item, needle)) return true
    } catch (error) {
      doubt ??= error
    }
  }
  if (doubt) throw doubt
  return false
}

/** Order of two texts by code points, as Python has it (JavaScript's own order is by UTF-16 units). */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (x === y) continue
    const [pairX, pairY] = [isSurrogate(x), isSurrogate(y)]
    if (pairX !== pairY) return (pairX ? 0x10000 : x) - (pairY ? 0x10000 : y)
    return x - y
  }
  return a.length - b.length
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff
}

/** Negative, zero or positive as `a` is before, equal to or after `b`; an error when they have no order. */
export function order(a: Item, b: Item, operator = '<'): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (isNumeric(a) && isNumeric(b)) return orderNumbers(a, b)
  if (isList(a) && isList(b) && a instanceof Tuple === b instanceof Tuple) {
    const length = Math.min(a.length, b.length)
    for (let i = 0; i < length; i++) if (!equals(a[i]!, b[i]!)) return order(a[i]!, b[i]!, operator)
    return a.length - b.length
  }
  if (
    (a instanceof DateTime && b instanceof DateTime) ||
    (a instanceof TimeDelta && b instanceof TimeDelta)
  ) {
    return a.micros < b.micros ? -1 : a.micros > b.micros ? 1 : 0
  }
  for (const side of [a, b]) {
    if (isUnknown(side)) notKnown(side)
    if (side instanceof Opaque && side instanceof Undefined) side.raise()
  }
  throw new EvalError(`'${operator}' is not supported between '${typeName(a)}' and '${typeName(b)}'`)
}

function orderNumbers(a: Item, b: Item): number {
  const exact = !isFloat(a) && !isFloat(b)
  const x = exact ? intOf(a as number) : Number(a as number)
  const y = exact ? intOf(b as number) : Number(b as number)
  return x < y ? -1 : x > y ? 1 : x === y ? 0 : NaN
}
