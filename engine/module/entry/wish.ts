import { contentOf } from '../../content.js'
import { attributeAsks, attributeWish } from '../attributes.js'
import {
  Fail,
  isUnknown,
  type Ask,
  type Key,
  type PathState,
  type View,
  type Wish,
  type Wished,
} from '../contract.js'
import {
  follows,
  goalOf,
  parentOf,
  refuseMisfits,
  stateWanted,
  type Entry,
  type EntryState,
} from './params.js'
import { hardLinkWishes } from './hard-link.js'
import { timeAsks, timesWish } from './times.js'
import { labelTold } from '../selinux.js'
import { foldersAbove } from '../folders-above.js'

type Wishes = readonly (readonly [Key, Wished<PathState>])[]

/** What must be known of the entry, of what it may point to and of the folders above. */
export function entryAsks(given: Entry): readonly Ask[] {
  refuseMisfits(given)
  const { path, src } = given
  const state = stateWanted(given)
  const look = (other: string, follow: boolean): Ask => ({ kind: 'path', path: other, need: 'stat', follow })
  const folder = (path: string): Ask => ({ kind: 'path', path, need: 'type', follow: true })
  const told = tellsAttributes(given)
  const goal = (path: string): Ask => (given.follow && told ? look(path, true) : folder(path))
  return [
    { kind: 'path', path, need: readsContent(given) ? 'hash' : 'stat', follow: follows(given) },
    ...(state === 'directory' ? foldersAbove(path).map(folder) : []),
    ...(given.recurse ? [{ kind: 'tree', path, need: 'stat' } as const] : []),
    ...(makesOne(state) ? [folder(parentOf(path))] : []),
    ...(state === 'hard' ? [look(src!, false)] : []),
    ...(state === 'link' && src !== undefined ? [goal(goalOf(path, src))] : []),
    ...(state === 'link' && given.force ? [{ kind: 'tree', path, need: 'stat', depth: 1 } as const] : []),
    ...timeAsks(given),
    ...attributeAsks(given),
  ]
}

function tellsAttributes(given: Entry): boolean {
  const { owner, group, mode, attributes } = given
  return [owner, group, mode, attributes].some((value) => value !== undefined) || labelTold(given) !== 'no'
}

/** A file that touch makes is verified by its hash; but to read one would renew the time that is to be compared. */
function readsContent(given: Entry): boolean {
  return stateWanted(given) === 'touch' && isNow(given.access_time)
}

function isNow(time: string | undefined): boolean {
  return time === undefined || time === 'now' || time === 'preserve'
}

/** What links below a folder point to, and where a link points that is to stay as it is. */
export function moreEntryAsks(given: Entry, before: View): readonly Ask[] {
  const state = stateWanted(given)
  if (state === 'link' && given.src === undefined) {
    const { target } = before.path(given.path)
    return typeof target === 'string'
      ? [{ kind: 'path', path: goalOf(given.path, target), need: 'stat', follow: true }]
      : []
  }
  if (!given.recurse || !given.follow) return []
  return linkGoals(given, before).flatMap((goal): Ask[] => [
    { kind: 'path', path: goal, need: 'stat', follow: true },
    { kind: 'tree', path: goal, need: 'stat' },
  ])
}

function linkGoals(given: Entry, before: View): readonly string[] {
  return [...before.tree(given.path)].flatMap(([relative, { target }]) =>
    typeof target === 'string' ? [goalOf(`${given.path}/${relative}`, target)] : [],
  )
}

/** States that make one entry in a folder that must be there. */
function makesOne(state: EntryState | undefined): boolean {
  return state === 'hard' || state === 'link' || state === 'touch'
}

/** The state that should be. Throws {@link Fail}. */
export function entryWish(given: Entry, before: View): Wish {
  const found = before.path(given.path)
  const state = stateWanted(given)
  const key: Key = `path:${given.path}`
  if (state === 'absent') return new Map([[key, { type: 'absent' }]])
  if (makesOne(state)) refuseMissingFolder(given, before, found)
  if (state === 'directory') return new Map(directoryWishes(given, before, found))
  if (state === 'link') return new Map(linkWishes(given, before, found))
  if (state === 'hard') return new Map(hardLinkWishes(given, before, found))
  if (state === 'touch') return new Map([[key, touchWish(given, before, found)]])
  if (found.type === 'absent') {
    throw new Fail(`file (${given.path}) is absent, cannot continue`, [key], 'use state touch or directory', {
      path: given.path,
      state: 'absent',
    })
  }
  if (state === 'file' && found.type === 'directory') {
    throw new Fail(`file (${given.path}) is directory, cannot continue`, [key], undefined, {
      path: given.path,
      state: 'directory',
    })
  }
  return new Map([
    [key, { ...attributeWish(given, before, found, kindOf(found)), ...timesWish(given, found, before) }],
  ])
}

function kindOf({ type }: PathState): 'file' | 'directory' | 'link' {
  return type === 'directory' || type === 'link' ? type : 'file'
}

function refuseMissingFolder(given: Entry, before: View, found: PathState): void {
  const folder = parentOf(given.path)
  const { type } = before.path(folder)
  if (found.type !== 'absent' || type === 'directory' || isUnknown(type)) return
  const [what, errno] =
    type === 'absent'
      ? ['does not exist', '[Errno 2] No such file or directory']
      : [`is a ${type}`, '[Errno 20] Not a directory']
  const goal = given.src === undefined ? '' : `b'${given.src}' -> `
  const doing = stateWanted(given) === 'touch' ? 'Error, could not touch target' : 'Error while linking'
  throw new Fail(
    `${doing}: ${errno}: ${goal}b'${given.path}'`,
    [`path:${folder}`],
    `the folder ${folder} ${what}: make it with state directory`,
  )
}

function directoryWishes(given: Entry, before: View, found: PathState): Wishes {
  const above = foldersAbove(given.path).flatMap((ancestor): [Key, Wished<PathState>][] => {
    const state = before.path(ancestor)
    if (state.type === 'directory' || isUnknown(state.type)) return []
    if (state.type !== 'absent') throw notAFolder(given.path, ancestor, state.type)
    return [[`path:${ancestor}`, { type: 'directory', ...attributeWish(given, before, state, 'directory') }]]
  })
  if (typeof found.type === 'string' && found.type !== 'absent' && found.type !== 'directory') {
    const there = found.type === 'other' ? 'file' : found.type
    throw new Fail(`${given.path} already exists as a ${there}`, [`path:${given.path}`], 'remove it first')
  }
  const own = { ...attributeWish(given, before, found, 'directory'), ...timesWish(given, found, before) }
  return [
    ...above,
    [`path:${given.path}`, { type: 'directory', ...own }],
    ...(given.recurse ? belowWishes(given.path, given, before) : []),
    ...(given.recurse && given.follow ? linkGoals(given, before) : []).flatMap((goal) =>
      goalWishes(goal, given, before),
    ),
  ]
}

/** The folder that cannot be made is the one right below. */
function notAFolder(path: string, ancestor: string, type: string): Fail {
  const below = `${ancestor}/${path.slice(ancestor.length + 1).split('/')[0]!}`
  return new Fail(
    `There was an issue creating ${below} as requested: [Errno 20] Not a directory: b'${below}'`,
    [`path:${ancestor}`],
    `${ancestor} is a ${type}: remove it first`,
  )
}

function belowWishes(folder: string, given: Entry, before: View): Wishes {
  return [...before.tree(folder)].map(([relative, state]) => [
    `path:${folder}/${relative}`,
    attributeWish(given, before, state, kindOf(state)),
  ])
}

/** What a link below points to gets the attributes too. */
function goalWishes(goal: string, given: Entry, before: View): Wishes {
  const found = before.path(goal)
  if (found.type === 'absent') return []
  return [
    [`path:${found.real}`, attributeWish(given, before, found, kindOf(found))],
    ...belowWishes(goal, given, before),
  ]
}

function linkWishes(given: Entry, before: View, found: PathState): Wishes {
  const key: Key = `path:${given.path}`
  const target = given.src ?? (found.type === 'link' ? found.target : undefined)
  if (target === undefined) throw new Fail('state link needs src', [key])
  const goal = isUnknown(target) ? undefined : goalOf(given.path, target)
  const there = goal === undefined ? undefined : before.path(goal)
  if (there?.type === 'absent' && !given.force && given.src !== undefined) {
    throw new Fail(
      `src file does not exist, use "force=yes" if you really want to create the link: ${goal!}`,
      [`path:${goal!}`],
    )
  }
  refuseOther(given, before, found)
  const told = tellsAttributes(given)
  const own = given.follow ? {} : attributeWish({ ...given, mode: undefined }, before, found, 'link')
  const followed: Wishes =
    given.follow && told && there && there.type !== 'absent'
      ? [[`path:${there.real}`, attributeWish(given, before, there, kindOf(there))]]
      : []
  return [[key, { type: 'link', target, ...own }], ...followed]
}

function refuseOther(given: Entry, before: View, found: PathState): void {
  const key: Key = `path:${given.path}`
  if (found.type === 'directory') {
    if (!given.force)
      throw new Fail(
        `refusing to convert from directory to symlink for ${given.path}`,
        [key],
        'use force to replace an empty one by a link',
      )
    if (before.tree(given.path).size > 0) {
      throw new Fail(
        `the directory ${given.path} is not empty, refusing to convert it`,
        [key],
        'remove it first',
      )
    }
  } else if (
    typeof found.type === 'string' &&
    found.type !== 'absent' &&
    found.type !== 'link' &&
    !given.force
  ) {
    throw new Fail(
      `refusing to convert from file to symlink for ${given.path}`,
      [key],
      'use force to replace it by a link',
    )
  }
}

function touchWish(given: Entry, before: View, found: PathState): Wished<PathState> {
  const isNew = found.type === 'absent'
  return {
    ...attributeWish(given, before, found, isNew ? 'file' : kindOf(found)),
    ...(isNew
      ? { type: 'file', size: 0, content: EMPTY, ...(readsContent(given) ? { sha1: EMPTY.sha1 } : {}) }
      : {}),
    ...timesWish(given, found, before),
  }
}

const EMPTY = contentOf('')
