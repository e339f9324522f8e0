import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { nearest } from '../errors.js'
import type { Problem } from '../errors.js'
import { isDict } from '../language/value.js'
import { FOREIGN_CURE } from '../module/foreign.js'
import { checkHandlers } from './check-handlers.js'
import { checkParams } from './check-params.js'
import { checkPlayTexts, checkShared, checkTaskTexts, createTextChecker } from './check-texts.js'
import type { TextChecker } from './check-texts.js'
import { exploreInclude, isInclude } from './explore.js'
import type { Node, Play, Role, Task, Written } from './play.js'
import type { Planner } from './planner.js'
import { items } from './scope.js'
import { besidePlaybook } from './static-vars.js'
import { selected } from './tags.js'
import { isTemplate, showValue } from './value-kinds.js'

/** What the check of one play shares. */
interface Visit {
  readonly planner: Planner
  readonly play: Play
  readonly texts: TextChecker
  /** Literal includes that were looked into. */
  readonly explored: Set<string>
  readonly handlers: Task[]
  /** True when handlers may come that cannot be known before the run. */
  open: boolean
}

/** Finds what is wrong with plays as far as it depends on no host; problems are told to the planner. */
export async function checkPlays(plays: readonly Play[], planner: Planner): Promise<void> {
  for (const play of plays) {
    const visit = visitOf(play, planner)
    checkShared(play, visit.texts)
    checkPlayTexts(play, visit.texts)
    for (const files of play.varsFiles) checkVarsFiles(files, visit)
    for (const role of play.roles) checkRole(role, visit)
    for (const node of play.sections.flat()) await checkNode(node, visit, true)
    for (const handler of play.handlers) await checkNode(handler, visit, false)
    // Handlers of a role that is not there cannot be told from those that are missing.
    const lacksRole = planner.problems.list.some(({ code }) => code === 'role-not-found')
    checkHandlers(play, visit.handlers, visit.open || lacksRole, planner.problems)
  }
}

/** The same for nodes that an include brings in; whom they notify is seen when they do. */
export async function checkNodes(nodes: readonly Node[], play: Play, planner: Planner): Promise<void> {
  const visit = visitOf(play, planner)
  for (const node of nodes) await checkNode(node, visit, true)
}

function visitOf(play: Play, planner: Planner): Visit {
  return {
    planner,
    play,
    texts: createTextChecker(planner.problems),
    explored: new Set(),
    handlers: [],
    open: false,
  }
}

/** `certain`: the node is reached, and a failure in it ends the run. */
async function checkNode(node: Node, visit: Visit, certain: boolean): Promise<void> {
  checkShared(node, visit.texts)
  if (node.role) checkRole(node.role, visit)
  const sure = certain && !node.when.length && !node.ignoreErrors
  if (node.kind === 'task') return checkTask(node, visit, sure)
  for (const child of node.block) await checkNode(child, visit, sure && !node.rescue.length)
  for (const child of node.rescue) await checkNode(child, visit, false)
  for (const child of node.always) await checkNode(child, visit, sure)
}

async function checkTask(task: Task, visit: Visit, certain: boolean): Promise<void> {
  if (task.implicit) return
  const { catalog, problems, options } = visit.planner
  const sure =
    certain && !task.failedWhen && !task.loop && selected(task, options.tags ?? [], options.skipTags ?? [])
  checkTaskTexts(task, visit.texts)
  if (catalog.isForeign(task.module)) return checkForeign(task, visit, sure)
  checkParams(task, { catalog, problems, texts: visit.texts, play: visit.play }, sure)
  if (isInclude(task)) await checkInclude(task, visit, sure)
}

/** A module that is not here is refused where its task is surely reached; where that is open, it is told once. */
function checkForeign(task: Task, { planner }: Visit, certain: boolean): void {
  const problem: Problem = {
    code: 'unknown-module',
    place: task.modulePlace,
    task: task.name,
    message: `fplay has no module "${task.module}"${certain ? '' : '; the task fails if it is reached'}`,
    cure: FOREIGN_CURE,
  }
  if (certain) planner.problems.add(problem)
  else if (!planner.warnings.some(({ message }) => message === problem.message))
    planner.warnings.push(problem)
}

async function checkInclude(task: Task, visit: Visit, certain: boolean): Promise<void> {
  const explored = await exploreInclude(task, visit.planner, visit.play, certain)
  if (!explored) {
    visit.open = true
    return
  }
  visit.handlers.push(...explored.handlers)
  if (visit.explored.has(explored.key)) return
  visit.explored.add(explored.key)
  const inner: Visit = certain ? visit : { ...visit, ...quietly(explored.planner) }
  for (const node of [explored.block, ...explored.handlers]) await checkNode(node, inner, certain)
  visit.open ||= inner.open
}

/** Problems of what may never be included are not told. */
function quietly(planner: Planner): Pick<Visit, 'planner' | 'texts'> {
  return { planner, texts: createTextChecker(planner.problems) }
}

function checkRole(role: Role, { texts }: Visit): void {
  for (const dict of [role.defaults, role.vars, role.entryVars, role.params]) texts.value(dict, role.place)
}

/** The file beside one of these whose name is nearest to it. */
function nearestFile(files: readonly string[]): string | undefined {
  for (const file of files) {
    const folder = dirname(file)
    const near = existsSync(folder) ? nearest(basename(file), readdirSync(folder)) : undefined
    if (near !== undefined) return `did you mean "${near}"?`
  }
  return undefined
}

function checkVarsFiles(written: Written, visit: Visit): void {
  const names = items(written)
  if (names.some(({ value }) => isTemplate(value))) return
  const files = names.map(({ value }) => besidePlaybook(visit.play, String(value)))
  const found = files.find((file) => existsSync(file))
  if (found === undefined) {
    const message = `there is no file with variables ${names.map(({ value }) => showValue(value)).join(' or ')}`
    visit.planner.problems.add({
      code: 'file-not-found',
      place: written.place,
      message,
      allowed: nearestFile(files),
      cure: `looked for ${files.join(', ')}`,
    })
    return
  }
  const value = visit.planner.problems.attempt(() => visit.planner.yaml(found))
  if (isDict(value)) visit.texts.value(value, written.place)
  else if (value !== null && value !== undefined) {
    const message = `${found} has ${showValue(value)} where variables are needed`
    visit.planner.problems.add({
      code: 'bad-keyword',
      place: written.place,
      message,
      allowed: 'allowed: a dictionary',
    })
  }
}
