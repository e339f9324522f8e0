import type { Entries, Env } from '../entry.js'
import type { Item, ItemDict } from '../item.js'
import {
  EvalError,
  isItemDict,
  isList,
  isUnset,
  orElse,
  truthy,
  tuple,
  typeName,
  Undefined,
} from '../item.js'
import { member } from '../python/attributes.js'
import { contains, dictGet, order } from '../python/compare.js'
import { wantText } from '../python/convert.js'
import { repr, str } from '../python/render.js'
import { setEntry } from '../python/collection-methods.js'
import { restOf } from '../signature.js'
import { ignoreCase } from './attribute.js'
import { escapeHtml } from './text.js'

function wantDict(value: Item, what: string): ItemDict {
  if (isItemDict(value)) return value
  if (value instanceof Undefined) return value.raise()
  throw new EvalError(`${what} needs a dictionary, not '${typeName(value)}'`)
}

function wantList(value: Item, what: string): Item[] {
  if (isList(value)) return value
  throw new EvalError(`${what} needs a list, not '${typeName(value)}'`)
}

const LIST_MERGES = ['replace', 'keep', 'append', 'prepend', 'append_rp', 'prepend_rp']

function combine(value: Item, [terms, recursive, listMerge]: Item[]): Item {
  const mode = wantText(listMerge, 'list_merge')
  if (!LIST_MERGES.includes(mode)) {
    throw new EvalError(
      `list_merge cannot be "${mode}"`,
      'expression-failed',
      `allowed: ${LIST_MERGES.join(', ')}`,
    )
  }
  const dicts = [value, ...restOf(terms)]
    .flatMap((one) => (isList(one) ? one : [one]))
    .filter((one) => one !== null)
  const [first, ...others] = dicts.map((one) => wantDict(one, 'combine'))
  if (!first) return new Map()
  return others.reduce((low, high) => merge(low, high, truthy(recursive!), mode), first)
}

/** The entries of both, those of `high` before those of `low`. */
function merge(low: ItemDict, high: ItemDict, recursive: boolean, mode: string): ItemDict {
  const merged: ItemDict = new Map(low)
  for (const [key, value] of high) {
    const old = dictGet(merged, key)
    if (recursive && isItemDict(old) && isItemDict(value))
      setEntry(merged, key, merge(old, value, true, mode))
    else if (isList(old) && isList(value)) setEntry(merged, key, mergeLists(old, value, mode))
    else setEntry(merged, key, value)
  }
  return merged
}

function mergeLists(low: Item[], high: Item[], mode: string): Item[] {
  switch (mode) {
    case 'keep':
      return low
    case 'append':
      return [...low, ...high]
    case 'prepend':
      return [...high, ...low]
    case 'append_rp':
      return [...low.filter((item) => !contains(high, item)), ...high]
    case 'prepend_rp':
      return [...high, ...low.filter((item) => !contains(high, item))]
    default:
      return high
  }
}

function dictToItems(value: Item, [keyName, valueName]: Item[]): Item {
  return [...wantDict(value, 'dict2items')].map(
    ([key, item]) =>
      new Map<Item, Item>([
        [keyName!, key],
        [valueName!, item],
      ]),
  )
}

function itemsToDict(value: Item, [keyName, valueName]: Item[]): Item {
  const dict: ItemDict = new Map()
  for (const item of wantList(value, 'items2dict')) {
    const entry = wantDict(item, 'items2dict')
    const [key, content] = [dictGet(entry, keyName!), dictGet(entry, valueName!)]
    if (key === undefined || content === undefined) {
      throw new EvalError(
        `items2dict needs "${str(keyName!)}" and "${str(valueName!)}" in every item, not ${repr(item)}`,
      )
    }
    setEntry(dict, key, content)
  }
  return dict
}

function dictSort(value: Item, [caseSensitive, by, reverse]: Item[]): Item {
  if (by !== 'key' && by !== 'value') throw new EvalError('dictsort sorts by "key" or "value"')
  const at = by === 'key' ? 0 : 1
  const key = (pair: readonly Item[]) => (truthy(caseSensitive!) ? pair[at]! : ignoreCase(pair[at]!))
  const pairs = [...wantDict(value, 'dictsort')]
  pairs.sort((a, b) => (truthy(reverse!) ? order(key(b), key(a)) : order(key(a), key(b))))
  return pairs.map(tuple)
}

function extract(value: Item, [container, more]: Item[], env: Env): Item {
  const keys = isUnset(more) ? [] : isList(more) ? more : [more]
  return [value, ...keys].reduce((inside, key) => env.attribute(inside, key), container!)
}

function subelements(value: Item, [path, skipMissing]: Item[]): Item {
  const steps = isList(path) ? path : wantText(path, 'subelements').split('.')
  const elements = isItemDict(value) ? [...value.values()] : wantList(value, 'subelements')
  return elements.flatMap((element) => {
    const found = below(element, steps, truthy(skipMissing!))
    return found.map((item) => tuple([element, item]))
  })
}

function below(element: Item, steps: readonly Item[], skipMissing: boolean): Item[] {
  let value = element
  for (const step of steps) {
    const next = dictGet(wantDict(value, 'subelements'), step)
    if (next === undefined && skipMissing) return []
    if (next === undefined) throw new EvalError(`subelements finds no key ${repr(step)} in ${repr(value)}`)
    value = next
  }
  return wantList(value, `subelements: "${steps.map(str).join('.')}"`)
}

function rekey(value: Item, [key, duplicates]: Item[]): Item {
  if (duplicates !== 'error' && duplicates !== 'overwrite') {
    throw new EvalError('rekey_on_member: duplicates must be "error" or "overwrite"')
  }
  const dict: ItemDict = new Map()
  for (const item of isItemDict(value) ? value.values() : wantList(value, 'rekey_on_member')) {
    const member = dictGet(wantDict(item, 'rekey_on_member'), key!)
    if (member === undefined) throw new EvalError(`rekey_on_member finds no key ${repr(key!)}`)
    if (duplicates === 'error' && dictGet(dict, member) !== undefined) {
      throw new EvalError(`rekey_on_member: the key ${repr(member)} is not unique`)
    }
    setEntry(dict, member, item)
  }
  return dict
}

/** Only what a value can do; a key of a dictionary is no attribute. */
function attributeOnly(value: Item, name: string): Item {
  return orElse(member(value, name), () => new Undefined(`'${typeName(value)}' has no attribute "${name}"`))
}

function xmlAttributes(value: Item, [autoSpace]: Item[]): Item {
  const text = [...wantDict(value, 'xmlattr')]
    .filter(([, item]) => item !== null && !(item instanceof Undefined))
    .map(([key, item]) => {
      if (/[\s/>=]/.test(str(key))) throw new EvalError(`"${str(key)}" cannot be the name of an attribute`)
      return `${escapeHtml(str(key))}="${escapeHtml(str(item))}"`
    })
    .join(' ')
  return truthy(autoSpace!) && text ? ` ${text}` : text
}

/** Filters of dictionaries. */
export const DICT_FILTERS: Entries = [
  {
    name: 'combine',
    summary: 'The entries of several dictionaries; later ones win.',
    signature: "*terms, recursive=False, list_merge='replace'",
    run: combine,
  },
  {
    name: 'dict2items',
    summary: 'A list of dictionaries with key and value for each entry.',
    signature: "key_name='key', value_name='value'",
    run: dictToItems,
  },
  {
    name: 'items2dict',
    summary: 'A dictionary of a list of dictionaries with key and value.',
    signature: "key_name='key', value_name='value'",
    run: itemsToDict,
  },
  {
    name: 'items',
    summary: 'The entries as pairs of key and value; none when it is undefined.',
    signature: '',
    accepts: 'value',
    run: (value) => (value instanceof Undefined ? [] : [...wantDict(value, 'items')].map(tuple)),
  },
  {
    name: 'dictsort',
    summary: 'The entries as pairs, in the order of their keys or values.',
    signature: "case_sensitive=False, by='key', reverse=False",
    run: dictSort,
  },
  {
    name: 'extract',
    summary: 'What a container holds under the value as a key, and further keys below.',
    signature: 'container, morekeys=None',
    run: extract,
  },
  {
    name: 'subelements',
    summary: 'Pairs of each element and each item of a list inside it.',
    signature: 'subelements, skip_missing=False',
    run: subelements,
  },
  {
    name: 'rekey_on_member',
    summary: 'A dictionary of dictionaries under another of their entries.',
    signature: "key, duplicates='error'",
    run: rekey,
  },
  {
    name: 'attr',
    summary: 'An attribute of the value by name.',
    signature: 'name',
    run: (value, [name]) => attributeOnly(value, wantText(name, 'the name of an attribute')),
  },
  {
    name: 'xmlattr',
    summary: 'The entries as attributes of an XML element.',
    signature: 'autospace=True',
    run: xmlAttributes,
  },
]
