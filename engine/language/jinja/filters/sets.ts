import type { Entries } from '../entry.js'
import type { Item } from '../item.js'
import { EvalError, isList, isUnset, iterate, orElse, truthy, tuple } from '../item.js'
import { equals } from '../python/compare.js'
import { optionalInt, wantInt } from '../python/convert.js'
import { restOf } from '../signature.js'

/** No filter may make more combinations than this. */
const LIMIT = 1_000_000

/** A bag of items that can say whether it holds one; texts, the usual case, without a search. */
class Bag {
  private readonly texts = new Set<string>()
  private readonly others: Item[] = []
  constructor(items: readonly Item[] = []) {
    for (const item of items) this.add(item)
  }
  has(item: Item): boolean {
    return typeof item === 'string' ? this.texts.has(item) : this.others.some((one) => equals(one, item))
  }
  /** Adds an item; false when it was there. */
  add(item: Item): boolean {
    if (this.has(item)) return false
    if (typeof item === 'string') this.texts.add(item)
    else this.others.push(item)
    return true
  }
}

/** Items without those that came before. */
function distinct(items: readonly Item[]): Item[] {
  const seen = new Bag()
  return items.filter((item) => seen.add(item))
}

function operation(name: string, summary: string, run: (a: Item[], b: Item[]) => Item[]) {
  return {
    name,
    summary,
    signature: 'b',
    run: (value: Item, [other]: Item[]) => run(iterate(value), iterate(other!)),
  }
}

function without(a: readonly Item[], b: readonly Item[]): Item[] {
  const bag = new Bag(b)
  return distinct(a.filter((item) => !bag.has(item)))
}

function intersect(a: readonly Item[], b: readonly Item[]): Item[] {
  const bag = new Bag(b)
  return distinct(a.filter((item) => bag.has(item)))
}

function zip(value: Item, lists: readonly Item[], longest: boolean, fill: Item): Item {
  const all = [value, ...lists].map(iterate)
  const lengths = all.map((list) => list.length)
  const length = longest ? Math.max(...lengths) : Math.min(...lengths)
  return Array.from({ length }, (_, index) => tuple(all.map((list) => orElse(list[index], () => fill))))
}

function product(value: Item, [rest, repeat]: Item[]): Item {
  const lists = [value, ...restOf(rest)].map(iterate)
  const times = wantInt(repeat, 'repeat')
  const all = Array.from({ length: times }, () => lists).flat()
  guard(all.reduce((count, list) => count * list.length, 1))
  return all
    .reduce<Item[][]>((rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])), [[]])
    .map(tuple)
}

function guard(count: number): void {
  if (count > LIMIT) throw new EvalError(`there would be ${count} results, more than ${LIMIT}`)
}

function* pick(
  items: readonly Item[],
  count: number,
  ordered: boolean,
  from = 0,
  used: readonly number[] = [],
): Generator<Item[]> {
  if (used.length === count) {
    yield used.map((index) => items[index]!)
    return
  }
  for (let index = ordered ? 0 : from; index < items.length; index++) {
    if (ordered && used.includes(index)) continue
    yield* pick(items, count, ordered, index + 1, [...used, index])
  }
}

function choices(value: Item, size: Item | undefined, ordered: boolean): Item {
  const items = iterate(value)
  const count = isUnset(size) ? items.length : wantInt(size, 'r')
  const found: Item[] = []
  for (const chosen of pick(items, count, ordered)) {
    guard(found.length)
    found.push(tuple(chosen))
  }
  return found
}

/** Filters that put lists against each other. */
export const SET_FILTERS: Entries = [
  {
    name: 'union',
    summary: 'The items of both lists, each once.',
    signature: 'b',
    run: (value, [other]) => {
      if (!isList(value) || !isList(other)) throw new EvalError('union needs two lists')
      return distinct([...value, ...other])
    },
  },
  operation('intersect', 'The items that both lists have.', intersect),
  operation('difference', 'The items that the other list does not have.', without),
  operation('symmetric_difference', 'The items that only one of the lists has.', (a, b) => {
    const shared = new Bag(intersect(a, b))
    return distinct([...a, ...b]).filter((item) => !shared.has(item))
  }),
  {
    name: 'zip',
    summary:
      'Tuples of the first items of all lists, of the second ones, and so on, as far as the shortest goes.',
    signature: '*lists, strict=False',
    run: (value, [lists, strict]) => {
      const lengths = new Set([value, ...restOf(lists)].map((list) => iterate(list).length))
      if (truthy(strict!) && lengths.size > 1) throw new EvalError('zip: the lists differ in length')
      return zip(value, restOf(lists), false, null)
    },
  },
  {
    name: 'zip_longest',
    summary: 'As zip, as far as the longest list goes.',
    signature: '*lists, fillvalue=None',
    run: (value, [lists, fill]) => zip(value, restOf(lists), true, fill!),
  },
  {
    name: 'product',
    summary: 'All tuples with one item of each list.',
    signature: '*lists, repeat=1',
    run: product,
  },
  {
    name: 'permutations',
    summary: 'All orders of so many of the items.',
    signature: 'r=None',
    run: (value, [size]) => choices(value, optionalInt(size, 'r') ?? null, true),
  },
  {
    name: 'combinations',
    summary: 'All choices of so many of the items.',
    signature: 'r',
    run: (value, [size]) => choices(value, size, false),
  },
]
