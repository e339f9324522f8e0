import { checkNodes } from './check.js'
import { readInclude } from './include.js'
import type { Includer } from './include.js'
import { createPlanner } from './planner.js'
import type { LoadOptions, Planner } from './planner.js'
import { collectProblems } from './problems.js'

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
