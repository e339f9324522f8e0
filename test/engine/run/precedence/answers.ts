import type { RunTrace } from '../../../support/differential/case.js'
import { LEVELS } from './project.js'
import type { Level, Way } from './project.js'

export const WAYS: readonly Way[] = ['roles', 'import_role', 'include_role']

/** The variable that says whom to log in as, which `-u` says too. */
export const USER = 'ansible_user'

/** A registered result is no name of a user. */
export const USER_LEVELS = LEVELS.filter((level) => level !== 'registered')

/** What ansible-playbook prefers. */
export interface Recorded {
  readonly 'recorded with': string
  /** The levels, each wins over all before it. */
  readonly order: Readonly<Record<Way, readonly Level[]>>
  /** Whom it logs in as when `-u` says one and a variable at this level another. */
  readonly user: Readonly<Record<string, string>>
}

/** What the last task of a project said of each variable. */
export function answersOf({ tasks }: Pick<RunTrace, 'tasks'>): Readonly<Record<string, string>> {
  const said = tasks.find((line) => 'task' in line && line.task.endsWith('say'))
  if (!said || !('task' in said) || !said.says) throw new Error(`nothing was said: ${JSON.stringify(tasks)}`)
  return said.says['h'] as Readonly<Record<string, string>>
}

/** What they must be where levels are in this order: the last of a variable's levels wins. */
export function expectedAnswers(
  pairs: ReadonlyMap<string, readonly Level[]>,
  order: readonly Level[],
): Readonly<Record<string, string>> {
  const stronger = (a: Level, b: Level): Level => (order.indexOf(a) > order.indexOf(b) ? a : b)
  return Object.fromEntries([...pairs].map(([name, levels]) => [name, levels.reduce(stronger)]))
}
