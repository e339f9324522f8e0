import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { fail, FplayError } from '../errors.js'
import type { Problem } from '../errors.js'
import { matches } from '../language/jinja/python/regex.js'
import { isDict } from '../language/value.js'
import type { Dict } from '../language/value.js'
import type { VaultReader } from '../language/vault.js'
import { parseYaml, readTextFile } from '../language/yaml.js'
import { readAddress } from './address.js'
import { createBuilder, createInventory, reconcile } from './build.js'
import type { Builder } from './build.js'
import type { Inventory } from './hosts.js'
import { readIni } from './ini.js'
import { foreignPlugin, isPluginFile, readPluginFile } from './plugin.js'
import { readScript } from './script.js'
import { readYamlInventory } from './yaml.js'

/** What reading an inventory needs beside its sources. */
export interface LoadOptions {
  readonly vault?: VaultReader | undefined
  /** Endings of entries of directories that are passed over; default Ansible's list. */
  readonly ignoreExtensions?: readonly string[] | undefined
  /** Regular expressions, found in the names of entries of directories that are passed over as well. */
  readonly ignorePatterns?: readonly string[] | undefined
  /** Where plugins are looked for; for tests. */
  readonly pluginsFolder?: string
}

/** An inventory, and what is odd about it. */
export interface Loaded {
  readonly inventory: Inventory
  readonly warnings: readonly Problem[]
  /** Files of other tools by path, as the plugin files they were read as. */
  readonly translated: ReadonlyMap<string, Dict>
}

/** What is noted while sources are read. */
interface Notes {
  readonly warnings: Problem[]
  readonly translated: Map<string, Dict>
}

/** Entries of a directory that are never a source: hidden ones and variables. */
const NO_SOURCE = /^\.|^(?:host_vars|group_vars|vars_plugins)$/
/** Endings that Ansible passes over. */
const IGNORED_ENDINGS = [
  '.pyc', '.pyo', '.swp', '.bak', '~', '.rpm', '.md', '.txt', '.rst', '.orig', '.ini', '.cfg', '.retry',
] // prettier-ignore
const YAML_ENDINGS = ['.yml', '.yaml', '.json']
/** Endings whose format is settled: no plugin is asked for the file's name. */
const OWN_ENDINGS = [...YAML_ENDINGS, '', '.ini', '.toml']

/**
 * Reads the sources that -i names, in order, into one inventory: files (INI, YAML, `plugin:`), executables, directories
 * of them, and lists of hosts (`a,b,`). Fails with `bad-inventory`, `file-not-found` and as YAML and vault do.
 */
export async function loadInventory(sources: readonly string[], options: LoadOptions = {}): Promise<Loaded> {
  const inventory = createInventory()
  const notes: Notes = { warnings: [], translated: new Map() }
  const { warnings } = notes
  for (const source of sources) {
    inventory.sources.push(source)
    if (source.includes(',') && !existsSync(source)) {
      readHostList(source, createBuilder(inventory, { file: source }, warnings))
    } else {
      addFolder(inventory, source)
      await readPath(inventory, source, options, notes)
    }
  }
  reconcile(inventory)
  for (const name of inventory.hosts.keys()) {
    if (inventory.groups.has(name)) warnings.push(sameName(inventory, name))
  }
  return { inventory, ...notes }
}

/** group_vars/ and host_vars/ lie beside a file, and in a directory that is a source. */
function addFolder(inventory: Inventory, source: string): void {
  const folder = isDirectory(source) ? source : dirname(source)
  if (!inventory.folders.includes(folder)) inventory.folders.push(folder)
}

function readHostList(source: string, builder: Builder): void {
  for (const written of source.split(',').map((item) => item.trim())) {
    if (written === '') continue
    const address = readAddress(written)
    const isPlain = address && !address.host.includes('[')
    const host = builder.addHost(isPlain ? address.host : written, 'ungrouped')
    if (isPlain && address.port !== undefined) builder.setVar(host, 'ansible_port', address.port)
  }
}

async function readPath(
  inventory: Inventory,
  path: string,
  options: LoadOptions,
  notes: Notes,
): Promise<void> {
  if (!existsSync(path)) refuseMissing(path)
  if (!isDirectory(path)) {
    const file = resolve(path)
    await readSource(
      path,
      createBuilder(inventory, { file, folder: dirname(file) }, notes.warnings),
      options,
      notes,
    )
    return
  }
  for (const entry of readdirSync(path).sort()) {
    if (!isIgnored(entry, options)) await readPath(inventory, join(path, entry), options, notes)
  }
}

function isIgnored(entry: string, { ignoreExtensions, ignorePatterns = [] }: LoadOptions): boolean {
  const endings = ignoreExtensions ?? IGNORED_ENDINGS
  if (NO_SOURCE.test(entry) || endings.some((ending) => entry.endsWith(ending))) return true
  return ignorePatterns.some((pattern) => matches(pattern, '', entry, 'search'))
}

async function readSource(path: string, builder: Builder, options: LoadOptions, notes: Notes): Promise<void> {
  if (await readForeign(path, builder, options, notes)) return
  if (isScript(path)) return readScript(resolve(path), builder)
  const text = readTextFile(path, options.vault)
  const ending = extname(path)
  if (YAML_ENDINGS.includes(ending)) return readYamlText(text, path, builder, options)
  if (ending === '.toml') {
    fail({
      code: 'bad-inventory',
      message: `${path} is TOML, which is not read`,
      cure: 'write it as YAML or INI',
    })
  }
  if (ending === '' && looksLikeYaml(text)) return readEither(text, path, builder, options)
  readIni(text, path, builder)
}

/**
 * Reads the file of another tool, if a plugin knows its name. It comes before scripts: such a file may begin with `#!`
 * because its tool sources it, and is data here.
 */
async function readForeign(
  path: string,
  builder: Builder,
  options: LoadOptions,
  notes: Notes,
): Promise<boolean> {
  if (OWN_ENDINGS.includes(extname(path))) return false
  const plugin = await foreignPlugin(basename(path), options.pluginsFolder)
  if (!plugin) return false
  const { file, warnings } = plugin.foreign.translate(readTextFile(path, options.vault), { path })
  warnings.forEach(builder.warn)
  notes.translated.set(path, file)
  await plugin.read(file, builder, { path, vault: options.vault })
  return true
}

async function readYamlText(
  text: string,
  path: string,
  builder: Builder,
  options: LoadOptions,
): Promise<void> {
  const { value, warnings } = parseYaml(text, path, options)
  warnings.forEach(builder.warn)
  if (isPluginFile(value)) return readPluginFile(value, path, builder, options.pluginsFolder, options.vault)
  if (value !== null) readYamlInventory(value, path, builder)
}

/**
 * A file without an ending may be either. YAML that is a dictionary counts as YAML, with all its mistakes; an error of
 * anything else tells of both attempts.
 */
async function readEither(text: string, path: string, builder: Builder, options: LoadOptions): Promise<void> {
  const asYaml = attempt(() => {
    const { value } = parseYaml(text, path, options)
    if (!isDict(value)) readYamlInventory(value, path, builder)
  })
  if (!asYaml) return readYamlText(text, path, builder, options)
  const asIni = attempt(() => readIni(text, path, builder))
  if (!asIni) return
  throw new FplayError([
    ...asYaml.problems.map((problem) => ({ ...problem, message: `read as YAML, ${problem.message}` })),
    ...asIni.problems.map((problem) => ({ ...problem, message: `read as INI, ${problem.message}` })),
  ])
}

function attempt(read: () => void): FplayError | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    if (error instanceof FplayError) return error
    throw error
  }
}

/** INI names hosts and sections; only YAML has lines that are a key and a colon, a document start or a brace. */
function looksLikeYaml(text: string): boolean {
  return /^(?:---|[\w.-]+:(?:\s|$)|\{)/m.test(text)
}

/**
 * A script begins with `#!`, a program is executable and binary. The mode alone says nothing: every file of a mounted
 * Windows folder is executable.
 */
function isScript(path: string): boolean {
  const start = readFileSync(path).subarray(0, 512)
  if (start.toString('latin1', 0, 2) === '#!') return true
  return start.includes(0) && isExecutable(path)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function refuseMissing(path: string): never {
  return fail({
    code: 'file-not-found',
    message: `there is no inventory ${path}`,
    cure: /^[\w.-]+$/.test(path) ? `for a list of hosts end it with a comma: -i ${path},` : undefined,
  })
}

function sameName(inventory: Inventory, name: string): Problem {
  return {
    code: 'bad-inventory',
    place: inventory.groups.get(name)!.place,
    message: `"${name}" is the name of a group and of a host`,
    cure: 'rename one of them; patterns cannot tell them apart',
  }
}
