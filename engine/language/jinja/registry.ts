import { nearest } from '../../errors.js'
import { isUnknown } from '../../unknown.js'
import type { ArgNodes } from './ast.js'
import type { Entries, Env, Filter, Test } from './entry.js'
import { mix } from './frame.js'
import type { Args, Item } from './item.js'
import { EvalError, NotKnown, Undefined } from './item.js'
import { itemOf } from './python/attributes.js'
import { bind, parameters } from './signature.js'
import { TemplateSyntaxError } from './syntax-error.js'
import { FILTERS, TESTS } from './filters/all.js'

function index(entries: Entries): ReadonlyMap<string, Filter> {
  const byName = new Map<string, Filter>()
  for (const entry of entries)
    for (const name of [entry.name, ...(entry.aliases ?? [])]) byName.set(name, entry)
  return byName
}

/** Every filter by each of its names. */
export const filters: ReadonlyMap<string, Filter> = index(FILTERS)

/** Every test by each of its names. */
export const tests: ReadonlyMap<string, Test> = index(TESTS)

const COLLECTION = /^(?:ansible\.(?:builtin|legacy)|ansible\.utils|community\.general|ansible\.posix)\./

const ADDRESSES = 'keep addresses and networks as variables, or ask a program: lookup("pipe", …)'

/** Filters of collections that playbooks use and fplay does not have, and what to do instead. */
const CURES: ReadonlyMap<string, string> = new Map([
  ['json_query', 'use selectattr, rejectattr, map(attribute=…) and dict2items'],
  ...['ipaddr', 'ipv4', 'ipv6', 'ipwrap', 'ipsubnet', 'ipmath', 'cidr_merge', 'hwaddr', 'macaddr', 'network_in_usable', 'usable_range', 'nthhost']
    .map((name) => [name, ADDRESSES] as const),
  ['version_sort', 'keep the list in order, or compare with the test version'],
  ['random_mac', 'keep the address in the inventory'],
]) // prettier-ignore

function find(kind: string, table: ReadonlyMap<string, Filter>, name: string, at: number): Filter {
  const entry = table.get(name) ?? table.get(name.replace(COLLECTION, ''))
  if (entry) return entry
  const short = name.replace(COLLECTION, '')
  const near = nearest(short, table.keys())
  throw new TemplateSyntaxError(
    `there is no ${kind} "${name}"`,
    at,
    CURES.get(short) ?? (near && `did you mean "${near}"?`),
    'unknown-filter',
  )
}

/** The filter `name`, also with the name of Ansible's collection; an error at `at` when there is none. */
export function findFilter(name: string, at: number): Filter {
  return find('filter', filters, name, at)
}

/** The test `name`, as {@link findFilter}. */
export function findTest(name: string, at: number): Test {
  return find('test', tests, name, at)
}

/**
 * Refuses arguments that no value could make right: too many, too few, or with names that do not exist. What a `*list`
 * or `**dictionary` brings is seen when it is there.
 */
export function checkArguments(kind: 'filter' | 'test', entry: Filter, args: ArgNodes, at: number): void {
  if (args.rest || args.restNamed) return
  const given = {
    positional: args.positional.map(() => null),
    named: new Map(args.named.map(([name]) => [name, null])),
  }
  try {
    bind(`the ${kind} "${entry.name}"`, parameters(entry.signature), given)
  } catch (error) {
    if (!(error instanceof EvalError)) throw error
    throw new TemplateSyntaxError(error.message, at, error.allowed, error.code)
  }
}

/** Applies a filter; undefined arguments are refused and unknown ones passed on, unless it wants to see them. */
export function applyFilter(entry: Filter, value: Item, args: Args, env: Env): Item {
  return apply(`the filter "${entry.name}"`, entry, value, args, env)
}

/** Asks a test; the answer is a boolean, or an Unknown. */
export function applyTest(entry: Test, value: Item, args: Args, env: Env): Item {
  return apply(`the test "${entry.name}"`, entry, value, args, env)
}

function apply(what: string, entry: Filter, value: Item, args: Args, env: Env): Item {
  const guarded: Item[] = []
  if (!entry.accepts) guarded.push(value)
  if (entry.accepts !== 'all') guarded.push(...args.positional, ...args.named.values())
  for (const item of guarded) if (item instanceof Undefined && !item.lenient) item.raise()
  if (guarded.some(isUnknown)) return mix(guarded)
  try {
    return entry.run(
      !entry.accepts && value instanceof Undefined ? '' : value,
      bind(what, parameters(entry.signature), args),
      env,
    )
  } catch (error) {
    if (error instanceof NotKnown) return error.unknown
    throw error
  }
}

/** What filters and tests may use: each other, and the attributes of values. */
export const ENV: Env = {
  filter: (name, value, args) => applyFilter(findFilter(name, 0), value, args, ENV),
  test: (name, value, args) => applyTest(findTest(name, 0), value, args, ENV),
  has: (kind, name) => (kind === 'filter' ? filters : tests).has(name.replace(COLLECTION, '')),
  attribute: (of, name) => itemOf(of, name, 'item'),
}
