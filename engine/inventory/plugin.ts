import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { fail, suggest } from '../errors.js'
import type { Problem } from '../errors.js'
import { keyPlaceOf, placeOf } from '../language/place.js'
import { isDict } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import type { VaultReader } from '../language/vault.js'
import type { Builder } from './build.js'

/**
 * The contract between the engine and an inventory plugin: one file in `plugins/inventory/`, named as in
 * `plugin: NAME` of the files it reads, with {@link defineInventoryPlugin} as its default export.
 */
export interface InventoryPlugin {
  /** One sentence without a dot. */
  readonly summary: string
  /** The keys of its files beside `plugin`, with a sentence each; for documentation. */
  readonly options: Readonly<Record<string, string>>
  /** YAML text of a file. */
  readonly examples: string
  /**
   * Adds what the file says to the inventory, which may hold hosts of earlier sources. Values of the file have places
   * (`placeOf` in engine/language/place.ts). It checks the file itself, and fails with an FplayError that has every
   * problem; `bad-inventory` is the code.
   */
  read(file: Dict, builder: Builder, source: PluginSource): void | Promise<void>
  /** Files of another tool that say the same in another format. */
  readonly foreign?: ForeignFiles
}

/** Files of another tool, known by their name, that a plugin reads as if they were its own. */
export interface ForeignFiles {
  /** Matches the file's name, which has an ending other than those of YAML and INI. */
  readonly name: RegExp
  /**
   * The file of the plugin that says the same, with the places of what it was made from. Fails with an FplayError that
   * has every problem.
   */
  translate(text: string, source: PluginSource): Translation
}

/** What a file of another tool says, as a file of a plugin. */
export interface Translation {
  readonly file: Dict
  /** What is odd about it. */
  readonly warnings: readonly Problem[]
}

/** What a plugin may know of the file it reads. */
export interface PluginSource {
  /** Path of the file, as given. */
  readonly path: string
  /** Opens encrypted files of variables. */
  readonly vault?: VaultReader | undefined
}

/** Declares an inventory plugin. */
export function defineInventoryPlugin(plugin: InventoryPlugin): InventoryPlugin {
  return plugin
}

/** The folder `plugins/inventory/`, in the sources as well as in the built package. */
export const PLUGINS_FOLDER = fileURLToPath(new URL('../../plugins/inventory/', import.meta.url))

/** True for the content of a file that is read by a plugin. */
export function isPluginFile(value: Value): value is Dict {
  return isDict(value) && value.has('plugin')
}

/** Reads a `plugin:` file. Fails with `bad-inventory`, as its plugin does. */
export async function readPluginFile(
  file: Dict,
  path: string,
  builder: Builder,
  folder: string = PLUGINS_FOLDER,
  vault?: VaultReader,
): Promise<void> {
  const plugin = await loadPlugin(file, folder)
  await plugin.read(file, builder, { path, vault })
}

/** The plugin whose foreign files have this name, if there is one. */
export async function foreignPlugin(
  fileName: string,
  folder: string = PLUGINS_FOLDER,
): Promise<(InventoryPlugin & { readonly foreign: ForeignFiles }) | undefined> {
  for (const path of listPlugins(folder).values()) {
    const { default: plugin } = (await import(pathToFileURL(path).href)) as { default?: InventoryPlugin }
    if (plugin?.foreign?.name.test(fileName)) return { ...plugin, foreign: plugin.foreign }
  }
  return undefined
}

/** Names of the plugins there are, sorted. */
export function pluginNames(folder: string = PLUGINS_FOLDER): string[] {
  return [...listPlugins(folder).keys()].sort()
}

async function loadPlugin(file: Dict, folder: string): Promise<InventoryPlugin> {
  const written = file.get('plugin')
  const name = typeof written === 'string' ? written.split('.').at(-1)! : String(written)
  const plugins = listPlugins(folder)
  const path = plugins.get(name)
  if (!path) {
    return fail({
      code: 'bad-inventory',
      place: placeOf(file, 'plugin') ?? keyPlaceOf(file, 'plugin'),
      message: `there is no inventory plugin "${String(written)}"`,
      allowed: suggest(name, plugins.keys()),
    })
  }
  const { default: plugin } = (await import(pathToFileURL(path).href)) as { default?: InventoryPlugin }
  if (plugin?.read) return plugin
  return fail({
    code: 'internal',
    message: `${path} is no inventory plugin`,
    cure: 'let it export default defineInventoryPlugin({ … })',
  })
}

function listPlugins(folder: string): Map<string, string> {
  if (!existsSync(folder)) return new Map()
  const files = readdirSync(folder).filter(
    (file) => /^[a-z][a-z0-9_]*\.(?:ts|js)$/.test(file) && !file.endsWith('.d.ts'),
  )
  return new Map(files.map((file) => [file.replace(/\.(?:ts|js)$/, ''), join(folder, file)]))
}
