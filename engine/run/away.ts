import {
  Fail,
  NotYet,
  type Away,
  type Converge,
  type Difference,
  type Key,
  type Ran,
} from '../module/contract.js'
import { send } from './act.js'
import { NOTHING_ASKED, type Answers } from './answers.js'
import { askHost, questionsOf } from './ask.js'
import { unreached } from './compare.js'
import type { Call, Target } from './target.js'
import { createView, type HostView } from './view.js'
import { limited, pause, whileAway } from './waiting.js'

type RanScript = Extract<Ran, { kind: 'ran' }>

/** How a host went and came back. */
export interface Left {
  readonly ran: RanScript
  /** What it answered in the end; nothing where the script failed. */
  readonly answers: Answers
}

/** Takes a host away, and waits for it until what was wished for is there. Throws Fail when it does not come back. */
export async function takeAway(
  call: Call,
  target: Target,
  step: Converge,
  away: Away,
  before: HostView,
  differing: ReadonlyMap<Key, Difference>,
): Promise<Left> {
  const begun = Date.now()
  const ran = await sendAway(call, target, step, away.attempt)
  const questions = questionsOf(away.asks, { ...call, diff: false }, target)
  if (ran.code !== 0) return { ran, answers: NOTHING_ASKED }
  const { forecast } = target
  const { session } = before
  const answers = await untilBack(away, call, async (limited) => {
    const answers = await askHost(questions, limited, target)
    const view = createView({ asks: away.asks, answers, forecast, session, controller: new Map() })
    return { answers, missed: unreached(differing, view) }
  })
  return { ran: { ...ran, seconds: (Date.now() - begun) / 1000 }, answers }
}

/** Runs a script that takes the host away. That the connection broke, or nothing came back, is what it was for. */
async function sendAway(call: Call, target: Target, step: Converge, attempt: number): Promise<RanScript> {
  const started = new Date()
  const ended = { kind: 'ran', started, seconds: 0, stdout: '', stderr: '', code: 0 } as const
  const limit = AbortSignal.timeout(attempt * 1000)
  try {
    const outputs = await send(limited(call, limit), target, step, undefined)
    const output = outputs.get('converge')
    return {
      ...ended,
      stdout: output?.stdout.toString('utf8') ?? '',
      stderr: output?.stderr ?? '',
      code: output?.code ?? 0,
    }
  } catch (error) {
    if (!call.signal?.aborted && isAway(error, limit)) return ended
    throw error
  }
}

/** What one look at the host told. */
interface Sighting<T> {
  readonly answers: T
  /** What is not as it should be, for people. */
  readonly missed: readonly string[]
}

/**
 * Looks until the host is back and everything is as it should be. The time counts anew once something else is missing than
 * before: the host may take as long for its restart as for what the task waits for afterwards.
 */
async function untilBack<T>(away: Away, call: Call, look: (call: Call) => Promise<Sighting<T>>): Promise<T> {
  const begun = Date.now()
  let [since, last, why] = [begun, '', 'it did not answer']
  // Soon at first: what is back at once need not be waited for.
  for (let wait = 0.25; ; wait *= 2) {
    await pause(Math.min(wait, away.sleep), call.signal)
    const sighting = await lookOnce(away, call, look)
    if (typeof sighting !== 'string') {
      if (sighting.missed.length === 0) return sighting.answers
      const missed = sighting.missed.join('; ')
      if (last !== '' && missed !== last) since = Date.now()
      last = missed
    }
    why = typeof sighting === 'string' ? sighting : last
    if (Date.now() - since < away.seconds * 1000) continue
    const elapsed = Math.round((Date.now() - begun) / 1000)
    throw new Fail(`the host did not come back within ${away.seconds} seconds: ${why}`, [], undefined, {
      elapsed,
    })
  }
}

/** One look, or why there was none. */
async function lookOnce<T>(
  away: Away,
  call: Call,
  look: (call: Call) => Promise<Sighting<T>>,
): Promise<Sighting<T> | string> {
  const limit = AbortSignal.timeout(away.attempt * 1000)
  try {
    return await look(limited(call, limit))
  } catch (error) {
    if (call.signal?.aborted) throw error
    if (isAway(error, limit)) return 'it cannot be reached'
    if (error instanceof NotYet) return error.message
    throw error
  }
}

function isAway(error: unknown, limit: AbortSignal): boolean {
  return whileAway(error, limit, 0) instanceof NotYet
}
