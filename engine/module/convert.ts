import { str } from '../language/jinja/python/render.js'
import { Float, isDict, Omit, OMIT, Unsafe } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import { isUnknown } from '../unknown.js'
import type { ParamType } from './params.js'

const TRUE = new Set(['yes', 'on', '1', 'true', 't', 'y'])
const FALSE = new Set(['no', 'off', '0', 'false', 'f', 'n'])

/** What the type means in a sentence: "a whole number". */
export const TYPE_WORDS: Readonly<Record<ParamType, string>> = {
  str: 'text',
  path: 'a path',
  int: 'a whole number',
  float: 'a number',
  bool: 'true or false',
  list: 'a list',
  dict: 'a dictionary',
  raw: 'any value',
  mode: 'a mode such as "0644" or "u=rw,g=r"',
}

/**
 * Converts a value to a parameter's type by Ansible's rules: "yes" is true, 5 is "5", "a,b" is a list, `k=v,k2=v2`
 * and JSON text are dictionaries. Paths stay as they are; `~` is the host's to expand.
 * What cannot be converted stays as it is, for the schema to refuse; Unknown stays Unknown.
 */
export function convert(value: Value, type: ParamType): unknown {
  if (value instanceof Unsafe) return convert(value.text, type)
  return isUnknown(value) ? value : (CONVERSIONS[type](value) ?? value)
}

const CONVERSIONS: Readonly<Record<ParamType, (value: Value) => unknown>> = {
  str: toText,
  path: toText,
  int: toInt,
  float: toFloat,
  bool: toBool,
  list: toList,
  dict: toDict,
  raw: (value) => value,
  mode: (value) => (typeof value === 'number' && Number.isInteger(value) ? value : toText(value)),
}

function toText(value: Value): unknown {
  if (typeof value === 'string') return value
  return isScalar(value) ? str(value) : undefined
}

function isScalar(value: Value): value is boolean | number | bigint | Float {
  return ['number', 'bigint', 'boolean'].includes(typeof value) || value instanceof Float
}

function toInt(value: Value): unknown {
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'number') return Number.isInteger(value) ? value : undefined
  if (value instanceof Float) return value.value
  const text = typeof value === 'string' ? value.trim() : ''
  return /^[-+]?\d+(_\d+)*$/.test(text) ? Number(text.replaceAll('_', '')) : undefined
}

function toFloat(value: Value): unknown {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return Number(value)
  if (value instanceof Float) return value.value
  const text = typeof value === 'string' ? value.trim() : ''
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : undefined
}

function toBool(value: Value): unknown {
  if (typeof value === 'boolean') return value
  const number = value instanceof Float ? value.value : value
  if (typeof number === 'number') return number === 1 ? true : number === 0 ? false : undefined
  const text = typeof value === 'string' ? value.trim().toLowerCase() : ''
  return TRUE.has(text) ? true : FALSE.has(text) ? false : undefined
}

function toList(value: Value): unknown {
  if (Array.isArray(value)) return value
  if (typeof value === 'string') return value.split(',')
  return isScalar(value) ? [str(value)] : undefined
}

function toDict(value: Value): unknown {
  if (isDict(value)) return value
  if (typeof value !== 'string') return undefined
  if (value.trimStart().startsWith('{')) return fromJson(value)
  const pairs = value.includes('=') ? splitPairs(value) : undefined
  return pairs?.every((pair) => pair.includes('=')) ? new Map(pairs.map(splitPair)) : undefined
}

function fromJson(text: string): unknown {
  try {
    return fromPlainJson(JSON.parse(text))
  } catch {
    return undefined
  }
}

function fromPlainJson(plain: unknown): Value {
  if (Array.isArray(plain)) return plain.map(fromPlainJson)
  if (plain === null || typeof plain !== 'object') return plain as Value
  return new Map(Object.entries(plain).map(([key, item]) => [key, fromPlainJson(item)]))
}

function splitPair(pair: string): [string, string] {
  const equals = pair.indexOf('=')
  return [pair.slice(0, equals), pair.slice(equals + 1)]
}

/** `a=1, b="x y"` at commas and blanks outside quotes; quotes go, a backslash keeps the next character. */
function splitPairs(text: string): string[] {
  const pairs: string[] = []
  let pair = ''
  let quote = ''
  const characters = text.trim()
  for (let at = 0; at < characters.length; at++) {
    const char = characters[at]!
    if (char === '\\') pair += characters[++at] ?? ''
    else if (quote && char === quote) quote = ''
    else if (!quote && /["']/.test(char)) quote = char
    else if (!quote && /[, ]/.test(char)) {
      if (pair) pairs.push(pair)
      pair = ''
    } else pair += char
  }
  return pair ? [...pairs, pair] : pairs
}

/**
 * Ansible's allowance for `state: on` and `strip: no`, which YAML reads as booleans: the one choice that means the
 * same. Otherwise the value itself.
 */
export function matchChoice(value: unknown, choices: readonly (string | number)[]): unknown {
  if (choices.includes(value as string)) return value
  const words =
    value === 'True' || value === true ? TRUE : value === 'False' || value === false ? FALSE : undefined
  const same = choices.filter((choice) => words?.has(String(choice).toLowerCase()))
  if (same.length === 1) return same[0]
  return choices.find((choice) => typeof choice === 'number' && String(choice) === String(value)) ?? value
}

/** The value without what `omit` left out, at any depth; {@link OMIT} when nothing of it is left. */
export function withoutOmitted(value: Value): Value {
  if (value instanceof Omit) return OMIT
  if (Array.isArray(value)) {
    return value.some(holdsOmit) ? value.map(withoutOmitted).filter((item) => !(item instanceof Omit)) : value
  }
  if (!isDict(value) || !holdsOmit(value)) return value
  const kept: Dict = new Map()
  for (const [key, item] of value) if (!(item instanceof Omit)) kept.set(key, withoutOmitted(item))
  return kept
}

function holdsOmit(value: Value): boolean {
  if (value instanceof Omit) return true
  if (Array.isArray(value)) return value.some(holdsOmit)
  return isDict(value) && [...value.values()].some(holdsOmit)
}
