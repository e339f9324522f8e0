import { fail } from '../errors.js'
import type { Place } from '../errors.js'
import type { Scope } from '../language/jinja/scope.js'
import { evaluateExpression, evaluateTemplate, hasTemplate, renderValue } from '../language/template.js'
import { Float, Omit, Unsafe, isDict } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import { inherit } from '../play/inherit.js'
import type { Inherited } from '../play/inherit.js'
import type { Block, Play, Task, Written } from '../play/play.js'
import { isUnknown } from '../unknown.js'
import type { Maybe, Unknown } from '../unknown.js'

/** The value of a keyword with its templates evaluated; undefined when nobody gives it. `omit` counts as not given. */
export function keyword(node: Task | Block | Play, name: Inherited, scope: Scope): Value | undefined {
  return evaluated(inherit(node, name), scope)
}

/** A written value with its templates evaluated. */
export function evaluated(written: Written | undefined, scope: Scope): Value | undefined {
  if (!written) return undefined
  const value = renderValue(written.value, scope, written.place)
  if (value instanceof Omit || value === null || value === '') return undefined
  return value instanceof Unsafe ? value.text : value
}

/** A boolean keyword; undefined when nobody gives it. */
export function flag(node: Task | Block | Play, name: Inherited, scope: Scope): boolean | undefined {
  const value = keyword(node, name, scope)
  return value === undefined ? undefined : toBoolean(value, name, inherit(node, name)?.place)
}

/** A whole number of a keyword. */
export function whole(written: Written | undefined, name: string, scope: Scope): number | undefined {
  const value = evaluated(written, scope)
  if (value === undefined) return undefined
  const number = Number(value instanceof Float ? value.value : String(value).trim())
  if (Number.isFinite(number) && String(value).trim() !== '') return Math.trunc(number)
  return fail({
    code: 'bad-keyword',
    message: `${name} is "${String(value)}"`,
    place: written?.place,
    allowed: 'allowed: a whole number',
  })
}

const WORDS = new Map<string, boolean>(
  Object.entries({ yes: true, true: true, on: true, y: true, t: true, '1': true, '1.0': true }).concat(
    Object.entries({ no: false, false: false, off: false, n: false, f: false, '0': false, '0.0': false }),
  ),
)

/** A value as a boolean, with Ansible's words; `bad-keyword` for anything else. */
export function toBoolean(value: Value, name: string, place?: Place): boolean {
  if (typeof value === 'boolean') return value
  if (isUnknown(value)) return fail({ code: 'needs-real-run', message: `${name} is ${String(value)}`, place })
  const known = WORDS.get(String(value).trim().toLowerCase())
  if (known !== undefined) return known
  return fail({
    code: 'bad-keyword',
    message: `${name} is "${String(value)}"`,
    place,
    allowed: 'allowed: true or false',
  })
}

/** A condition with, where it is known, its place. */
export interface Condition {
  readonly value: Value
  readonly place?: Place | undefined
}

/** Whether all conditions hold. The first that does not settles it; one that nobody can know yet makes it unknown. */
export function conditionsHold(conditions: readonly Condition[], scope: Scope): Maybe<boolean> {
  let unknown: Unknown | undefined
  for (const condition of conditions) {
    const value = conditionHolds(condition.value, scope, condition.place)
    if (value === false) return false
    if (isUnknown(value)) unknown ??= value
  }
  return unknown ?? true
}

function conditionHolds(condition: Value, scope: Scope, place: Place | undefined): Maybe<boolean> {
  if (condition === null || condition === '') return true
  if (Array.isArray(condition)) {
    const conditions = condition.map((value) => ({ value, place }))
    return conditionsHold(conditions, scope)
  }
  if (typeof condition !== 'string') return truth(condition)
  const rendered = hasTemplate(condition) ? evaluateTemplate(condition, scope, place) : condition
  if (typeof rendered !== 'string') return truth(rendered)
  return rendered === '' ? false : truth(evaluateExpression(rendered, scope, place))
}

/** Truth as the language has it; an Unknown stays one. */
export function truth(value: Value): Maybe<boolean> {
  if (isUnknown(value)) return value
  if (Array.isArray(value)) return value.length > 0
  if (isDict(value)) return value.size > 0
  if (value instanceof Float) return value.value !== 0
  if (value instanceof Unsafe) return value.text !== ''
  return Boolean(value)
}

/** A value as text for names and messages. */
export function text(value: Value): string {
  if (value instanceof Unsafe) return value.text
  if (value === null) return ''
  return typeof value === 'string' ? value : String(value)
}

/** The same value with texts that look like templates made data: what was evaluated, or came from a host, is not evaluated again. */
export function asData(value: Dict): Dict {
  return data(value) as Dict
}

function data(value: Value): Value {
  if (typeof value === 'string') return hasTemplate(value) ? new Unsafe(value) : value
  if (isUnknown(value)) return value
  if (Array.isArray(value)) return value.map(data)
  return isDict(value) ? new Map([...value].map(([key, item]) => [key, data(item)])) : value
}
