import type { Entries } from '../entry.js'
import type { Item } from '../item.js'
import { EvalError, isInt, isUnset, iterate, truthy, typeName } from '../item.js'
import { wantInt } from '../python/convert.js'
import type { RandomSource } from '../python/random.js'
import { SeededRandom, SYSTEM_RANDOM } from '../python/random.js'

function source(seed: Item | undefined): RandomSource {
  return isUnset(seed) ? SYSTEM_RANDOM : new SeededRandom(seed)
}

function choose(value: Item, [start, step, seed]: Item[]): Item {
  const random = source(seed)
  if (isInt(value)) {
    const from = isUnset(start) || !truthy(start) ? 0 : wantInt(start, 'start')
    const by = isUnset(step) || !truthy(step) ? 1 : wantInt(step, 'step')
    const count = Math.ceil((Number(value) - from) / by)
    if (count <= 0)
      throw new EvalError(`random has nothing to choose from between ${from} and ${Number(value)}`)
    return from + random.below(count) * by
  }
  if (!isUnset(start) || !isUnset(step)) throw new EvalError('start and step of random are for integers only')
  const items = typeName(value) === 'dict' ? notFromDict() : iterate(value)
  if (items.length === 0) throw new EvalError('random cannot choose from an empty list')
  return items[random.below(items.length)]!
}

function notFromDict(): never {
  throw new EvalError('random cannot choose from a dictionary')
}

function shuffle(value: Item, [seed]: Item[]): Item {
  const items = [...iterate(value)]
  const random = source(isUnset(seed) || !truthy(seed) ? null : seed)
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    ;[items[i], items[j]] = [items[j]!, items[i]!]
  }
  return items
}

/** Filters that leave it to chance, or to a seed. */
export const RANDOM_FILTERS: Entries = [
  {
    name: 'random',
    summary: 'An item of a list, or an integer below the value; with a seed always the same one.',
    signature: 'start=None, step=None, seed=None',
    run: choose,
  },
  {
    name: 'shuffle',
    summary: 'The items in another order; with a seed always the same one.',
    signature: 'seed=None',
    run: shuffle,
  },
]
