import { posix } from 'node:path'
import { Fail, isUnknown, type Ask, type PathState, type View } from '../contract.js'
import type { Find } from './filters.js'

/** An entry that was met. */
export interface Met {
  /** Absolute path, through links as they were followed. */
  readonly path: string
  readonly state: PathState
}

/** Levels below a folder that have to be told: one more than is taken, since those are looked at too. */
function levels({ recurse, depth }: Find): number | undefined {
  if (!recurse) return 1
  return depth === undefined || depth === 0 ? undefined : depth + 1
}

/** Asks for a folder and what is in it, as deep as wanted. */
export function folderAsks(given: Find, path: string, below = 0): readonly Ask[] {
  const left = levels(given)
  const depth = left === undefined ? undefined : left - below
  return [
    { kind: 'path', path, need: 'stat', follow: true },
    { kind: 'tree', path, need: 'stat', ...(depth === undefined ? {} : { depth }) },
  ]
}

/** Asks for the folders that links lead to, as far as they were met. */
export function linkAsks(given: Find, before: View): readonly Ask[] {
  if (!given.follow || !given.recurse) return []
  return given.paths.flatMap((path) =>
    links(given, before, path, 0, new Set()).flatMap(({ at, level }) => folderAsks(given, at, level)),
  )
}

interface Link {
  readonly at: string
  /** Levels above what is in it. */
  readonly level: number
}

/** Links below a folder, and below those of them that have been told already. */
function links(
  given: Find,
  before: View,
  path: string,
  level: number,
  seen: ReadonlySet<string>,
): readonly Link[] {
  const here = folderAt(before, path)
  if (here === undefined || seen.has(here.real)) return []
  const left = levels(given)
  return [...before.tree(path)].flatMap(([relative, { type }]): readonly Link[] => {
    const at = posix.join(path, relative)
    const deep = level + relative.split('/').length
    if (type !== 'link' || (left !== undefined && deep >= left)) return []
    return [{ at, level: deep }, ...links(given, before, at, deep, new Set([...seen, here.real]))]
  })
}

/** What was told of a folder; undefined when nothing was, it is none, or it may not be looked at. */
function folderAt(before: View, path: string): PathState | undefined {
  try {
    const found = before.path(path)
    return found.type === 'directory' ? found : undefined
  } catch (error) {
    if (error instanceof Fail) return undefined
    throw error
  }
}

/** All entries below a folder in the order of their paths, with those that links lead to. */
export function walk(given: Find, before: View, path: string): readonly Met[] {
  return below(given, before, path, 0, new Set())
}

function below(
  given: Find,
  before: View,
  path: string,
  level: number,
  seen: ReadonlySet<string>,
): readonly Met[] {
  const here = folderAt(before, path)
  if (here === undefined || seen.has(here.real)) return []
  const left = levels(given)
  const inside = new Set([...seen, here.real])
  const met = [...before.tree(path)]
    .filter(([relative]) => left === undefined || level + relative.split('/').length <= left)
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return met.flatMap(([relative, state]): readonly Met[] => {
    const at = posix.join(path, relative)
    const entry = { path: at, state }
    if (state.type !== 'link' || !given.follow || !given.recurse) return [entry]
    return [entry, ...below(given, before, at, level + relative.split('/').length, inside)]
  })
}

/** A folder to be searched of which only the run can tell what is in it. What else a command would make counts as a file. */
export function darkFolder(given: Find, before: View, root: string): string | undefined {
  const { type, below } = before.path(root)
  if (isUnknown(type) || below === 'unknown') return root
  const left = levels(given)
  const isSearched = (path: string): boolean =>
    left === undefined || posix.relative(root, path).split('/').length < left
  return walk(given, before, root).find(
    ({ path, state }) => state.type === 'directory' && state.below === 'unknown' && isSearched(path),
  )?.path
}

/** Whether the entry is deeper than is taken. */
export function tooDeep({ depth, recurse }: Find, root: string, path: string): boolean {
  if (!recurse || depth === undefined || depth === 0) return false
  return posix.relative(root, path).split('/').length > depth
}

/** Why a folder is not searched. */
export function notSearched(path: string, before: View): string | undefined {
  const { type } = before.path(path)
  return type === 'directory' || isUnknown(type) ? undefined : `'${path}' is not a directory`
}
