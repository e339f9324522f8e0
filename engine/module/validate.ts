import type { ErrorObject } from 'ajv'
import { suggest } from '../errors.js'
import type { Place, Problem } from '../errors.js'
import { keyPlaceOf, placeOf } from '../language/place.js'
import { isDict, keyText, Omit, Unsafe } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import { isUnknown } from '../unknown.js'
import { convert, matchChoice, TYPE_WORDS, withoutOmitted } from './convert.js'
import { compileSchema, type Validate } from './compile-schema.js'
import type { Declaration } from './declaration.js'
import { tornValue, type TornValue } from './torn-value.js'
import type { ParamSpec, ParamTable } from './params.js'
import { brokenRules } from './rules.js'
import { paramSchema } from './schema.js'

/** Whose parameters are validated, for messages. */
export interface Subject {
  /** The module, as it is called in messages. */
  readonly name: string
  /** Where the module's name stands. */
  readonly place?: Place | undefined
  /** The parameters as written, whose places are used when the values were evaluated since. */
  readonly written?: Value | undefined
  readonly task?: string | undefined
  readonly host?: string | undefined
}

/** Parameters as a module takes them, or what is wrong with them. */
export interface Validated {
  /** By declared name; declared `options` are plain objects, other dictionaries stay Maps. */
  readonly params: Readonly<Record<string, unknown>>
  /** Names of the parameters that are, or hold, values that only the real run can tell. */
  readonly unknown: readonly string[]
  /** Empty when all is well. */
  readonly problems: readonly Problem[]
}

/**
 * Converts and validates a task's parameters against the module's declaration. Values are evaluated already: what is
 * left out (`omit`) or null counts as not given; Unknown values pass and are listed. Never throws for bad values.
 */
export function validateParams(declaration: Declaration, values: Dict, subject: Subject): Validated {
  const given = readTable(declaration.params, values, declaration.freeForm)
  const params = withDefaults(declaration.params, given)
  const validate = validatorOf(declaration)
  const errors = validate(params) ? [] : (validate.errors ?? [])
  const problems = [
    ...distinct(errors).flatMap((error) => explain(error, declaration, values, subject)),
    ...brokenRules(declaration.rules ?? {}, given, params).map(({ code, message, cure, lacking }) => ({
      code,
      message: `${subject.name}: ${message}`,
      cure: cure ?? giving(lacking, declaration.params),
      ...context(subject, subject.place ?? placeOf(values)),
    })),
  ]
  return { params, unknown: Object.keys(params).filter((name) => holdsUnknown(params[name])), problems }
}

/** How a parameter that is missing is told of: its name and what it is. */
function giving(name: string | undefined, table: ParamTable): string | undefined {
  const what = name === undefined ? undefined : table[name]?.description
  return what && `give "${name}": ${what.replace(/\.$/, '')}`
}

type Plain = Record<string, unknown>

/** Values by declared name, converted; undeclared names stay, for the schema to refuse. */
function readTable(table: ParamTable, values: Dict, freeForm?: string): Plain {
  const names = canonicalNames(table)
  const plain: Plain = {}
  for (const [key, raw] of values) {
    const written = keyText(key)
    const name = written === '_raw_params' && freeForm ? freeForm : (names.get(written) ?? written)
    const value = withoutOmitted(raw)
    const spec = Object.hasOwn(table, name) ? table[name] : undefined
    // Null is "not given" of a declared parameter; for what a module takes besides, it is a value.
    if ((spec && value === null) || value instanceof Omit) continue
    Object.defineProperty(plain, name, {
      value: spec ? convertParam(value, spec) : value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return plain
}

const namesByTable = new WeakMap<ParamTable, ReadonlyMap<string, string>>()

/** Every name and alias with the declared name it stands for. */
function canonicalNames(table: ParamTable): ReadonlyMap<string, string> {
  let names = namesByTable.get(table)
  if (!names) {
    const entries = Object.entries(table)
    const pairs = entries.flatMap(([name, spec]) =>
      [name, ...(spec.aliases ?? [])].map((alias) => [alias, name] as const),
    )
    namesByTable.set(table, (names = new Map(pairs)))
  }
  return names
}

function convertParam(value: Value, spec: ParamSpec): unknown {
  if (spec.type !== 'list') return convertItem(value, spec, spec.type)
  // a comma in an expression separates nothing
  const list = spec.expression && typeof value === 'string' ? [value] : convert(value, 'list')
  if (!Array.isArray(list)) return list
  return (list as Value[]).map((item) => convertItem(item, spec, spec.elements ?? 'raw'))
}

function convertItem(value: Value, spec: ParamSpec, type: ParamSpec['type']): unknown {
  const converted = convert(value, spec.options && type === 'raw' ? 'dict' : type)
  if (spec.options && isDict(converted)) return withDefaults(spec.options, readTable(spec.options, converted))
  return spec.choices && !isUnknown(converted) ? matchChoice(converted, spec.choices) : converted
}

function withDefaults(table: ParamTable, given: Plain): Plain {
  const defaults = Object.entries(table).filter(
    ([name, spec]) => spec.default !== undefined && spec.default !== null && !Object.hasOwn(given, name),
  )
  return { ...given, ...Object.fromEntries(defaults.map(([name, spec]) => [name, spec.default])) }
}

const validators = new WeakMap<Declaration, Validate>()

function validatorOf(declaration: Declaration): Validate {
  let validate = validators.get(declaration)
  if (!validate) validators.set(declaration, (validate = compileSchema(paramSchema(declaration), 'params')))
  return validate
}

/** Takes the validator that the build has compiled for a declaration. */
export function useValidator(declaration: Declaration, validate: Validate): void {
  validators.set(declaration, validate)
}

/** One error a place, none for what only the real run can tell. */
function distinct(errors: readonly ErrorObject[]): ErrorObject[] {
  const byPlace = new Map<string, ErrorObject>()
  for (const error of errors) {
    const extra = error.params['additionalProperty'] ?? error.params['missingProperty'] ?? ''
    const at = `${error.instancePath}/${extra}`
    if (!isUnknown(error.data) && !byPlace.has(at)) byPlace.set(at, error)
  }
  return [...byPlace.values()]
}

/** Where an error is: the names and indexes that lead to it, the table there, and the values as written. */
interface Spot {
  readonly path: readonly string[]
  readonly spec: ParamSpec | undefined
  readonly table: ParamTable | undefined
  readonly container: Value | undefined
  readonly key: Value | undefined
  /** The value itself. */
  readonly value: Value | undefined
}

function explain(error: ErrorObject, declaration: Declaration, values: Dict, subject: Subject): Problem | [] {
  const written = subject.written !== undefined && isDict(subject.written) ? subject.written : values
  const spot = locate(error.instancePath, declaration, written)
  const { name } = subject
  const inside = spot.path.length ? ` in "${showPath(spot.path)}"` : ''
  if (error.keyword === 'additionalProperties') {
    const extra = error.params['additionalProperty'] as string
    const torn = tornValue(spot.value, originalKey(spot, extra))
    if (torn) return torn.isFirst ? explainTorn(torn, extra, inside, spot, subject) : []
    const place = keyPlaceOf(spot.value, originalKey(spot, extra)) ?? placeOf(spot.container, spot.key)
    const allowed = suggest(extra, canonicalNames(spot.table ?? {}).keys())
    return {
      code: 'unknown-param',
      message: `${name} has no parameter "${extra}"${inside}`,
      allowed,
      ...context(subject, place),
    }
  }
  if (error.keyword === 'required') {
    const missing = error.params['missingProperty'] as string
    const place = spot.path.length ? placeOf(spot.value) : (subject.place ?? placeOf(values))
    const what = spot.table?.[missing]?.description
    return {
      code: 'missing-param',
      message: `${name} needs the parameter "${missing}"${inside}`,
      cure: what && `give it: ${what.replace(/\.$/, '')}`,
      ...context(subject, place),
    }
  }
  return badValue(error, spot, subject)
}

function explainTorn(
  { name, text }: TornValue,
  piece: string,
  inside: string,
  spot: Spot,
  subject: Subject,
): Problem {
  const isSecret = spot.table?.[name]?.secret === true
  const rest = isSecret ? 'what follows' : `"${piece}"`
  const shown = isSecret ? '"…"' : JSON.stringify(text)
  return {
    code: 'unknown-param',
    message: `${subject.name}: in { } the value of "${name}" ends at the comma, so ${rest} is read as another parameter${inside}`,
    cure: `put it into quotes: ${name}: ${shown}`,
    ...context(subject, placeOf(spot.value, originalKey(spot, name))),
  }
}

function badValue(error: ErrorObject, spot: Spot, subject: Subject): Problem {
  const { spec } = spot
  const place = placeOf(spot.container, spot.key)
  const shown = spec?.secret ? 'not such a value' : show(error.data)
  const item = /^\d+$/.test(spot.path.at(-1) ?? '') && spec?.type === 'list'
  const type = item ? (spec.options ? 'dict' : (spec.elements ?? 'raw')) : (spec?.type ?? 'raw')
  const choices = item || spec?.type !== 'list' ? spec?.choices : undefined
  return {
    code: 'bad-param',
    message: `${subject.name}: "${showPath(spot.path)}" is ${shown}`,
    allowed: choices
      ? suggest(String(error.data), new Set(choices.map(onOneLine)))
      : `allowed: ${TYPE_WORDS[type]}`,
    ...context(subject, place),
  }
}

/** A choice as it is written between quotes. */
function onOneLine(choice: string | number): string {
  return String(choice).replaceAll('\n', '\\n').replaceAll('\r', '\\r')
}

function context(subject: Subject, place: Place | undefined): Pick<Problem, 'place' | 'task' | 'host'> {
  return { place: place ?? subject.place, task: subject.task, host: subject.host }
}

/** Follows ajv's JSON pointer through the declaration and through the values as written, aliases included. */
function locate(pointer: string, declaration: Declaration, written: Dict): Spot {
  const path = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  let spot: Spot = {
    path,
    spec: undefined,
    table: declaration.params,
    container: undefined,
    key: undefined,
    value: written,
  }
  for (const part of path) spot = step(spot, part)
  return spot
}

function step(spot: Spot, part: string): Spot {
  const named = spot.table && Object.hasOwn(spot.table, part) ? spot.table[part] : undefined
  const spec = named ?? spot.spec
  const table = spec?.options && (spec.type !== 'list' || !named) ? spec.options : undefined
  const { value } = spot
  if (Array.isArray(value))
    return { ...spot, spec, table, container: value, key: Number(part), value: value[Number(part)] }
  if (!isDict(value)) return { ...spot, spec, table, value: undefined }
  const key = originalKey(spot, part)
  return { ...spot, spec, table, container: value, key, value: value.get(key) }
}

/** The key as written for a declared name: the name itself, an alias, or `_raw_params`. */
function originalKey(spot: Spot, name: string): Value {
  if (!isDict(spot.value)) return name
  const aliases = spot.table?.[name]?.aliases ?? []
  const keys = [...spot.value.keys()]
  return keys.find((key) => keyText(key) === name || aliases.includes(keyText(key))) ?? name
}

function showPath(path: readonly string[]): string {
  return path
    .map((part, index) => (/^\d+$/.test(part) && index ? `[${part}]` : index ? `.${part}` : part))
    .join('')
}

function show(value: unknown): string {
  if (isDict(value) || value instanceof Unsafe) return isDict(value) ? 'a dictionary' : 'an unsafe text'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'string'
    ? JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
    : String(value)
}

/** True when the value is, or holds at any depth, something only the real run can tell. */
export function holdsUnknown(value: unknown): boolean {
  if (isUnknown(value)) return true
  if (Array.isArray(value)) return value.some(holdsUnknown)
  if (isDict(value)) return [...value.values()].some(holdsUnknown)
  const plain =
    value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype
  return plain && Object.values(value).some(holdsUnknown)
}
