import { attributeWish, type Attributes } from '../attributes.js'
import { contentOf } from '../../content.js'
import {
  Fail,
  isUnknown,
  type Ask,
  type Content,
  type Key,
  type Maybe,
  type PathState,
  type View,
  type Wished,
} from '../contract.js'
import { fnmatch } from '../fnmatch.js'
import { parseMode } from '../mode.js'
import type { ExtractOptions } from './extract-options.js'
import { BadArchive, type ArchiveEntry } from './entry.js'

/** Entries that are wanted: those of `include` (all when it is empty) without those of `exclude`, patterns allowed. */
export function chosenEntries(
  entries: readonly ArchiveEntry[],
  include: readonly string[],
  exclude: readonly string[],
): readonly ArchiveEntry[] {
  const matches = (patterns: readonly string[]): ((entry: ArchiveEntry) => boolean) => {
    const tests = patterns.map((pattern) => fnmatch(pattern.replace(/^(\.\/)+|\/+$/g, '')))
    return ({ name }) =>
      foldersOf(name)
        .concat(name)
        .some((part) => tests.some((test) => test.test(part)))
  }
  const included = include.length === 0 ? entries : entries.filter(matches(include))
  const isExcluded = matches(exclude)
  return refuseBelowLinks(included.filter((entry) => !isExcluded(entry)))
}

/** An entry below a link of the same archive would land wherever the link leads. */
function refuseBelowLinks(entries: readonly ArchiveEntry[]): readonly ArchiveEntry[] {
  const types = new Map(entries.map(({ name, type }) => [name, type]))
  for (const { name } of entries) {
    const bad = foldersOf(name).find((folder) => types.has(folder) && types.get(folder) !== 'directory')
    if (bad !== undefined)
      throw new BadArchive(
        `the entry ${JSON.stringify(name)} lies below ${JSON.stringify(bad)}, which is no folder`,
      )
  }
  return entries
}

/** `a/b/c` lies in `a` and `a/b`. */
function foldersOf(name: string): string[] {
  const parts = name.split('/').slice(0, -1)
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'))
}

/** Folders that entries lie in without being entries themselves, the upper ones first. */
function impliedFolders(entries: readonly ArchiveEntry[]): readonly string[] {
  const named = new Set(entries.map(({ name }) => name))
  return [...new Set(entries.flatMap(({ name }) => foldersOf(name)))].filter((name) => !named.has(name))
}

/** What must be known of what is at the entries' places now. */
export function entryAsks(dest: string, entries: readonly ArchiveEntry[]): readonly Ask[] {
  const places = entries.map(({ name, type }): Ask => ({
    kind: 'path',
    path: `${dest}/${name}`,
    need: type === 'file' ? 'hash' : 'stat',
    follow: type === 'directory',
  }))
  const folders = impliedFolders(entries).map((name): Ask => ({
    kind: 'path',
    path: `${dest}/${name}`,
    need: 'stat',
    follow: true,
  }))
  return [...folders, ...places]
}

/** The wish for each entry and for the folders that it needs. */
export function entryWishes(
  dest: string,
  entries: readonly ArchiveEntry[],
  { attributes, existing = 'replace' }: { attributes: Attributes; existing?: ExtractOptions['existing'] },
  before: View,
): readonly [Key, Wished<PathState>][] {
  const folders = impliedFolders(entries).flatMap((name): [Key, Wished<PathState>][] => {
    const key: Key = `path:${dest}/${name}`
    const found = before.path(`${dest}/${name}`)
    if (found.type === 'directory') return []
    refuseOther(`${dest}/${name}`, found, 'directory')
    return [[key, { type: 'directory', ...ownership(attributes, before, found, 'directory') }]]
  })
  const wishes = entries.map((entry): [Key, Wished<PathState>] => {
    const path = `${dest}/${entry.name}`
    const wish = stays(entry, before.path(path), existing)
      ? keptWish(path, attributes, before)
      : entryWish(entry, path, attributes, before)
    return [`path:${path}`, wish]
  })
  // Folders before what is in them: a script that makes them goes in this order.
  return [...folders, ...wishes].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** Whether a file that is there is left alone. One that this run has made is newer than any archive. */
function stays(
  { type, time = 0 }: ArchiveEntry,
  found: PathState,
  existing: ExtractOptions['existing'],
): boolean {
  if (existing === 'replace' || type !== 'file' || found.type !== 'file') return false
  return existing === 'keep' || typeof found.mtime !== 'number' || found.mtime > time
}

function keptWish(path: string, attributes: Attributes, before: View): Wished<PathState> {
  return { type: 'file', ...attributeWish(attributes, before, before.path(path), 'file') }
}

function entryWish(
  entry: ArchiveEntry,
  path: string,
  attributes: Attributes,
  before: View,
): Wished<PathState> {
  const found = before.path(path)
  refuseOther(path, found, entry.type)
  const who = ownership(attributes, before, found, entry.type)
  if (entry.type === 'link') return { type: 'link', target: entry.target!, ...who }
  const mode = modeOf(entry, attributes, before)
  if (entry.type === 'directory') return { type: 'directory', mode, ...who }
  const content = contentOfEntry(entry.data!)
  return { type: 'file', sha1: content.sha1, size: content.size, content, mode, ...who }
}

/** Contents of entries, for all hosts that the archive is for. */
const contents = new WeakMap<Buffer, Content>()

function contentOfEntry(data: Buffer): Content {
  const content = contents.get(data) ?? contentOf(data)
  contents.set(data, content)
  return content
}

function ownership(
  given: Attributes,
  before: View,
  found: PathState,
  type: ArchiveEntry['type'],
): Wished<PathState> {
  const { attributes } = given
  const own = type === 'link' ? undefined : attributes
  return attributeWish({ ...given, mode: undefined, attributes: own }, before, found, type)
}

/** The mode in the archive, as tar gives it: to root whole, to others without what the umask takes. */
function modeOf(entry: ArchiveEntry, { mode }: Attributes, { session }: View): Maybe<number> {
  const isFolder = entry.type === 'directory'
  const own = session.uid === 0 ? entry.mode : entry.mode & 0o777 & ~session.umask
  if (mode === undefined || isUnknown(mode)) return mode ?? own
  return parseMode(mode, own, isFolder, session.umask)
}

/** A file may replace a link, and a link a file; a folder is never replaced, nor does one replace anything. */
function refuseOther(path: string, found: PathState, type: ArchiveEntry['type']): void {
  const isFolder = found.type === 'directory'
  if (found.type === 'absent' || isFolder === (type === 'directory')) return
  if (typeof found.type !== 'string') return
  throw new Fail(
    `${path} is a ${found.type}, but a ${type} in the archive`,
    [`path:${path}`],
    'remove it first, or exclude it',
  )
}
