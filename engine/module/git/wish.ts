import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { contentOf } from '../../content.js'
import { Unknown, type Maybe } from '../../unknown.js'
import type { ArchiveEntry } from '../archive/entry.js'
import {
  Fail,
  type Difference,
  type Key,
  type OwnState,
  type PathState,
  type View,
  type Wish,
  type Wished,
} from '../contract.js'
import { maskOf, type Git, type Local } from './params.js'
import { filesOf, hereKey, hereOf, remoteOf } from './probe.js'
import { foldersAbove } from '../folders-above.js'

/** What shall be checked out. */
export type Goal =
  | { readonly kind: 'branch'; readonly branch: string; readonly hash: Maybe<string> }
  | { readonly kind: 'tag' | 'commit'; readonly hash: Maybe<string> }

/** Holds the version against what the remote has. Throws Fail where it has no such version. */
export function goalOf(given: Git, before: View): Goal {
  const { version, repo, bare, refspec } = given
  const here = hereOf(given, before)
  const { refs, head } = remoteOf(given, before)
  const hash = (name: string): string | undefined => refs.get(name)
  if (version === 'HEAD' || bare) {
    const branch = here.main !== undefined && hash(`refs/heads/${here.main}`) !== undefined ? here.main : head
    const commit = (branch === undefined ? undefined : hash(`refs/heads/${branch}`)) ?? hash('HEAD')
    if (commit === undefined)
      throw new Fail(`the repository ${repo} has no commit to check out`, ['http:git'])
    // A HEAD that is no branch, or a git that does not tell which one it is.
    return branch === undefined ? { kind: 'commit', hash: commit } : { kind: 'branch', branch, hash: commit }
  }
  const branch = hash(`refs/heads/${version}`)
  if (branch !== undefined) return { kind: 'branch', branch: version, hash: branch }
  const tag = hash(`refs/tags/${version}`)
  if (tag !== undefined) return { kind: 'tag', hash: tag }
  if (/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(version)) return { kind: 'commit', hash: version }
  const known = here.known === '' ? undefined : here.known
  if (/^[0-9a-f]{4,39}$/.test(version)) return { kind: 'commit', hash: known ?? late(version) }
  if (refspec !== undefined || /[~^@:/]/.test(version)) return { kind: 'commit', hash: late(version) }
  throw new Fail(`the repository ${repo} has no branch, tag or commit ${version}`, ['http:git'])
}

function late(version: string): Unknown {
  return new Unknown(`commit ${version}`)
}

/** What should be at dest. */
export function gitWish(given: Git, local: Local, before: View): Wish {
  const { dest, bare, force, update, recursive } = given
  const here = hereOf(given, before)
  if (here.repository === 'there' && !update) return new Map()
  if (here.repository === 'none' && !given.clone) return new Map()
  if (here.clean === false && !force) {
    throw new Fail(
      `Local modifications exist in the destination: ${dest!} (force=no).`,
      [`path:${dest!}`],
      'commit them on the host, or let force discard them',
      { before: here.head },
    )
  }
  const goal = goalOf(given, before)
  const wish: Record<string, unknown> = {
    repository: 'there',
    head: goal.hash,
    ...(bare ? refsWish(given, before) : { clean: true, branch: goal.kind === 'branch' ? goal.branch : '' }),
    ...(bare && here.repository === 'none' ? {} : { url: local.url }),
    ...(recursive && !bare ? { submodules: 'current' } : {}),
  }
  const key = hereKey(given)
  if (here.repository === 'there') return new Map([[key, wish]])
  return new Map<Key, OwnState | Wished<PathState>>([...folderWishes(given, before), [key, wish]])
}

/** A bare repository has all branches and tags of the remote, maybe others besides. */
function refsWish(given: Git, before: View): object {
  const { refs } = hereOf(given, before)
  const has = new Map(
    (refs ?? '')
      .split('\n')
      .map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]),
  )
  const lacks = [...remoteOf(given, before).refs].some(
    ([name, hash]) => name.startsWith('refs/heads/') && has.get(name) !== hash,
  )
  return lacks && refs !== undefined ? { refs: new Unknown('branches and tags', [refs]) } : {}
}

/** The folder of the repository and those above it. */
function folderWishes(given: Git, before: View): readonly (readonly [Key, Wished<PathState>])[] {
  const { dest } = given
  const mask = maskOf(given)
  const mode = mask === undefined ? {} : { mode: 0o777 & ~mask }
  const found = before.path(dest!)
  if (found.type === 'file' || found.type === 'other') throw inTheWay(dest!, 'is no folder')
  if (found.type === 'directory' && before.tree(dest!).size > 0)
    throw inTheWay(dest!, 'is a folder with other things in it')
  const above = foldersAbove(dest!).filter((path) => before.path(path).type === 'absent')
  const own: Wished<PathState> = {
    type: 'directory',
    ...(found.type === 'absent' ? mode : {}),
    below: 'unknown',
  }
  return [
    ...above.map((path) => [`path:${path}`, { type: 'directory', ...mode }] as const),
    [`path:${dest!}`, own],
  ]
}

function inTheWay(dest: string, what: string): Fail {
  return new Fail(
    `${dest} ${what}, and no repository`,
    [`path:${dest}`],
    'name another dest, or remove it first',
  )
}

/** What is below dest afterwards, as far as it can be known. */
export function filesBrought(
  given: Git,
  local: Local,
  before: View,
  differing: ReadonlyMap<Key, Difference>,
): ReadonlyMap<Key, OwnState> {
  const { dest } = given
  const here = hereOf(given, before)
  const difference = differing.get(hereKey(given))
  if (!difference || dest === undefined) return new Map()
  const { real } = before.path(dest)
  const files = here.repository === 'none' ? filesOf(given, local, before) : undefined
  const found = before.path(dest)
  const who = ownerOf(before)
  const mask = maskOf(given) ?? before.session.umask
  const folder = {
    ...who,
    mode: 0o777 & ~mask,
    ...(found.type === 'directory' ? found : {}),
    type: 'directory',
  }
  if (!files) return new Map<Key, OwnState>([[`path:${real}`, { ...folder, below: 'unknown' }]])
  const hasSubmodules = files.some(({ name }) => name === '.gitmodules')
  return new Map<Key, OwnState>([
    [`path:${real}`, folder],
    [
      `path:${posix.join(real, '.git')}`,
      { ...who, type: 'directory', mode: 0o777 & ~mask, below: 'unknown' },
    ],
    ...files.map((entry): [Key, OwnState] => [
      `path:${posix.join(real, entry.name)}`,
      {
        ...who,
        ...stateOf(entry, mask),
        ...(hasSubmodules && entry.type === 'directory' && isEmpty(entry, files) ? { below: 'unknown' } : {}),
      },
    ]),
  ])
}

function ownerOf({ session }: View): OwnState {
  const { user: owner, group, uid, gid } = session
  return { owner, group, uid, gid }
}

function isEmpty({ name }: ArchiveEntry, files: readonly ArchiveEntry[]): boolean {
  return !files.some((other) => other.name.startsWith(`${name}/`))
}

function stateOf({ type, mode, target, data }: ArchiveEntry, mask: number): OwnState {
  if (type === 'link') return { type, target, mode: 0o777, size: Buffer.byteLength(target!) }
  if (type === 'directory') return { type, mode: 0o777 & ~mask, size: new Unknown('size of a folder') }
  const bytes = data ?? Buffer.alloc(0)
  const sha1 = createHash('sha1').update(bytes).digest('hex')
  return {
    type,
    mode: ((mode & 0o100) === 0 ? 0o666 : 0o777) & ~mask,
    size: bytes.length,
    sha1,
    content: contentOf(bytes),
  }
}
