import { fail, FplayError } from '../errors.js'
import { NotKnown } from '../language/jinja/item.js'
import type { Item } from '../language/jinja/item.js'
import { str } from '../language/jinja/python/render.js'
import { isDict, OMIT } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import { renderValue } from '../language/template.js'
import { isUnknown } from '../unknown.js'
import type { Unknown } from '../unknown.js'
import type { Turn } from './context.js'
import { evaluated, text, toBoolean } from './evaluate.js'
import { lookupsOf } from './lookups.js'

/** The items of a task's loop; undefined when it has none, an Unknown when only the real run can tell them. */
export function loopItems(turn: Turn): readonly Value[] | Unknown | undefined {
  const { task, scope } = turn
  if (!task.loop) return undefined
  const { lookup, value, place } = task.loop
  if (lookup !== undefined) return lookedUp(turn, lookup, terms(turn, lookup))
  const items = renderValue(value, scope, place)
  if (isUnknown(items) || Array.isArray(items)) return items
  return fail({
    code: 'bad-keyword',
    message: `loop needs a list and got ${items === null ? 'nothing' : typeof items === 'object' ? 'a dictionary' : `"${text(items)}"`}`,
    place,
    cure: 'put the items into a list, or use a filter such as dict2items',
  })
}

/** The terms of `with_…`: a list, or one value. `with_first_found` passes over terms that cannot be evaluated. */
function terms({ task, scope }: Turn, lookup: string): Value[] | Unknown {
  const { value, place } = task.loop!
  const written = Array.isArray(value) && lookup === 'first_found' ? value.filter(renders) : value
  const rendered = renderValue(written, scope, place)
  if (isUnknown(rendered)) return rendered
  if (lookup === 'list' && isDict(rendered)) {
    return fail({
      code: 'expression-failed',
      place,
      message: 'with_list expects a list, and this is a dictionary',
    })
  }
  return Array.isArray(rendered) ? rendered : [rendered]

  function renders(term: Value): boolean {
    try {
      renderValue(term, scope, place)
      return true
    } catch (error) {
      if (error instanceof FplayError) return false
      throw error
    }
  }
}

function lookedUp(turn: Turn, name: string, given: Value[] | Unknown): readonly Value[] | Unknown {
  if (isUnknown(given)) return given
  const lookup = lookupsOf(turn.batch.run, turn.task, () => turn.scope).get(name)
  if (lookup) return itemsOf(() => lookup(given, new Map()))
  return fail({
    code: 'unknown-filter',
    message: `there is no lookup "${name}" for with_${name}`,
    place: turn.task.loop!.place,
  })
}

/** Items, or why only the real run can tell them. */
function itemsOf(find: () => readonly Value[]): readonly Value[] | Unknown {
  try {
    return find()
  } catch (error) {
    if (error instanceof NotKnown) return error.unknown
    throw error
  }
}

/** `loop_control`, evaluated, but for the label, which is evaluated for each item. */
export interface LoopPlan {
  readonly variable: string
  readonly index: string | undefined
  /** Milliseconds between items. */
  readonly pause: number
  readonly extended: boolean
  readonly allItems: boolean
}

/** How a task goes through its items. */
export function loopPlan({ task, scope }: Pick<Turn, 'task' | 'scope'>): LoopPlan {
  const { loopVar, indexVar, pause, extended, extendedAllitems } = task.loopControl
  const name = (value: Value | undefined): string | undefined =>
    value === undefined ? undefined : text(value)
  const yes = (value: Value | undefined, keyword: string, otherwise: boolean): boolean =>
    value === undefined ? otherwise : toBoolean(value, keyword)
  return {
    variable: name(evaluated(loopVar, scope)) ?? 'item',
    index: name(evaluated(indexVar, scope)),
    pause: Number(text(evaluated(pause, scope) ?? 0)) * 1000,
    extended: yes(evaluated(extended, scope), 'extended', false),
    allItems: yes(evaluated(extendedAllitems, scope), 'extended_allitems', true),
  }
}

/** The variables of one item; they are registered with its result, too. */
export function itemVariables(plan: LoopPlan, items: readonly Value[], index: number): Dict {
  const variables: Dict = new Map<Value, Value>([
    [plan.variable, items[index]!],
    ['ansible_loop_var', plan.variable],
  ])
  if (plan.index !== undefined) variables.set(plan.index, index).set('ansible_index_var', plan.index)
  if (plan.extended) variables.set('ansible_loop', extendedVariables(plan, items, index))
  return variables
}

function extendedVariables(plan: LoopPlan, items: readonly Value[], index: number): Dict {
  const { length } = items
  const variables: Dict = new Map<Value, Value>([
    ['index', index + 1],
    ['index0', index],
    ['first', index === 0],
    ['last', index + 1 === length],
    ['length', length],
    ['revindex', length - index],
    ['revindex0', length - index - 1],
  ])
  if (plan.allItems) variables.set('allitems', [...items])
  if (index + 1 < length) variables.set('nextitem', items[index + 1]!)
  if (index > 0) variables.set('previtem', items[index - 1]!)
  return variables
}

/** What names an item in reports: `label`, or the item itself. */
export function itemLabel({ task, scope }: Turn, plan: LoopPlan): string {
  const { label } = task.loopControl
  const value = label ? renderValue(label.value, scope, label.place) : scope.lookup(plan.variable)
  return value === undefined || value === OMIT ? '' : str(told(value) as Item)
}

/** The value with words in place of what only the real run can tell. */
function told(value: Value): Value {
  if (isUnknown(value)) return String(value)
  if (Array.isArray(value)) return value.map(told)
  return isDict(value) ? new Map([...value].map(([key, item]) => [key, told(item)])) : value
}

/** True for a task that may loop without a warning: its loop variable hides nothing. */
export function hidesVariable(turn: Turn, plan: LoopPlan): boolean {
  return turn.scope.find(plan.variable) !== undefined
}
