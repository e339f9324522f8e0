import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { fail, suggest } from '../errors.js'
import type { Module } from './contract.js'

/** The modules that exist. A folder is the list: `modules/<name>.ts`, or `.js` once built. */
export interface Registry {
  /** Names of all modules, sorted. */
  readonly names: readonly string[]
  has(name: string): boolean
  /** Loads the modules of these names; others are passed over. */
  load(names: Iterable<string>): Promise<void>
  /** A module that was loaded before. Fails with `unknown-module` for a name that is not in the list. */
  get(name: string): Module
}

/** The folder `modules/` beside `engine/`, in the sources as well as in the built package. */
export const MODULES_FOLDER = fileURLToPath(new URL('../../modules/', import.meta.url))

/**
 * A registry of the modules in these folders; a name in a later folder replaces an earlier one. Files whose names
 * begin with `_` or `.` are no modules.
 */
export function createRegistry(folders: readonly string[] = [MODULES_FOLDER]): Registry {
  const files = new Map(folders.flatMap(listModules))
  const loaded = new Map<string, Promise<Module>>()
  const ready = new Map<string, Module>()
  const loadOne = async (name: string): Promise<void> => {
    if (!loaded.has(name)) loaded.set(name, importModule(name, files.get(name)!))
    ready.set(name, await loaded.get(name)!)
  }
  return {
    names: [...files.keys()].sort(),
    has: (name) => files.has(name),
    load: async (names) => {
      await Promise.all(
        [...new Set(names)].filter((name) => files.has(name) && !ready.has(name)).map(loadOne),
      )
    },
    get: (name) => ready.get(name) ?? unknown(name, files),
  }
}

function listModules(folder: string): [string, string][] {
  if (!existsSync(folder)) return []
  const files = readdirSync(folder).filter(
    (file) => /^[a-z][a-z0-9_]*\.(?:ts|js)$/.test(file) && !file.endsWith('.d.ts'),
  )
  return files.map((file) => [file.replace(/\.(?:ts|js)$/, ''), join(folder, file)])
}

async function importModule(name: string, file: string): Promise<Module> {
  const loaded = (await import(pathToFileURL(file).href)) as { default?: Module }
  if (loaded.default?.params) return loaded.default
  return fail({
    code: 'internal',
    message: `${file} is no module`,
    cure: `let it export default defineModule({ … }), or move it out of the folder of modules (${name})`,
  })
}

function unknown(name: string, files: ReadonlyMap<string, string>): never {
  if (files.has(name))
    return fail({ code: 'internal', message: `module ${name} was used before it was loaded` })
  return fail({
    code: 'unknown-module',
    message: `there is no module "${name}"`,
    allowed: suggest(name, files.keys()),
  })
}
