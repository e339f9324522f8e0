import { EVENT_ID, getScalarValue, SCALAR_STYLE } from 'js-yaml'
import type { Event } from 'js-yaml'
import { fail } from '../errors.js'
import type { Place, Problem } from '../errors.js'
import { keyPlaceOf, placeOf, setKeyPlace, setPlace } from './place.js'
import { isDict, Unsafe } from './value.js'
import type { Dict, Value } from './value.js'
import { decryptSecret } from './vault.js'
import type { VaultReader } from './vault.js'
import { explainYaml } from './yaml-error.js'
import { parse, placeAt } from './yaml-events.js'
import type { Parsed } from './yaml-events.js'
import { readTagged, resolveJson, resolvePlain } from './yaml-scalar.js'

/** How YAML is read. */
export interface YamlOptions {
  /** Without it, using a vault value fails with `vault-password`. */
  readonly vault?: VaultReader | undefined
}

/** The state of reading one file: its events are walked once, from front to back. */
export interface Composer extends Parsed {
  readonly options: YamlOptions
  readonly anchors: Map<string, Value>
  readonly warnings: Problem[]
  readonly documents: Value[]
  readonly starts: Place[]
  next: number
}

/** Reads every document of a YAML text; see yaml.ts. Fails with `yaml-syntax`. */
export function compose(source: string, file: string, options: YamlOptions): Composer {
  const composer: Composer = {
    ...parse(source, file),
    options,
    anchors: new Map(),
    warnings: [],
    documents: [],
    starts: [],
    next: 0,
  }
  while (composer.next < composer.events.length) {
    composer.next++
    composer.anchors.clear()
    composer.starts.push(placeAt(composer, startOf(composer.events[composer.next]!)))
    composer.documents.push(node(composer))
    composer.next++
  }
  return composer
}

function node(composer: Composer): Value {
  const event = composer.events[composer.next++]!
  if (event.type === EVENT_ID.ALIAS) return alias(composer, event)
  const anchor = 'anchorStart' in event && event.anchorStart >= 0 && sliceAnchor(composer, event)
  const value = content(composer, event)
  if (anchor) composer.anchors.set(anchor, value)
  return value
}

function content(composer: Composer, event: Event): Value {
  switch (event.type) {
    case EVENT_ID.SCALAR:
      return scalar(composer, event)
    case EVENT_ID.SEQUENCE:
      return tagContainer(composer, event, sequence(composer, event.start))
    case EVENT_ID.MAPPING:
      return tagContainer(composer, event, mapping(composer, event.start))
    default:
      return fail({ code: 'internal', message: `a YAML node cannot begin with event ${event.type}` })
  }
}

function alias(composer: Composer, event: Event & { type: typeof EVENT_ID.ALIAS }): Value {
  const name = sliceAnchor(composer, event)
  const value = composer.anchors.get(name)
  if (value !== undefined) return value
  return fail({
    code: 'yaml-syntax',
    place: placeAt(composer, event.anchorStart - 1),
    message: `"*${name}" repeats a value, and no value before it is marked "&${name}"`,
    cure: `quote it if it is text: "*${name}"`,
  })
}

function scalar(composer: Composer, event: Event & { type: typeof EVENT_ID.SCALAR }): Value {
  const text = event.valueStart < 0 ? '' : getScalarValue(composer.text, event)
  if (event.tagStart < 0) {
    if (event.style !== SCALAR_STYLE.PLAIN) return text
    return composer.json ? resolveJson(text) : resolvePlain(text)
  }
  const tag = tagName(composer, event)
  if (tag === '!unsafe') return new Unsafe(text)
  if (tag === '!vault' || tag === '!vault-encrypted') {
    const place = placeAt(composer, startOf(event))
    return new Unsafe(() => decryptSecret(text, place, composer.options.vault), text)
  }
  if (['str', 'timestamp', '!', 'python/unicode', 'python/str'].includes(tag)) return text
  const value = ['bool', 'int', 'float', 'null'].includes(tag)
    ? readTagged(tag, text)
    : unknownTag(composer, event, tag)
  return value !== undefined ? value : refuseTag(composer, event, `"${text}" is not of the type !!${tag}`)
}

type Tagged = Event & { tagStart: number; tagEnd: number }

function tagContainer(composer: Composer, event: Tagged, value: Value[] | Dict): Value {
  if (event.tagStart < 0) return value
  const tag = tagName(composer, event)
  if (tag === '!unsafe') return unsafe(value)
  if (tag === (isDict(value) ? 'map' : 'seq')) return value
  return unknownTag(composer, event, tag)
}

/** Makes every text below `value` unsafe. */
function unsafe(value: Value): Value {
  if (typeof value === 'string') return new Unsafe(value)
  if (Array.isArray(value)) for (const [index, item] of value.entries()) value[index] = unsafe(item)
  if (isDict(value)) for (const [key, item] of value) value.set(key, unsafe(item))
  return value
}

function tagName(composer: Composer, event: Tagged): string {
  const written = composer.text.slice(event.tagStart, event.tagEnd)
  return written.replace(/^!<(.*)>$/, '$1').replace(/^(?:!!|tag:yaml\.org,2002:)/, '')
}

function unknownTag(composer: Composer, event: Tagged, tag: string): never {
  const written = tag.startsWith('!') ? tag : `!!${tag}`
  return refuseTag(
    composer,
    event,
    `there is no tag ${written} here`,
    'allowed: !vault, !unsafe, !!str, !!int, !!float, !!bool',
  )
}

function refuseTag(composer: Composer, event: Tagged, message: string, allowed?: string): never {
  return fail({ code: 'yaml-syntax', place: placeAt(composer, event.tagStart), message, allowed })
}

function sequence(composer: Composer, start: number): Value[] {
  const list: Value[] = []
  setPlace(list, placeAt(composer, start))
  while (composer.events[composer.next]!.type !== EVENT_ID.POP) {
    const offset = startOf(composer.events[composer.next]!)
    if (offset >= 0) setPlace(list, placeAt(composer, offset), list.length)
    list.push(node(composer))
  }
  composer.next++
  return list
}

function mapping(composer: Composer, start: number): Dict {
  const dict: Dict = new Map()
  const merged: Dict[] = []
  setPlace(dict, placeAt(composer, start))
  while (composer.events[composer.next]!.type !== EVENT_ID.POP) {
    const event = composer.events[composer.next]!
    const keyPlace = placeAt(composer, startOf(event))
    const key = dictKey(composer, keyPlace)
    const offset = startOf(composer.events[composer.next]!)
    const valuePlace = offset >= 0 ? placeAt(composer, offset) : keyPlace
    const value = node(composer)
    if (key === '<<' && isPlain(event)) {
      merged.push(...mergeSources(value, valuePlace))
      continue
    }
    if (dict.has(key)) composer.warnings.push(duplicate(key, keyPlace, keyPlaceOf(dict, key)))
    setKeyPlace(dict, keyPlace, key)
    setPlace(dict, valuePlace, key)
    dict.set(key, value)
  }
  composer.next++
  return merged.length ? merge(dict, merged) : dict
}

function dictKey(composer: Composer, place: Place): Value {
  const key = node(composer)
  if (key instanceof Unsafe) return key.text
  if (!Array.isArray(key) && !isDict(key)) return key
  return fail(explainContainerKey(composer, place))
}

/** `{{ x }}` without quotes is a dictionary whose key is a dictionary: by far the commonest way to get here. */
function explainContainerKey(composer: Composer, place: Place): Problem {
  const lines = composer.source.split('\n').slice(0, place.line)
  const offset = lines.slice(0, -1).join('\n').length + (lines.length > 1 ? 1 : 0) + place.column - 1
  if (composer.source.charAt(offset - 1) === '{') {
    return explainYaml(composer.source, composer.file, 'a dictionary cannot be a key', offset)
  }
  return { code: 'yaml-syntax', place, message: 'a list or a dictionary cannot be a key' }
}

/** The dictionaries that `<<` brings in, the ones that win last. */
function mergeSources(value: Value, place: Place): Dict[] {
  const sources = Array.isArray(value) ? [...value].reverse() : [value]
  if (sources.every(isDict)) return sources
  return fail({
    code: 'yaml-syntax',
    place,
    message: '"<<" merges dictionaries, and this is none',
    allowed: 'allowed: an alias of a dictionary (*name), a dictionary, or a list of them',
  })
}

/** Merged keys come first, as in PyYAML, and the dictionary's own values win. */
function merge(own: Dict, sources: readonly Dict[]): Dict {
  const result: Dict = new Map()
  setPlace(result, placeOf(own)!)
  for (const source of [...sources, own]) {
    for (const [key, value] of source) {
      result.set(key, value)
      setKeyPlace(result, keyPlaceOf(source, key)!, key)
      setPlace(result, placeOf(source, key)!, key)
    }
  }
  return result
}

function duplicate(key: Value, place: Place, first: Place | undefined): Problem {
  return {
    code: 'yaml-syntax',
    place,
    message: `the key "${String(key)}" is here a second time (first in line ${first?.line}), and this one counts`,
    cure: 'remove one of them',
  }
}

function isPlain(event: Event): boolean {
  return event.type === EVENT_ID.SCALAR && event.style === SCALAR_STYLE.PLAIN && event.tagStart < 0
}

/** Offset at which the text of a node begins; -1 for an empty one. */
function startOf(event: Event): number {
  switch (event.type) {
    case EVENT_ID.SCALAR:
      return event.valueStart < 0 ? event.tagStart : event.valueStart + Math.max(0, event.indent)
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return event.start
    case EVENT_ID.ALIAS:
      return event.anchorStart - 1
    default:
      return -1
  }
}

function sliceAnchor(composer: Composer, event: { anchorStart: number; anchorEnd: number }): string {
  return composer.text.slice(event.anchorStart, event.anchorEnd)
}
