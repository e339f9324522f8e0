import { posix } from 'node:path'
import { expand, globAsk, isPattern } from '../engine/module/archive/glob.js'
import { compress, pack } from '../engine/module/archive/pack.js'
import {
  ARCHIVE,
  destOf,
  entryOf,
  LIMIT,
  needsDest,
  planOf,
  type Archive,
  type Plan,
} from '../engine/module/archive/plan.js'
import { BadArchive } from '../engine/module/archive/entry.js'
import {
  attributeAsks,
  attributeWish,
  attributesScript,
  ATTRIBUTE_RETURNS,
  labelInfo,
} from '../engine/module/attributes.js'
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
import { modeText } from '../engine/module/mode.js'
import { join, sh, type Script } from '../engine/module/quote.js'
import { input, writeFile } from '../engine/module/write.js'

function probe(given: Archive): readonly Ask[] {
  const dest = destOf(given)
  return [
    ...given.path.map(absolute).flatMap((path) => (isPattern(path) ? [globAsk(path)] : sourceAsks(path))),
    { kind: 'path', path: dest, need: 'hash' },
    { kind: 'path', path: posix.dirname(dest), need: 'stat', follow: true },
    ...attributeAsks(given),
  ]
}

function sourceAsks(path: string): readonly Ask[] {
  return [
    { kind: 'path', path, need: 'content', follow: true, limit: LIMIT },
    { kind: 'tree', path, need: 'content', limit: LIMIT },
  ]
}

/** With the paths that patterns mean in their place. */
function expanded(given: Archive, before: View): Archive {
  return { ...given, path: given.path.flatMap((path) => (isPattern(path) ? expand(path, before) : [path])) }
}

function absolute(path: string): string {
  if (path.startsWith('/')) return path
  throw new Fail(`path ${path} is not absolute`, [], 'write the whole path')
}

function bytesOf(given: Archive, plan: Plan): Maybe<Content> {
  if (plan.late !== undefined) return new Unknown(plan.late)
  const entries = plan.sources.map(entryOf)
  const { format } = given
  try {
    const alone = plan.single && format !== 'tar' && format !== 'zip'
    return contentOf(alone ? compress(entries[0]!.data!, format) : pack(entries, format))
  } catch (error) {
    throw error instanceof BadArchive ? new Fail(error.message) : error
  }
}

function wanted(raw: Archive, before: View): Wish {
  const given = expanded(raw, before)
  const plan = planOf(given, before)
  const dest = destOf(raw)
  const found = before.path(dest)
  if (plan.missing.length === given.path.length) return new Map()
  if (raw.dest === undefined && before.path(given.path[0]!).type === 'directory') throw needsDest()
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

function converge(_given: Archive, before: View, differing: ReadonlyMap<Key, Difference>): Converge {
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
  params: ARCHIVE,
  returns: {
    archived: 'Paths of what is in the archive.',
    arcroot: 'The folder that names in the archive start from.',
    dest: 'Path of the archive.',
    dest_state:
      '`archive`, `compress` (one file without a tar), `incomplete` (some paths are missing) or `absent`.',
    expanded_paths: 'The paths, with what patterns mean.',
    expanded_exclude_paths: 'The excluded paths as given.',
    missing: 'Paths that are not there.',
    state: 'file, when there is an archive; so the following.',
    checksum: 'SHA-1 of the archive.',
    ...ATTRIBUTE_RETURNS,
  },
  examples: `
- name: Package the configuration of a party
  archive: {path: /srv/outputs/confs-10000, dest: /srv/outputs/confs-10000.tar, format: tar, mode: "0600"}
`,
  probe,
  more: (given, before) =>
    given.path.filter(isPattern).flatMap((path) => expand(path, before).flatMap(sourceAsks)),
  wanted,
  converge,
  result: (raw, before, after) => {
    const given = { ...expanded(raw, before), dest: destOf(raw) }
    return { values: valuesOf(given, planOf(given, before), after.path(given.dest)) }
  },
})

/** Folders are told where they have entries of their own, but not those that were given. */
function isTold({ format, path: given }: Archive, { path, state }: Plan['sources'][number]): boolean {
  return state.type !== 'directory' || (format !== 'zip' && !given.includes(path))
}

function valuesOf(given: Archive, plan: Plan, dest: PathState): Readonly<Record<string, unknown>> {
  const made = plan.single ? 'compress' : 'archive'
  const there = dest.type !== 'absent'
  const state = !there ? 'absent' : plan.missing.length > 0 ? 'incomplete' : made
  const { owner, group, uid, gid, size, mode, sha1 } = dest
  return {
    archived: plan.sources
      .filter((source) => isTold(given, source))
      .map(({ path }) => path)
      .sort(),
    arcroot: plan.root,
    dest: destOf(given),
    dest_state: state,
    expanded_paths: given.path,
    expanded_exclude_paths: given.exclude_path,
    missing: plan.missing,
    ...(there ? labelInfo(dest) : {}),
    ...(there ? { state: 'file', owner, group, uid, gid, size, checksum: sha1, mode: modeText(mode) } : {}),
  }
}
