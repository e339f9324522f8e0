import type { Declaration } from './declaration.js'
import type { ParamSpec, ParamTable, ParamType } from './params.js'

/** A JSON Schema, as ajv and editors take it. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** Octal, symbolic, or the word of modules that copy. */
const CLAUSE = '[ugoa]*(?:[-+=][rwxXstugo]*)+'
const MODE = `^\\s*(?:(?:0o)?[0-7]{1,5}|preserve|${CLAUSE}(?:,${CLAUSE})*)\\s*$`

/** What 644 or 755 is without quotes and without a leading zero: a decimal number, whose bits nobody means. */
const UNQUOTED = { minimum: 512, maximum: 777 }

const TYPES: Readonly<Record<ParamType, JsonSchema>> = {
  str: { type: 'string' },
  path: { type: 'string' },
  int: { type: 'integer' },
  float: { type: 'number' },
  bool: { type: 'boolean' },
  list: { type: 'array' },
  dict: { type: 'object' },
  raw: {},
  mode: {
    anyOf: [
      { type: 'string', pattern: MODE },
      { type: 'integer', minimum: 0, maximum: 0o7777, not: UNQUOTED },
    ],
  },
}

/** The closed JSON Schema of a module's parameters after conversion: no conversions, aliases or templates in it. */
export function paramSchema(declaration: Pick<Declaration, 'params' | 'open'>): JsonSchema {
  return tableSchema(declaration.params, declaration.open)
}

function tableSchema(table: ParamTable, open = false): JsonSchema {
  const required = Object.keys(table).filter((name) => table[name]!.required)
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(table).map(([name, spec]) => [name, specSchema(spec)])),
    additionalProperties: open,
    ...(required.length ? { required } : {}),
  }
}

function specSchema(spec: ParamSpec): JsonSchema {
  const described = {
    description: spec.description,
    ...(spec.default === undefined ? {} : { default: spec.default }),
  }
  if (spec.type === 'list') return { ...TYPES.list, items: itemSchema(spec), ...described }
  return { ...itemSchema(spec, spec.type), ...described }
}

function itemSchema(spec: ParamSpec, type: ParamType = spec.elements ?? 'raw'): JsonSchema {
  if (spec.options) return tableSchema(spec.options)
  return spec.choices ? { enum: [...spec.choices] } : TYPES[type]
}
