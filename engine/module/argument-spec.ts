import { isDict, keyText } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import type { Declaration } from './declaration.js'
import type { ParamSpec, ParamTable, ParamType } from './params.js'

/** Ansible's names of types, with those that mean nothing more than text to us. */
const TYPES: Readonly<Record<string, ParamType>> = {
  str: 'str', int: 'int', float: 'float', bool: 'bool', list: 'list', dict: 'dict', path: 'path', raw: 'raw',
  json: 'raw', jsonarg: 'raw', bytes: 'str', bits: 'str',
} // prettier-ignore

/** Every type an argument may have. */
export const ARGUMENT_TYPES: readonly string[] = Object.keys(TYPES)

type Plain<T> = { -readonly [Name in keyof T]: T[Name] }

/**
 * A role's `argument_specs` as a declaration, so that a role's variables are validated as a module's parameters are.
 * Variables beside the arguments are no concern of it.
 */
export function argumentDeclaration(options: Dict): Declaration {
  return { summary: 'Arguments of a role', params: tableOf(options), open: true }
}

function tableOf(options: Dict): ParamTable {
  return Object.fromEntries(
    [...options].map(([name, spec]) => [keyText(name), specOf(isDict(spec) ? spec : new Map())]),
  )
}

function specOf(written: Dict): ParamSpec {
  const spec: Plain<ParamSpec> = {
    type: TYPES[text(written.get('type'), 'str')] ?? 'raw',
    description: textsOf(written.get('description')).join(' '),
  }
  const [elements, options, fallback] = [
    written.get('elements'),
    written.get('options'),
    written.get('default'),
  ]
  if (isYes(written.get('required'))) spec.required = true
  if (isYes(written.get('no_log'))) spec.secret = true
  if (fallback !== undefined && fallback !== null) spec.default = fallback
  if (written.has('choices')) spec.choices = listOf(written.get('choices')) as (string | number)[]
  if (written.has('aliases')) spec.aliases = textsOf(written.get('aliases'))
  if (typeof elements === 'string') spec.elements = TYPES[elements] ?? 'raw'
  if (isDict(options)) spec.options = tableOf(options)
  return spec
}

function listOf(value: Value | undefined): Value[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]
}

function textsOf(value: Value | undefined): string[] {
  return listOf(value).map(keyText)
}

function text(value: Value | undefined, otherwise: string): string {
  return value === undefined || value === null ? otherwise : keyText(value)
}

function isYes(value: Value | undefined): boolean {
  return value === true || /^(?:yes|on|1|true|t|y)$/i.test(text(value, ''))
}
