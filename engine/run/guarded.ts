import type { Ask, Converge, Difference, Key, Ran } from '../module/contract.js'
import { FRESH } from '../module/contract.js'
import { answersAhead, noteTaken, widen } from './ahead.js'
import { NOTHING_ASKED, readAnswers, Torn, type Answers } from './answers.js'
import { learn, sessionName, withKnownAccounts } from './ask.js'
import { compare } from './compare.js'
import { partsOf, type Pass } from './look.js'
import { NO_QUESTIONS, type Questions } from './questions.js'
import type { Delivered, Parcel } from './speculation.js'
import { sendWithSuccessors } from './together.js'
import { createView, type HostView, type ViewParts } from './view.js'

/**
 * Steps that are sent with their condition: a command that `creates` something goes along with the look whether that is
 * there. The host's shell takes the step where the condition holds. Otherwise it answers what the module asks, and all
 * goes on as if it had been asked first: so the condition holds only where the answers would surely call for the step.
 */

/** What came of a step: it was taken, or what the host told in its place. */
export type GuardedEnd =
  | {
      readonly step: Converge
      readonly before: HostView
      readonly differing: Parcel['differing']
      readonly ran: RanStep
    }
  | { readonly seen: ViewParts }

export type RanStep = Extract<Ran, { kind: 'ran' }>

const RUN: ReadonlyMap<Key, Difference> = new Map([
  ['run:command', { before: {}, wished: { run: FRESH }, names: ['run'] }],
])

/** Sends the step of a module with its condition; undefined where it has none, or is known to have nothing to do. */
export async function sendGuarded(pass: Pass): Promise<GuardedEnd | undefined> {
  const { call, target, local } = pass
  const { checkMode, diff, background, module, speculation } = call
  // Before its turn, only commands may go before it: what changes files is looked for before anything is sent.
  if (checkMode || diff || background || (speculation && !speculation.inRow)) return undefined
  // The first message of a shell asks who it is.
  if (!target.sessions.has(sessionName(call.become))) return undefined
  const condition = module.guard?.(call.params as never)
  const known = condition && answersAhead(asksOf(pass), call, target)
  const wants = known && wantsIt(seenBy(known, pass), pass)
  if (!condition || wants === false) return undefined
  if (wants) noteTaken(target, call, true)
  const before = createView(partsOf([], NOTHING_ASKED, new Map(), pass))
  const step = module.converge!(call.params as never, before, RUN, local as never)
  const { questions, keep } = widen(asksOf(pass), call, target)
  const started = new Date()
  const guard = { condition, questions }
  const parcel = { step, differing: RUN, questions: NO_QUESTIONS, guard, foretell: () => {} }
  const sent = await sendWithSuccessors(call, target, parcel, [])
  if (sent.outputs.has('converge')) return { step, before, differing: RUN, ran: ranOf(sent, started) }
  const answers = answersIn(sent, questions)
  if (answers) keep(learn(answers, call, target))
  const seen = answers && seenBy(answers, pass)
  // What goes before its turn cannot be sent twice.
  if (speculation && (!seen || wantsIt(seen, pass))) return speculation.refuse('the host said neither')
  return seen && { seen }
}

/** Undefined where something changed while the host was asked. */
function answersIn({ outputs }: Delivered, questions: Questions): Answers | undefined {
  try {
    return readAnswers(questions, outputs)
  } catch (error) {
    if (error instanceof Torn) return undefined
    throw error
  }
}

function asksOf({ call: { module, params }, local }: Pass): readonly Ask[] {
  return module.probe!(params as never, local as never)
}

function seenBy(answers: Answers, pass: Pass): ViewParts {
  const asks = asksOf(pass)
  return partsOf(asks, withKnownAccounts(answers, asks), new Map(), pass)
}

function wantsIt(seen: ViewParts, { call, local }: Pass): boolean {
  try {
    const view = createView(seen)
    return compare(call.module.wanted!(call.params as never, view, local as never), view).differing.size > 0
  } catch {
    // The task itself will tell.
    return false
  }
}

/** How a script ended, and when it ran. */
export function ranOf({ outputs, started: own }: Delivered, sent: Date): RanStep {
  const output = outputs.get('converge')
  const started = own ?? sent
  return {
    kind: 'ran',
    seconds: (Date.now() - started.getTime()) / 1000,
    started,
    stdout: output?.stdout.toString('utf8') ?? '',
    stderr: output?.stderr ?? '',
    code: output?.code ?? 0,
  }
}
