import { Float, isDict, Unsafe } from '../language/value.js'
import type { Value } from '../language/value.js'
import { compileSchema } from '../module/compile-schema.js'
import type { Validate } from '../module/compile-schema.js'
import { COMPILED_KINDS } from './compiled-kinds.js'

type Schema = Readonly<Record<string, unknown>>

const TEMPLATE: Schema = { type: 'string', pattern: '\\{\\{|\\{%|\\{#' }
const SCALAR: Schema = { type: ['string', 'number', 'boolean'] }
const TEXT: Schema = { type: ['string', 'number'] }
const BOOL: Schema = {
  anyOf: [
    { type: 'boolean' },
    { enum: [0, 1] },
    { type: 'string', pattern: '^\\s*(?:[Yy][Ee][Ss]|[Oo][Nn]|[Tt][Rr][Uu][Ee]|[YyTt1]|[Nn][Oo]|[Oo][Ff][Ff]|[Ff][Aa][Ll][Ss][Ee]|[NnFf0])\\s*$' },
  ],
} // prettier-ignore
const DICT: Schema = { type: 'object' }
const NAME: Schema = { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }
const CONDITION: Schema = { type: ['string', 'number', 'boolean', 'null'] }

const numeric = (pattern: string, schema: Schema): Schema => ({
  anyOf: [schema, { type: 'string', pattern }],
})
const oneOrMany = (item: Schema): Schema => ({ anyOf: [item, { type: 'array', items: item }] })

/** A kind of value a keyword may have: its schema and how to say it. */
interface Kind {
  readonly schema: Schema
  /** "a number", "yes or no". */
  readonly words: string
  /** True: a template may never stand for the whole value, since its structure is needed before the run. */
  readonly structural?: boolean
}

/** The kinds of value of keywords, without the template that may stand for most of them. */
export const VALUE_KINDS = {
  any: { schema: {}, words: 'any value' },
  text: { schema: SCALAR, words: 'text' },
  texts: { schema: oneOrMany(TEXT), words: 'text or a list of texts' },
  tags: { schema: oneOrMany(TEXT), words: 'names separated by commas, or a list of names' },
  name: { schema: NAME, words: 'the name of a variable (letters, digits and _, no digit first)' },
  bool: { schema: BOOL, words: 'true or false' },
  int: { schema: numeric('^\\s*[-+]?\\d+\\s*$', { type: 'integer' }), words: 'a whole number' },
  number: { schema: numeric('^\\s*[-+]?(\\d+\\.?\\d*|\\.\\d+)\\s*$', { type: 'number' }), words: 'a number' },
  percent: { schema: numeric('^\\s*\\d+(\\.\\d+)?\\s*%?\\s*$', { type: 'number' }), words: 'a percentage' },
  serial: {
    schema: oneOrMany(numeric('^\\s*\\d+(\\.\\d+)?\\s*%?\\s*$', { type: 'integer' })),
    words: 'a number, a percentage, or a list of them',
  },
  strategy: {
    schema: { enum: ['linear', 'free', 'host_pinned', 'ansible.builtin.linear', 'ansible.builtin.free', 'ansible.builtin.host_pinned'] },
    words: 'linear, free or host_pinned',
  }, // prettier-ignore
  order: {
    schema: { enum: ['inventory', 'reverse_inventory', 'sorted', 'reverse_sorted', 'shuffle', null] },
    words: 'inventory, reverse_inventory, sorted, reverse_sorted or shuffle',
  },
  hosts: { schema: oneOrMany({ ...TEXT, minLength: 1 }), words: 'a host pattern or a list of host patterns' },
  list: { schema: { type: ['array', 'null'] }, words: 'a list' },
  conditions: { schema: oneOrMany(CONDITION), words: 'an expression or a list of expressions' },
  dicts: { schema: oneOrMany({ anyOf: [DICT, { type: ['null', 'string'] }] }), words: 'a dictionary' },
  'static-dicts': { schema: oneOrMany(DICT), words: 'a dictionary', structural: true },
  vars: { schema: { ...oneOrMany(DICT) }, words: 'a dictionary', structural: true },
  files: { schema: oneOrMany(oneOrMany({ type: 'string' })), words: 'a path or a list of paths' },
  args: { schema: DICT, words: 'a dictionary' },
  action: { schema: { anyOf: [DICT, { type: 'string' }] }, words: 'text or a dictionary', structural: true },
  'loop-control': { schema: DICT, words: 'a dictionary', structural: true },
  prompts: { schema: oneOrMany(DICT), words: 'a list of dictionaries', structural: true },
  tasks: { schema: { type: ['array', 'null'] }, words: 'a list of tasks', structural: true },
  roles: { schema: { type: ['array', 'null'] }, words: 'a list of roles', structural: true },
} as const satisfies Readonly<Record<string, Kind>>

/** Name of a kind of value. */
export type ValueKind = keyof typeof VALUE_KINDS

/** JSON Schema of a kind; with the template that may stand for the value, unless `fixed`. */
export function kindSchema(kind: ValueKind, fixed = false): Schema {
  const { schema, structural }: Kind = VALUE_KINDS[kind]
  return fixed || structural ? schema : { anyOf: [schema, TEMPLATE] }
}

/** How to say what values are allowed. */
export function kindWords(kind: ValueKind): string {
  return VALUE_KINDS[kind].words
}

const compiled = new Map<string, Validate>(Object.entries(COMPILED_KINDS))

/** True when the value is of that kind, or (unless `fixed`) a template that may turn out to be. */
export function isOfKind(value: Value, kind: ValueKind, fixed = false): boolean {
  const key = `${kind} ${fixed}`
  let validate = compiled.get(key)
  if (!validate) compiled.set(key, (validate = compileSchema(kindSchema(kind, fixed), 'keyword')))
  return validate(shallow(value, 3))
}

/** Plain data as deep as schemas look; what is below does not matter and is not copied. */
function shallow(value: Value, depth: number): unknown {
  if (isDict(value)) return {}
  if (Array.isArray(value)) return depth > 0 ? value.map((item) => shallow(item, depth - 1)) : []
  if (value instanceof Float) return value.value
  if (value instanceof Unsafe) return value.ciphertext === undefined ? value.text : 'vault'
  return typeof value === 'bigint' ? Number(value) : value
}

/** True when the text has Jinja delimiters, so that its value is known only after evaluation. */
export function isTemplate(value: unknown): value is string {
  return typeof value === 'string' && /\{\{|\{%|\{#/.test(value)
}

/** How an error shows a value: as it was written, shortened. */
export function showValue(value: Value): string {
  if (value === null) return 'nothing'
  if (isDict(value)) return 'a dictionary'
  if (Array.isArray(value)) return 'a list'
  if (value instanceof Unsafe) return 'an unsafe or encrypted text'
  const text = String(value)
  return typeof value === 'string' ? `"${text.length > 40 ? `${text.slice(0, 40)}…` : text}"` : text
}
