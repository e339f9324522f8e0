import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { fail, suggest } from '../errors.js'
import type { Validate } from './compile-schema.js'
import type { Module } from './contract.js'
import { foreignModule, isForeign } from './foreign.js'
import { loadOwnModule, ownModuleName } from './own-module.js'
import { useValidator } from './validate.js'

/** The modules that exist. A folder is the list: `modules/<name>.ts`, or `.js` once built. */
export interface Registry {
  /** Names of all modules, sorted. */
  readonly names: readonly string[]
  has(name: string): boolean
  /**
   * Takes in the modules of a folder of the user's; where there is no such folder, nothing. Of modules of the same name
   * the one that was taken in first stays, and one beside a playbook or role wins over one of a `configured` folder. A
   * module of ours that is replaced stays under `ansible.builtin.NAME`.
   */
  add(folder: string, configured?: 'configured'): Promise<void>
  /** The file of a module of the user's own. */
  ownFile(name: string): string | undefined
  /** Loads the modules of these names; others are passed over. */
  load(names: Iterable<string>): Promise<void>
  /** A module that was loaded before, or the stand-in for one that is not here. Fails with `unknown-module` for a name that is not in the list. */
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
  const own = new Map<string, string>()
  const weak = new Set<string>()
  const loaded = new Map<string, Promise<Module>>()
  const ready = new Map<string, Module>()
  const loadOne = async (name: string): Promise<void> => {
    const ownFile = own.get(name)
    if (!loaded.has(name))
      loaded.set(name, ownFile === undefined ? importModule(name, files.get(name)!) : loadOwnModule(ownFile))
    ready.set(name, await loaded.get(name)!)
  }
  const replace = async (name: string, file: string): Promise<void> => {
    const ours = own.has(name) ? undefined : files.get(name)
    const wasReady = ready.delete(name)
    loaded.delete(name)
    own.set(name, file)
    files.set(name, file)
    if (ours !== undefined) files.set(`ansible.builtin.${name}`, ours)
    // Tasks that were read before name it, too.
    if (wasReady) await loadOne(name)
  }
  return {
    get names() {
      return [...files.keys()].filter((name) => !name.includes('.')).sort()
    },
    add: async (folder, configured) => {
      for (const [name, file] of listOwn(folder)) {
        if (own.has(name) && (configured || !weak.has(name))) continue
        await replace(name, file)
        if (configured) weak.add(name)
        else weak.delete(name)
      }
    },
    ownFile: (name) => own.get(name),
    has: (name) => files.has(name),
    load: async (names) => {
      await Promise.all(
        [...new Set(names)].filter((name) => files.has(name) && !ready.has(name)).map(loadOne),
      )
    },
    get: (name) => ready.get(name) ?? (isForeign(name) ? foreignModule(name) : unknown(name, files)),
  }
}

function listModules(folder: string): [string, string][] {
  if (!existsSync(folder)) return []
  const files = readdirSync(folder).filter(
    (file) => /^[a-z][a-z0-9_]*\.(?:ts|js)$/.test(file) && !file.endsWith('.d.ts'),
  )
  return files.map((file) => [file.replace(/\.(?:ts|js)$/, ''), join(folder, file)])
}

/** The modules of a folder of the user's; of files of the same name the first by the alphabet counts. */
function listOwn(folder: string): [string, string][] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return []
  return readdirSync(folder)
    .sort()
    .flatMap((file): [string, string][] => {
      const name = ownModuleName(join(folder, file))
      return name === undefined ? [] : [[name, join(folder, file)]]
    })
}

async function importModule(name: string, file: string): Promise<Module> {
  const { default: module, validate } = (await import(pathToFileURL(file).href)) as {
    default?: Module
    validate?: Validate
  }
  if (module?.params) {
    if (validate) useValidator(module, validate)
    return module
  }
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
