import { nearest } from '../../../errors.js'
import { isUnknown } from '../../../unknown.js'
import type { Item } from '../item.js'
import {
  EvalError,
  isInt,
  isItemDict,
  isList,
  notKnown,
  Opaque,
  orElse,
  Tuple,
  tuple,
  typeName,
  Undefined,
} from '../item.js'
import { dictMethod, listMethod } from './collection-methods.js'
import { dictGet } from './compare.js'
import { wantInt } from './convert.js'
import { intOf } from './numbers.js'
import { repr, str } from './render.js'
import { textMethod } from './string-methods.js'

/** `of.name`: a method or attribute first, then an item. `described` names `of` in errors. */
export function attributeOf(of: Item, name: string, described: string): Item {
  if (isUnknown(of)) return of
  return orElse(
    orAlso(member(of, name), () => subscript(of, name)),
    () => missing(of, name, described),
  )
}

/** `of[key]`: an item first, then, for a text, a method or attribute. */
export function itemOf(of: Item, key: Item, described: string): Item {
  if (isUnknown(of)) return of
  if (isUnknown(key)) return key
  if (key instanceof Undefined) return key.raise()
  const inside = orAlso(subscript(of, key), () => (typeof key === 'string' ? member(of, key) : undefined))
  return orElse(inside, () => missing(of, key, described))
}

/** `of[key]` without methods: an item or nothing. */
export function entryOf(of: Item, key: Item, described: string): Item {
  if (isUnknown(of)) return of
  if (isUnknown(key)) return key
  if (key instanceof Undefined) return key.raise()
  return orElse(subscript(of, key), () => missing(of, key, described))
}

function orAlso(item: Item | undefined, otherwise: () => Item | undefined): Item | undefined {
  return item === undefined ? otherwise() : item
}

/** The one way from a value to what it can do: methods and attributes come from tables, never from JavaScript. */
export function member(of: Item, name: string): Item | undefined {
  if (of instanceof Opaque) return of.get(name)
  if (isItemDict(of)) return dictMethod(of, name)
  if (isList(of)) return listMethod(of, name)
  if (typeof of === 'string') return textMethod(of, name)
  return undefined
}

function subscript(of: Item, key: Item): Item | undefined {
  if (of instanceof Undefined) return of
  if (isItemDict(of)) return dictGet(of, key)
  if (isInt(key) && (isList(of) || typeof of === 'string')) {
    const items = typeof of === 'string' ? [...of] : of
    const index = Number(intOf(key))
    return items[index < 0 ? index + items.length : index]
  }
  return undefined
}

function missing(of: Item, key: Item, described: string): Item {
  const path = typeof key === 'string' && /^[\p{L}_][\p{L}\p{N}_]*$/u.test(key) ? `.${key}` : `[${repr(key)}]`
  const has = isItemDict(of) ? `the dictionary has no key ${quoted(key)}` : lacking(of, key)
  return new Undefined(`"${described}${path}" is undefined: ${has}`, () => near(of, key))
}

function quoted(key: Item): string {
  return typeof key === 'string' ? `"${key}"` : repr(key)
}

function lacking(of: Item, key: Item): string {
  if (isInt(key) && isList(of)) return `the list has ${of.length} item${of.length === 1 ? '' : 's'}`
  return `'${typeName(of)}' has no attribute ${quoted(key)}`
}

function near(of: Item, key: Item): string | undefined {
  if (!isItemDict(of) || typeof key !== 'string') return undefined
  const found = nearest(
    key,
    [...of.keys()].filter((one) => typeof one === 'string'),
  )
  return found && `did you mean "${found}"?`
}

/** `of[start:stop:step]`. */
export function sliceOf(of: Item, bounds: readonly (Item | undefined)[]): Item {
  if (isUnknown(of)) return notKnown(of)
  if (of instanceof Undefined) return of.raise()
  if (typeof of !== 'string' && !isList(of)) throw new EvalError(`'${typeName(of)}' cannot be sliced`)
  const [start, stop, step] = bounds.map((bound) =>
    bound === undefined || bound === null ? undefined : wantInt(bound, 'a bound of a slice'),
  )
  const items = slice(typeof of === 'string' ? [...of] : of, start, stop, step ?? 1)
  if (typeof of === 'string') return items.map(str).join('')
  return of instanceof Tuple ? tuple(items) : items
}

function slice(
  items: readonly Item[],
  start: number | undefined,
  stop: number | undefined,
  step: number,
): Item[] {
  if (step === 0) throw new EvalError('the step of a slice cannot be zero')
  const { length } = items
  const clip = (n: number, low: number, high: number) => Math.min(high, Math.max(low, n < 0 ? n + length : n))
  const result: Item[] = []
  if (step > 0) {
    const end = clip(stop ?? length, 0, length)
    for (let i = clip(start ?? 0, 0, length); i < end; i += step) result.push(items[i]!)
    return result
  }
  const end = stop === undefined ? -1 : clip(stop, -1, length - 1)
  for (let i = clip(start ?? length - 1, -1, length - 1); i > end; i += step) result.push(items[i]!)
  return result
}
