import type { Place } from '../errors.js'
import { FplayError } from '../errors.js'
import type { Maybe } from '../unknown.js'
import { isUnknown } from '../unknown.js'
import { checkHandlebars, renderHandlebars } from './handlebars/render.js'
import { compileBare, compileText } from './jinja/compile.js'
import type { Loaded } from './jinja/frame.js'
import { errorAt, Frame, type State } from './jinja/frame.js'
import { globalsOf } from './jinja/globals.js'
import { NotKnown } from './jinja/item.js'
import { FILE_SYNTAX, type Syntax } from './jinja/lexer.js'
import { Output } from './jinja/output.js'
import { fileSyntax } from './jinja/overrides.js'
import { str } from './jinja/python/render.js'
import { ENV } from './jinja/registry.js'
import { renderLoaded } from './jinja/compile-template.js'
import type { Scope } from './jinja/scope.js'
import { located, TemplateSyntaxError } from './jinja/syntax-error.js'
import { toValue } from './jinja/to-value.js'
import { keyPlaceOf, placeOf, setKeyPlace, setPlace } from './place.js'
import { readPythonLiteral } from './python-literal.js'
import type { Dict, Value } from './value.js'
import { isDict, Unsafe } from './value.js'

/** As Ansible reads the strings of playbooks: a backslash inside `{{ }}` is an ordinary character. */
const STRING_SYNTAX: Syntax = { ...FILE_SYNTAX, literalBackslashes: true }

/** Whether a text has anything to render: `{{`, `{%` or `{#`. */
export function hasTemplate(text: string): boolean {
  return text.includes('{{') || text.includes('{%') || text.includes('{#')
}

/**
 * Renders a string of a playbook or inventory. A string that is one `{{ expression }}` gives its native value, every
 * other one text, or what it writes out. `place` is where the text begins. Throws FplayError.
 */
export function evaluateTemplate(text: string, scope: Scope, place?: Place): Value {
  if (!hasTemplate(text)) return text
  const loaded = load(text, place, stringSyntax(text))
  return run(loaded, scope, (frame) => {
    const { single } = loaded.compiled
    if (!single) return written(renderText(loaded, frame))
    // Nothing is an empty text, as in a longer text; only a bare expression, or null as it stands in YAML, is None.
    const value = toValue(single.evaluate(frame)) ?? ''
    return typeof value === 'string' ? padLines(value, text) : value
  })
}

/**
 * A text as the author of its template meant it: `[{{ a }}, {{ b }}]` writes out a list, `{% if a %}True{% endif %}` a
 * boolean, as for Ansible. A text that begins with what a text of a value says is text: it must not change its type
 * because of what a host printed.
 */
function written({ text, isAuthored }: Rendered): Value {
  if (isUnknown(text) || !isAuthored) return text
  if (text === 'True' || text === 'False') return text === 'True'
  return /^[[{]/.test(text) ? (readPythonLiteral(text, { json: true }) ?? text) : text
}

/** Backslashes are ordinary only in strings with `{{`, as in Ansible. */
function stringSyntax(text: string): Syntax {
  return text.includes('{{') ? STRING_SYNTAX : FILE_SYNTAX
}

/** Evaluates a bare expression, as `when`, `until` and `that` hold it. Throws FplayError. */
export function evaluateExpression(text: string, scope: Scope, place?: Place): Value {
  const compiled = checked(text, place, () => compileBare(text))
  const unit = { source: text, mutates: compiled.mutates, place }
  const frame = new Frame(stateOf(scope), unit)
  return outcome(frame, 0, () => toValue(compiled.expression(frame)))
}

/** Refuses a string with a template that cannot be parsed, or names a filter or test that does not exist. */
export function checkTemplate(text: string, place?: Place): void {
  if (hasTemplate(text)) load(text, place, stringSyntax(text))
}

/** Refuses a bare expression, as {@link checkTemplate}. */
export function checkExpression(text: string, place?: Place): void {
  checked(text, place, () => compileBare(text))
}

/**
 * Renders every string in a value, also the keys of dictionaries. What needs no rendering stays the same object,
 * the rest is a copy with the places of the original; `omit` stays for the caller to leave out. Results are not
 * rendered again. A dictionary that loads late is left as it is.
 */
export function renderValue(value: Value, scope: Scope, place?: Place): Value {
  if (typeof value === 'string') return evaluateTemplate(value, scope, place)
  if (value instanceof Unsafe) return value.text
  if (Array.isArray(value)) return renderList(value, scope, place)
  return isDict(value) && value.constructor === Map ? renderDict(value, scope, place) : value
}

function renderList(list: Value[], scope: Scope, place: Place | undefined): Value {
  const rendered = list.map((item, index) => renderValue(item, scope, placeOf(list, index) ?? place))
  if (rendered.every((item, index) => item === list[index])) return list
  rendered.forEach((_, index) => copyPlace(list, rendered, index, index))
  return rendered
}

function renderDict(dict: Dict, scope: Scope, place: Place | undefined): Value {
  const rendered: Dict = new Map()
  let changed = false
  for (const [key, item] of dict) {
    const name = typeof key === 'string' ? evaluateTemplate(key, scope, keyPlaceOf(dict, key) ?? place) : key
    const value = renderValue(item, scope, placeOf(dict, key) ?? place)
    changed ||= name !== key || value !== item
    rendered.set(name, value)
    copyPlace(dict, rendered, key, name)
    const keyPlace = keyPlaceOf(dict, key)
    if (keyPlace) setKeyPlace(rendered, keyPlace, name)
  }
  return changed ? rendered : dict
}

function copyPlace(from: object, to: object, key: unknown, newKey: unknown): void {
  const [own, item] = [placeOf(from), placeOf(from, key)]
  if (own) setPlace(to, own)
  if (item) setPlace(to, item, newKey)
}

/**
 * Renders the text of a template file: Handlebars when its name ends in `.hbs`, otherwise Jinja, with the same
 * `overrides` as {@link renderFile}. Throws FplayError.
 */
export function renderTemplate(
  text: string,
  scope: Scope,
  file: string,
  overrides: Readonly<Record<string, string | boolean>> = {},
): Maybe<string> {
  return file.endsWith('.hbs')
    ? renderHandlebars(text, scope, file)
    : renderFile(text, scope, file, overrides)
}

/** Refuses the text of a template file that cannot be parsed, or names what does not exist. */
export function checkFile(text: string, file: string): void {
  if (file.endsWith('.hbs')) return checkHandlebars(text, file)
  const place = { file, line: 1, column: 1 }
  const { source, syntax, firstLine } = checked(text, place, () => fileSyntax(text, {}))
  load(source, { ...place, line: firstLine }, syntax)
}

/**
 * Renders the text of a Jinja template file, with the settings Ansible's template module uses; a first line
 * `#jinja2: name: value, …` changes them. `overrides` are those settings by name, as the module's parameters.
 */
export function renderFile(
  text: string,
  scope: Scope,
  file: string,
  overrides: Readonly<Record<string, string | boolean>> = {},
): Maybe<string> {
  const place = { file, line: 1, column: 1 }
  const { source, syntax, firstLine } = checked(text, place, () => fileSyntax(text, overrides))
  const loaded = load(source, { ...place, line: firstLine }, syntax)
  const result = run(loaded, scope, (frame) => renderText(loaded, frame).text)
  return isUnknown(result) ? result : str(result as string)
}

function load(text: string, place: Place | undefined, syntax: Syntax): Loaded {
  const compiled = checked(text, place, () => compileText(text, syntax))
  return { compiled, unit: { source: compiled.source, mutates: compiled.mutates, place } }
}

function checked<T>(text: string, place: Place | undefined, compile: () => T): T {
  try {
    return compile()
  } catch (error) {
    if (error instanceof TemplateSyntaxError) throw located(error, text, place)
    throw error
  }
}

function stateOf(scope: Scope): State {
  return {
    scope,
    env: ENV,
    globals: globalsOf,
    copies: new Map(),
    depth: 0,
    load: (name, from) => {
      const found = scope.template?.(name, from)
      return found && load(found.text, { file: found.file, line: 1, column: 1 }, FILE_SYNTAX)
    },
  }
}

function run(loaded: Loaded, scope: Scope, evaluate: (frame: Frame) => Value): Value {
  const frame = new Frame(stateOf(scope), loaded.unit)
  return outcome(frame, loaded.compiled.single?.at ?? 0, () => evaluate(frame))
}

function outcome(frame: Frame, at: number, evaluate: () => Value): Value {
  try {
    return evaluate()
  } catch (error) {
    if (error instanceof NotKnown) return error.unknown
    const shown = errorAt(error, frame, at)
    if (shown instanceof FplayError) throw shown
    throw new FplayError([
      { code: 'internal', message: `${String(error)} in the template`, place: frame.unit.place },
    ])
  }
}

/** A template's text, with as many line breaks at its end as its source has. */
function renderText(loaded: Loaded, frame: Frame): Rendered {
  const out = new Output()
  renderLoaded(loaded, frame, out)
  const text = out.result()
  const { isAuthored } = out
  return { text: isUnknown(text) ? text : padLines(text, loaded.compiled.source), isAuthored }
}

/** A text, and whether it begins with the template's own words. */
interface Rendered {
  readonly text: Maybe<string>
  readonly isAuthored: boolean
}

function padLines(text: string, source: string): string {
  const wanted = trailing(source) - trailing(text)
  return wanted > 0 ? text + '\n'.repeat(wanted) : text
}

function trailing(text: string): number {
  return text.endsWith('\n') ? /\n*$/.exec(text)![0].length : 0
}

/** A value as expressions write it in a text: `{'a': 1}`, `None`. */
export function valueText(value: Value): string {
  if (typeof value === 'string') return value
  return String(
    evaluateExpression('value | string', { lookup: (name) => (name === 'value' ? value : undefined) }),
  )
}
