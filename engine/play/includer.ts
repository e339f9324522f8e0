import type { Dict } from '../language/value.js'
import { checkNodes } from './check.js'
import { readInclude } from './include.js'
import type { Included } from './include.js'
import type { Play, Task } from './play.js'
import { createPlanner } from './planner.js'
import type { LoadOptions, Planner } from './planner.js'
import { collectProblems } from './problems.js'

/** Loads what includes name, during a run. */
export interface Includer {
  /**
   * Reads the file or role that an `include_tasks` or `include_role` names. `params` are its evaluated and validated
   * parameters, `vars` what it hands down beside its own `vars:` (the loop's item). Throws an FplayError with
   * everything that is wrong with it, as loading a playbook does; its modules are loaded then. Files are read once.
   */
  load(include: Task, params: Readonly<Record<string, unknown>>, play: Play, vars?: Dict): Promise<Included>
}

/** An includer for playbooks loaded with these options. */
export function createIncluder(options: LoadOptions): Includer {
  const shared = createPlanner(options)
  return {
    load: async (include, params, play, vars) => {
      const planner: Planner = { ...shared, problems: collectProblems() }
      const included = await planner.problems.attemptLater(() =>
        readInclude(include, params, planner, play, vars),
      )
      if (included) await checkNodes([included.block, ...included.handlers], play, planner)
      planner.problems.raise()
      return included!
    },
  }
}
