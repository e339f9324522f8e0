import { fail, FplayError } from '../errors.js'
import { renderValue } from '../language/template.js'
import { isDict } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import type { Declaration } from '../module/declaration.js'
import { validateParams } from '../module/validate.js'
import type { Validated } from '../module/validate.js'
import { defaultsFor } from '../play/inherit.js'
import { isUnknown } from '../unknown.js'
import type { Maybe } from '../unknown.js'
import type { Turn } from './context.js'

/** The parameters of a task with templates evaluated and `module_defaults` filled in; `omit` may still be among them. */
export function evaluateParams(turn: Turn): Maybe<Dict> {
  const given = givenParams(turn)
  if (isUnknown(given)) return given
  const params: Dict = new Map(moduleDefaults(turn))
  for (const [name, value] of given) params.set(name, value)
  return params
}

/** Parameters converted and checked against a module's declaration; the problems are thrown. */
export function checkParams(turn: Turn, declaration: Declaration, values: Dict): Validated {
  const { task, host, info } = turn
  const subject = {
    name: task.module,
    place: task.modulePlace,
    written: isDict(task.params) ? task.params : undefined,
    task: info.name,
    host,
  }
  const validated = validateParams(declaration, values, subject)
  if (validated.problems.length) throw new FplayError(validated.problems)
  return validated
}

function givenParams({ task, scope }: Turn): Maybe<Dict> {
  const { params, extraParams, modulePlace } = task
  const value = renderValue(params, scope, modulePlace)
  if (isUnknown(value)) return value
  if (!isDict(value)) {
    return fail({
      code: 'bad-param',
      message: `the parameters of ${task.module} are a template that gives no dictionary`,
      place: modulePlace,
      cure: 'let the template give a dictionary of parameters',
    })
  }
  if (!extraParams) return value
  return new Map([...value, ...(renderValue(extraParams, scope, modulePlace) as Dict)])
}

function moduleDefaults({ task, scope }: Turn): readonly [Value, Value][] {
  const defaults = defaultsFor(task)
  const rendered = defaults && renderValue(defaults.value, scope, defaults.place)
  return rendered && isDict(rendered) ? [...rendered] : []
}
