import type { Link } from '../connection/connection.js'
import type { Key } from '../module/contract.js'
import { isUnknown } from '../unknown.js'
import { join, sh, type Script } from '../module/quote.js'
import { doing, send, sendAll } from './act.js'
import { changesFiles } from './ahead.js'
import { pathId } from './answers.js'
import { canonical } from './compare.js'
import { jointly } from './joint.js'
import { gather, type Member, type Speculated } from './gather.js'
import { rankOf, type PathAsk, type Questions } from './questions.js'
import { leadsRow, sendLinked, sendRow } from './row.js'
import type { Delivered, Look, Parcel } from './speculation.js'
import type { Call, Target } from './target.js'

/**
 * Sending together: where a task changes files, the next tasks of the host that do so too go along in the same message,
 * in their order, and none is run after one that failed. Each is evaluated before its turn, with what is known of the
 * host, and its result is kept until then. One goes along only where this makes no difference: it reads nothing that a
 * task before it may have changed, on this host or another, and has its own turn otherwise.
 */

/** Bytes that all of them may bring. */
const MOST_BYTES = 1024 * 1024
/** What other tasks learn of accounts comes from these. */
const ACCOUNT_FILES = new Set([
  '/etc/passwd',
  '/etc/group',
  '/etc/shadow',
  '/etc/gshadow',
  '/etc/nsswitch.conf',
])

/** Sends what a task makes different, and what may go along. */
export async function sendWithSuccessors(
  call: Call,
  target: Target,
  parcel: Parcel,
  looks: readonly Look[],
): Promise<Delivered> {
  const inRow = (link: Link): Promise<Delivered> => sendLinked(call, target, parcel, link)
  if (call.speculation) return call.speculation.send({ ...parcel, inRow })
  if (leadsRow(call, parcel)) return sendRow(call, inRow)
  const fits = call.successors !== undefined && isFit(parcel)
  const group = fits ? await gatherFiles(call, { parcel, looks }) : []
  const files = [...parcel.differing.keys()].every((key) => key.startsWith('path:'))
  if (fits) changesFiles(target, call)
  return doing(
    target,
    () =>
      group.length > 0 || (fits && jointly([parcel])[0])
        ? sendGroup(call, target, parcel, group)
        : sendAlone(call, target, parcel),
    files,
  )
}

async function sendAlone(call: Call, target: Target, { step, questions }: Parcel): Promise<Delivered> {
  const outputs = await send(call, target, step, isEmpty(questions) ? undefined : questions)
  return { outputs, questions }
}

function isEmpty({ paths, trees, users, groups, owners, ownerGroups, own }: Questions): boolean {
  return [paths, trees, users, groups, owners, ownerGroups, own].every(({ length }) => length === 0)
}

/** Those that may go along: none brings too much, or has to do with another. */
async function gatherFiles(call: Call, head: Member): Promise<readonly Speculated[]> {
  let bytes = bytesOf(head.parcel!)
  return gather(call, (one, group) => {
    if (one.parcel && !isFit(one.parcel)) return false
    bytes += one.parcel ? bytesOf(one.parcel) : 0
    return bytes <= MOST_BYTES && ![head, ...group].some((member) => disturbs(member, one))
  })
}

/** Only files and folders are made or changed, in the plain way. */
function isFit({ step, differing, questions }: Parcel): boolean {
  const { away, save, stream, judged } = step
  const plain = !away && !save?.length && !stream && !judged
  const { trees, users, groups, own, accounts, session, paths } = questions
  const asks = [trees, users, groups, own].every(({ length }) => length === 0) && !accounts && !session
  return plain && asks && paths.length > 0 && [...differing].every(([key, each]) => isPlain(key, each))
}

/**
 * A link that is replaced or removed leads others elsewhere, of whom one cannot tell; a new one only those who found nothing. A file
 * of several names is changed under all of them.
 */
function isPlain(key: Key, { before, wished }: { before: Attributes; wished: Attributes }): boolean {
  const shared = before['type'] === 'file' && Number(before['links'] ?? 1) > 1
  return (
    key.startsWith('path:') &&
    !shared &&
    before['type'] !== 'link' &&
    (!isLink(wished) || before['type'] === 'absent') &&
    ![before['type'], wished['type']].some(isUnknown) &&
    !pathsOf(key, before).some((path) => ACCOUNT_FILES.has(path))
  )
}

type Attributes = Readonly<Record<string, unknown>>

function isLink({ type }: Attributes): boolean {
  return type === 'link'
}

function pathsOf(key: Key, before: Attributes): readonly string[] {
  return [canonical(key).slice('path:'.length), String(before['real'])]
}

function bytesOf({ step }: Parcel): number {
  return (step.inputs ?? []).reduce((sum, { size }) => sum + size, step.script.text.length)
}

/** Whether one changes what the other looks at, or both ask for the same thing in ways that one answer cannot serve. */
function disturbs(one: Member, other: Member): boolean {
  const [first, second] = [one.parcel?.questions.paths ?? [], other.parcel?.questions.paths ?? []]
  return touches(one, other) || touches(other, one) || !first.every((ask) => agrees(ask, second))
}

function touches({ parcel }: Member, { looks }: Member): boolean {
  const differing = [...(parcel?.differing ?? [])]
  const touched = differing.flatMap(([key, { before }]) => pathsOf(key, before))
  const links = differing.some(([, { wished }]) => isLink(wished))
  return looks.some((look) => (links && look.lost) || touched.some((path) => concerns(path, look)))
}

function concerns(touched: string, { path, shallow }: Look): boolean {
  return path === touched || isBelow(path, touched) || (!shallow && isBelow(touched, path))
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder === '/' ? '/' : `${folder}/`)
}

function agrees(ask: PathAsk, others: readonly PathAsk[]): boolean {
  const id = pathId(ask.path, ask.follow)
  const other = others.find(({ path, follow }) => pathId(path, follow) === id)
  if (!other || (rankOf(ask) <= STAT && rankOf(other) <= STAT)) return true
  return ask.need === other.need && ask.limit === other.limit && ask.hashed === other.hashed
}

const STAT = rankOf({ need: 'stat' })

/** Sends all of them in one message, and hands out what came back. */
async function sendGroup(
  call: Call,
  target: Target,
  head: Parcel,
  group: readonly Speculated[],
): Promise<Delivered> {
  const speculations = group.filter(({ parcel }) => parcel)
  const parcels = [head, ...speculations.map(({ parcel }) => parcel!)]
  const questions = parcels.map((parcel) => parcel.questions).reduce(merge)
  try {
    const inputs = parcels.flatMap(({ step }) => step.inputs ?? [])
    const sent = {
      scripts: parcels.map(scriptOf),
      instead: jointly(parcels),
      inputs,
      last: flushScript(parcels),
    }
    const outputs = await sendAll(call, target, sent, questions)
    const own = (n: number): Delivered => ({
      outputs: new Map([...outputs, ['converge', outputs.get(`converge ${n}`)!]]),
      questions,
    })
    const failed = parcels.findIndex((_, n) => outputs.get(`converge ${n}`)?.code !== 0)
    const run = failed < 0 ? parcels.length : failed + 1
    const last = speculations[run - 2]
    const ran = group.slice(0, last ? group.indexOf(last) + 1 : 0)
    ran.forEach(({ successor, speculation }) => successor.keep(speculation))
    speculations.forEach(({ speculation }, n) =>
      n + 1 < run ? speculation.deliver(own(n + 1)) : speculation.leaveBehind(),
    )
    return own(0)
  } catch (error) {
    for (const { speculation } of speculations) speculation.leaveBehind()
    throw error
  }
}

/** A member's script, which finds its own inputs under the numbers it knows. */
function scriptOf({ step }: Parcel, n: number, parcels: readonly Parcel[]): Script {
  const before = parcels.slice(0, n).reduce((sum, { step }) => sum + (step.inputs?.length ?? 0), 0)
  const inputs =
    before === 0 ? [] : (step.inputs ?? []).map((_, i) => sh`fplay_renumber ${before + i + 1} ${i + 1}`)
  return join([...inputs, step.script])
}

/**
 * New files are flushed at once and behind their renames: where nothing was, nothing can be lost. A file that takes the place of
 * another is flushed before, by its own script.
 */
function flushScript(parcels: readonly Parcel[]): Script {
  const made = parcels.flatMap(({ differing }) =>
    [...differing.values()].filter(
      ({ before, wished }) => before['type'] === 'absent' && wished['type'] === 'file',
    ),
  )
  return made.length === 0 ? sh`:` : sh`sync ${made.map(({ before }) => String(before['real']))} 2>/dev/null`
}

function merge(one: Questions, other: Questions): Questions {
  const paths = new Map(one.paths.map((ask) => [pathId(ask.path, ask.follow), ask]))
  for (const ask of other.paths) {
    const id = pathId(ask.path, ask.follow)
    const known = paths.get(id)
    if (!known || rankOf(known) < rankOf(ask)) paths.set(id, ask)
  }
  return {
    ...one,
    paths: [...paths.values()],
    owners: [...new Set([...one.owners, ...other.owners])],
    ownerGroups: [...new Set([...one.ownerGroups, ...other.ownerGroups])],
    flags: one.flags || other.flags,
    labels: [one, other].map(({ labels }) => labels).find((labels) => labels !== 'no') ?? 'no',
  }
}
