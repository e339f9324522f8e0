import type { Place } from '../errors.js'

/**
 * Where the values of a loaded file stand. Values are plain data; their places live beside them, by the
 * list or dictionary that holds them, so that code which does not report errors need not know of them.
 */
const places = new WeakMap<object, Map<unknown, Place>>()
const SELF = Symbol('self')

/** Notes where `container` itself stands, or, with a key or index, where that item's value stands. */
export function setPlace(container: object, place: Place, key: unknown = SELF): void {
  let own = places.get(container)
  if (!own) places.set(container, (own = new Map()))
  own.set(key, place)
}

/** Notes where the key (not its value) of a dictionary stands. */
export function setKeyPlace(container: object, place: Place, key: unknown): void {
  setPlace(container, place, `key ${typeof key} ${String(key)}`)
}

/** Where `container` (or its item `key`) stands; falls back to the container's own place. */
export function placeOf(container: unknown, key: unknown = SELF): Place | undefined {
  if (typeof container !== 'object' || container === null) return undefined
  const own = places.get(container)
  return own?.get(key) ?? own?.get(SELF)
}

/** Where the key `key` of a dictionary stands; falls back to the dictionary's own place. */
export function keyPlaceOf(container: unknown, key: unknown): Place | undefined {
  return placeOf(container, `key ${typeof key} ${String(key)}`)
}
