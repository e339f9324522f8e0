import { dirname, join, resolve } from 'node:path'
import { fail } from '../errors.js'
import type { Place } from '../errors.js'
import { placeOf, setPlace } from '../language/place.js'
import { isDict, keyText } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import { validateParams } from '../module/validate.js'
import { ENGINE_MODULES } from './actions.js'
import { fileStart, parseTasks, sharedOf } from './parse-task.js'
import type { Block, Node, Play, Task } from './play.js'
import { evaluateStatically, isFile, playbookDir, scopeBelow } from './planner.js'
import type { PlayPlan } from './planner.js'
import { showValue } from './value-kinds.js'

/** Reads a file of tasks below `parent` and unfolds its imports. */
export async function readTaskFile(
  file: string,
  plan: PlayPlan,
  parent: Block,
  handler = false,
): Promise<Node[]> {
  const value = plan.planner.yaml(file)
  if (value === null) {
    plan.planner.warnings.push({
      code: 'bad-keyword',
      place: fileStart(file),
      message: 'the file has no tasks',
    })
    return []
  }
  if (!Array.isArray(value)) {
    const message = `a file of tasks is a list, and this is ${showValue(value)}`
    return fail({
      code: 'bad-keyword',
      place: placeOf(value) ?? fileStart(file),
      message,
      cure: 'begin each task with "- "',
    })
  }
  const written = { value, place: placeOf(value) ?? fileStart(file) }
  return readTasks(
    written.value,
    written.place,
    { ...plan, importing: [...plan.importing, resolve(file)] },
    parent,
    handler,
  )
}

/** Parses a list of tasks below `parent` and unfolds its imports. */
export async function readTasks(
  value: Value,
  place: Place,
  plan: PlayPlan,
  parent: Block | Play,
  handler = false,
): Promise<Node[]> {
  await plan.planner.catalog.load(new Set(actionNames(value)))
  const nodes = parseTasks({ value, place }, scopeBelow(plan.planner, parent, place, handler))
  await unfold(nodes, plan)
  return nodes
}

/** Every key at which a list of tasks may name a module, and the first words of `action` and `local_action`. */
export function actionNames(value: Value): string[] {
  if (Array.isArray(value)) return value.flatMap(actionNames)
  if (!isDict(value)) return []
  const inner = ['block', 'rescue', 'always'].flatMap((name) => actionNames(value.get(name) ?? null))
  const actions = ['action', 'local_action'].flatMap((name) => actionOf(value.get(name) ?? null))
  return [...[...value.keys()].map(keyText), ...inner, ...actions]
}

function actionOf(value: Value): string[] {
  const text = isDict(value) ? value.get('module') : value
  return typeof text === 'string' ? [text.trim().split(/\s/)[0]!] : []
}

/** Replaces the imports in a list of nodes, at any depth, by blocks of what they import. */
async function unfold(nodes: Node[], plan: PlayPlan): Promise<void> {
  for (const [index, node] of nodes.entries()) {
    if (node.kind === 'block') {
      // the lists are ours as long as the playbook is being read
      for (const list of [node.block, node.rescue, node.always]) await unfold(list as Node[], plan)
    } else if (node.module === 'import_tasks' || node.module === 'import_role') {
      nodes[index] =
        (await plan.planner.problems.attemptLater(() => importNode(node, plan))) ?? emptyBlock(node)
    }
  }
}

/** A block with a task's keywords and nothing in it. */
export function emptyBlock(task: Task): Block {
  return { ...sharedOf(task), kind: 'block', block: [], rescue: [], always: [] }
}

async function importNode(task: Task, plan: PlayPlan): Promise<Block> {
  const params = importParams(task, plan)
  if (task.module === 'import_role') return plan.importRole(task, params, plan)
  const file = taskFile(String(params['file']), task, plan)
  if (plan.importing.includes(resolve(file))) {
    return fail({
      code: 'bad-keyword',
      place: task.modulePlace,
      message: `${file} imports itself, without end`,
    })
  }
  const block: Block & { readonly block: Node[] } = { ...emptyBlock(task), block: [], origin: 'import_tasks' }
  block.block.push(...(await readTaskFile(file, plan, block, task.handler)))
  return block
}

/** The parameters of an import, whose templates are evaluated with what is known before the run. */
function importParams(task: Task, plan: PlayPlan): Readonly<Record<string, unknown>> {
  const declaration = task.module === 'import_role' ? ENGINE_MODULES.import_role : ENGINE_MODULES.import_tasks
  const written = isDict(task.params) ? task.params : new Map<Value, Value>()
  const values: Dict = new Map()
  const own = placeOf(written) ?? task.modulePlace
  setPlace(values, own)
  for (const [key, value] of written) {
    const place = placeOf(written, key) ?? own
    const given =
      typeof value === 'string'
        ? evaluateStatically(plan.planner, value, place, task.parent, task.vars)
        : value
    values.set(key, given)
  }
  const subject = { name: task.module, place: task.modulePlace, written, task: task.name }
  const { params, problems } = validateParams(declaration, values, subject)
  if (problems[0]) fail(problems[0])
  return params
}

/**
 * Path of a file of tasks that a task imports or includes: beside the file the task is in, in the role's folder, beside
 * the playbook. Fails with `file-not-found`.
 */
export function taskFile(name: string, task: Task, plan: { readonly play: Play }): string {
  const found = taskFileCandidates(name, task, plan.play).find(isFile)
  if (found !== undefined) return found
  return fail({
    code: 'file-not-found',
    place: isDict(task.params) ? (placeOf(task.params, 'file') ?? task.modulePlace) : task.modulePlace,
    task: task.name,
    message: `there is no file of tasks "${name}"`,
    cure: `looked for ${[...new Set(taskFileCandidates(name, task, plan.play))].join(', ')}`,
  })
}

function taskFileCandidates(name: string, task: Task, play: Play): string[] {
  if (name.startsWith('/')) return [name]
  const parts = task.handler ? ['handlers', 'tasks', ''] : ['tasks', '']
  const role = task.role ? parts.map((part) => join(task.role!.path, part, name)) : []
  const dir = playbookDir(play)
  return [join(dirname(task.place.file), name), ...role, join(dir, name)]
}

/** The tasks of a list of handlers, out of the blocks that imports leave. */
export function flatTasks(nodes: readonly Node[]): Task[] {
  return nodes.flatMap((node) => (node.kind === 'task' ? [node] : flatTasks(node.block)))
}
