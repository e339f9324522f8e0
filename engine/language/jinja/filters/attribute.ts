import type { Env } from '../entry.js'
import type { Item } from '../item.js'
import { isInt, isUnset, Undefined } from '../item.js'

/** Reads an attribute of items: `a.b.0` step by step; without an attribute, the item itself. */
export function pathGetter(attribute: Item, env: Env, fallback: Item = null): (item: Item) => Item {
  if (isUnset(attribute)) return (item) => item
  const steps: Item[] = isInt(attribute)
    ? [attribute]
    : String(attribute as string)
        .split('.')
        .map((step) => (/^\d+$/.test(step) ? Number(step) : step))
  return (item) => {
    let value = item
    for (const step of steps) {
      value = env.attribute(value, step)
      if (value instanceof Undefined && !isUnset(fallback)) value = fallback
    }
    return value
  }
}

/** A text in small letters; what is no text as it is. */
export function ignoreCase(item: Item): Item {
  return typeof item === 'string' ? item.toLowerCase() : item
}
