import { float } from '../../value.js'
import type { Entries } from '../entry.js'
import type { Item } from '../item.js'
import { EvalError, isInt, isNumeric, isUnset, truthy, typeName } from '../item.js'
import { negate, plus } from '../python/arithmetic.js'
import { order } from '../python/compare.js'
import { optionalText, wantInt } from '../python/convert.js'
import { fixed } from '../python/number-format.js'
import { floatOf, narrow, readFloat } from '../python/numbers.js'
import { str } from '../python/render.js'

function number(value: Item | undefined, filter: string): number {
  if (isNumeric(value)) return floatOf(value)
  throw new EvalError(`${filter} needs a number, not '${typeName(value ?? null)}'`)
}

function round(value: Item, [precision, method]: Item[]): Item {
  const n = number(value, 'round')
  const digits = wantInt(precision, 'precision')
  if (method === 'common') return isInt(value) ? roundInt(value, digits) : float(roundFloat(n, digits))
  if (method !== 'ceil' && method !== 'floor') {
    throw new EvalError(
      `round has no method "${str(method!)}"`,
      'expression-failed',
      'allowed: common, ceil, floor',
    )
  }
  const whole = method === 'ceil' ? Math.ceil(n * 10 ** digits) : Math.floor(n * 10 ** digits)
  return float(whole / 10 ** digits)
}

/** An integer stays one, as in Python; negative digits round to tens and hundreds, half to even. */
function roundInt(value: number | bigint | boolean, digits: number): Item {
  if (digits >= 0) return Number(value)
  const unit = 10n ** BigInt(-digits)
  const whole = BigInt(value)
  const rest = ((whole % unit) + unit) % unit
  const down = whole - rest
  const up = rest * 2n > unit || (rest * 2n === unit && (down / unit) % 2n !== 0n)
  return narrow(up ? down + unit : down)
}

function roundFloat(n: number, digits: number): number {
  if (!Number.isFinite(n)) return n
  if (digits >= 0) return Number(fixed(n, digits))
  const unit = 10 ** -digits
  return Number(fixed(n / unit, 0)) * unit
}

function logarithm(value: Item, [base]: Item[]): Item {
  const n = number(value, 'log')
  if (n <= 0) throw new EvalError('log needs a number above zero')
  if (isUnset(base)) return float(Math.log(n))
  const b = number(base, 'log')
  if (b === 10) return float(Math.log10(n))
  return float(Math.log(n) / Math.log(b))
}

function root(value: Item, [base]: Item[]): Item {
  const n = number(value, 'root')
  const degree = number(base, 'root')
  const result = degree === 2 ? Math.sqrt(n) : n ** (1 / degree)
  if (Number.isNaN(result)) throw new EvalError('root cannot be taken of a negative number')
  return float(result)
}

const SIZES: readonly (readonly [string, bigint])[] = [...'YZEPTGMK'].map((letter, index) => [
  letter,
  1n << BigInt(10 * (8 - index)),
])

function humanReadable(value: Item, [isBits, unit]: Item[]): Item {
  const n = number(value, 'human_readable')
  const base = truthy(isBits!) ? 'bits' : 'Bytes'
  const wanted = optionalText(unit, 'unit')?.toUpperCase()
  const chosen = SIZES.find(([letter, size]) =>
    wanted === undefined ? n >= Number(size) : wanted[0] === letter,
  )
  const [suffix, limit] = chosen ?? ['', 1n]
  const name = suffix === '' ? base : suffix + base[0]
  return `${fixed(n / Number(limit), 2)} ${name}`
}

function humanToBytes(value: Item, [defaultUnit, isBits]: Item[]): Item {
  const bits = truthy(isBits!)
  const match = /^\s*(\d*\.?\d*)\s*([A-Za-z]+)?\s*$/.exec(str(value))
  if (!match || match[1] === '' || match[1] === '.')
    throw new EvalError(`human_to_bytes cannot read "${str(value)}"`)
  const unit = match[2] ?? optionalText(defaultUnit, 'default_unit')
  if (unit === undefined) return roundHalfEven(Number(match[1]))
  const letter = unit[0]!.toUpperCase()
  const size = letter === 'B' ? 1n : SIZES.find(([one]) => one === letter)?.[1]
  if (size === undefined || !fits(unit, bits))
    throw new EvalError(`human_to_bytes cannot read the unit "${unit}"`)
  return roundHalfEven(Number(match[1]) * Number(size))
}

/** Bytes are written B or byte, bits b or bit; a letter alone means either. */
function fits(unit: string, bits: boolean): boolean {
  if (unit.length === 1) return true
  const rest = /^b/i.test(unit) ? unit : unit.slice(1)
  if (rest.length === 1) return rest === (bits ? 'b' : 'B')
  return rest.toLowerCase() === (bits ? 'bit' : 'byte') || rest.toLowerCase() === (bits ? 'bits' : 'bytes')
}

function roundHalfEven(n: number): Item {
  return narrow(BigInt(fixed(n, 0)))
}

function fileSize(value: Item, [binary]: Item[]): Item {
  const n = number(typeof value === 'string' ? readFloat(value) : value, 'filesizeformat')
  const base = truthy(binary!) ? 1024 : 1000
  if (n === 1) return '1 Byte'
  if (n < base) return `${Math.trunc(n)} Bytes`
  const units = [...'kMGTPEZY'].map((letter) =>
    truthy(binary!) ? `${letter.toUpperCase()}iB` : `${letter}B`,
  )
  const at = units.findIndex((_, index) => n < base ** (index + 2))
  const index = at < 0 ? units.length - 1 : at
  return `${fixed((base * n) / base ** (index + 2), 1)} ${units[index]}`
}

/** Filters of numbers. */
export const MATH_FILTERS: Entries = [
  {
    name: 'abs',
    summary: 'The number without its sign.',
    signature: '',
    run: (value) => {
      number(value, 'abs')
      return order(value, 0) < 0 ? negate(value) : plus(value)
    },
  },
  {
    name: 'round',
    summary: 'The number rounded to so many digits: common (half to even), ceil or floor.',
    signature: "precision=0, method='common'",
    run: round,
  },
  { name: 'log', summary: 'The logarithm, natural or to a base.', signature: 'base=None', run: logarithm },
  {
    name: 'pow',
    summary: 'The number to a power, as a float.',
    signature: 'y',
    run: (value, [y]) => float(number(value, 'pow') ** number(y, 'pow')),
  },
  { name: 'root', summary: 'The square root, or the root of a degree.', signature: 'base=2', run: root },
  {
    name: 'human_readable',
    summary: 'A number of bytes or bits as people write it.',
    signature: 'isbits=False, unit=None',
    run: humanReadable,
  },
  {
    name: 'human_to_bytes',
    summary: 'The number of bytes or bits that a text such as 2 MB stands for.',
    signature: 'default_unit=None, isbits=False',
    run: humanToBytes,
  },
  {
    name: 'filesizeformat',
    summary: 'A number of bytes in kB, MB and so on, or in KiB, MiB.',
    signature: 'binary=False',
    run: fileSize,
  },
]
