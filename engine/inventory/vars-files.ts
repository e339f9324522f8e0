import { readdirSync, statSync } from 'node:fs'
import { extname, join, relative } from 'node:path'
import { fail } from '../errors.js'
import type { Problem } from '../errors.js'
import { placeOf } from '../language/place.js'
import { isDict } from '../language/value.js'
import { dictLayer } from '../language/variables.js'
import type { Layer } from '../language/variables.js'
import type { VaultReader } from '../language/vault.js'
import { loadYamlFile } from '../language/yaml.js'

/** The files of group_vars/ and host_vars/ folders, each read once, when a host needs it. */
export interface VarsFiles {
  /**
   * The variables that `folder` has for a group or host, one layer a file, the weaker first. Fails with
   * `bad-inventory` for a file that is no dictionary, and as YAML and vault do.
   */
  layers(folder: string, kind: VarsFolder, name: string): readonly Layer[]
}

/** The two folders of variables. */
export type VarsFolder = 'group_vars' | 'host_vars'

const ENDINGS = ['', '.yml', '.yaml', '.json']

/** Reads variables with this vault; warnings (of duplicate keys) go to `warn`. */
export function createVarsFiles(vault: VaultReader | undefined, warn: (problem: Problem) => void): VarsFiles {
  const listings = new Map<string, ReadonlySet<string>>()
  const known = new Map<string, readonly Layer[]>()
  const list = (folder: string): ReadonlySet<string> => {
    let entries = listings.get(folder)
    if (!entries) listings.set(folder, (entries = new Set(listFolder(folder))))
    return entries
  }
  const read = (file: string): Layer[] => readLayer(file, vault, warn)
  return {
    layers(folder, kind, name) {
      const base = join(folder, kind)
      const key = `${base}\n${name}`
      let layers = known.get(key)
      if (!layers) known.set(key, (layers = findFiles(base, list(base), name).flatMap(read)))
      return layers
    },
  }
}

/** A folder of the name if there is one, otherwise the first file of it: `web/`, `web`, `web.yml`, … */
function findFiles(folder: string, entries: ReadonlySet<string>, name: string): string[] {
  // a name like /srv/chroot is a path, and must not lead out of the folder
  if (name.includes('/')) return []
  const entry = ENDINGS.map((ending) => `${name}${ending}`).find((candidate) => entries.has(candidate))
  if (entry === undefined) return []
  const path = join(folder, entry)
  return isFolder(path) ? walk(path) : [path]
}

function walk(folder: string): string[] {
  return listFolder(folder).flatMap((entry) => {
    const path = join(folder, entry)
    if (entry.startsWith('.') || entry.endsWith('~')) return []
    if (isFolder(path)) return extname(entry) === '' ? walk(path) : []
    return ENDINGS.includes(extname(entry)) ? [path] : []
  })
}

function listFolder(folder: string): string[] {
  return isFolder(folder) ? readdirSync(folder).sort() : []
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function readLayer(path: string, vault: VaultReader | undefined, warn: (problem: Problem) => void): Layer[] {
  const file = display(path)
  const { value, warnings } = loadYamlFile(file, { vault })
  warnings.forEach(warn)
  if (value === null) return []
  if (isDict(value)) return [dictLayer(file, value)]
  return fail({
    code: 'bad-inventory',
    place: placeOf(value) ?? { file, line: 1, column: 1 },
    message: 'a file of variables must be a dictionary',
    cure: 'write each variable as "name: value"',
  })
}

/** The path as a person would write it from here. */
function display(path: string): string {
  const short = relative(process.cwd(), path)
  return short.startsWith('..') ? path : short
}
