import type { Item } from '../item.js'
import { EvalError, isItemDict, isList, isNumeric, Tuple, typeName, Undefined } from '../item.js'
import { dictGet } from './compare.js'
import { formatFloat, groupDigits } from './number-format.js'
import { repr, str } from './render.js'

const DIRECTIVE =
  /%(?:\((?<key>[^)]*)\))?(?<flags>[-+ #0]*)(?<width>\*|\d+)?(?:\.(?<precision>\*|\d+))?[hlL]?(?<kind>[diouxXeEfFgGcrsa%])?/gs

/** `format % arguments`: printf formatting with one item, a tuple, or a dictionary for `%(name)s`. */
export function formatPercent(format: string, item: Item): string {
  if (item instanceof Undefined) item.raise()
  const queue = item instanceof Tuple ? [...item] : [item]
  let byName = false
  const next = (): Item => {
    if (queue.length === 0) throw new EvalError('not enough arguments for format string')
    return queue.shift()!
  }
  const result = format.replace(DIRECTIVE, (whole, ...rest) => {
    const groups = rest.at(-1) as Record<string, string | undefined>
    const kind = groups['kind']
    if (kind === undefined) throw new EvalError(`incomplete format "${whole}"`)
    if (kind === '%') return '%'
    let value: Item
    if (groups['key'] !== undefined) {
      byName = true
      value = named(item, groups['key'])
    }
    const width = groups['width'] === '*' ? String(next() as number) : groups['width']
    const precision = groups['precision'] === '*' ? String(next() as number) : groups['precision']
    value ??= groups['key'] === undefined ? next() : null
    return one(value, kind, groups['flags'] ?? '', Number(width ?? 0), precision)
  })
  if (queue.length > 0 && !byName && !isItemDict(item) && (item instanceof Tuple || !isList(item))) {
    throw new EvalError('not all arguments converted during string formatting')
  }
  return result
}

function named(item: Item, key: string): Item {
  if (!isItemDict(item)) throw new EvalError('format requires a mapping')
  const found = dictGet(item, key)
  if (found === undefined) throw new EvalError(`the dictionary has no key "${key}"`)
  return found
}

function one(value: Item, kind: string, flags: string, width: number, precision: string | undefined): string {
  if (width > 1_000_000) throw new EvalError('the width of a format is too large')
  const digits = precision === undefined ? undefined : Number(precision)
  if ('srac'.includes(kind)) {
    const text = kind === 's' || kind === 'c' ? str(value) : repr(value)
    return pad(digits === undefined ? text : text.slice(0, digits), '', width, flags.replace('0', ''))
  }
  if (!isNumeric(value)) throw new EvalError(`%${kind} format: a number is required, not ${typeName(value)}`)
  let body = 'diu'.includes(kind)
    ? whole(value)
    : /[oxX]/.test(kind)
      ? based(value, kind, flags)
      : real(value, kind, digits)
  let sign = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
  if (body.startsWith('-')) {
    sign = '-'
    body = body.slice(1)
  }
  if ('diu'.includes(kind) && digits !== undefined) body = body.padStart(digits, '0')
  return pad(body, sign, width, flags)
}

function whole(value: Item): string {
  const n = value as number
  return typeof value === 'bigint' ? String(value) : BigInt(Math.trunc(Number(n))).toString()
}

function based(value: Item, kind: string, flags: string): string {
  const text = BigInt(whole(value)).toString(kind === 'o' ? 8 : 16)
  const prefix = flags.includes('#') ? `0${kind}` : ''
  const body = text.startsWith('-') ? `-${prefix}${text.slice(1)}` : prefix + text
  return kind === 'X' ? body.toUpperCase() : body
}

function real(value: Item, kind: string, digits: number | undefined): string {
  return groupDigits(formatFloat(Number(value as number), kind, digits), '')
}

function pad(body: string, sign: string, width: number, flags: string): string {
  if (flags.includes('-')) return (sign + body).padEnd(width)
  if (flags.includes('0')) return sign + body.padStart(width - sign.length, '0')
  return (sign + body).padStart(width)
}
