import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fail } from '../errors.js'
import type { Place } from '../errors.js'
import { findFile as findPath, searchPaths } from '../play/files.js'
import type { SearchFolder } from '../play/files.js'
import { playOf } from '../play/inherit.js'
import type { ControllerFiles } from './controller-files.js'
import type { Task } from '../play/play.js'

/** Every place at which a file that a task names may be found. */
export function filePlaces(task: Task, name: string, folder: SearchFolder): readonly string[] {
  return searchPaths(atHome(name), folder, task, playOf(task))
}

function atHome(name: string): string {
  return name.startsWith('~/') ? join(homedir(), name.slice(2)) : name
}

/** Finds a file of the controller as Ansible does; fails with `file-not-found`, naming where it was looked for. */
export function findFile(
  task: Task,
  name: string,
  folder: SearchFolder,
  files: ControllerFiles,
  place?: Place,
): string {
  const play = playOf(task)
  const path = atHome(name)
  const found = findPath(
    path,
    folder,
    task,
    play,
    (one) => existsSync(one) || files.foreseen(one) !== undefined,
  )
  if (found !== undefined) return found
  return fail({
    code: 'file-not-found',
    message: `Could not find or access '${name}' on the controller`,
    place: place ?? task.modulePlace,
    allowed: `looked for ${searchPaths(path, folder, task, play).join(', ')}`,
  })
}
