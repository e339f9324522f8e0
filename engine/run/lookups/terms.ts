import { fail, suggest } from '../../errors.js'
import { keyText, Unsafe, isDict } from '../../language/value.js'
import type { Dict, Value } from '../../language/value.js'

/** A term as text. */
export function termText(term: Value): string {
  return term instanceof Unsafe ? term.text : term === null ? '' : String(term)
}

/** An option of a lookup as text. */
export function option(options: Dict, name: string): string | undefined {
  const value = options.get(name)
  return value === undefined || value === null ? undefined : termText(value)
}

/** An option of a lookup that is yes or no. */
export function optionFlag(options: Dict, name: string, otherwise: boolean): boolean {
  const value = options.get(name)
  if (value === undefined || value === null) return otherwise
  return typeof value === 'boolean' ? value : /^(?:yes|true|on|1|y|t)$/i.test(termText(value))
}

/** `key=value` words behind the first word of a term. */
export function splitTerm(term: string): {
  readonly first: string
  readonly pairs: ReadonlyMap<string, string>
} {
  const words = term.split(/\s+/).filter(Boolean)
  const pairs = new Map<string, string>()
  const rest = words.filter((word) => {
    const [, key, value] = /^([a-z_]+)=(.*)$/s.exec(word) ?? []
    if (key !== undefined) pairs.set(key, value!)
    return key === undefined
  })
  return { first: rest.join(' '), pairs }
}

/** One level of lists opened; a value that is no list is its own only item. */
export function opened(terms: readonly Value[]): Value[] {
  return terms.flatMap((term) => (Array.isArray(term) ? term : [term]))
}

/** A dictionary with string keys. */
export function dictOf(entries: Readonly<Record<string, Value>>): Dict {
  return new Map(Object.entries(entries))
}

/** Refuses what a lookup was given. */
export function refuse(lookup: string, message: string, cure?: string): never {
  return fail({ code: 'expression-failed', message: `lookup ${lookup}: ${message}`, cure })
}

/** Refuses an option that a lookup has not. */
export function refuseUnknown(lookup: string, names: Iterable<Value>, allowed: readonly string[]): void {
  for (const name of [...names].map(keyText))
    if (!allowed.includes(name)) refuse(lookup, `it has no option "${name}"`, suggest(name, allowed))
}

/** A term that must be a dictionary. */
export function asDict(lookup: string, term: Value): Dict {
  return isDict(term) ? term : refuse(lookup, `with_${lookup} expects a dict`)
}
