import type { Entries, Env } from '../entry.js'
import type { Args, Item, ItemDict } from '../item.js'
import { EvalError, iterate, truthy, Undefined } from '../item.js'
import { isUnknown } from '../../../unknown.js'
import { notKnown } from '../item.js'
import { wantText } from '../python/convert.js'
import { str } from '../python/render.js'
import { restOf } from '../signature.js'
import { pathGetter } from './attribute.js'

/** What is empty or none has no items; anything else must be a list. */
function itemsOf(value: Item): Item[] {
  return truthy(value) ? iterate(value) : []
}

function argsOf(positional: readonly Item[], named: ItemDict): Args {
  return { positional, named: new Map([...named].map(([key, value]) => [str(key), value])) }
}

function map(value: Item, [rest, options]: Item[], env: Env): Item {
  const positional = restOf(rest)
  const named = options as ItemDict
  if (positional.length === 0) {
    const attribute = named.get('attribute')
    if (attribute === undefined) throw new EvalError('map needs the name of a filter, or attribute=')
    const get = pathGetter(attribute, env, named.get('default'))
    return itemsOf(value).map(get)
  }
  const [name, ...args] = positional
  const given = argsOf(args, named)
  return itemsOf(value).map((item) => env.filter(wantText(name, 'the name of a filter'), item, given))
}

/** select, reject, selectattr and rejectattr: items that a test holds for, or does not. */
function choose(byAttribute: boolean, wanted: boolean) {
  return (value: Item, [rest, options]: Item[], env: Env): Item => {
    const positional = restOf(rest)
    const attribute = byAttribute ? positional.shift() : null
    if (attribute === undefined) throw new EvalError('the name of an attribute is needed')
    const get = pathGetter(attribute, env)
    const [name, ...args] = positional
    const given = argsOf(args, options as ItemDict)
    return itemsOf(value).filter((item) => {
      const subject = get(item)
      const answer =
        name === undefined ? subject : env.test(wantText(name, 'the name of a test'), subject, given)
      if (isUnknown(answer)) return notKnown(answer)
      if (answer instanceof Undefined) return answer.raise()
      return truthy(answer) === wanted
    })
  }
}

const CHOICE = '*args, **kwargs'

/** Filters that apply another filter or test to each item. */
export const SELECT_FILTERS: Entries = [
  {
    name: 'map',
    summary: 'What a filter makes of each item, or an attribute of each item.',
    signature: CHOICE,
    run: map,
  },
  {
    name: 'select',
    summary: 'The items that are true, or that a test holds for.',
    signature: CHOICE,
    run: choose(false, true),
  },
  {
    name: 'reject',
    summary: 'The items that are false, or that a test does not hold for.',
    signature: CHOICE,
    run: choose(false, false),
  },
  {
    name: 'selectattr',
    summary: 'The items whose attribute is true, or that a test holds for.',
    signature: CHOICE,
    run: choose(true, true),
  },
  {
    name: 'rejectattr',
    summary: 'The items whose attribute is false, or that a test does not hold for.',
    signature: CHOICE,
    run: choose(true, false),
  },
]
