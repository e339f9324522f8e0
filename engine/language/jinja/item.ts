import type { ErrorCode, FplayError } from '../../errors.js'
import type { Unknown } from '../../unknown.js'
import { isUnknown } from '../../unknown.js'
import type { Omit } from '../value.js'
import { Float } from '../value.js'

/**
 * What an expression can hold while it is evaluated: every value of the language, and what lives only
 * inside an expression (undefined names, functions, tuples, dates, the `loop` of a for statement).
 */
export type Item =
  null | boolean | number | bigint | Float | string | Item[] | ItemDict | Unknown | Omit | Opaque

/** A dictionary inside an expression. A subclass may load its entries late. */
export type ItemDict = Map<Item, Item>

/** A list that Python would write with parentheses. It leaves an expression as a list. */
export class Tuple extends Array<Item> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array
  }
}

/** A tuple of these items. */
export function tuple(items: Iterable<Item>): Tuple {
  const result = new Tuple()
  for (const item of items) result.push(item)
  return result
}

/** What `groupby` makes of a group: a pair whose parts also have names. */
export class GroupTuple extends Tuple {}

/** A thing of an expression that is no plain data. Its attributes are what `get` answers, nothing else. */
export abstract class Opaque {
  /** The name of its type, as Python says it in errors. */
  abstract readonly typeName: string
  /** How it reads in text. */
  abstract repr(): string
  /** The attribute `name`, or undefined when it has none. */
  get(_name: string): Item | undefined {
    return undefined
  }
  /** Its items when it can be looped over. */
  items(): Item[] | undefined {
    return undefined
  }
  /** Whether it counts as true. */
  truthy(): boolean {
    return true
  }
}

/**
 * A name or attribute that does not exist. It may be handed around, and asked `is defined`; every other use
 * is an error. An attribute of it is undefined in the same way, so that `a.b.c | default(x)` works.
 */
export class Undefined extends Opaque {
  readonly typeName = 'AnsibleUndefined'
  constructor(
    readonly message: string,
    readonly allowed?: () => string | undefined,
    readonly cause?: FplayError,
    /** True for what `x if false` gives without an else: it counts as empty text. */
    readonly lenient = false,
  ) {
    super()
  }
  override get(): Item {
    return this.lenient ? this.raise() : this
  }
  repr(): string {
    return this.lenient ? '' : this.raise()
  }
  override items(): Item[] {
    return this.lenient ? [] : this.raise()
  }
  override truthy(): boolean {
    return this.lenient ? false : this.raise()
  }
  /** Uses it, which is the error. */
  raise(): never {
    if (this.cause) throw this.cause
    throw new EvalError(this.message, 'undefined-name', this.allowed?.())
  }
}

/** What a call hands over. */
export interface Args {
  readonly positional: readonly Item[]
  readonly named: ReadonlyMap<string, Item>
}

/** Something an expression can call: a method of a value, a macro, a global function. */
export class Func extends Opaque {
  readonly typeName: string = 'function'
  constructor(
    readonly name: string,
    readonly call: (args: Args) => Item,
    /** True when it wants to see undefined and unknown arguments itself. */
    readonly acceptsAll = false,
  ) {
    super()
  }
  repr(): string {
    return `<function ${this.name}>`
  }
}

/** A use that has no answer: wrong types, division by zero, a missing key. The place is added where it is caught. */
export class EvalError extends Error {
  constructor(
    message: string,
    readonly code: ErrorCode = 'expression-failed',
    readonly allowed?: string,
  ) {
    super(message)
  }
}

/** Thrown by what needs the real value of an Unknown; the expression around it becomes that Unknown. */
export class NotKnown extends Error {
  constructor(readonly unknown: Unknown) {
    super(unknown.why)
  }
}

/** Gives up on an expression whose result rests on `unknown`. */
export function notKnown(unknown: Unknown): never {
  throw new NotKnown(unknown)
}

/** True for a list or tuple. */
export function isList(item: Item | undefined): item is Item[] {
  return Array.isArray(item)
}

/** True for a dictionary. */
export function isItemDict(item: Item | undefined): item is ItemDict {
  return item instanceof Map
}

/** True for Python's int (and bool, which is one). */
export function isInt(item: Item | undefined): item is number | bigint | boolean {
  return (
    typeof item === 'boolean' ||
    typeof item === 'bigint' ||
    (typeof item === 'number' && Number.isInteger(item))
  )
}

/** True for Python's float. */
export function isFloat(item: Item | undefined): item is number | Float {
  return item instanceof Float || (typeof item === 'number' && !Number.isInteger(item))
}

/** True for a number; a boolean counts as one, as in Python. */
export function isNumeric(item: Item | undefined): item is number | bigint | boolean | Float {
  return isInt(item) || item instanceof Float || typeof item === 'number'
}

/** The name of an item's type as Python says it. */
export function typeName(item: Item): string {
  if (item === null) return 'NoneType'
  if (typeof item === 'boolean') return 'bool'
  if (isInt(item)) return 'int'
  if (isFloat(item)) return 'float'
  if (typeof item === 'string') return 'str'
  if (item instanceof Tuple) return 'tuple'
  if (isList(item)) return 'list'
  if (isItemDict(item)) return 'dict'
  if (item instanceof Opaque) return item.typeName
  if (isUnknown(item)) return notKnown(item)
  return 'omit'
}

/** Truth as Python sees it: zero, nothing and what is empty are false. */
export function truthy(item: Item): boolean {
  if (typeof item === 'boolean') return item
  if (item === null) return false
  if (typeof item === 'string') return item !== ''
  if (typeof item === 'number') return item !== 0
  if (typeof item === 'bigint') return item !== 0n
  if (item instanceof Float) return item.value !== 0
  if (isList(item)) return item.length > 0
  if (isItemDict(item)) return item.size > 0
  if (item instanceof Opaque) return item.truthy()
  if (isUnknown(item)) return notKnown(item)
  return true
}

/** What a loop over `item` sees: items, keys of a dictionary, characters of a string. */
export function iterate(item: Item): Item[] {
  if (isList(item)) return item
  if (typeof item === 'string') return [...item]
  if (isItemDict(item)) return [...item.keys()]
  if (item instanceof Opaque) {
    const items = item.items()
    if (items) return items
  }
  throw new EvalError(`'${typeName(item)}' object is not iterable`)
}

/** The item, or another one where there is none; none itself is an item. */
export function orElse(item: Item | undefined, otherwise: () => Item): Item {
  return item === undefined ? otherwise() : item
}

/** True for an argument that was left out or is none. */
export function isUnset(item: Item | undefined): item is null | undefined {
  return item === null || item === undefined
}
