import { Unknown } from '../unknown.js'

/**
 * A Python float whose value is a whole number: `4/2` is `2.0`, not `2`. Every other float is a plain
 * JavaScript number that is not an integer; an integer is a number, or a bigint beyond 2^53.
 */
export class Float {
  constructor(readonly value: number) {}
  valueOf(): number {
    return this.value
  }
  toJSON(): number {
    return this.value
  }
}

/** What `omit` evaluates to: a parameter with this value is left out. */
export class Omit {}
export const OMIT = new Omit()

/**
 * Text that is never evaluated as a template: `!unsafe` and `!vault`. Reading a vault value decrypts it, once; it
 * fails with `vault-password` or `vault-format` then, not when its file is loaded. Evaluation turns it into a string.
 */
export class Unsafe {
  #text: string | (() => string)
  /**
   * @param text  the text, or what reads it on first use
   * @param ciphertext  of a vault value, as it stands in the file
   */
  constructor(
    text: string | (() => string),
    readonly ciphertext?: string,
  ) {
    this.#text = text
  }
  get text(): string {
    if (typeof this.#text !== 'string') this.#text = this.#text()
    return this.#text
  }
  toString(): string {
    return this.text
  }
  toJSON(): string {
    return this.text
  }
}

/** A dictionary. A Map, because `{10000: a, 9999: b}` keeps its order and `__proto__` is an ordinary key. */
export type Dict = Map<Value, Value>

/** What a variable, an expression or a YAML node can be. */
export type Value =
  null | boolean | number | bigint | Float | string | Value[] | Dict | Unsafe | Unknown | Omit

/** A float as the language holds it: {@link Float} when it is a whole number, a plain number otherwise. */
export function float(n: number): Float | number {
  return Number.isInteger(n) ? new Float(n) : n
}

/** True for a dictionary of the language. */
export function isDict(value: unknown): value is Dict {
  return value instanceof Map
}

/** A dictionary from a JavaScript object, deep; for results that modules write as objects. */
export function fromPlain(plain: unknown): Value {
  if (plain === undefined) return null
  if (Array.isArray(plain)) return plain.map(fromPlain)
  if (plain instanceof Map) {
    return new Map([...plain].map(([key, item]) => [key as Value, fromPlain(item)]))
  }
  if (plain !== null && typeof plain === 'object' && !isLeaf(plain)) {
    return new Map(
      Object.entries(plain)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => [key, fromPlain(item)]),
    )
  }
  return plain as Value
}

/**
 * Plain JavaScript data, deep: dictionaries become objects without prototype, Float a number, Unsafe its
 * text, a bigint stays. Unknown and Omit stay as they are. Integer-like keys lose their order, as in any JS object.
 */
export function toPlain(value: Value): unknown {
  if (value instanceof Float) return value.value
  if (value instanceof Unsafe) return value.text
  if (Array.isArray(value)) return value.map(toPlain)
  if (isDict(value)) {
    const plain: Record<string, unknown> = Object.create(null) as Record<string, unknown>
    for (const [key, item] of value) plain[keyText(key)] = toPlain(item)
    return plain
  }
  return value
}

/** A dictionary key as JSON writes it: `True` becomes `true`, `None` becomes `null`. */
export function keyText(key: Value): string {
  return key instanceof Float ? `${key.value}.0` : String(key)
}

function isLeaf(value: object): boolean {
  return (
    value instanceof Float || value instanceof Unsafe || value instanceof Unknown || value instanceof Omit
  )
}
