import type { Link } from '../connection/connection.js'
import type { Key } from '../module/contract.js'
import { isUnknown } from '../unknown.js'
import { join, sh, type Script } from '../module/quote.js'
import { doing, outputsAt, send, sendAll } from './act.js'
import { changesFiles } from './ahead.js'
import { isAccount, pathsOf, pointsOf, unsettles, type Point, type Whole } from './between.js'
import { jointly } from './joint.js'
import { gather, type Member, type Speculated } from './gather.js'
import { namesNothing } from './questions.js'
import { oneByOne } from './one-by-one.js'
import { leadsRow, sendLinked, sendRow } from './row.js'
import type { Delivered, Look, Parcel } from './speculation.js'
import type { Call, Target } from './target.js'

/**
 * Sending together: where a task changes files or makes accounts, the next tasks of the host that do so too go along
 * in the same message, in their order, and none is run after one that failed. Each is evaluated before its turn, with
 * what is known of the host and what those before it will have made (resting.ts), and its result is kept until then.
 * One goes along only where this makes no difference: it reads nothing that a task before it may have changed in a
 * way that cannot be told, or one on another host, and has its own turn otherwise.
 */

/** Bytes that all of them may bring. */
const MOST_BYTES = 2 * 1024 * 1024
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
  if (leadsRow(call, target, parcel)) return sendRow(call, parcel, inRow)
  if (parcel.guard) return sendLinked(call, target, parcel)
  const head = { parcel, looks, sources: [] }
  const fits = call.successors !== undefined && target.forecast.states.size === 0 && isFit(head)
  const group = fits && bytesOf(parcel) < MOST_BYTES ? await oneByOne(() => gatherFits(call, head)) : []
  const parcels = [parcel, ...group.flatMap((one) => one.parcel ?? [])]
  const files = parcels.every(({ differing }) =>
    [...differing.keys()].every((key) => key.startsWith('path:')),
  )
  if (fits) changesFiles(target, call)
  return doing(
    target,
    () =>
      group.length > 0 || (fits && jointly([parcel])[0])
        ? sendGroup(call, target, head, group)
        : sendAlone(call, target, parcel),
    files,
  )
}

async function sendAlone(call: Call, target: Target, { step, questions }: Parcel): Promise<Delivered> {
  const outputs = await send(call, target, step, namesNothing(questions) ? undefined : questions)
  return { outputs, questions }
}

/** Those that may go along: none brings too much, or rests on what cannot be told of one before it. */
async function gatherFits(call: Call, head: Whole): Promise<readonly Speculated[]> {
  let bytes = bytesOf(head.parcel)
  return gather(call, head.parcel, (one, group) => {
    if (!isFit(one)) return false
    bytes += one.parcel ? bytesOf(one.parcel) : 0
    return bytes <= MOST_BYTES && ![head, ...group].some((member) => unsettles(member, one))
  })
}

/**
 * Only files and folders are made or changed, and accounts made, in the plain way, and surely there: a link that
 * leads nowhere may lead elsewhere then.
 */
function isFit({ parcel, looks }: Member): boolean {
  if (!parcel) return true
  const { step, differing, questions } = parcel
  if (looks.some(({ lost }) => lost)) return false
  const { away, save, stream, judged } = step
  const plain = !away && !save?.length && !stream && !judged
  const { trees, own, accounts, session } = questions
  const asks = trees.length === 0 && own.every(({ ask }) => ask.rests) && !accounts && !session
  return plain && asks && [...differing].every(([key, each]) => isPlain(key, each))
}

/**
 * A new account has nothing yet; what one that changes or goes has gets another name. A link that is replaced or
 * removed leads others elsewhere, of whom one cannot tell; a new one only those who found nothing. A file of several
 * names is changed under all of them.
 */
function isPlain(key: Key, { before, wished }: { before: Attributes; wished: Attributes }): boolean {
  if (isAccount(key)) return before['exists'] === false && wished['exists'] === true
  const shared = before['type'] === 'file' && before['links'] !== undefined && before['links'] !== 1
  return (
    key.startsWith('path:') &&
    !shared &&
    wished['inode'] === undefined &&
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

function bytesOf({ step }: Parcel): number {
  return (step.inputs ?? []).reduce((sum, { size }) => sum + size, step.script.text.length)
}

/** Sends all of them in one message, and hands out what came back. */
async function sendGroup(
  call: Call,
  target: Target,
  head: Whole,
  group: readonly Speculated[],
): Promise<Delivered> {
  const speculations = group.filter((one): one is Speculated & Whole => one.parcel !== undefined)
  const members = [head, ...speculations]
  const parcels = members.map(({ parcel }) => parcel)
  const points = pointsOf(members)
  try {
    const inputs = parcels.flatMap(({ step }) => step.inputs ?? [])
    const sent = {
      scripts: parcels.map(scriptOf),
      instead: insteadOf(parcels, points),
      inputs,
      last: flushScript(parcels),
    }
    const outputs = await sendAll(call, target, sent, points)
    const own = (n: number): Delivered => {
      const { before, questions } = points.find(({ members }) => members.includes(n))!
      const looked = outputsAt(outputs, before)
      return { outputs: new Map([...looked, ['converge', outputs.get(`converge ${n}`)!]]), questions }
    }
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

/** What is made together in place of members' scripts: only of those between which nobody looks. */
function insteadOf(parcels: readonly Parcel[], points: readonly Point[]): readonly (Script | undefined)[] {
  return points.flatMap(({ before }, n) => {
    const from = points[n - 1]?.before ?? 0
    return jointly(parcels.slice(from, before), inputsOf(parcels.slice(0, from)))
  })
}

function inputsOf(parcels: readonly Parcel[]): number {
  return parcels.reduce((sum, { step }) => sum + (step.inputs?.length ?? 0), 0)
}

/** A member's script, which finds its own inputs under the numbers it knows. */
function scriptOf({ step, differing }: Parcel, n: number, parcels: readonly Parcel[]): Script {
  const before = inputsOf(parcels.slice(0, n))
  const inputs =
    before === 0 ? [] : (step.inputs ?? []).map((_, i) => sh`fplay_renumber ${before + i + 1} ${i + 1}`)
  const made = madeBy(parcels.slice(0, n))
  const replaced = [...differing.values()].filter(({ before }) => before['type'] === 'file')
  const isNew = replaced.length > 0 && replaced.every(({ before }) => made.has(String(before['real'])))
  return join([...inputs, ...(isNew ? [sh`fplay_new=1`] : []), step.script])
}

/**
 * New files, also those that others change further, are flushed at once and behind their renames: where nothing was, nothing can be
 * lost. A file that takes the place of another is flushed before, by its own script.
 */
function flushScript(parcels: readonly Parcel[]): Script {
  const made = [...madeBy(parcels)]
  return made.length === 0 ? sh`:` : sh`sync ${made} 2>/dev/null`
}

/** Paths of the files that parcels make where nothing is. */
function madeBy(parcels: readonly Parcel[]): ReadonlySet<string> {
  const differences = parcels.flatMap(({ differing }) => [...differing.values()])
  const made = differences.filter(
    ({ before, wished }) => before['type'] === 'absent' && wished['type'] === 'file',
  )
  return new Set(made.map(({ before }) => String(before['real'])))
}
