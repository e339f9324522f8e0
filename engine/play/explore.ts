import { resolve } from 'node:path'
import { hasTemplate } from '../language/template.js'
import { isDict, keyText } from '../language/value.js'
import type { Value } from '../language/value.js'
import { readInclude } from './include.js'
import type { Included } from './include.js'
import type { Play, Task } from './play.js'
import type { Planner } from './planner.js'
import { collectProblems } from './problems.js'

/** A dynamic include looked into before the run. */
export interface Explored extends Included {
  /** Equal for includes of the same thing at the same place of the file system. */
  readonly key: string
  /** The planner that was used: the one given, or one whose problems nobody is told. */
  readonly planner: Planner
}

/** True for a task that brings in others during the run. */
export function isInclude(task: Task): boolean {
  return task.module === 'include_tasks' || task.module === 'include_role'
}

/**
 * What an include brings in, when its parameters hold no template. Problems are told when it is `certain` to run:
 * Ansible never opens a file that is not included. Undefined when it cannot be known before the run.
 */
export async function exploreInclude(
  task: Task,
  planner: Planner,
  play: Play,
  certain: boolean,
): Promise<Explored | undefined> {
  const params = literalParams(task)
  if (!params) return undefined
  const quiet: Planner = { ...planner, problems: collectProblems(), warnings: [] }
  const used = certain ? planner : quiet
  const before = quiet.problems.list.length + planner.problems.list.length
  const included = await used.problems.attemptLater(() => readInclude(task, params, used, play))
  const wrong = quiet.problems.list.length + planner.problems.list.length > before
  if (!included || (wrong && !certain)) return undefined
  return { ...included, key: keyOf(task, params), planner: used }
}

function keyOf(task: Task, params: Readonly<Record<string, unknown>>): string {
  const named = ['file', 'name', 'tasks_from', 'handlers_from'].map((name) =>
    keyText((params[name] ?? null) as Value),
  )
  return [task.module, resolve(task.place.file), ...named].join('\0')
}

/** Parameters without templates, by their declared names; undefined when one has a template. */
function literalParams(task: Task): Readonly<Record<string, unknown>> | undefined {
  if (!isDict(task.params)) return undefined
  const params: Record<string, unknown> = {}
  for (const [key, value] of task.params) {
    if (typeof value === 'string' && hasTemplate(value)) return undefined
    params[key === 'role' || key === '_raw_params' ? (key === 'role' ? 'name' : 'file') : keyText(key)] =
      value
  }
  return params['file'] === undefined && params['name'] === undefined ? undefined : params
}
