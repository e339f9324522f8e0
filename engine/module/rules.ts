import type { Problem } from '../errors.js'
import { isUnknown } from '../unknown.js'
import type { ParamRules } from './params.js'

type Plain = Readonly<Record<string, unknown>>
/** What is wrong. `lacking`: the parameter that would mend it. */
type Broken = Pick<Problem, 'code' | 'message' | 'cure'> & { readonly lacking?: string }

/**
 * The rules across parameters that are surely broken: an Unknown value may yet be left out. `given` is what the task
 * says, `params` that with defaults; whether parameters exclude each other is asked of the former.
 */
export function brokenRules(rules: ParamRules, given: Plain, params: Plain): Broken[] {
  return [
    ...(rules.exclusive ?? []).flatMap((names) => exclusive(names, given)),
    ...(rules.together ?? []).flatMap((names) => together(names, params)),
    ...(rules.oneOf ?? []).flatMap((names) => oneOf(names, params)),
    ...(rules.requiredIf ?? []).flatMap((rule) => requiredIf(rule, params)),
    ...Object.entries(rules.requiredBy ?? {}).flatMap(([name, names]) => requiredBy(name, names, params)),
  ]
}

function exclusive(names: readonly string[], given: Plain): Broken[] {
  const both = names.filter((name) => isSurelyGiven(name, given))
  if (both.length < 2) return []
  return [{ code: 'bad-param', message: `${list(both)} exclude each other`, cure: 'keep one of them' }]
}

function together(names: readonly string[], params: Plain): Broken[] {
  const missing = names.filter((name) => !(name in params))
  if (!missing.length || !names.some((name) => isSurelyGiven(name, params))) return []
  return [lacks(`${list(names)} belong together and ${list(missing)} is missing`, missing)]
}

function oneOf(names: readonly string[], params: Plain): Broken[] {
  if (names.some((name) => name in params)) return []
  return [{ code: 'missing-param', message: `one of ${list(names)} is needed` }]
}

function requiredIf(
  [name, value, names]: readonly [string, unknown, readonly string[]],
  params: Plain,
): Broken[] {
  if (isUnknown(params[name]) || params[name] !== value) return []
  const missing = names.filter((needed) => !(needed in params))
  return missing.length ? [lacks(`"${name}: ${String(value)}" needs ${list(missing)}`, missing)] : []
}

function requiredBy(name: string, names: readonly string[], params: Plain): Broken[] {
  if (!isSurelyGiven(name, params)) return []
  const missing = names.filter((needed) => !(needed in params))
  return missing.length ? [lacks(`"${name}" needs ${list(missing)}`, missing)] : []
}

function isSurelyGiven(name: string, params: Plain): boolean {
  return name in params && !isUnknown(params[name])
}

function lacks(message: string, [first]: readonly string[]): Broken {
  return { code: 'missing-param', message, ...(first === undefined ? {} : { lacking: first }) }
}

function list(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ')
}
