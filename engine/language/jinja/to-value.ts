import type { Value } from '../value.js'
import type { Item, ItemDict } from './item.js'
import { EvalError, Func, isItemDict, isList, Opaque, Tuple, Undefined } from './item.js'
import { Bytes } from './python/bytes.js'

/**
 * The plain value an expression leaves behind: a tuple becomes a list, bytes and dates text. What is already
 * plain stays the same object. Undefined names and functions are errors, at any depth.
 */
export function toValue(item: Item): Value {
  if (isList(item)) return listValue(item)
  if (isItemDict(item)) return dictValue(item)
  if (!(item instanceof Opaque)) return item
  if (item instanceof Undefined) return item.repr()
  if (item instanceof Bytes) return item.text()
  if (item instanceof Func) throw new EvalError(`"${item.name}" is a function; call it with ()`)
  return item.repr()
}

function listValue(list: Item[]): Value {
  let changed = list instanceof Tuple
  const values = list.map((item) => {
    const value = toValue(item)
    if (value !== item) changed = true
    return value
  })
  return changed ? values : (list as Value)
}

function dictValue(dict: ItemDict): Value {
  // A dictionary that loads late holds only values; walking it would load all of it.
  if (dict.constructor !== Map) return dict as Value
  let changed = false
  const values = new Map<Value, Value>()
  for (const [key, item] of dict) {
    const value = toValue(item)
    const name = toValue(key)
    if (value !== item || name !== key) changed = true
    values.set(name, value)
  }
  return changed ? values : (dict as Value)
}
