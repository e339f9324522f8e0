import { keyText, isDict } from '../language/value.js'
import type { Node, Play, Task } from './play.js'

/** A task as it is shown before it runs: its name or module, with the role before it. Templates stay. */
export function taskName(task: Task): string {
  const role = task.role && `${task.role.name} : `
  if (task.module === 'include_role' && !task.name) return `${task.action} : ${includedRole(task)}`
  return `${role ?? ''}${task.name ?? task.action}`
}

function includedRole(task: Task): string {
  const params = isDict(task.params) ? task.params : undefined
  return keyText(params?.get('name') ?? params?.get('role') ?? '')
}

/** Whether `--start-at-task` means this task: its name, or its name with the role; `*`, `?` and `[…]` match. */
export function matchesTask(task: Task, pattern: string): boolean {
  if (task.implicit) return false
  const names = [task.name, taskName(task)].filter((name) => name !== undefined)
  const glob = globPattern(pattern)
  return names.some((name) => name === pattern || glob.test(name))
}

/** The first task in the plays that `--start-at-task` means; those in dynamic includes are not found. */
export function findStart(
  plays: readonly Play[],
  pattern: string,
): { readonly play: Play; readonly task: Task } | undefined {
  for (const play of plays) {
    const task = play.sections
      .flatMap((nodes) => nodes.flatMap(tasksIn))
      .find((at) => matchesTask(at, pattern))
    if (task) return { play, task }
  }
  return undefined
}

/** The tasks of a node in order: of a block first its own, then those of rescue and always. */
export function tasksIn(node: Node): Task[] {
  if (node.kind === 'task') return [node]
  return [...node.block, ...node.rescue, ...node.always].flatMap(tasksIn)
}

/** The tasks of a play, handlers last. */
export function tasksOfPlay(play: Play): Task[] {
  return [...play.sections.flatMap((nodes) => nodes.flatMap(tasksIn)), ...play.handlers]
}

/** Python's fnmatch as a regular expression. */
function globPattern(glob: string): RegExp {
  const source = glob.replace(
    /\[(!?)([^\]]+)\]|[\s\S]/g,
    (char, not: string | undefined, set: string | undefined) => {
      if (set !== undefined) return `[${not ? '^' : ''}${set.replaceAll('\\', '\\\\')}]`
      if (char === '*') return '.*'
      return char === '?' ? '.' : char.replace(/[.+^${}()|[\]\\]/, '\\$&')
    },
  )
  return new RegExp(`^${source}$`, 's')
}
