import { ATTRIBUTES } from '../attributes.js'
import { Fail, isUnknown, type Content, type PathState, type View } from '../contract.js'
import { fnmatch } from '../fnmatch.js'
import type { InferParams } from '../params.js'
import { partialOf } from '../write.js'
import type { ArchiveEntry } from './entry.js'
import { isPattern } from './glob.js'

/** Most bytes of a source, since they travel to the controller, where the archive is made. */
export const LIMIT = 64 * 1024 * 1024

/** Parameters of the module `archive`. */
export const ARCHIVE = {
  path: {
    type: 'list',
    elements: 'path',
    required: true,
    description:
      'Absolute paths of files and folders, or shell patterns; a folder ending in / gives what is in it.',
  },
  dest: { type: 'path', description: 'The archive. Default: the one file with the format as ending.' },
  format: {
    type: 'str',
    default: 'gz',
    choices: ['gz', 'bz2', 'xz', 'tar', 'zip'],
    description:
      'Kind of archive. `gz`, `bz2` and `xz` are compressed tars, or for one single file that file compressed.',
  },
  exclude_path: {
    type: 'list',
    elements: 'path',
    default: [],
    description: 'Absolute paths to leave out, with all that is below.',
  },
  exclusion_patterns: {
    type: 'list',
    elements: 'str',
    description: 'Shell patterns of full paths, or of names in the archive, to leave out.',
  },
  force_archive: { type: 'bool', default: false, description: 'Make a tar even of one single file.' },
  remove: { type: 'bool', default: false, description: 'Remove the sources afterwards.' },
  ...ATTRIBUTES,
} as const
/** Values of {@link ARCHIVE}. */
export type Archive = InferParams<typeof ARCHIVE>

/** Where the archive goes. */
export function destOf(given: Archive): string {
  if (given.dest !== undefined) return given.dest
  if (given.path.length > 1 || given.path.some(isPattern)) throw needsDest()
  return `${given.path[0]!.replace(/\/+$/, '')}.${given.format}`
}

/** The failure where no name can be told from the sources. */
export function needsDest(): Fail {
  return new Fail('Error, must specify "dest" when archiving multiple files or trees')
}

/** One thing that goes into the archive. */
export interface Source {
  readonly path: string
  readonly name: string
  readonly state: PathState
}

/** What is to be packed, as found. */
export interface Plan {
  readonly root: string
  readonly sources: readonly Source[]
  /** Paths that are not there. */
  readonly missing: readonly string[]
  /** Why the contents are known only after the run. */
  readonly late: string | undefined
  /** A single file that is compressed without a tar. */
  readonly single: boolean
}

/** What is to be packed of what is there. */
export function planOf(given: Archive, before: View): Plan {
  const root = commonFolder(given.path)
  const missing = given.path.filter((path) => before.path(path).type === 'absent')
  const top = given.path.filter((path) => !missing.includes(path))
  const states = top.flatMap((path) => below(path, before))
  const sources = states
    .map(([path, state]): Source => ({
      path,
      state,
      name: path.startsWith(root) ? path.slice(root.length) : '',
    }))
    .filter(({ name }) => name !== '')
    .filter((source) => !isExcluded(given, source))
  const isFolder = top.some((path) => before.path(path).type === 'directory')
  const packs = given.format !== 'tar' && given.format !== 'zip'
  const single = packs && !given.force_archive && given.path.length === 1 && !isFolder
  return { root, sources, missing, late: lateReason(top, sources, before), single }
}

/** The folder that names in the archive start from, with a slash at its end. */
function commonFolder(paths: readonly string[]): string {
  const folders = paths.map((path) => `${path.slice(0, path.lastIndexOf('/'))}/`)
  return folders.reduce((common, folder) => {
    let length = 0
    while (length < common.length && common[length] === folder[length]) length++
    return common.slice(0, common.lastIndexOf('/', length - 1) + 1)
  }, folders[0] ?? '/')
}

function below(path: string, before: View): readonly [string, PathState][] {
  const bare = path.replace(/\/+$/, '') || '/'
  const state = before.path(path)
  if (state.type !== 'directory') return [[bare, state]]
  const inside = [...before.tree(path)].map(([name, found]): [string, PathState] => [
    `${bare}/${name}`,
    found,
  ])
  return [[path === bare ? bare : path, state], ...inside]
}

function isExcluded(given: Archive, { path, name }: Source): boolean {
  const dest = destOf(given)
  if (path === dest || path === partialOf(dest)) return true
  const excluded = given.exclude_path.map((one) => one.replace(/\/+$/, ''))
  if (excluded.some((one) => isAtOrBelow(path, one))) return true
  return (given.exclusion_patterns ?? []).some(
    (pattern) => fnmatch(pattern).test(path) || fnmatch(pattern).test(name),
  )
}

/** Whether a path is another, or below it; that may be a pattern. */
function isAtOrBelow(path: string, other: string): boolean {
  if (!isPattern(other)) return path === other || path.startsWith(`${other}/`)
  const levels = other.split('/')
  const parts = path.split('/')
  return parts.length >= levels.length && levels.every((level, i) => fnmatch(level).test(parts[i]!))
}

function lateReason(top: readonly string[], sources: readonly Source[], before: View): string | undefined {
  const opened = top.find((path) => before.path(path).below === 'unknown')
  if (opened !== undefined) return `what is in ${opened}`
  const values = sources.flatMap(({ state }) => [state.type, state.mode, state.content, state.target])
  return values.find(isUnknown)?.why
}

/** A source as an entry of the archive. */
export function entryOf({ path, name, state }: Source): ArchiveEntry {
  const mode = state.mode as number
  if (state.type === 'directory') return { name, type: 'directory', mode }
  if (state.type === 'link') return { name, type: 'link', mode: 0o777, target: state.target as string }
  if (state.type !== 'file')
    throw new Fail(`${path} is no file, folder or link, and cannot be archived`, [`path:${path}`])
  if (state.content !== undefined)
    return { name, type: 'file', mode, data: (state.content as Content).bytes() }
  if (state.sha1 === undefined)
    throw new Fail(`permission denied: ${path} cannot be read`, [`path:${path}`], 'use become')
  throw new Fail(
    `what is to be archived has more than ${LIMIT} bytes, too large for this module`,
    [`path:${path}`],
    'use the module command with tar',
  )
}
