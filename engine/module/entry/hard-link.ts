import { attributeWish } from '../attributes.js'
import {
  Fail,
  type Difference,
  type Key,
  type OwnState,
  type PathState,
  type View,
  type Wished,
} from '../contract.js'
import { stateWanted, type Entry } from './params.js'

/** What `state: hard` wishes for: of the file, a name more, and of the new name, all that the file has. */
export function hardLinkWishes(
  given: Entry,
  before: View,
  found: PathState,
): readonly (readonly [Key, Wished<PathState>])[] {
  const src = given.src!
  const key: Key = `path:${given.path}`
  const source = before.path(src)
  if (!src.startsWith('/')) throw new Fail(`src ${src} is not absolute`, [], 'write the whole path')
  if (source.type === 'absent') throw new Fail('src does not exist', [`path:${src}`], `make ${src} first`)
  if (source.type === 'directory') throw new Fail(`src ${src} is a directory`, [`path:${src}`])
  if (found.type !== 'absent' && found.inode !== source.inode && !given.force) {
    throw new Fail(
      `Cannot link, ${String(found.type)} exists at destination`,
      [key],
      `use force to replace ${given.path} by a hard link`,
    )
  }
  const { mode, owner, group, uid, gid, size } = {
    ...source,
    ...attributeWish(given, before, source, 'file'),
  }
  const shared = { mode, owner, group, uid, gid, size } as Wished<PathState>
  const links = linksWith(source, found)
  // Of a link it is the link that gets another name.
  const kind = source.type === 'link' ? { type: 'link', target: source.target } : { type: 'file' }
  const own = { ...attributeWish(given, before, source, 'file'), ...links }
  return [
    ...(Object.keys(own).length > 0 ? [[`path:${src}`, own] as const] : []),
    [key, { ...kind, inode: source.inode, ...shared, ...links } as Wished<PathState>],
  ]
}

/** What is in a file is under its new name too; nobody reads it to see. */
export function entryBrings(
  given: Entry,
  before: View,
  differing: ReadonlyMap<Key, Difference>,
): ReadonlyMap<Key, OwnState> {
  const key: Key = `path:${given.path}`
  const made = stateWanted(given) === 'hard' ? differing.get(key)?.wished : undefined
  if (made === undefined || given.src === undefined) return new Map()
  const { sha1, content } = before.path(given.src)
  const known = { ...(sha1 === undefined ? {} : { sha1 }), ...(content === undefined ? {} : { content }) }
  return new Map([[key, { ...made, ...known }]])
}

/** The file has a name more, unless it has it already. */
function linksWith({ inode, links }: PathState, found: PathState): Pick<PathState, 'links'> {
  if (found.type !== 'absent' && found.inode === inode) return {}
  return typeof links === 'number' ? { links: links + 1 } : {}
}
