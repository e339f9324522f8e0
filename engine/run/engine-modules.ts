import { fail } from '../errors.js'
import { ENGINE_MODULES } from '../play/actions.js'
import { isUnknown } from '../unknown.js'
import { fromPlain } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import { checkArguments } from './argument-spec.js'
import type { Turn } from './context.js'
import { includeVars } from './include-vars.js'
import { checkParams, evaluateParams } from './params.js'
import { dict, undecidedCall } from './result.js'
import type { Result } from './result.js'

/** Runs a task that is a word of the engine. Bad parameters and missing files are thrown. */
export function callEngine(turn: Turn): Result {
  const name = turn.task.module as keyof typeof ENGINE_MODULES
  const given = evaluateParams(turn)
  if (isUnknown(given)) return undecidedCall(['parameters'], given.why, false)
  const { params } = checkParams(turn, ENGINE_MODULES[name], given)
  if (name === 'include_tasks' || name === 'include_role') return included(turn, params)
  if (name === 'include_vars') return includeVars(turn, params)
  if (name === 'validate_argument_spec') return checkArguments(turn, params)
  return fail({ code: 'internal', message: `${name} reached the run`, place: turn.task.modulePlace })
}

function included(turn: Turn, params: Readonly<Record<string, unknown>>): Result {
  const item = turn.extra[0]
  const variables: Dict | undefined =
    item && new Map([...item.names()].map((name) => [name, item.get(name)!.value]))
  const name = (params['file'] ?? params['name']) as string
  const values = dict({ changed: false, include: name, include_args: fromPlain(params) as Value })
  return { end: 'ok', changed: false, values, diffs: [], includes: [{ params, variables }] }
}
