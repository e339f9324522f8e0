import type { Entries, Env } from '../entry.js'
import type { Item } from '../item.js'
import {
  EvalError,
  GroupTuple,
  isItemDict,
  isList,
  isNumeric,
  isUnset,
  iterate,
  orElse,
  truthy,
  typeName,
  Undefined,
} from '../item.js'
import { add } from '../python/arithmetic.js'
import { equals, order } from '../python/compare.js'
import { wantInt } from '../python/convert.js'
import { str } from '../python/render.js'
import { ignoreCase, pathGetter } from './attribute.js'

function length(value: Item): Item {
  if (typeof value === 'string') return [...value].length
  if (isItemDict(value)) return value.size
  if (isNumeric(value) || value === null)
    throw new EvalError(`object of type '${typeName(value)}' has no len()`)
  return iterate(value).length
}

/** Items in order, stable; by an attribute or several, texts without regard to case unless asked. */
function sort(value: Item, [reverse, caseSensitive, attribute]: Item[], env: Env): Item {
  const paths = typeof attribute === 'string' ? attribute.split(',') : [attribute ?? null]
  const keep = truthy(caseSensitive!)
  const getters = paths.map((path) => pathGetter(path, env))
  const keyed = iterate(value).map((item) => ({
    item,
    keys: getters.map((get) => (keep ? get(item) : ignoreCase(get(item)))),
  }))
  const compare = (a: readonly Item[], b: readonly Item[]) => {
    const at = a.findIndex((key, index) => !equals(key, b[index]!))
    return at < 0 ? 0 : order(a[at]!, b[at]!)
  }
  keyed.sort((a, b) => (truthy(reverse!) ? compare(b.keys, a.keys) : compare(a.keys, b.keys)))
  return keyed.map(({ item }) => item)
}

function extreme(largest: boolean) {
  return (value: Item, [caseSensitive, attribute]: Item[], env: Env): Item => {
    const get = pathGetter(attribute ?? null, env)
    const key = (item: Item) => (truthy(caseSensitive!) ? get(item) : ignoreCase(get(item)))
    const items = iterate(value)
    if (items.length === 0) return new Undefined('there is no smallest or largest item in an empty list')
    return items.reduce((best, item) => {
      const before = order(key(item), key(best), largest ? '>' : '<')
      return (largest ? before > 0 : before < 0) ? item : best
    })
  }
}

function unique(value: Item, [caseSensitive, attribute]: Item[], env: Env): Item {
  const get = pathGetter(attribute ?? null, env)
  const seen: Item[] = []
  const texts = new Set<string>()
  return iterate(value).filter((item) => {
    const key = truthy(caseSensitive!) ? get(item) : ignoreCase(get(item))
    if (typeof key === 'string') return !texts.has(key) && texts.add(key)
    if (seen.some((one) => equals(one, key))) return false
    seen.push(key)
    return true
  })
}

function batch(value: Item, [size, fill]: Item[]): Item {
  const count = wantInt(size, 'linecount')
  if (count < 1) throw new EvalError('batch needs a size of at least 1')
  const items = iterate(value)
  const rows: Item[][] = []
  for (let at = 0; at < items.length; at += count) rows.push(items.slice(at, at + count))
  const last = rows.at(-1)
  while (last && !isUnset(fill) && last.length < count) last.push(fill)
  return rows
}

function slices(value: Item, [count, fill]: Item[]): Item {
  const items = iterate(value)
  const parts = wantInt(count, 'slices')
  if (parts < 1) throw new EvalError('slice needs at least 1 part')
  const [size, longer] = [Math.floor(items.length / parts), items.length % parts]
  return Array.from({ length: parts }, (_, index) => {
    const from = index * size + Math.min(index, longer)
    const part = items.slice(from, from + size + (index < longer ? 1 : 0))
    if (!isUnset(fill) && index >= longer) part.push(fill)
    return part
  })
}

function sum(value: Item, [attribute, start]: Item[], env: Env): Item {
  const get = pathGetter(attribute ?? null, env)
  return iterate(value).reduce<Item>((total, item) => add(total, get(item)), start!)
}

function join(value: Item, [separator, attribute]: Item[], env: Env): Item {
  const get = pathGetter(attribute ?? null, env)
  return iterate(value)
    .map((item) => str(get(item)))
    .join(str(separator!))
}

function groupBy(value: Item, [attribute, fallback, caseSensitive]: Item[], env: Env): Item {
  const get = pathGetter(attribute!, env, fallback)
  const key = (item: Item) => (truthy(caseSensitive!) ? get(item) : ignoreCase(get(item)))
  const keyed = iterate(value).map((item) => ({ item, key: key(item), shown: get(item) }))
  keyed.sort((a, b) => order(a.key, b.key))
  const groups: { key: Item; shown: Item; items: Item[] }[] = []
  for (const { item, key: own, shown } of keyed) {
    const last = groups.at(-1)
    if (last && equals(last.key, own)) last.items.push(item)
    else groups.push({ key: own, shown, items: [item] })
  }
  return groups.map(({ shown, items }) => {
    const group = new GroupTuple()
    group.push(shown, items)
    return group
  })
}

/** Items of inner lists in place of the lists; nothing, `None` and `null` are left out unless asked. */
function flatten(value: Item, [levels, skipNulls]: Item[]): Item[] {
  const deep = isUnset(levels) ? Infinity : wantInt(levels, 'levels')
  const flat: Item[] = []
  for (const item of iterate(value)) {
    if (truthy(skipNulls!) && (item === null || item === 'None' || item === 'null')) continue
    if (!isList(item)) flat.push(item)
    else if (deep >= 1) flat.push(...flatten(item, [deep === Infinity ? null : deep - 1, skipNulls!]))
    else flat.push(item)
  }
  return flat
}

/** Filters of lists and other things with items. */
export const SEQUENCE_FILTERS: Entries = [
  { name: 'length', aliases: ['count'], summary: 'How many items it has.', signature: '', run: length },
  {
    name: 'first',
    summary: 'The first item.',
    signature: '',
    run: (value) => orElse(iterate(value)[0], () => new Undefined('there is no first item in an empty list')),
  },
  {
    name: 'last',
    summary: 'The last item.',
    signature: '',
    run: (value) =>
      orElse(iterate(value).at(-1), () => new Undefined('there is no last item in an empty list')),
  },
  { name: 'list', summary: 'The items as a list.', signature: '', run: (value) => [...iterate(value)] },
  {
    name: 'reverse',
    summary: 'The items, or the characters of a text, from last to first.',
    signature: '',
    run: (value) =>
      typeof value === 'string' ? [...value].reverse().join('') : [...iterate(value)].reverse(),
  },
  {
    name: 'sort',
    summary: 'The items in order, by an attribute when one is given.',
    signature: 'reverse=False, case_sensitive=False, attribute=None',
    run: sort,
  },
  {
    name: 'min',
    summary: 'The smallest item.',
    signature: 'case_sensitive=False, attribute=None',
    run: extreme(false),
  },
  {
    name: 'max',
    summary: 'The largest item.',
    signature: 'case_sensitive=False, attribute=None',
    run: extreme(true),
  },
  {
    name: 'unique',
    summary: 'The items without those that came before.',
    signature: 'case_sensitive=False, attribute=None',
    run: unique,
  },
  {
    name: 'batch',
    summary: 'Lists of so many items each.',
    signature: 'linecount, fill_with=None',
    run: batch,
  },
  {
    name: 'slice',
    summary: 'So many lists of about equal length.',
    signature: 'slices, fill_with=None',
    run: slices,
  },
  { name: 'sum', summary: 'The items added up.', signature: 'attribute=None, start=0', run: sum },
  {
    name: 'join',
    summary: 'The items as one text, with a separator between.',
    signature: "d='', attribute=None",
    run: join,
  },
  {
    name: 'groupby',
    summary: 'Pairs of a value of the attribute and the items that have it.',
    signature: 'attribute, default=None, case_sensitive=False',
    run: groupBy,
  },
  {
    name: 'flatten',
    summary: 'The items of the lists inside, down to so many levels.',
    signature: 'levels=None, skip_nulls=True',
    run: flatten,
  },
]
