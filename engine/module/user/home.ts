import {
  Unknown,
  type Ask,
  type Difference,
  type Key,
  type OwnState,
  type PathState,
  type UserState,
  type View,
  type Wished,
} from '../contract.js'
import { parseUmask } from '../mode.js'
import { sh, type Script } from '../quote.js'
import type { User } from './params.js'
import { foldersAbove } from '../folders-above.js'

/** Where the home is most likely, so that it can be asked for together with everything else. */
export function likelyHome({ name, home }: User): string {
  return home ?? `/home/${name}`
}

/** Asks for what a new home is filled with. */
export function skeletonAsk({ skeleton }: User): Ask {
  return { kind: 'tree', path: skeleton ?? SKELETON, need: 'hash', foretells: true }
}

const SKELETON = '/etc/skel'

/** What is in a new home, for later tasks of a dry run. */
export function homeContents(
  given: User,
  before: View,
  differing: ReadonlyMap<Key, Difference>,
): ReadonlyMap<Key, OwnState> {
  const home = homeOf(given, before)
  const wished = home === undefined ? undefined : differing.get(`path:${home}`)?.wished
  if (wished?.['type'] !== 'directory' || !isKnownSkeleton(given, before)) return new Map()
  const { owner, group } = wished
  return new Map(
    [...before.tree(given.skeleton ?? SKELETON)].map(([relative, state]): [Key, OwnState] => {
      const { type, mode, size, sha1, content, target } = state
      const kept = Object.entries({ type, mode, size, sha1, content, target }).filter(
        ([, value]) => value !== undefined,
      )
      return [`path:${home!}/${relative}`, { ...Object.fromEntries(kept), owner, group }]
    }),
  )
}

function isKnownSkeleton(given: User, before: View): boolean {
  const usual = before.settings()['SKEL'] || SKELETON
  return given.skeleton !== undefined || usual === SKELETON
}

/** Asks what is at the home and at the folders above it; what is made is looked at wholly afterwards. */
export function homeAsks(home: string): readonly Ask[] {
  return [home, ...foldersAbove(home)].map((path) => ({ kind: 'path', path, need: 'type', follow: true }))
}

/** The home that the account has, or is to have; undefined when there is none, or only the run can tell. */
export function homeOf(given: User, before: View): string | undefined {
  const found = before.user(given.name)
  if (given.home !== undefined && given.state === 'present') return given.home
  if (found.exists === true)
    return typeof found.home === 'string' && found.home !== '' ? found.home : undefined
  if (given.state === 'absent') return undefined
  return `${before.settings()['HOME'] || '/home'}/${given.name}`
}

/** Wishes for a home that is to be made, and for the missing folders above it. */
export function homeWishes(
  given: User,
  group: string | undefined,
  found: UserState,
  before: View,
): readonly [Key, Wished<PathState>][] {
  const home = homeOf(given, before)
  if (!given.create_home || home === undefined || before.path(home).type !== 'absent') return []
  const above = foldersAbove(home).filter((path) => before.path(path).type === 'absent')
  const whose = group ?? found.group ?? new Unknown(`primary group of ${given.name}`)
  return [
    ...above.map((path): [Key, Wished<PathState>] => [`path:${path}`, { type: 'directory' }]),
    [
      `path:${home}`,
      {
        type: 'directory',
        mode: homeMode(given, before),
        owner: given.name,
        group: whose,
        ...(isKnownSkeleton(given, before) ? {} : { below: 'unknown' }),
      },
    ],
  ]
}

/** What useradd gives to a home. */
function homeMode({ umask: given }: User, before: View): number {
  const { HOME_MODE: mode, UMASK = '022' } = before.settings()
  const umask = given === undefined ? parseInt(UMASK, 8) : parseUmask(given)
  return mode === undefined ? 0o777 & ~umask : parseInt(mode, 8) & 0o7777
}

/** A home for an account that was there before, as useradd would have made it. */
export function homeScript({ name, skeleton }: User, home: string, before: View): Script {
  const from = skeleton ?? (before.settings()['SKEL'] || SKELETON)
  return sh`mkdir -- ${home}; if [ -d ${from} ]; then cp -RP -- ${from}/. ${home}/; fi
chown -R ${name}:"$(id -gn -- ${name})" -- ${home}`
}
