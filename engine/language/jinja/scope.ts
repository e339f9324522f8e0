import { FplayError, nearest } from '../../errors.js'
import type { Dict, Value } from '../value.js'
import type { Item } from './item.js'
import { Undefined } from './item.js'

/**
 * A lookup plugin: what `lookup('name', *terms, **options)` calls. It answers a list, as Ansible's do; it throws
 * an FplayError when it cannot. It is synchronous, because an expression is.
 */
export type Lookup = (terms: Value[], options: Dict) => Value[]

/** Where the names of an expression come from. */
export interface Scope {
  /**
   * The value of a variable, its own templates already rendered; undefined when there is none. A Map may be a
   * subclass that loads late. An FplayError whose problems are all `undefined-name` makes the name undefined
   * (so `default` guards it); any other is passed on.
   */
  lookup(name: string): Value | undefined
  /** The names there are, for "did you mean". */
  names?(): Iterable<string>
  /** The lookup plugins, by name without collection. */
  readonly lookups?: ReadonlyMap<string, Lookup> | undefined
  /** The template `name` for include, import and extends in the file `from`; undefined when it does not exist. */
  template?(name: string, from: string): { readonly text: string; readonly file: string } | undefined
}

/** A scope without any name. */
export const NO_SCOPE: Scope = { lookup: () => undefined }

/** A scope with the entries of a dictionary. */
export function scopeOf(variables: ReadonlyMap<string, Value>): Scope {
  return { lookup: (name) => variables.get(name), names: () => variables.keys() }
}

/** The variable `name`; undefined when there is none, an {@link Undefined} when its own template needs one. */
export function variableOf(scope: Scope, name: string): Item | undefined {
  try {
    return scope.lookup(name)
  } catch (error) {
    if (!(error instanceof FplayError) || !error.problems.every((p) => p.code === 'undefined-name'))
      throw error
    return new Undefined(`"${name}" is undefined`, undefined, error)
  }
}

/** A name that there is not, with the nearest one of the scope and `others` for the error. */
export function undefinedName(name: string, scope: Scope, others: Iterable<string> = []): Undefined {
  return new Undefined(`"${name}" is undefined`, () => {
    const found = nearest(name, [...(scope.names?.() ?? []), ...others])
    return found && `did you mean "${found}"?`
  })
}
