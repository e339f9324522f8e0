import { isUnknown } from '../../../unknown.js'
import type { Entries, Env } from '../entry.js'
import type { Item } from '../item.js'
import {
  Func,
  isFloat,
  isInt,
  isItemDict,
  isList,
  isNumeric,
  iterate,
  notKnown,
  truthy,
  typeName,
  Undefined,
} from '../item.js'
import { modulo } from '../python/arithmetic.js'
import { contains, equals, order } from '../python/compare.js'
import { str } from '../python/render.js'
import { Bytes } from '../python/bytes.js'

function kind(name: string, summary: string, check: (value: Item) => boolean) {
  return { name, summary, signature: '', run: (value: Item) => check(value) }
}

/** A question that an undefined value answers with no. */
function typeTest(name: string, summary: string, check: (value: Item) => boolean) {
  const run = (value: Item) => (isUnknown(value) ? value : !(value instanceof Undefined) && check(value))
  return { name, summary, signature: '', accepts: 'value' as const, run }
}

function comparison(names: readonly string[], summary: string, check: (a: Item, b: Item) => boolean) {
  const [name, ...aliases] = names
  return {
    name: name!,
    aliases,
    summary,
    signature: 'other',
    accepts: 'all' as const,
    run: (value: Item, [other]: Item[]) => check(value, other!),
  }
}

function remainder(value: Item, by: Item): Item {
  return modulo(value, by)
}

function isIterable(value: Item): boolean {
  try {
    iterate(value)
    return true
  } catch {
    return false
  }
}

function same(a: Item, b: Item): boolean {
  if (a instanceof Undefined || b instanceof Undefined) return a === b
  if (isUnknown(a)) return notKnown(a)
  return a === b || (typeName(a) === typeName(b) && (isNumeric(a) || typeof a === 'string') && equals(a, b))
}

/** `false`, `no`, `off`, `0` and the like as Ansible converts them; what is none of them as it is. */
function converted(value: Item): Item {
  const word = typeof value === 'string' ? value.toLowerCase().trim() : value
  if (word === 0 || ['n', 'no', 'off', 'false', 'f', '0', '0.0'].includes(word as string)) return false
  if (word === 1 || ['y', 'yes', 'on', 'true', 't', '1', '1.0'].includes(word as string)) return true
  return value
}

function truth(value: Item, convert: Item): boolean {
  return truthy(truthy(convert) ? converted(value) : value)
}

function letters(upper: boolean) {
  return (value: Item) => {
    const text = str(value)
    const wanted = upper ? text.toUpperCase() : text.toLowerCase()
    return text === wanted && text.toLowerCase() !== text.toUpperCase()
  }
}

function exists(name: 'filter' | 'test', summary: string) {
  return {
    name,
    summary,
    signature: '',
    run: (value: Item, _: Item[], env: Env) => env.has(name, str(value)),
  }
}

/** Jinja's tests, and Ansible's of values. */
export const BASIC_TESTS: Entries = [
  {
    name: 'defined',
    summary: 'It exists.',
    signature: '',
    accepts: 'all',
    run: (value) => !(value instanceof Undefined),
  },
  {
    name: 'undefined',
    summary: 'It does not exist.',
    signature: '',
    accepts: 'all',
    run: (value) => value instanceof Undefined,
  },
  {
    name: 'none',
    summary: 'It is none.',
    signature: '',
    accepts: 'all',
    run: (value) => (isUnknown(value) ? equals(value, null) : value === null),
  },
  typeTest('boolean', 'It is true or false.', (value) => typeof value === 'boolean'),
  typeTest('true', 'It is true itself.', (value) => value === true),
  typeTest('false', 'It is false itself.', (value) => value === false),
  typeTest('integer', 'It is an integer.', (value) => isInt(value) && typeof value !== 'boolean'),
  typeTest('float', 'It is a float.', isFloat),
  typeTest('number', 'It is a number.', isNumeric),
  typeTest('string', 'It is a text.', (value) => typeof value === 'string'),
  typeTest('mapping', 'It is a dictionary.', isItemDict),
  typeTest(
    'sequence',
    'It has items: a list, a dictionary or a text.',
    (value) => isList(value) || isItemDict(value) || typeof value === 'string' || value instanceof Bytes,
  ),
  kind('iterable', 'It can be looped over.', isIterable),
  typeTest('callable', 'It can be called.', (value) => value instanceof Func),
  exists('filter', 'There is a filter of this name.'),
  exists('test', 'There is a test of this name.'),
  typeTest('escaped', 'It was escaped for HTML; never so here.', () => false),
  kind('odd', 'It is an odd number.', (value) => equals(remainder(value, 2), 1)),
  kind('even', 'It is an even number.', (value) => equals(remainder(value, 2), 0)),
  kind('lower', 'Its letters are all small.', letters(false)),
  kind('upper', 'Its letters are all capitals.', letters(true)),
  {
    name: 'divisibleby',
    summary: 'It can be divided by a number without rest.',
    signature: 'num',
    run: (value, [num]) => equals(remainder(value, num!), 0),
  },
  {
    name: 'sameas',
    summary: 'It is the very same value.',
    signature: 'other',
    accepts: 'value',
    run: (value, [other]) => same(value, other!),
  },
  comparison(['eq', 'equalto', '=='], 'It equals the other.', equals),
  comparison(['ne', '!='], 'It does not equal the other.', (a, b) => !equals(a, b)),
  comparison(['lt', 'lessthan', '<'], 'It is less than the other.', (a, b) => order(a, b, '<') < 0),
  comparison(['le', '<='], 'It is less than the other, or equal.', (a, b) => order(a, b, '<=') <= 0),
  comparison(['gt', 'greaterthan', '>'], 'It is greater than the other.', (a, b) => order(a, b, '>') > 0),
  comparison(['ge', '>='], 'It is greater than the other, or equal.', (a, b) => order(a, b, '>=') >= 0),
  {
    name: 'in',
    summary: 'The container holds it.',
    signature: 'seq',
    run: (value, [container]) => contains(container!, value),
  },
  {
    name: 'contains',
    summary: 'It holds the other.',
    signature: 'value',
    run: (value, [item]) => contains(value, item!),
  },
  kind('any', 'At least one of its items is true.', (value) => iterate(value).some(truthy)),
  kind('all', 'All of its items are true.', (value) => iterate(value).every(truthy)),
  {
    name: 'truthy',
    summary: 'It counts as true; with convert_bool, words such as "no" count as what they say.',
    signature: 'convert_bool=False',
    run: (value, [convert]) => truth(value, convert!),
  },
  {
    name: 'falsy',
    summary: 'It counts as false; with convert_bool, words such as "no" count as what they say.',
    signature: 'convert_bool=False',
    run: (value, [convert]) => !truth(value, convert!),
  },
  {
    name: 'nan',
    aliases: ['isnan'],
    summary: 'It is the float that is no number.',
    signature: '',
    run: isNan,
  },
  {
    name: 'subset',
    aliases: ['issubset'],
    summary: 'The other holds all of its items.',
    signature: 'b',
    run: (value, [other]) => iterate(value).every((item) => contains(other!, item)),
  },
  {
    name: 'superset',
    aliases: ['issuperset'],
    summary: 'It holds all items of the other.',
    signature: 'b',
    run: (value, [other]) => iterate(other!).every((item) => contains(value, item)),
  },
]

function isNan(value: Item): boolean {
  return isNumeric(value) && Number.isNaN(Number(value as number))
}
