import { isAbsolute } from 'node:path'
import { fail } from '../errors.js'
import type { Problem } from '../errors.js'
import { parseYaml } from '../language/yaml.js'
import { checkPlays } from './check.js'
import type { Play } from './play.js'
import { createPlanner, isFile } from './planner.js'
import type { LoadOptions, Planner } from './planner.js'
import { readPlaybook } from './playbook.js'

/** A playbook ready to be listed or run. */
export interface LoadedPlaybook {
  readonly plays: readonly Play[]
  /** What is odd but does not keep it from running: duplicate keys, empty files of tasks. */
  readonly warnings: readonly Problem[]
}

/**
 * Reads a playbook with everything it imports, and finds what is wrong with it as far as that depends on no host.
 * Throws an FplayError with all problems found (at most 20 are told). The modules its tasks name are loaded in
 * the registry then.
 */
export async function loadPlaybook(file: string, options: LoadOptions): Promise<LoadedPlaybook> {
  if (!isFile(file)) {
    const cure = isAbsolute(file) ? undefined : `paths begin at this folder, ${process.cwd()}`
    fail({ code: 'file-not-found', message: `there is no playbook ${file}`, cure })
  }
  return load(file, createPlanner(options))
}

/** The same for the text of a playbook that is in no file; `file` says where it would be. */
export async function loadPlaybookText(
  text: string,
  file: string,
  options: LoadOptions,
): Promise<LoadedPlaybook> {
  return load(file, createPlanner(options, new Map([[file, parseYaml(text, file).value]])))
}

async function load(file: string, planner: Planner): Promise<LoadedPlaybook> {
  const plays = await planner.problems.attemptLater(() => readPlaybook(file, planner))
  if (plays) await checkPlays(plays, planner)
  planner.problems.raise()
  return { plays: plays ?? [], warnings: planner.warnings }
}
