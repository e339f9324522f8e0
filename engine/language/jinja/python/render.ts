import { isUnknown } from '../../../unknown.js'
import { Float } from '../../value.js'
import type { Item } from '../item.js'
import { EvalError, isItemDict, isList, notKnown, Opaque, Tuple } from '../item.js'

/** The text of an item, as Python's `str()` writes it. */
export function str(item: Item): string {
  return typeof item === 'string' ? item : repr(item)
}

/** The text of an item inside a list or dictionary, as Python's `repr()` writes it. */
export function repr(item: Item): string {
  if (typeof item === 'string') return reprText(item)
  if (item === null) return 'None'
  if (typeof item === 'boolean') return item ? 'True' : 'False'
  if (typeof item === 'bigint') return String(item)
  if (item instanceof Float) return reprFloat(item.value)
  if (typeof item === 'number') return Number.isInteger(item) ? BigInt(item).toString() : reprFloat(item)
  if (item instanceof Tuple)
    return item.length === 1 ? `(${repr(item[0]!)},)` : `(${item.map(repr).join(', ')})`
  if (isList(item)) return `[${item.map(repr).join(', ')}]`
  if (isItemDict(item)) {
    return `{${[...item].map(([key, value]) => `${repr(key)}: ${repr(value)}`).join(', ')}}`
  }
  if (item instanceof Opaque) return item.repr()
  if (isUnknown(item)) return notKnown(item)
  throw new EvalError('"omit" leaves a parameter out, it cannot be part of a text')
}

/** A float as Python writes it: `2.0`, `0.1`, `1e-07`, `1e+16`, `inf`, `nan`. */
export function reprFloat(n: number): string {
  if (Number.isNaN(n)) return 'nan'
  if (!Number.isFinite(n)) return n > 0 ? 'inf' : '-inf'
  if (Object.is(n, -0)) return '-0.0'
  const [mantissa, exponentText] = n.toExponential().split('e') as [string, string]
  const exponent = Number(exponentText)
  if (exponent < -4 || exponent >= 16) {
    const digits = String(Math.abs(exponent)).padStart(2, '0')
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${digits}`
  }
  const sign = n < 0 ? '-' : ''
  const digits = mantissa.replace(/[-.]/g, '')
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' }

function reprText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const body = text.replace(
    /[\\\n\r\t'"]|[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu,
    (char) => {
      if (char === "'" || char === '"') return char === quote ? `\\${char}` : char
      return ESCAPES[char] ?? escapeCode(char.codePointAt(0)!)
    },
  )
  return quote + body + quote
}

function escapeCode(code: number): string {
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`
  return `\\U${code.toString(16).padStart(8, '0')}`
}
