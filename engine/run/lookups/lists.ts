import { notKnown, tuple } from '../../language/jinja/item.js'
import { isDict } from '../../language/value.js'
import type { Dict, Value } from '../../language/value.js'
import { isUnknown } from '../../unknown.js'
import type { LookupPlugin } from './plugin.js'
import { sequence } from './sequence.js'
import { asDict, dictOf, opened, optionFlag, refuse, termText } from './terms.js'

/** A term as a list. Where only the real run can tell it, it could be of any length, and so could the loop. */
function listOf(term: Value): Value[] {
  if (isUnknown(term)) return notKnown(term)
  return Array.isArray(term) ? term : [term]
}

const nested: LookupPlugin = () => (terms) => {
  if (!terms.length) refuse('nested', 'it needs at least one list')
  return terms
    .map(listOf)
    .reduce<Value[][]>((rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])), [[]])
    .map((row) => row.flat())
}

const together: LookupPlugin = () => (terms) => {
  const lists = terms.map(listOf)
  if (!lists.length) refuse('together', 'it needs at least one list')
  const length = Math.max(...lists.map((list) => list.length))
  return Array.from({ length }, (_, i) => lists.flatMap((list) => list[i] ?? null))
}

const subelements: LookupPlugin = () => (terms) => {
  const [first, path, flags] = terms
  const elements = isDict(first) ? [...first.values()] : first
  if (!Array.isArray(elements) || typeof path !== 'string') {
    return refuse('subelements', 'it needs a list of dictionaries and the name of a key in them')
  }
  const skip = isDict(flags) && optionFlag(flags, 'skip_missing', false)
  return elements.flatMap((element): Value[] => {
    const list = below(element, path.split('.'))
    if (list === undefined && skip) return []
    if (isUnknown(list)) return notKnown(list)
    if (!Array.isArray(list)) return refuse('subelements', `an element has no list "${path}"`)
    return list.map((item) => [element, item])
  })
}

function below(element: Value, path: readonly string[]): Value | undefined {
  return path.reduce<Value | undefined>(
    (at, name) => (isDict(at) ? at.get(name) : isUnknown(at) ? at : undefined),
    element,
  )
}

const dictionary: LookupPlugin = () => (terms) =>
  terms.flatMap((term) => pairs(Array.isArray(term) && term.length === 1 ? term[0]! : term))

function pairs(term: Value): Dict[] {
  if (isUnknown(term)) return notKnown(term)
  return [...asDict('dict', term)].map(([key, value]) => dictOf({ key, value }))
}

function flattened(term: Value): Value[] {
  if (isUnknown(term)) return notKnown(term)
  return Array.isArray(term) ? term.flatMap(flattened) : [term]
}

const randomChoice: LookupPlugin = () => (terms) => {
  return terms.length ? [terms[Math.floor(Math.random() * terms.length)]!] : []
}

/** Lookups that only rearrange their terms. */
export const LIST_LOOKUPS: Readonly<Record<string, LookupPlugin>> = {
  items: () => opened,
  list: () => (terms) => [...terms],
  dict: dictionary,
  nested,
  cartesian: nested,
  together,
  subelements,
  sequence: () => (terms, options) => sequence(terms.map(termText), options),
  indexed_items: () => (terms) => opened(terms).map((item, index) => tuple([index, item])),
  flattened: () => (terms) => terms.flatMap(flattened),
  random_choice: randomChoice,
}
