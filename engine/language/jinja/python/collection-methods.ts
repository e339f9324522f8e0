import type { Item, ItemDict } from '../item.js'
import {
  EvalError,
  Func,
  GroupTuple,
  isItemDict,
  isList,
  isUnset,
  iterate,
  orElse,
  Tuple,
  tuple,
  truthy,
} from '../item.js'
import { bind, parameters } from '../signature.js'
import { dictGet, equals, order, sameKey } from './compare.js'
import { optionalInt, wantInt } from './convert.js'
import type { Methods } from './methods.js'
import { methodOf } from './methods.js'
import { repr } from './render.js'

/** Methods that change what they are called on. */
export const MUTATORS: readonly string[] = [
  ...['append', 'extend', 'insert', 'pop', 'remove', 'reverse', 'sort', 'clear'],
  ...['update', 'setdefault', 'popitem', '__setitem__'],
]

function indexOf(list: readonly Item[], item: Item, start: Item | undefined): number {
  const from = optionalInt(start, 'start') ?? 0
  const at = list.findIndex((one, index) => index >= from && equals(one, item))
  if (at < 0) throw new EvalError(`${repr(item)} is not in the list`)
  return at
}

function pop(list: Item[], index: Item | undefined): Item {
  if (list.length === 0) throw new EvalError('pop from an empty list')
  const at = optionalInt(index, 'the index') ?? -1
  const place = at < 0 ? at + list.length : at
  if (place < 0 || place >= list.length) throw new EvalError('pop index out of range')
  return list.splice(place, 1)[0]!
}

/** Sorts in place like Python: stable, with an error for items that have no order. */
export function sortItems(list: Item[], reverse: boolean): Item[] {
  list.sort((a, b) => (reverse ? order(b, a) : order(a, b)))
  return list
}

const LIST: Methods<Item[]> = new Map<string, readonly [string, (self: Item[], args: Item[]) => Item]>([
  ['append', ['item', (list, [item]) => nothing(list.push(item!))]],
  ['extend', ['items', (list, [items]) => nothing(list.push(...iterate(items!)))]],
  [
    'insert',
    ['index, item', (list, [index, item]) => nothing(list.splice(wantInt(index, 'the index'), 0, item!))],
  ],
  ['pop', ['index=None', (list, [index]) => pop(list, index)]],
  ['remove', ['item', (list, [item]) => nothing(list.splice(indexOf(list, item!, null), 1))]],
  ['reverse', ['', (list) => nothing(list.reverse())]],
  ['sort', ['reverse=False', (list, [reverse]) => nothing(sortItems(list, truthy(reverse!)))]],
  ['clear', ['', (list) => nothing(list.splice(0))]],
  ['copy', ['', (list) => [...list]]],
  ['index', ['item, start=None', (list, [item, start]) => indexOf(list, item!, start)]],
  ['count', ['item', (list, [item]) => list.filter((one) => equals(one, item!)).length]],
])

function nothing(_: unknown): null {
  return null
}

function entries(source: Item): [Item, Item][] {
  if (isItemDict(source)) return [...source]
  return iterate(source).map((pair) => {
    const items = iterate(pair)
    if (items.length !== 2) throw new EvalError('a dictionary is made of pairs of key and value')
    return [items[0]!, items[1]!]
  })
}

/** Puts the entries of dictionaries or of lists of pairs into `dict`. */
export function updateDict(dict: ItemDict, source: Item, named: Item): ItemDict {
  for (const [key, value] of [...(isUnset(source) ? [] : entries(source)), ...entries(named)])
    setEntry(dict, key, value)
  return dict
}

/** Sets a key; a list cannot be one. */
export function setEntry(dict: ItemDict, key: Item, value: Item): void {
  if (isItemDict(key) || (isList(key) && !(key instanceof Tuple))) {
    throw new EvalError('a list or dictionary cannot be the key of a dictionary')
  }
  dict.set(
    orElse(sameKey(dict, key), () => key),
    value,
  )
}

function popKey(dict: ItemDict, args: readonly Item[]): Item {
  const [key, fallback] = args
  const found = dictGet(dict, key!)
  if (found === undefined) {
    if (fallback !== undefined) return fallback
    throw new EvalError(`the dictionary has no key ${repr(key!)}`)
  }
  dict.delete(orElse(sameKey(dict, key!), () => key!))
  return found
}

function setDefault(dict: ItemDict, key: Item, fallback: Item): Item {
  const found = dictGet(dict, key)
  if (found !== undefined) return found
  setEntry(dict, key, fallback)
  return fallback
}

function popLast(dict: ItemDict): Item {
  const last = [...dict].at(-1)
  if (!last) throw new EvalError('the dictionary is empty')
  dict.delete(last[0])
  return tuple(last)
}

const DICT: Methods<ItemDict> = new Map<string, readonly [string, (self: ItemDict, args: Item[]) => Item]>([
  ['keys', ['', (dict) => [...dict.keys()]]],
  ['values', ['', (dict) => [...dict.values()]]],
  ['items', ['', (dict) => [...dict].map(tuple)]],
  ['get', ['key, default=None', (dict, [key, fallback]) => orElse(dictGet(dict, key!), () => fallback!)]],
  ['copy', ['', (dict) => new Map(dict)]],
  ['update', ['other=None, **named', (dict, [other, named]) => nothing(updateDict(dict, other!, named!))]],
  ['pop', ['*args', (dict, [args]) => popKey(dict, args as Item[])]],
  ['popitem', ['', (dict) => popLast(dict)]],
  ['setdefault', ['key, default=None', (dict, [key, fallback]) => setDefault(dict, key!, fallback!)]],
  ['clear', ['', (dict) => nothing(dict.clear())]],
  ['__setitem__', ['key, value', (dict, [key, value]) => nothing(setEntry(dict, key!, value!))]],
])

/** The method `name` of a list; a tuple has only those that leave it as it is. */
export function listMethod(list: Item[], name: string): Item | undefined {
  if (list instanceof GroupTuple && (name === 'grouper' || name === 'list'))
    return list[name === 'list' ? 1 : 0]
  if (list instanceof Tuple && !['index', 'count'].includes(name)) return undefined
  return methodOf(LIST, list, name)
}

/** The method `name` of a dictionary. */
export function dictMethod(dict: ItemDict, name: string): Item | undefined {
  const method = DICT.get(name)
  // `get` hands an undefined default through, so that `d.get('a', b) | default(c)` works.
  return (
    method && new Func(name, (args) => method[1](dict, bind(`${name}()`, parameters(method[0]), args)), true)
  )
}
