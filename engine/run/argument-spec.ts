import { keyText } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import { argumentDeclaration } from '../module/argument-spec.js'
import { validateParams } from '../module/validate.js'
import type { Turn } from './context.js'
import { dict, failure } from './result.js'
import type { Result } from './result.js'

/** Checks the variables of a host against a role's specification of arguments (`validate_argument_spec`). */
export function checkArguments(turn: Turn, params: Readonly<Record<string, unknown>>): Result {
  const declaration = argumentDeclaration(params['argument_spec'] as Dict)
  const provided = (params['provided_arguments'] as Dict | undefined) ?? new Map<Value, Value>()
  const { scope, task, host } = turn
  const values: Dict = new Map()
  for (const [name, spec] of Object.entries(declaration.params)) {
    for (const key of [name, ...(spec.aliases ?? [])]) {
      const value = provided.get(key) ?? scope.lookup(key)
      if (value !== undefined) values.set(key, value)
    }
  }
  const subject = { name: nameOf(params), place: task.modulePlace, host }
  const { problems } = validateParams(declaration, values, subject)
  const context = params['validate_args_context'] as Dict | undefined
  if (problems.length === 0) {
    const done = dict({ changed: false, failed: false, msg: 'The arg spec validation passed' })
    return { end: 'ok', changed: false, values: done, diffs: [] }
  }
  const errors = problems.map(({ message, allowed, cure }) =>
    [message, allowed, cure].filter(Boolean).join('; '),
  )
  return failure(`Validation of arguments failed:\n${errors.join('\n')}`, {
    argument_errors: errors,
    ...(context ? { validate_args_context: context } : {}),
  })
}

function nameOf(params: Readonly<Record<string, unknown>>): string {
  const context = params['validate_args_context'] as Dict | undefined
  const name = context?.get('name')
  return name === undefined ? 'validate_argument_spec' : `role ${keyText(name)}`
}
