import type { Value } from '../language/value.js'

/** A dictionary whose values are made when they are asked for, once: `hostvars` of five hundred hosts costs nothing. */
export class LazyDict extends Map<Value, Value> {
  readonly #names: () => Iterable<Value>
  readonly #load: (name: Value) => Value | undefined
  readonly #known = new Map<Value, Value | undefined>()

  /**
   * @param names  the keys there are, in order
   * @param load  makes the value of a key; undefined when there is none
   */
  constructor(names: () => Iterable<Value>, load: (name: Value) => Value | undefined) {
    super()
    this.#names = names
    this.#load = load
  }

  override get(name: Value): Value | undefined {
    if (!this.#known.has(name)) this.#known.set(name, this.#load(name))
    return this.#known.get(name)
  }

  override has(name: Value): boolean {
    return this.get(name) !== undefined
  }

  override get size(): number {
    return [...this.#names()].length
  }

  override *keys(): MapIterator<Value> {
    yield* this.#names()
  }

  override *values(): MapIterator<Value> {
    for (const [, value] of this.entries()) yield value
  }

  override *entries(): MapIterator<[Value, Value]> {
    for (const name of this.#names()) {
      const value = this.get(name)
      if (value !== undefined) yield [name, value]
    }
  }

  override [Symbol.iterator](): MapIterator<[Value, Value]> {
    return this.entries()
  }

  override forEach(call: (value: Value, key: Value, map: Map<Value, Value>) => void): void {
    for (const [name, value] of this.entries()) call(value, name, this)
  }
}
