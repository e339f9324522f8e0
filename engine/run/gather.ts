import { emptyForecast, type Forecast } from './forecast.js'
import { Speculation, type Look, type Parcel, type Successor } from './speculation.js'
import type { Call } from './target.js'

/** Tasks that may go along with one. */
const MOST = 32

/** One task of a message. */
export interface Member {
  readonly parcel: Parcel | undefined
  readonly looks: readonly Look[]
  /** Files of the controller that it reads. */
  readonly sources: readonly Look[]
}

/** A successor that was evaluated. */
export interface Speculated extends Member {
  readonly successor: Successor
  readonly speculation: Speculation
}

/**
 * Evaluates the successors of a task one after the other until one has to wait for its turn, each as if those before
 * it had been run.
 * @param head  what the task itself sends
 * @param mayGo  whether one may go along, given those before it
 * @param inRow  commands go before them
 */
export async function gather(
  call: Call,
  head: Parcel,
  mayGo: (one: Speculated, group: readonly Speculated[]) => boolean,
  inRow = false,
): Promise<readonly Speculated[]> {
  const group: Speculated[] = []
  const forecast = emptyForecast()
  head.foretell(forecast)
  for (const successor of call.successors!(MOST)) {
    const speculated = await speculate(successor, forecast, inRow)
    if (!speculated) break
    if (!mayGo(speculated, group)) {
      speculated.speculation.leaveBehind()
      break
    }
    group.push(speculated)
    speculated.parcel?.foretell(forecast)
    if (!successor.leads) break
  }
  // What has nothing to change is looked at in its turn, unless something is done after it.
  return group.slice(0, group.findLastIndex(({ parcel }) => parcel) + 1)
}

/** Evaluates a successor; undefined when it has to wait for its turn. */
async function speculate(
  successor: Successor,
  forecast: Forecast,
  inRow: boolean,
): Promise<Speculated | undefined> {
  const speculation = new Speculation(successor.pending, forecast, inRow)
  const ended = successor.run(speculation).then(
    ({ end }) => end === 'ok' || end === 'skipped',
    () => false,
  )
  const good = await Promise.race([speculation.ready, ended])
  const { parcel, looks, sources, refused, resting } = speculation
  // A result comes of what is there: what nothing is done for has none before its turn.
  const told = parcel !== undefined || !resting
  if (good && !refused && told) return { successor, speculation, parcel, looks, sources }
  speculation.leaveBehind()
  return undefined
}
