import { attributesScript, attributeWish, type Attributes } from '../attributes.js'
import {
  Fail,
  type Ask,
  type Content,
  type Converge,
  type Difference,
  type Key,
  type PathState,
  type View,
  type Wish,
  type Wished,
} from '../contract.js'
import { placedScript, placedWish } from '../placed.js'
import { join, sh, type Script } from '../quote.js'
import { folderFlags, makeFolder } from '../write.js'
import type { Copy } from './params.js'
import type { Entry } from './source.js'

/** What must be known of the places where entries go. */
export function entryAsks(target: string, entries: readonly Entry[], { follow }: Copy): readonly Ask[] {
  return entries.map(({ relative, type }) => ({
    kind: 'path',
    path: placeOf(target, relative),
    need: type === 'file' ? 'hash' : 'stat',
    follow: type !== 'link' && follow,
  }))
}

/** Path of an entry. */
export function placeOf(target: string, relative: string): string {
  return relative === '' ? target : `${target}/${relative}`
}

/** The wishes for the target and all that goes below it. */
export function entryWishes(given: Copy, target: string, entries: readonly Entry[], before: View): Wish {
  return new Map(
    entries.flatMap((entry): [Key, Wished<PathState>][] => {
      const path = placeOf(target, entry.relative)
      const wished = entryWish(given, path, entry, before)
      return wished === undefined ? [] : [[`path:${path}`, wished]]
    }),
  )
}

function entryWish(given: Copy, path: string, entry: Entry, before: View): Wished<PathState> | undefined {
  const found = before.path(path)
  if (entry.type === 'directory') return folderWish(given, entry, found, before)
  if (entry.type === 'link') return linkWish(given, entry, found, before)
  const params = { ...given, mode: fileMode(given, entry, found) }
  return placedWish(params, path, entry.bytes!, before)
}

/**
 * A file of the controller gets the mode that is said; one copied on the host keeps its own, where it is written, and
 * `mode` is that of the target.
 */
function fileMode(given: Copy, entry: Entry, found: PathState): Attributes['mode'] {
  if (!given.remote_src) return given.mode === 'preserve' ? entry.mode : given.mode
  return found.type === 'file' && found.sha1 === entry.bytes!.sha1 ? undefined : entry.mode
}

/** The wish for a folder. */
export function folderWish(given: Copy, entry: Entry, found: PathState, before: View): Wished<PathState> {
  if (typeof found.type === 'string' && found.type !== 'absent' && found.type !== 'directory') {
    throw new Fail(`${found.real} is a ${found.type}, not a directory`, [`path:${found.real}`])
  }
  const mode = folderMode(given, entry, found.type === 'absent')
  return { type: 'directory', ...attributeWish({ ...given, mode }, before, found, 'directory') }
}

function folderMode(given: Copy, { relative, mode }: Entry, isNew: boolean): Attributes['mode'] {
  const own = given.mode === 'preserve' ? mode : undefined
  if (!given.remote_src)
    return isNew || given.directory_mode !== undefined ? (given.directory_mode ?? own) : undefined
  const top = relative === '' ? (own ?? given.mode) : undefined
  return top ?? (isNew ? mode : undefined)
}

function linkWish(
  given: Copy,
  { target }: Entry,
  found: PathState,
  before: View,
): Wished<PathState> | undefined {
  if (!given.force && found.type !== 'absent') return undefined
  if (found.type === 'directory') {
    throw new Fail(`${found.real} is a directory, but a link in the source`, [`path:${found.real}`])
  }
  const who = attributeWish({ ...given, attributes: undefined }, before, found, 'link')
  return { type: 'link', target: target!, ...who }
}

/** Makes folders, files and links in the order of the wish: folders stand before what is in them. */
export function entriesScript(
  given: Copy,
  before: View,
  differing: ReadonlyMap<Key, Difference>,
  from: (key: Key) => string | undefined,
): Converge {
  const inputs: Content[] = []
  const scripts = [...differing].map(([key, difference]): Script => {
    const { wished, names } = difference
    const path = String(difference.before['real'])
    if (wished['type'] === 'directory') {
      return names.includes('type')
        ? makeFolder(difference)
        : attributesScript(sh`${path}`, wished, names, 'directory')
    }
    if (wished['type'] === 'link') {
      const make = names.includes('target') || names.includes('type')
      const link = make ? sh`rm -f -- ${path}; ln -s -- ${String(wished['target'])} ${path}` : sh`:`
      return join([link, attributesScript(sh`${path}`, wished, names, 'link')])
    }
    const source = from(key)
    if (source !== undefined) return placedScript(given, sh`cat -- ${source}`, difference, before)
    const content = wished['content'] as Content | undefined
    const writes = content && (names.includes('sha1') || names.includes('type'))
    if (writes) inputs.push(content)
    return placedScript(given, writes ? { n: inputs.length - 1, content } : sh`:`, difference, before)
  })
  const verbatim = !given.remote_src && given.validate === undefined
  return { script: join([...scripts, ...folderFlags(differing)]), inputs, verbatim, plain: verbatim }
}
