import type { TaskInfo } from '../events.js'
import { findHost } from '../inventory/pattern.js'
import { renderValue } from '../language/template.js'
import { computedLayer, createScope, dictLayer, orderLayers } from '../language/variables.js'
import type { VariableScope } from '../language/variables.js'
import type { Dict, Value } from '../language/value.js'
import type { Task } from '../play/play.js'
import type { Batch, Turn } from './context.js'
import type { Speculation } from './speculation.js'
import { flag, keyword, text } from './evaluate.js'
import { taskSources, variablesOf } from './layers.js'
import { LazyDict } from './lazy-dict.js'
import { lookupsOf } from './lookups.js'
import { templateLoader } from './templates.js'

/** A host's turn at a task, with its variables. */
export function turnOf(
  batch: Batch,
  task: Task,
  info: TaskInfo,
  host: string,
  speculation?: Speculation,
): Turn {
  return withScope({ batch, task, info, host, extra: [], speculation })
}

/** The same turn with more variables, stronger than all others: a loop's item, a registered result. */
export function withVariables(turn: Turn, source: string, variables: Dict): Turn {
  return withScope({ ...turn, extra: [dictLayer(source, variables, { templated: false }), ...turn.extra] })
}

/** The turn with the variables of another host, to which the task is delegated. */
export function turnOn(turn: Turn, host: string): Turn {
  return withScope({ ...turn, host })
}

function withScope(turn: Omit<Turn, 'scope'>): Turn {
  const { batch, task, host, extra, speculation } = turn
  const own = new Map<string, () => Value | undefined>([
    ['vars', () => everything(scope)],
    ['ansible_delegated_vars', () => delegatedVars({ ...turn, scope })],
    ...(speculation ? lateValues(speculation, batch) : []),
  ])
  const layers = [
    ...extra,
    computedLayer('magic variables', own),
    ...orderLayers(...taskSources(batch, task, host)),
  ]
  const scope: VariableScope = createScope(layers, renderValue, {
    lookups: lookupsOf(
      batch.run,
      task,
      () => scope,
      speculation && (() => speculation.refuse('something is looked up')),
    ),
    template: templateLoader(
      batch.run.files,
      task,
      speculation && ((places) => speculation.sawFiles(places)),
    ),
  })
  return { ...turn, scope }
}

/** The turn of a task that was evaluated before it, as it is now. */
export function turnNow(turn: Turn): Turn {
  return turn.speculation ? withScope({ ...turn, speculation: undefined }) : turn
}

/** What may be another in the turn of a task, as other hosts fail or learn something. */
const CHANGING = [
  'hostvars',
  'ansible_play_hosts',
  'play_hosts',
  'ansible_play_batch',
  'ansible_current_hosts',
  'ansible_failed_hosts',
]

/** Values that let a task wait for its turn: the time, what tasks before it register, and what other hosts change. */
function lateValues(speculation: Speculation, { hosts }: Batch): [string, () => Value][] {
  const { pending } = speculation
  const names = ['now', ...pending, ...(hosts.length > 1 || pending.size > 0 ? CHANGING : [])]
  return names.map((name) => [name, () => speculation.refuse(`${name} may change`)])
}

/** Whether nothing of the task may be shown: `no_log`, or the setting where nobody says. */
export function isHidden({ task, scope, batch }: Pick<Turn, 'task' | 'scope' | 'batch'>): boolean {
  return flag(task, 'noLog', scope) ?? batch.run.settings.keywords?.noLog ?? false
}

/** The host a task is delegated to, by its name in the inventory when it is known there. */
export function delegateOf({ task, scope, batch }: Turn): string | undefined {
  const value = keyword(task, 'delegateTo', scope)
  if (value === undefined || value === '') return undefined
  const name = text(value)
  return findHost(batch.run.inventory, name)?.name ?? name
}

/** `ansible_delegated_vars`: the variables of the host a task is delegated to, under its name. */
function delegatedVars(turn: Turn): Dict | undefined {
  const name = delegateOf(turn)
  return name === undefined ? undefined : new Map([[name, variablesOf(turn.batch.run, name)]])
}

/** The variable `vars`: all variables as one dictionary. */
function everything(scope: VariableScope): Dict {
  return new LazyDict(
    () => [...scope.names()].filter((name) => name !== 'vars'),
    (name) => (typeof name === 'string' && name !== 'vars' ? scope.lookup(name) : undefined),
  )
}
