import { Float } from '../../value.js'
import type { Item } from '../item.js'
import { EvalError, isItemDict, isList, notKnown, Opaque, typeName, Undefined } from '../item.js'
import { isUnknown } from '../../../unknown.js'
import { Bytes } from './bytes.js'
import { order } from './compare.js'
import { reprFloat, str } from './render.js'

/** How JSON is written; the names are those of Python's `json.dumps`. */
export interface JsonOptions {
  /** Spaces, or the text, that one level moves to the right; undefined for one line. */
  readonly indent: string | undefined
  readonly sortKeys: boolean
  readonly ascii: boolean
  readonly itemSeparator: string
  readonly keySeparator: string
}

/** JSON as Python writes it: spaces after `,` and `:`, floats with their point, `\u` escapes unless told otherwise. */
export function writeJson(item: Item, options: JsonOptions, level = 0): string {
  if (typeof item === 'string') return quote(item, options.ascii)
  if (item === null) return 'null'
  if (typeof item === 'boolean') return String(item)
  if (typeof item === 'number' || typeof item === 'bigint' || item instanceof Float) return number(item)
  if (isList(item)) {
    const items = item.map((one) => writeJson(one, options, level + 1))
    return wrap('[', items, ']', options, level)
  }
  if (isItemDict(item)) {
    const pairs = [...item]
    if (options.sortKeys) pairs.sort(([a], [b]) => order(a, b))
    const items = pairs.map(([key, value]) => {
      return quote(keyText(key), options.ascii) + options.keySeparator + writeJson(value, options, level + 1)
    })
    return wrap('{', items, '}', options, level)
  }
  return writeOther(item, options)
}

function writeOther(item: Item, options: JsonOptions): string {
  if (isUnknown(item)) return notKnown(item)
  if (item instanceof Undefined) return quote(item.repr(), options.ascii)
  if (item instanceof Bytes) return quote(item.text(), options.ascii)
  if (item instanceof Opaque && /^(datetime|timedelta)$/.test(item.typeName)) {
    return quote(item.get('isoformat') === undefined ? str(item) : str(item).replace(' ', 'T'), options.ascii)
  }
  throw new EvalError(`'${typeName(item)}' cannot be written as JSON`)
}

function wrap(
  open: string,
  items: readonly string[],
  close: string,
  options: JsonOptions,
  level: number,
): string {
  if (items.length === 0) return open + close
  if (options.indent === undefined) return open + items.join(options.itemSeparator) + close
  const inner = '\n' + options.indent.repeat(level + 1)
  return `${open}${inner}${items.join(options.itemSeparator + inner)}\n${options.indent.repeat(level)}${close}`
}

function number(item: number | bigint | Float): string {
  if (typeof item === 'bigint') return String(item)
  if (typeof item === 'number' && Number.isInteger(item)) return BigInt(item).toString()
  const n = Number(item)
  if (Number.isNaN(n)) return 'NaN'
  return Number.isFinite(n) ? reprFloat(n) : n > 0 ? 'Infinity' : '-Infinity'
}

function keyText(key: Item): string {
  if (typeof key === 'string') return key
  if (key === null) return 'null'
  if (typeof key === 'boolean') return String(key)
  if (isUnknown(key)) return notKnown(key)
  if (isList(key) || isItemDict(key) || key instanceof Opaque)
    throw new EvalError(`'${typeName(key)}' cannot be a key in JSON`)
  return str(key)
}

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
  '\b': '\\b',
}

function quote(text: string, ascii: boolean): string {
  const pattern = ascii ? /["\\]|[^ -~]/g : /["\\\x00-\x1f]/g
  return `"${text.replace(pattern, (char) => SHORT[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`
}
