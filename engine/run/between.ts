import { isDeepStrictEqual } from 'node:util'
import type { Key } from '../module/contract.js'
import { pathId } from './answers.js'
import { canonical } from './compare.js'
import type { Member } from './gather.js'
import { rankOf, type PathAsk, type Questions } from './questions.js'
import type { Look, Parcel } from './speculation.js'

/**
 * Which members of a message (together.ts) have to do with one another, and when each is looked at: after its own
 * script, and before that of another which changes what it looks at.
 */

/** Looks at members before the script of another; behind all of them where that is the number of members. */
export interface Point {
  readonly before: number
  readonly members: readonly number[]
  readonly questions: Questions
}

/** A member that has something to change. */
export type Whole = Member & { readonly parcel: Parcel }

/** As few points as there can be: whoever waits to be looked at is looked at as soon as one of them must be. */
export function pointsOf(members: readonly Whole[]): readonly Point[] {
  const points: Point[] = []
  let waiting: number[] = []
  const look = (before: number): void => {
    const questions = waiting.map((n) => members[n]!.parcel.questions).reduce(merge)
    points.push({ before, members: waiting, questions })
    waiting = []
  }
  for (const [n, member] of members.entries()) {
    const disturbs = (other: number): boolean =>
      changesLook(member, members[other]!) || !agree(member.parcel, members[other]!.parcel)
    if (waiting.some(disturbs)) look(n)
    waiting.push(n)
  }
  look(members.length)
  return points
}

/**
 * Whether one changes what the answers of the other tell. Who has a new account is told by name of what belongs to
 * its id.
 */
function changesLook(one: Member, other: Member): boolean {
  const paths = [...(other.parcel?.differing.keys() ?? [])].some((key) => key.startsWith('path:'))
  return touches(one, other.looks) || (paths && makesAccount(one))
}

/**
 * Whether one changes what another rests on that stands behind it, so that no forecast tells what it will find: files
 * of the controller, and what answers of a module's own come from.
 */
export function unsettles(one: Member, { looks, sources }: Member): boolean {
  const rested = looks.filter((look) => look.rested)
  const written = makesAccount(one) && looks.some((look) => WRITTEN.some((path) => concerns(path, look)))
  const opened = opens(one) && looks.some((look) => look.lost)
  return touches(one, [...rested, ...sources]) || written || opened
}

/** What the tools that make accounts write besides what is wished for. */
const WRITTEN = [
  ...['passwd', 'group', 'shadow', 'gshadow', 'subuid', 'subgid'].flatMap((name) => [
    `/etc/${name}`,
    `/etc/${name}-`,
  ]),
  ...['/var/mail', '/var/spool/mail', '/var/log/lastlog', '/var/log/faillog', '/var/log/tallylog'],
]

function makesAccount({ parcel }: Member): boolean {
  return [...(parcel?.differing.keys() ?? [])].some(isAccount)
}

/** Whether a key is that of an account or a group. */
export function isAccount(key: Key): boolean {
  return key.startsWith('user:') || key.startsWith('group:')
}

function touches({ parcel }: Member, looks: readonly Look[]): boolean {
  const differing = [...(parcel?.differing ?? [])].filter(([key]) => key.startsWith('path:'))
  const touched = differing.flatMap(([key, { before }]) => pathsOf(key, before))
  return looks.some((look) => touched.some((path) => concerns(path, look)))
}

/** Whether there may be something by then behind a link that leads nowhere. */
function opens({ parcel }: Member): boolean {
  const types = [...(parcel?.differing.values() ?? [])].map(({ wished }) => wished['type'])
  return types.includes('link') || types.includes('directory')
}

/** The paths of a change: as it was named, and where it really is. */
export function pathsOf(key: Key, before: Readonly<Record<string, unknown>>): readonly string[] {
  return [canonical(key).slice('path:'.length), String(before['real'])]
}

function concerns(touched: string, { path, shallow }: Look): boolean {
  return path === touched || isBelow(path, touched) || (!shallow && isBelow(touched, path))
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder === '/' ? '/' : `${folder}/`)
}

/** Whether one answer serves both where both ask for the same thing. */
function agree(one: Parcel, other: Parcel): boolean {
  const [first, second] = [one.questions, other.questions]
  const asksSame = (ask: Questions['own'][number]): boolean =>
    second.own.every(
      ({ ask: { key }, script }) => key !== ask.ask.key || isDeepStrictEqual(script, ask.script),
    )
  return first.paths.every((ask) => agrees(ask, second.paths)) && first.own.every(asksSame)
}

function agrees(ask: PathAsk, others: readonly PathAsk[]): boolean {
  const id = pathId(ask.path, ask.follow)
  const other = others.find(({ path, follow }) => pathId(path, follow) === id)
  if (!other || (rankOf(ask) <= STAT && rankOf(other) <= STAT)) return true
  return ask.need === other.need && ask.limit === other.limit && ask.hashed === other.hashed
}

const STAT = rankOf({ need: 'stat' })

function merge(one: Questions, other: Questions): Questions {
  const paths = new Map(one.paths.map((ask) => [pathId(ask.path, ask.follow), ask]))
  for (const ask of other.paths) {
    const id = pathId(ask.path, ask.follow)
    const known = paths.get(id)
    if (!known || rankOf(known) < rankOf(ask)) paths.set(id, ask)
  }
  const both = (names: readonly string[], more: readonly string[]): readonly string[] => [
    ...new Set([...names, ...more]),
  ]
  const [users, groups] = [both(one.users, other.users), both(one.groups, other.groups)]
  return {
    ...one,
    paths: [...paths.values()],
    users,
    groups,
    memberships: both(one.memberships, other.memberships),
    ids: [...one.ids, ...other.ids],
    owners: both(one.owners, other.owners).filter((name) => !users.includes(name)),
    ownerGroups: both(one.ownerGroups, other.ownerGroups).filter((name) => !groups.includes(name)),
    own: [...new Map([...one.own, ...other.own].map((own) => [own.ask.key, own])).values()],
    flags: one.flags || other.flags,
    labels: [one, other].map(({ labels }) => labels).find((labels) => labels !== 'no') ?? 'no',
  }
}
