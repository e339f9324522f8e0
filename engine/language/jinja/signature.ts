import { suggest } from '../../errors.js'
import type { Args, Item } from './item.js'
import { EvalError, orElse, Tuple, tuple } from './item.js'
import { readFloat, readInt } from './python/numbers.js'

/** One parameter of a filter, test, method or function. */
export interface Parameter {
  readonly name: string
  readonly kind: 'one' | 'rest' | 'rest-named'
  readonly required: boolean
  readonly fallback: Item
}

const cache = new Map<string, readonly Parameter[]>()

/** Parameters as Python writes them: `separator='', attribute=None, *terms, **options`. */
export function parameters(signature: string): readonly Parameter[] {
  let parsed = cache.get(signature)
  if (!parsed) {
    const parts = signature.match(/(?:'[^']*'|[^,'])+/g) ?? []
    parsed = parts
      .map((part) => part.trim())
      .filter(Boolean)
      .map(parameter)
    cache.set(signature, parsed)
  }
  return parsed
}

function parameter(part: string): Parameter {
  if (part.startsWith('**'))
    return { name: part.slice(2), kind: 'rest-named', required: false, fallback: null }
  if (part.startsWith('*')) return { name: part.slice(1), kind: 'rest', required: false, fallback: null }
  const [name, ...fallback] = part.split('=')
  if (fallback.length === 0) return { name: name!, kind: 'one', required: true, fallback: null }
  return { name: name!, kind: 'one', required: false, fallback: literal(fallback.join('=')) }
}

function literal(text: string): Item {
  if (text === 'None') return null
  if (text === 'True' || text === 'False') return text === 'True'
  if (text.startsWith("'")) return text.slice(1, -1).replace(/\\n/g, '\n').replace(/\\t/g, '\t')
  return readInt(text) ?? readFloat(text) ?? text
}

/**
 * Puts arguments in the order of the parameters, filling in defaults; `*rest` becomes a tuple and `**rest` a
 * dictionary. Too many, unknown or missing arguments are errors that name `what`.
 */
export function bind(what: string, wanted: readonly Parameter[], args: Args): Item[] {
  let position = 0
  let used = 0
  const bound = wanted.map((p) => {
    if (p.kind === 'rest') return tuple(args.positional.slice(position, (position = args.positional.length)))
    if (p.kind === 'rest-named') return restNamed(wanted, args)
    const byName = args.named.get(p.name)
    if (byName !== undefined) used++
    if (position < args.positional.length) {
      if (byName !== undefined) throw new EvalError(`${what} got "${p.name}" twice`)
      return args.positional[position++]!
    }
    if (byName === undefined && p.required) throw new EvalError(`${what} needs "${p.name}"`)
    return orElse(byName, () => p.fallback)
  })
  if (position < args.positional.length) {
    throw new EvalError(`${what} takes at most ${position} arguments, not ${args.positional.length}`)
  }
  if (used < args.named.size && !wanted.some((p) => p.kind === 'rest-named'))
    refuseUnknown(what, wanted, args)
  return bound
}

function restNamed(wanted: readonly Parameter[], args: Args): Item {
  return new Map([...args.named].filter(([name]) => !wanted.some((p) => p.kind === 'one' && p.name === name)))
}

function refuseUnknown(what: string, wanted: readonly Parameter[], args: Args): void {
  const names = wanted.filter((p) => p.kind === 'one').map((p) => p.name)
  const wrong = [...args.named.keys()].find((name) => !names.includes(name))
  if (wrong === undefined) return
  throw new EvalError(
    `${what} has no parameter "${wrong}"`,
    'expression-failed',
    names.length ? suggest(wrong, names) : undefined,
  )
}

/** The items a `*rest` parameter received. */
export function restOf(item: Item | undefined): Item[] {
  return item instanceof Tuple ? [...item] : []
}
