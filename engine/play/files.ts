import { existsSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import type { Block, Play, Task } from './play.js'
import { playbookDir } from './planner.js'

/** Folders of a role or playbook in which files are searched. */
export type SearchFolder = 'files' | 'templates' | 'vars'

/** The folders that files of a task are searched in, in order: its role, those that brought it in, its file, the playbook. */
export function searchBases(task: Task | Block, play: Play): string[] {
  const roles = task.role ? [task.role, ...[...task.role.parents].reverse()].map((role) => role.path) : []
  return [...new Set([...roles, dirname(task.place.file), playbookDir(play)])]
}

/**
 * Where Ansible looks for a file that a task names: in the role (in `folder` first), in the roles that brought it in,
 * beside the file of the task, beside the playbook. In order; an absolute path is its own only place.
 */
export function searchPaths(path: string, folder: SearchFolder, task: Task, play: Play): string[] {
  if (isAbsolute(path)) return [path]
  const named = path.split('/')[0] === folder
  return [
    ...new Set(
      searchBases(task, play).flatMap((base) => [
        ...(named ? [] : [join(base, folder, path)]),
        join(base, path),
      ]),
    ),
  ]
}

/** The first of {@link searchPaths} that exists. */
export function findFile(
  path: string,
  folder: SearchFolder,
  task: Task,
  play: Play,
  exists: (path: string) => boolean = existsSync,
): string | undefined {
  return searchPaths(path, folder, task, play).find(exists)
}
