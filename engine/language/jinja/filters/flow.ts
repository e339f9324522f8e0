import { isUnknown } from '../../../unknown.js'
import type { Entries } from '../entry.js'
import type { Item } from '../item.js'
import { EvalError, isInt, isNumeric, isUnset, notKnown, truthy, typeName, Undefined } from '../item.js'
import { floatOf, narrow, readFloat, readInt } from '../python/numbers.js'
import { str } from '../python/render.js'
import { wantInt } from '../python/convert.js'
import { float } from '../../value.js'

function orDefault(value: Item, [fallback, boolean]: Item[]): Item {
  if (value instanceof Undefined) return fallback!
  if (!truthy(boolean!)) return value
  return truthy(value) ? value : fallback!
}

function ternary(value: Item, [whenTrue, whenFalse, whenNone]: Item[]): Item {
  if (value === null && !isUnset(whenNone)) return whenNone
  return truthy(value) ? whenTrue! : whenFalse!
}

function mandatory(value: Item, [message]: Item[]): Item {
  if (!(value instanceof Undefined)) return value
  if (isUnset(message)) return value.raise()
  throw new EvalError(str(message!), 'undefined-name')
}

/** Ansible's reading of yes and no: yes, on, 1 and true are true, everything else is false. */
export function toBool(value: Item): Item {
  if (value === null || typeof value === 'boolean') return value
  const text = typeof value === 'string' ? value.toLowerCase() : value
  if (typeof text === 'string') return ['yes', 'on', '1', 'true'].includes(text)
  return isNumeric(text) && Number(text as number) === 1
}

function toInt(value: Item, [fallback, base]: Item[]): Item {
  if (typeof value === 'string') {
    const exact = readInt(value, wantInt(base, 'base'))
    if (exact !== undefined) return exact
    const real = readFloat(value)
    return real === undefined || !Number.isFinite(Number(real))
      ? fallback!
      : narrow(BigInt(Math.trunc(Number(real))))
  }
  if (isInt(value)) return typeof value === 'boolean' ? Number(value) : value
  if (!isNumeric(value) || !Number.isFinite(floatOf(value))) return fallback!
  return narrow(BigInt(Math.trunc(floatOf(value))))
}

function toFloat(value: Item, [fallback]: Item[]): Item {
  if (typeof value === 'string') return readFloat(value) ?? fallback!
  return isNumeric(value) ? float(floatOf(value)) : fallback!
}

/** Filters that choose, guard and convert. */
export const FLOW_FILTERS: Entries = [
  {
    name: 'default',
    aliases: ['d'],
    summary: 'The value, or another one when it is undefined (with boolean, also when it is false or empty).',
    signature: "default_value='', boolean=False",
    accepts: 'all',
    run: orDefault,
  },
  {
    name: 'mandatory',
    summary: 'The value; an error with your own message when it is undefined.',
    signature: 'msg=None',
    accepts: 'all',
    run: mandatory,
  },
  {
    name: 'ternary',
    summary: 'One of two values, as the value is true or false; a third one when it is none.',
    signature: 'true_val, false_val, none_val=None',
    accepts: 'all',
    run: (value, args) => {
      if (value instanceof Undefined) return value.raise()
      return isUnknown(value) ? notKnown(value) : ternary(value, args)
    },
  },
  {
    name: 'bool',
    summary: 'True for yes, on, 1 and true in any case, otherwise false.',
    signature: '',
    run: toBool,
  },
  {
    name: 'int',
    summary: 'The value as an integer, or the default when it is none.',
    signature: 'default=0, base=10',
    run: toInt,
  },
  {
    name: 'float',
    summary: 'The value as a float, or the default when it is none.',
    signature: 'default=0.0',
    run: toFloat,
  },
  { name: 'string', summary: 'The value as text.', signature: '', run: (value) => str(value) },
  {
    name: 'type_debug',
    summary: 'The name of the type of the value, as Python calls it.',
    signature: '',
    accepts: 'value',
    run: (value) => typeName(value),
  },
]
