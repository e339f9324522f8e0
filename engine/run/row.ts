import { NotRun, type Link } from '../connection/connection.js'
import { tookLast } from './ahead.js'
import { doing, send, sendWithGuard } from './act.js'
import { gather, type Speculated } from './gather.js'
import { namesNothing } from './questions.js'
import type { Delivered, Parcel } from './speculation.js'
import type { Call, Target } from './target.js'

/**
 * Commands in a row: where nobody waits for a host between its tasks, the next commands are written to its shell before
 * the first has ended, each as the script it would be by itself. The shell runs one only if the one before has ended
 * with status 0 (engine/connection/prelude.ts). One goes along only if nothing need be known of the host to send it.
 */

/**
 * Whether a call sends a command that needs no look at the host, and may have others behind it. One with a condition only
 * where it will most likely run: what is asked in its place tells of the next ones too.
 */
export function leadsRow(call: Call, target: Target, parcel: Parcel): boolean {
  const leads = call.successors !== undefined && call.ownPace === true && isCommand(parcel)
  return leads && (!parcel.guard || tookLast(target, call))
}

/** Only a command is run, and nothing is looked at afterwards. */
function isCommand({ step, differing, questions }: Parcel): boolean {
  const asks = !namesNothing(questions) || questions.accounts
  return !asks && !step.away && !step.save?.length && [...differing.keys()].every(isRun)
}

function isRun(key: string): boolean {
  return key === 'run:command'
}

/** Sends a command, and those that may follow it, which are told once they have run. */
export async function sendRow(
  call: Call,
  parcel: Parcel,
  inRow: NonNullable<Parcel['inRow']>,
): Promise<Delivered> {
  // What a command changes nobody can tell.
  const mayGo = (one: Speculated): boolean =>
    one.looks.length + one.sources.length === 0 && (!one.parcel || isCommand(one.parcel))
  const group = await gather(call, parcel, mayGo, true)
  const followers = group.filter((one) => one.parcel)
  let link: Link = {}
  const first = inRow(link)
  const sent = followers.map(({ parcel }) => {
    link = { behind: link }
    return parcel!.inRow!(link)
  })
  for (const { successor, speculation } of group) successor.keep(speculation)
  void handOut(first, followers, sent)
  return first
}

/** Sends a command, at its place in a row where it has one. */
export async function sendLinked(
  call: Call,
  target: Target,
  parcel: Parcel,
  link?: Link,
): Promise<Delivered> {
  const { step, questions, guard } = parcel
  if (guard) return { outputs: await sendWithGuard(call, target, { step, guard }, link), questions }
  const outputs = await doing(target, () => send(call, target, step, undefined, link))
  return { outputs, questions }
}

/** Tells each what came of it, in their order; behind one that failed all others wait for their turns. */
async function handOut(
  first: Promise<Delivered>,
  followers: readonly Speculated[],
  sent: readonly Promise<Delivered>[],
): Promise<void> {
  for (const each of sent) each.catch(() => undefined)
  let goesOn = await first.then(
    () => true,
    () => false,
  )
  let started = new Date()
  for (const [n, { speculation }] of followers.entries()) {
    if (!goesOn) {
      speculation.leaveBehind()
      continue
    }
    try {
      speculation.deliver({ ...(await sent[n]!), started })
      started = new Date()
    } catch (error) {
      goesOn = false
      speculation.leaveBehind(error instanceof NotRun ? undefined : error)
    }
  }
}
