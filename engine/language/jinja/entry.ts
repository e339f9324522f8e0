import type { Args, Item } from './item.js'

/** What a filter or test may use besides its arguments. */
export interface Env {
  /** Applies another filter by name, as `map('upper')` does. */
  filter(name: string, value: Item, args: Args): Item
  /** Asks another test by name, as `select('defined')` does. */
  test(name: string, value: Item, args: Args): Item
  /** Whether there is a filter or test of that name. */
  has(kind: 'filter' | 'test', name: string): boolean
  /** An attribute or item of a value; undefined ones as the language has them. */
  attribute(of: Item, name: Item): Item
}

/** A filter: `{{ value | name(parameters) }}`. */
export interface Filter {
  readonly name: string
  readonly aliases?: readonly string[]
  /** One sentence for the reference. */
  readonly summary: string
  /** The parameters after the value, as Python writes them: `separator='', attribute=None`. */
  readonly signature: string
  /**
   * What it wants to see itself instead of having it refused (undefined) or passed on (known after the run):
   * nothing by default, its value, or its value and arguments.
   */
  readonly accepts?: 'value' | 'all'
  readonly run: (value: Item, args: Item[], env: Env) => Item
}

/** A test: `value is name(parameters)`; its answer is a boolean. */
export type Test = Filter

/** A handful of filters or tests, by name. */
export type Entries = readonly Filter[]
