import { Speculation, type Look, type Parcel, type Successor } from './speculation.js'
import type { Call } from './target.js'

/** Tasks that may go along with one. */
const MOST = 16

/** One task of a message. */
export interface Member {
  readonly parcel: Parcel | undefined
  readonly looks: readonly Look[]
}

/** A successor that was evaluated. */
export interface Speculated extends Member {
  readonly successor: Successor
  readonly speculation: Speculation
}

/**
 * Evaluates the successors of a task one after the other until one has to wait for its turn.
 * @param mayGo  whether one may go along, given those before it
 */
export async function gather(
  call: Call,
  mayGo: (one: Speculated, group: readonly Speculated[]) => boolean,
): Promise<readonly Speculated[]> {
  const group: Speculated[] = []
  for (const successor of call.successors!(MOST)) {
    const speculated = await speculate(successor)
    if (!speculated) break
    if (!mayGo(speculated, group)) {
      speculated.speculation.leaveBehind()
      break
    }
    group.push(speculated)
    if (!successor.leads) break
  }
  // What has nothing to change is looked at in its turn, unless something is done after it.
  return group.slice(0, group.findLastIndex(({ parcel }) => parcel) + 1)
}

/** Evaluates a successor; undefined when it has to wait for its turn. */
async function speculate(successor: Successor): Promise<Speculated | undefined> {
  const speculation = new Speculation(successor.pending)
  const ended = successor.run(speculation).then(
    ({ end }) => end === 'ok' || end === 'skipped',
    () => false,
  )
  const good = await Promise.race([speculation.ready, ended])
  const { parcel, looks, refused } = speculation
  if (good && !refused) return { successor, speculation, parcel, looks }
  speculation.leaveBehind()
  return undefined
}
