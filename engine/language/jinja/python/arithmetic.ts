import { float } from '../../value.js'
import type { Item } from '../item.js'
import {
  EvalError,
  isFloat,
  isInt,
  isList,
  isNumeric,
  notKnown,
  tuple,
  Tuple,
  typeName,
  Undefined,
} from '../item.js'
import { isUnknown } from '../../../unknown.js'
import { DateTime, TimeDelta } from './datetime.js'
import { floatOf, intOf, narrow } from './numbers.js'
import { formatPercent } from './percent.js'

/** No expression may build a text or list longer than this, or an integer of more bits. */
const LIMIT = 10_000_000

type IntOperation = (a: bigint, b: bigint) => bigint

function integers(a: Item, b: Item, quick: (a: number, b: number) => number, exact: IntOperation): Item {
  const left = intOf(a as number)
  const right = intOf(b as number)
  if (typeof left === 'number' && typeof right === 'number') {
    const result = quick(left, right)
    if (Number.isSafeInteger(result)) return result + 0
  }
  return narrow(exact(BigInt(left), BigInt(right)))
}

/** `a + b`. */
export function add(a: Item, b: Item): Item {
  if (typeof a === 'string' && typeof b === 'string') return a + b
  if (isInt(a) && isInt(b)) {
    return integers(
      a,
      b,
      (x, y) => x + y,
      (x, y) => x + y,
    )
  }
  if (isNumeric(a) && isNumeric(b)) return float(floatOf(a) + floatOf(b))
  if (isList(a) && isList(b) && a instanceof Tuple === b instanceof Tuple) {
    return a instanceof Tuple ? tuple([...a, ...b]) : [...a, ...b]
  }
  if (a instanceof DateTime && b instanceof TimeDelta) return a.plus(b)
  if (a instanceof TimeDelta && b instanceof DateTime) return b.plus(a)
  if (a instanceof TimeDelta && b instanceof TimeDelta) return new TimeDelta(a.micros + b.micros)
  return unsupported('+', a, b)
}

/** `a - b`. */
export function subtract(a: Item, b: Item): Item {
  if (isInt(a) && isInt(b)) {
    return integers(
      a,
      b,
      (x, y) => x - y,
      (x, y) => x - y,
    )
  }
  if (isNumeric(a) && isNumeric(b)) return float(floatOf(a) - floatOf(b))
  if (a instanceof DateTime && b instanceof DateTime) return new TimeDelta(a.micros - b.micros)
  if (a instanceof DateTime && b instanceof TimeDelta) return a.plus(new TimeDelta(-b.micros))
  if (a instanceof TimeDelta && b instanceof TimeDelta) return new TimeDelta(a.micros - b.micros)
  return unsupported('-', a, b)
}

/** `a * b`; a text or list times an integer repeats it. */
export function multiply(a: Item, b: Item): Item {
  if (isInt(a) && isInt(b)) {
    return integers(
      a,
      b,
      (x, y) => x * y,
      (x, y) => x * y,
    )
  }
  if (isNumeric(a) && isNumeric(b)) return float(floatOf(a) * floatOf(b))
  if (isInt(b) && (typeof a === 'string' || isList(a))) return repeat(a, Number(b))
  if (isInt(a) && (typeof b === 'string' || isList(b))) return repeat(b, Number(a))
  return unsupported('*', a, b)
}

function repeat(what: string | Item[], times: number): Item {
  const count = Math.max(0, times)
  if (what.length * count > LIMIT) throw new EvalError(`the result of * would have more than ${LIMIT} items`)
  if (typeof what === 'string') return what.repeat(count)
  const items = Array.from({ length: count }, () => [...what]).flat(1)
  return what instanceof Tuple ? tuple(items) : items
}

/** `a / b`, always a float. */
export function divide(a: Item, b: Item): Item {
  if (!isNumeric(a) || !isNumeric(b)) return unsupported('/', a, b)
  if (floatOf(b) === 0) throw new EvalError('division by zero')
  return float(floatOf(a) / floatOf(b))
}

/** `a // b`, rounded down. */
export function floorDivide(a: Item, b: Item): Item {
  if (!isNumeric(a) || !isNumeric(b)) return unsupported('//', a, b)
  if (floatOf(b) === 0) throw new EvalError('integer division or modulo by zero')
  if (!isInt(a) || !isInt(b)) return float(Math.floor(floatOf(a) / floatOf(b)))
  return integers(
    a,
    b,
    (x, y) => Math.floor(x / y),
    (x, y) => (x - (((x % y) + y) % y)) / y,
  )
}

/** `a % b`: the rest has the sign of `b`; of a text it is printf formatting. */
export function modulo(a: Item, b: Item): Item {
  if (typeof a === 'string') return formatPercent(a, b)
  if (!isNumeric(a) || !isNumeric(b)) return unsupported('%', a, b)
  if (floatOf(b) === 0) throw new EvalError('integer division or modulo by zero')
  if (!isInt(a) || !isInt(b)) {
    const [x, y] = [floatOf(a), floatOf(b)]
    const rest = x % y
    return float(rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest)
  }
  return integers(
    a,
    b,
    (x, y) => ((x % y) + y) % y,
    (x, y) => ((x % y) + y) % y,
  )
}

/** `a ** b`. */
export function power(a: Item, b: Item): Item {
  if (!isNumeric(a) || !isNumeric(b)) return unsupported('** or pow()', a, b)
  if (isInt(a) && isInt(b) && Number(b) >= 0) {
    const bits = BigInt(intOf(a)).toString(2).length * Number(b)
    if (bits > 100_000) throw new EvalError('the result of ** would be too large')
    return narrow(BigInt(intOf(a)) ** BigInt(intOf(b)))
  }
  const [x, y] = [floatOf(a), floatOf(b)]
  if (x === 0 && y < 0) throw new EvalError('0.0 cannot be raised to a negative power')
  const result = x ** y
  if (Number.isNaN(result) && !Number.isNaN(x) && !Number.isNaN(y)) {
    throw new EvalError('a negative number cannot be raised to a fractional power')
  }
  return float(result)
}

/** `-a`. */
export function negate(a: Item): Item {
  if (isInt(a)) return subtract(0, a)
  if (isFloat(a)) return float(-floatOf(a))
  if (a instanceof TimeDelta) return new TimeDelta(-a.micros)
  return badOperand('-', a)
}

/** `+a`. */
export function plus(a: Item): Item {
  if (isInt(a)) return intOf(a)
  if (isNumeric(a)) return a
  return badOperand('+', a)
}

function badOperand(operator: string, a: Item): never {
  refuseUndefined(a)
  throw new EvalError(`bad operand type for unary ${operator}: '${typeName(a)}'`)
}

function unsupported(operator: string, a: Item, b: Item): never {
  refuseUndefined(a)
  refuseUndefined(b)
  throw new EvalError(`unsupported operand types for ${operator}: '${typeName(a)}' and '${typeName(b)}'`)
}

function refuseUndefined(item: Item): void {
  if (isUnknown(item)) notKnown(item)
  if (item instanceof Undefined) item.raise()
}
