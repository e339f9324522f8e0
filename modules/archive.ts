import { posix } from 'node:path'
import { pack, gzip, type PackFormat } from '../engine/module/archive/pack.js'
import type { ArchiveEntry } from '../engine/module/archive/entry.js'
import { ATTRIBUTES, attributeAsks, attributeWish, attributesScript } from '../engine/module/attributes.js'
import {
  defineModule,
  Fail,
  isUnknown,
  Unknown,
  type Ask,
  type Content,
  type Converge,
  type Difference,
  type Key,
  type Maybe,
  type PathState,
  type View,
  type Wish,
  type Wished,
} from '../engine/module/contract.js'
import { contentOf } from '../engine/content.js'
import { fnmatch } from '../engine/module/fnmatch.js'
import { modeText } from '../engine/module/mode.js'
import type { InferParams } from '../engine/module/params.js'
import { join, sh, type Script } from '../engine/module/quote.js'
import { input, partialOf, writeFile } from '../engine/module/write.js'

/** Most bytes of a source, since they travel to the controller, where the archive is made. */
const LIMIT = 64 * 1024 * 1024

const params = {
  path: {
    type: 'list',
    elements: 'path',
    required: true,
    description: 'Absolute paths of files and folders; a folder ending in / gives what is in it.',
  },
  dest: { type: 'path', description: 'The archive. Default: the one path with the format as ending.' },
  format: {
    type: 'str',
    default: 'gz',
    choices: ['gz', 'tar', 'zip'],
    description: 'Kind of archive. `gz` is a compressed tar, or for one single file that file compressed.',
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
type Params = InferParams<typeof params>

function probe(given: Params): readonly Ask[] {
  const dest = destOf(given)
  return [
    ...given.path.flatMap((path): readonly Ask[] => [
      { kind: 'path', path: absolute(path), need: 'content', follow: true, limit: LIMIT },
      { kind: 'tree', path, need: 'content', limit: LIMIT },
    ]),
    { kind: 'path', path: dest, need: 'hash' },
    { kind: 'path', path: posix.dirname(dest), need: 'stat', follow: true },
    ...attributeAsks(given),
  ]
}

function absolute(path: string): string {
  if (path.startsWith('/')) return path
  throw new Fail(`path ${path} is not absolute`, [], 'write the whole path')
}

function destOf(given: Params): string {
  if (given.dest !== undefined) return given.dest
  if (given.path.length > 1) throw new Fail('dest is needed for more than one path')
  return `${given.path[0]!.replace(/\/+$/, '')}.${given.format}`
}

/** One thing that goes into the archive. */
interface Source {
  readonly path: string
  readonly name: string
  readonly state: PathState
}

/** What is to be packed, as found. */
interface Plan {
  readonly root: string
  readonly sources: readonly Source[]
  /** Paths that are not there. */
  readonly missing: readonly string[]
  /** Why the contents are known only after the run. */
  readonly late: string | undefined
  /** A single file that is compressed without a tar. */
  readonly single: boolean
}

function planOf(given: Params, before: View): Plan {
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
  const single = given.format === 'gz' && !given.force_archive && given.path.length === 1 && !isFolder
  return { root, sources, missing, late: lateReason(top, sources, before), single }
}

/** The folder that names in the archive start from, with a slash at its end. */
function commonFolder(paths: readonly string[]): string {
  const folders = paths.map((path) => `${path.slice(0, path.lastIndexOf('/'))}/`)
  return folders.reduce((common, folder) => {
    let length = 0
    while (length < common.length && common[length] === folder[length]) length++
    return common.slice(0, common.lastIndexOf('/', length - 1) + 1)
  })
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

function isExcluded(given: Params, { path, name }: Source): boolean {
  const dest = destOf(given)
  if (path === dest || path === partialOf(dest)) return true
  const excluded = given.exclude_path.map((one) => one.replace(/\/+$/, ''))
  if (excluded.some((one) => path === one || path.startsWith(`${one}/`))) return true
  return (given.exclusion_patterns ?? []).some(
    (pattern) => fnmatch(pattern).test(path) || fnmatch(pattern).test(name),
  )
}

function lateReason(top: readonly string[], sources: readonly Source[], before: View): string | undefined {
  const opened = top.find((path) => before.path(path).below === 'unknown')
  if (opened !== undefined) return `what is in ${opened}`
  const values = sources.flatMap(({ state }) => [state.type, state.mode, state.content, state.target])
  return values.find(isUnknown)?.why
}

function entryOf({ path, name, state }: Source): ArchiveEntry {
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

function bytesOf(given: Params, plan: Plan): Maybe<Content> {
  if (plan.late !== undefined) return new Unknown(plan.late)
  const entries = plan.sources.map(entryOf)
  const format: PackFormat = given.format
  return contentOf(plan.single ? gzip(entries[0]!.data!) : pack(entries, format))
}

function wanted(given: Params, before: View): Wish {
  const plan = planOf(given, before)
  const dest = destOf(given)
  const found = before.path(dest)
  if (plan.missing.length === given.path.length) {
    if (found.type !== 'absent') return new Map()
    throw new Fail(
      `there is nothing at ${given.path.join(', ')}`,
      given.path.map((path): Key => `path:${path}`),
    )
  }
  if (found.type === 'directory')
    throw new Fail(`dest ${dest} is a directory`, [`path:${dest}`], 'name a file in it')
  const folder = posix.dirname(dest)
  if (before.path(folder).type === 'absent') {
    throw new Fail(
      `the folder ${folder} does not exist`,
      [`path:${folder}`],
      'make it with file: state=directory',
    )
  }
  const content = bytesOf(given, plan)
  const attributes = attributeWish(given, before, found, 'file')
  const bytes = isUnknown(content) ? { sha1: content } : { sha1: content.sha1, size: content.size, content }
  const gone = given.remove ? given.path.filter((path) => !plan.missing.includes(path)) : []
  return new Map<Key, Wished<PathState>>([
    [`path:${dest}`, { type: 'file', ...bytes, ...attributes }],
    ...gone.map((path): [Key, Wished<PathState>] => [`path:${path}`, { type: 'absent' }]),
  ])
}

function converge(_given: Params, before: View, differing: ReadonlyMap<Key, Difference>): Converge {
  const inputs: Content[] = []
  const scripts = [...differing.values()].map((difference): Script => {
    const { wished, names } = difference
    const path = String(difference.before['real'])
    if (wished['type'] === 'absent') return sh`rm -rf -- ${path}`
    if (!names.includes('sha1') && !names.includes('type'))
      return attributesScript(sh`${path}`, wished, names, 'file')
    const content = wished['content'] as Content
    inputs.push(content)
    return writeFile(path, input(0, content), difference, before.session)
  })
  return { script: join(scripts), inputs }
}

/** Packs files and folders of the host. */
export default defineModule({
  summary: 'Pack files and folders into an archive',
  description:
    'The same sources give the same bytes, on every host: names are sorted, and owners and times are left out (a fixed time is written). So nothing changes when the archive is what it would be. The archive is made on the controller, which reads up to 64 MiB of sources.',
  params,
  returns: {
    archived: 'Paths of the files in the archive.',
    arcroot: 'The folder that names in the archive start from.',
    dest: 'Path of the archive.',
    dest_state:
      '`archive`, `compress` (one file without a tar), `incomplete` (some paths are missing) or `absent`.',
    expanded_paths: 'The paths as given.',
    expanded_exclude_paths: 'The excluded paths as given.',
    missing: 'Paths that are not there.',
    state: 'The same as dest_state.',
    checksum: 'SHA-1 of the archive.',
    size: 'Bytes.',
    mode: 'Permissions in octal.',
    owner: 'Name of the owner.',
    group: 'Name of the group.',
    uid: 'Id of the owner.',
    gid: 'Id of the group.',
  },
  examples: `
- name: Package the configuration of a party
  archive: {path: /srv/outputs/confs-10000, dest: /srv/outputs/confs-10000.tar, format: tar, mode: "0600"}
`,
  probe,
  wanted,
  converge,
  result: (given, before, after) => ({
    values: valuesOf(given, planOf(given, before), after.path(destOf(given))),
  }),
})

function valuesOf(given: Params, plan: Plan, dest: PathState): Readonly<Record<string, unknown>> {
  const made = plan.single ? 'compress' : 'archive'
  const state = dest.type === 'absent' ? 'absent' : plan.missing.length > 0 ? 'incomplete' : made
  const { owner, group, uid, gid, size, mode, sha1 } = dest
  return {
    archived: plan.sources.filter(({ state: { type } }) => type !== 'directory').map(({ path }) => path),
    arcroot: plan.root,
    dest: destOf(given),
    dest_state: state,
    expanded_paths: given.path,
    expanded_exclude_paths: given.exclude_path,
    missing: plan.missing,
    state,
    ...{ owner, group, uid, gid, size, checksum: sha1 },
    mode: modeText(mode),
  }
}
