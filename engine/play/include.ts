import { placeOf } from '../language/place.js'
import type { Dict } from '../language/value.js'
import { flatTasks, readTaskFile, taskFile } from './unfold.js'
import { scopeBelow } from './planner.js'
import type { Planner, PlayPlan } from './planner.js'
import type { Block, Node, Play, Role, Task } from './play.js'
import { readKeywords, readShared, refuseKeyword } from './read-keywords.js'
import { applyRole, importRole, roleRequest } from './roles.js'

/** What an include brings into the run. */
export interface Included {
  /** The included nodes; it hangs where the include stands and hands down what `apply` says. */
  readonly block: Block
  /** Handlers it adds to the play: those of a role, or the tasks themselves when a handler includes them. */
  readonly handlers: readonly Task[]
  /** Roles whose variables the play sees from now on: of a public include_role, and of import_role in what is included. */
  readonly shown: readonly Role[]
}

/** Loads what includes name, during a run. */
export interface Includer {
  /**
   * Reads the file or role that an `include_tasks` or `include_role` names. `params` are its evaluated and validated
   * parameters, `vars` what it hands down beside its own `vars:` (the loop's item). Throws an FplayError with
   * everything that is wrong with it, as loading a playbook does; its modules are loaded then. Files are read once.
   */
  load(include: Task, params: Readonly<Record<string, unknown>>, play: Play, vars?: Dict): Promise<Included>
}

/** Reads what an include names. Throws, or tells problems to the planner. */
export async function readInclude(
  include: Task,
  params: Readonly<Record<string, unknown>>,
  planner: Planner,
  play: Play,
  vars?: Dict,
): Promise<Included> {
  const shown: Role[] = []
  const plan: PlayPlan = {
    planner,
    // what is included during the run adds to the run's own lists, not to the play that was planned
    play: { ...play, roles: shown },
    handled: new Set(),
    imported: [],
    importRole,
    importing: [],
  }
  const shell = shellOf(include, params['apply'] as Dict | undefined, plan, vars)
  if (include.module === 'include_role') {
    const request = { ...roleRequest(include, params), shared: shell, origin: 'include_role' as const }
    const { block, role, handlers } = await applyRole(request, plan)
    if (params['public'] === true) shown.push(role)
    return { block, shown, handlers: [...handlers, ...plan.imported] }
  }
  const block: Block & { readonly block: Node[] } = { ...shell, block: [], origin: 'include_tasks' }
  const file = taskFile(String(params['file']), include, plan)
  block.block.push(...(await readTaskFile(file, plan, block, include.handler)))
  return { block, shown, handlers: include.handler ? flatTasks(block.block) : plan.imported }
}

/** The block that takes the place of an include: keywords of `apply` and variables, nothing else of the include. */
function shellOf(include: Task, apply: Dict | undefined, plan: PlayPlan, vars: Dict | undefined): Block {
  const place = placeOf(apply) ?? include.place
  const scope = { ...scopeBelow(plan.planner, include.parent, place, include.handler), role: include.role }
  const keywords = readKeywords(apply ?? new Map(), 'block', scope)
  for (const name of keywords.others) refuseKeyword(keywords.dict, name, 'block', scope)
  const shared = readShared(keywords, place, scope, include.parent)
  const includeParams = [include.vars, vars].filter((dict) => dict !== undefined)
  const collections = shared.collections ?? include.collections
  const own = { ...shared, name: include.name, place: include.place, collections, includeParams }
  return { ...own, kind: 'block', block: [], rescue: [], always: [] }
}
