import { float } from './value.js'
import type { Value } from './value.js'

/** Plain scalars as PyYAML resolves them (YAML 1.1, except that `y` and `n` are text). */

const WORDS = new Map<string, null | boolean>([
  ...forms('yes', true),
  ...forms('true', true),
  ...forms('on', true),
  ...forms('no', false),
  ...forms('false', false),
  ...forms('off', false),
  ...forms('null', null),
  ['~', null],
  ['', null],
])

const INT =
  /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/
const JSON_NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/

/** The value of an unquoted scalar without a tag. Timestamps stay text, as written. */
export function resolvePlain(text: string): Value {
  const word = WORDS.get(text)
  if (word !== undefined) return word
  // + - . 0-9 begin every number
  const first = text.charCodeAt(0)
  if (first > 57 || first < 43) return text
  if (INT.test(text)) return readInt(text)
  if (FLOAT.test(text)) return readFloat(text)
  return text
}

/** The value of an unquoted scalar of a JSON document, where `1e3` is a number. */
export function resolveJson(text: string): Value {
  if (!JSON_NUMBER.test(text)) return resolvePlain(text)
  return /[.eE]/.test(text) ? float(Number(text)) : exact(BigInt(text))
}

/** `!!bool`, `!!int` and `!!float` on a scalar; undefined where the text is none. */
export function readTagged(tag: string, text: string): Value | undefined {
  const value = resolvePlain(text)
  if (tag === 'bool') return typeof value === 'boolean' ? value : undefined
  if (tag === 'null') return null
  if (tag === 'int') return INT.test(text) ? value : undefined
  return INT.test(text) ? float(Number(value)) : FLOAT.test(text) ? value : undefined
}

function readInt(text: string): number | bigint {
  const { sign, digits } = signed(text)
  if (digits.includes(':')) return Number(sign) * sexagesimal(digits)
  if (/^0[0-7]/.test(digits)) return exact(sign * BigInt(`0o${digits.slice(1)}`))
  return exact(sign * BigInt(digits))
}

function readFloat(text: string): Value {
  const { sign, digits } = signed(text)
  const name = digits.toLowerCase()
  if (name === '.nan') return NaN
  if (name === '.inf') return Number(sign) * Infinity
  return float(Number(sign) * (digits.includes(':') ? sexagesimal(digits) : Number(digits)))
}

function signed(text: string): { sign: bigint; digits: string } {
  const digits = text.replaceAll('_', '').replace(/^[-+]/, '')
  return { sign: text.startsWith('-') ? -1n : 1n, digits }
}

/** `22:30` is 1350: YAML 1.1 counts by sixties, a trap of unquoted port mappings that Ansible has too. */
function sexagesimal(digits: string): number {
  return digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
}

function exact(value: bigint): number | bigint {
  const near = Number(value)
  return Number.isSafeInteger(near) ? near : value
}

function forms(word: string, value: boolean | null): [string, boolean | null][] {
  const capital = word.charAt(0).toUpperCase() + word.slice(1)
  return [word, capital, word.toUpperCase()].map((form) => [form, value])
}
