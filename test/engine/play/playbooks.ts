import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FplayError } from '../../../engine/errors.js'
import { createRegistry } from '../../../engine/module/registry.js'
import { tasksIn } from '../../../engine/play/names.js'
import { loadPlaybook } from '../../../engine/play/load.js'
import type { LoadedPlaybook } from '../../../engine/play/load.js'
import type { Play, Task } from '../../../engine/play/play.js'
import type { LoadOptions } from '../../../engine/play/planner.js'

/** The modules beside this file: copy, command, debug and set_fact. */
export const MODULES = fileURLToPath(new URL('./modules/', import.meta.url))

const folders: string[] = []

/** Removes what {@link write} wrote; for `after`. */
export function cleanUp(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}

/** Writes files into a new folder and gives its path. */
export function write(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'fplay-play-'))
  folders.push(folder)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

/** Options with the modules of this folder. */
export function options(more: Partial<LoadOptions> = {}): LoadOptions {
  return { registry: createRegistry([MODULES]), ...more }
}

/** Loads `site.yml` among these files; a text alone is that file. */
export async function load(
  files: string | Readonly<Record<string, string>>,
  more: Partial<LoadOptions> = {},
): Promise<LoadedPlaybook> {
  const folder = write(typeof files === 'string' ? { 'site.yml': files } : files)
  return loadPlaybook(join(folder, 'site.yml'), options(more))
}

/** The first play of a playbook. */
export async function loadPlay(...args: Parameters<typeof load>): Promise<Play> {
  return (await load(...args)).plays[0]!
}

/** The tasks (no handlers, nothing implicit) of a playbook's first play. */
export async function loadTasks(...args: Parameters<typeof load>): Promise<Task[]> {
  const play = await loadPlay(...args)
  return play.sections.flatMap((nodes) => nodes.flatMap(tasksIn)).filter((task) => !task.implicit)
}

/** The one task of a play, from the YAML of its list entry. */
export async function loadTask(yaml: string): Promise<Task> {
  return (await loadTasks(`- hosts: all\n  tasks:\n${indent(yaml)}`))[0]!
}

/** What loading refuses, one problem a line, with file names instead of paths. */
export async function refusals(...args: Parameters<typeof load>): Promise<string[]> {
  try {
    await load(...args)
  } catch (error) {
    if (!(error instanceof FplayError)) throw error
    return error.message.replace(/\S*\/fplay-play-[^/]*\//g, '').split('\n')
  }
  return []
}

/** The same for the YAML of one list entry of tasks, without the place's file. */
export async function refusedTask(yaml: string): Promise<string> {
  const found = await refusals(`- hosts: all\n  tasks:\n${indent(yaml)}`)
  return found.join('\n')
}

function indent(yaml: string): string {
  return yaml.replace(/^\n/, '').replace(/^(?=.)/gm, '  ')
}
