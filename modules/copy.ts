import { entriesScript, entryAsks, entryWishes, placeOf } from '../engine/module/copy/folder.js'
import { COPY, type Copy } from '../engine/module/copy/params.js'
import { posix } from 'node:path'
import {
  bytesFound,
  entriesOnHost,
  readSource,
  refuseChecksum,
  type Entry,
  type Source,
} from '../engine/module/copy/source.js'
import {
  defineModule,
  Fail,
  Unknown,
  type Ask,
  type Converge,
  type Difference,
  type Key,
  type PathState,
  type Ran,
  type Returned,
  type View,
  type Wish,
  type Wished,
} from '../engine/module/contract.js'
import { ATTRIBUTE_RETURNS } from '../engine/module/attributes.js'
import {
  folderWishes,
  placedAsks,
  placedPath,
  placedUnproven,
  placedValues,
  placedWish,
} from '../engine/module/placed.js'
import { backupsBrought } from '../engine/module/write.js'

function probe(given: Copy, source: Source): readonly Ask[] {
  if (given.remote_src) {
    const { src } = given
    return [
      { kind: 'path', path: src!, need: 'hash', follow: true },
      { kind: 'tree', path: src!, need: 'hash', follow: given.local_follow === true },
      ...placedAsks(given, source.name),
    ]
  }
  if (!source.folder) return placedAsks(given, source.name)
  return [...entryAsks(bareDest(given), source.entries, given), ...placedAsks(intoFolder(given), '')]
}

/** A folder of the host is asked for its own entries first; then where they go is known. */
function more(given: Copy, before: View): readonly Ask[] {
  if (!copiesFolder(given, before)) return []
  return entryAsks(folderTarget(given), entriesOnHost(given.src!, before), given)
}

function copiesFolder(given: Copy, before: View): boolean {
  return given.remote_src && before.path(given.src!).type === 'directory'
}

/** `src/` gives what is in the folder, `src` the folder itself. */
function folderTarget(given: Copy): string {
  const src = given.src!
  return src.endsWith('/') ? bareDest(given) : placeOf(bareDest(given), src.slice(src.lastIndexOf('/') + 1))
}

function wanted(given: Copy, before: View, source: Source): Wish {
  if (given.remote_src) return wantedOnHost(given, before, source)
  if (source.folder) return wantedFolder(intoFolder(given), bareDest(given), source.entries, before)
  return wantedFile(given, source.entries[0]!, source, before)
}

function wantedFile(given: Copy, entry: Entry, source: Source, before: View): Wish {
  if (source.name === '' && given.dest.endsWith('/')) {
    throw new Fail('content is no file that could go into the folder dest', [], 'name the file in dest')
  }
  const path = placedPath(given, source.name, before)
  const params = given.mode === 'preserve' ? { ...given, mode: entry.mode } : given
  const wish = placedWish(params, path, entry.bytes!, before)
  return new Map<Key, Wished<PathState>>(
    wish === undefined ? [] : [...folderWishes(given, before, given.directory_mode), [`path:${path}`, wish]],
  )
}

function wantedOnHost(given: Copy, before: View, source: Source): Wish {
  const src = given.src!
  const from = before.path(src)
  if (from.type === 'absent') throw new Fail(`Source ${src} not found`, [`path:${src}`])
  if (from.type === 'other') throw new Fail(`src ${src} is no regular file`, [`path:${src}`])
  if (from.type === 'directory') {
    if (from.below === 'unknown') return new Map([['run:copy', { run: new Unknown(`what is in ${src}`) }]])
    return wantedFolder(given, folderTarget(given), entriesOnHost(src, before), before)
  }
  const bytes = bytesFound(src, from)
  refuseChecksum(given, bytes.sha1)
  const mode = from.mode ?? new Unknown(`mode of ${src}`)
  return wantedFile(given, { relative: '', type: 'file', mode, bytes }, source, before)
}

/** The folders that lead to the target, when they are made, and all entries. */
function wantedFolder(given: Copy, target: string, entries: readonly Entry[], before: View): Wish {
  const dest = bareDest(given)
  const isNew = target !== dest && before.path(dest).type === 'absent'
  return new Map<Key, Wished<PathState>>([
    ...folderWishes(given, before, given.directory_mode),
    ...(isNew ? [[`path:${dest}`, { type: 'directory' }] as const] : []),
    ...(entryWishes(given, target, entries, before) as ReadonlyMap<Key, Wished<PathState>>),
  ])
}

function bareDest({ dest }: Copy): string {
  return dest.replace(/\/+$/, '') || '/'
}

/** A folder of the controller goes into dest, which is made with all that leads to it. */
function intoFolder(given: Copy): Copy {
  return { ...given, dest: `${bareDest(given)}/` }
}

function converge(given: Copy, before: View, differing: ReadonlyMap<Key, Difference>): Converge {
  const src = given.src!
  if (!given.remote_src) return entriesScript(given, before, differing, () => undefined)
  if (!copiesFolder(given, before))
    return entriesScript(given, before, differing, () => before.path(src).real)
  const target = folderTarget(given)
  const sources = new Map(
    entriesOnHost(src, before).map(({ relative, from }) => [`path:${placeOf(target, relative)}`, from]),
  )
  return entriesScript(given, before, differing, (key) => sources.get(key))
}

function result(given: Copy, before: View, after: View, ran: Ran, source: Source): Returned {
  const folder = source.folder || copiesFolder(given, before)
  const path = folder ? given.dest : placedPath(given, source.name, before)
  const content = folder ? undefined : source.entries[0]?.bytes?.content
  const values = placedValues(path, given, before, after, ran, content)
  if (!folder) return { values: { ...values, ...(source.path === undefined ? {} : { src: source.path }) } }
  if (source.folder) return { values: { dest: `${bareDest(given)}/`, src: source.path } }
  return { values: { ...values, src: source.path } }
}

/** Copies a file, a folder or a text to the host. */
export default defineModule({
  summary: 'Copy a file, a folder or a text to the host',
  description:
    'With remote_src a folder is copied on the host: files and folders keep their modes, links stay links, and mode is that of the folder itself.',
  params: COPY,
  rules: { exclusive: [['src', 'content']], oneOf: [['src', 'content']] },
  listsDiff: true,
  returns: {
    dest: 'Path of the file or folder.',
    src: 'The source.',
    checksum: 'SHA-1 of the bytes.',
    md5sum: 'MD5 of the bytes, when they were written.',
    ...ATTRIBUTE_RETURNS,
    state: 'file or directory.',
    backup_file: 'Where the old file was kept.',
  },
  examples: `
- name: Copy the configuration
  copy: {src: service_conf.yaml, dest: /data/projects/fate/, owner: fate, mode: "0600"}
- name: Say which party this is
  copy: {content: "{{ party_id }}\\n", dest: /etc/fate-party}
- name: Keep the configuration of before the upgrade
  copy: {remote_src: true, src: /data/projects/fate/conf/, dest: /srv/conf-before}
`,
  prepare: readSource,
  early: (given) =>
    given.remote_src ? [] : placedAsks(given, given.content === undefined ? posix.basename(given.src!) : ''),
  probe,
  more,
  wanted,
  converge,
  result,
  brings: (given, _before, differing) => backupsBrought(given, differing),
  unproven: placedUnproven,
})
