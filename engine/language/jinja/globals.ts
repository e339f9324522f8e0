import { suggest } from '../../errors.js'
import type { Dict, Value } from '../value.js'
import { OMIT } from '../value.js'
import type { State } from './frame.js'
import type { Args, Item } from './item.js'
import { shortLookup } from './lookup-names.js'
import { EvalError, Func, isUnset, truthy, Undefined } from './item.js'
import { Cycler } from './loop.js'
import { Namespace } from './namespace.js'
import { DateTime } from './python/datetime.js'
import { strftime } from './python/strftime.js'
import { updateDict } from './python/collection-methods.js'
import { optionalText, wantInt, wantText } from './python/convert.js'
import { str } from './python/render.js'
import { bind, parameters, restOf } from './signature.js'
import { toValue } from './to-value.js'

const MAX_RANGE = 1_000_000

function global(name: string, signature: string, run: (args: Item[]) => Item): readonly [string, Func] {
  return [name, new Func(name, (args) => run(bind(`${name}()`, parameters(signature), args)))]
}

function range(bounds: readonly Item[]): Item[] {
  const numbers = bounds.map((bound) => wantInt(bound, 'a bound of range()'))
  const [start, stop] = numbers.length === 1 ? [0, numbers[0]!] : [numbers[0] ?? 0, numbers[1] ?? 0]
  const step = numbers[2] ?? 1
  if (numbers.length === 0 || numbers.length > 3) throw new EvalError('range() takes one to three integers')
  if (step === 0) throw new EvalError('the step of range() cannot be zero')
  const length = Math.max(0, Math.ceil((stop - start) / step))
  if (length > MAX_RANGE) throw new EvalError(`range() would have ${length} items, more than ${MAX_RANGE}`)
  return Array.from({ length }, (_, index) => start + index * step)
}

function joiner(separator: Item): Func {
  let used = false
  return new Func('joiner', () => {
    if (used) return separator
    used = true
    return ''
  })
}

/** `now(utc, fmt)`: the controller's clock. */
function now([utc, format]: Item[]): Item {
  const moment = truthy(utc!) ? DateTime.utc(new Date()) : DateTime.local(new Date())
  const wanted = optionalText(format, 'fmt')
  return wanted === undefined ? moment : strftime(wanted, moment.fields())
}

const FIXED: readonly (readonly [string, Item])[] = [
  ['omit', OMIT],
  global('range', '*bounds', ([bounds]) => range(restOf(bounds))),
  global('dict', 'source=None, **named', ([source, named]) => updateDict(new Map(), source!, named!)),
  global('namespace', 'source=None, **named', ([source, named]) => {
    return new Namespace(updateDict(new Map(), source!, named!))
  }),
  global('cycler', '*items', ([items]) => new Cycler(restOf(items))),
  global('joiner', "sep=', '", ([separator]) => joiner(separator!)),
  global('now', 'utc=False, fmt=None', now),
  global('undef', 'hint=None', ([hint]) => {
    return new Undefined(isUnset(hint) ? 'a mandatory variable has not been set' : str(hint!))
  }),
]

/** The functions an expression can call; variables of the same name come first. */
export function globalsOf(state: State): ReadonlyMap<string, Item> {
  return new Map<string, Item>([
    ...FIXED,
    ['lookup', new Func('lookup', (args) => lookup(state, args, false))],
    ['query', new Func('query', (args) => lookup(state, args, true))],
    ['q', new Func('q', (args) => lookup(state, args, true))],
  ])
}

function lookup(state: State, args: Args, always: boolean): Item {
  const [named, ...terms] = args.positional
  const name = shortLookup(wantText(named, 'the name of a lookup'))
  const known = state.scope.lookups
  const plugin = known?.get(name)
  if (!plugin) {
    throw new EvalError(
      `there is no lookup "${name}"`,
      'unknown-filter',
      known?.size ? suggest(name, known.keys()) : undefined,
    )
  }
  const { options, wantList, errors } = splitOptions(args.named)
  let found: Item[]
  try {
    found = plugin(terms.map(toValue), options)
  } catch (error) {
    if (errors === 'strict') throw error
    return always || wantList ? [] : null
  }
  return always || wantList ? found : joined(found)
}

function splitOptions(named: ReadonlyMap<string, Item>): {
  options: Dict
  wantList: boolean
  errors: string
} {
  const options: Map<Value, Value> = new Map([...named].map(([key, value]) => [key, toValue(value)]))
  const wantList = truthy(options.get('wantlist') ?? false)
  const errors = str(options.get('errors') ?? 'strict')
  options.delete('wantlist')
  options.delete('errors')
  return { options, wantList, errors }
}

/** What lookup() makes of a list: texts joined by commas, a single other item alone. */
function joined(found: Item[]): Item {
  if (found.length && found.every((item) => typeof item === 'string')) return found.join(',')
  return found.length === 1 ? found[0]! : found
}
