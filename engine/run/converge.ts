import { FplayError } from '../errors.js'
import {
  canChange,
  Fail,
  NotYet,
  Unknown,
  type Ask,
  type Converge,
  type Difference,
  type Key,
  type Ran,
} from '../module/contract.js'
import { doing } from './act.js'
import { takeAway } from './away.js'
import { forgetAhead } from './ahead.js'
import { NOTHING_ASKED, readAnswers, type Answers } from './answers.js'
import { askController, askHost, learn, questionsOf, withKnownAccounts } from './ask.js'
import { compare, hasChanged, unreached } from './compare.js'
import { Late } from './controller-files.js'
import { diffsOf } from './diff.js'
import {
  brokenModule,
  foreseenFailure,
  foreseenWait,
  notInBackground,
  returned,
  scriptFailed,
} from './endings.js'
import { foresee, foreseeAlong } from './foresee.js'
import { snapshot, type Forecast } from './forecast.js'
import { ranOf, sendGuarded } from './guarded.js'
import { withAllHashes, withNeededHashes } from './hashes.js'
import { homePaths } from './home.js'
import { refuseImmutable } from './immutable.js'
import { foreseenJob, runAsJob } from './job.js'
import { isForeteller, look, lookAgain, pathsAsked, type Pass } from './look.js'
import { runProgram } from './program.js'
import { looksOf, type Speculation } from './speculation.js'
import { save } from './save.js'
import { secondAsks, withHashes } from './second-look.js'
import type { Call, Converged, Target } from './target.js'
import { sendWithSuccessors } from './together.js'
import { createView, type HostView, type ViewParts } from './view.js'
import { limited, pause, whileAway } from './waiting.js'

/**
 * The envelope of every module: probe, compare, and, where they differ and this is not a dry run, converge and
 * probe again in one message. Alone in knowing check mode, `changed` and diff. A call that has nothing to change
 * costs one round trip, one that changes something two, one that asks nothing of the host none.
 */
export async function converge(call: Call, target: Target): Promise<Converged> {
  const { program } = call.module
  if (call.background && !call.checkMode && !program && !call.module.converge) return notInBackground()
  if (program) return doing(target, () => runProgram(program, call, target))
  try {
    const prepared = { ...call, params: await homePaths(call, target) }
    const local = await call.module.prepare?.(prepared.params as never, call.controller)
    return await settle({ call: prepared, target, local })
  } catch (error) {
    if (error instanceof Fail) return foreseenFailure(error, call, target)
    if (error instanceof Late) {
      const message = `depends on ${error.message}`
      return { status: 'undecided', changed: canChange(call.module), values: {}, diffs: [], message }
    }
    if (call.ownFile === undefined || error instanceof FplayError || call.signal?.aborted) throw error
    return brokenModule(error, call.ownFile)
  }
}

/** Probes and decides, again and again for modules that wait for a state. */
async function settle(pass: Pass): Promise<Converged> {
  const { call, local } = pass
  const wait = call.module.until?.(call.params as never, local as never)
  const started = Date.now()
  if (wait) forgetAhead()
  if (wait && wait.delay > 0 && !call.checkMode) await pause(wait.delay, call.signal)
  for (;;) {
    const limit = wait?.attempt === undefined ? undefined : AbortSignal.timeout(wait.attempt * 1000)
    try {
      return await once(limit ? { ...pass, call: limited(call, limit) } : pass)
    } catch (error) {
      const passed = Math.round((Date.now() - started) / 1000)
      const early = limit && !call.signal?.aborted ? whileAway(error, limit, passed) : error
      if (!(early instanceof NotYet) || !wait) throw error
      if (call.checkMode) return foreseenWait(pass, early)
      if (Date.now() - started >= wait.seconds * 1000) throw early
      await pause(wait.sleep, call.signal)
      forgetAhead()
    }
  }
}

async function once(pass: Pass): Promise<Converged> {
  const { call, target, local } = pass
  const { module } = call
  const sent = await sendGuarded(pass)
  if (sent && 'ran' in sent)
    return conclude({ ...sent, pass, asks: [], open: new Set() }, sent.ran, NOTHING_ASKED)
  const first = sent?.seen ?? (await look(module.probe?.(call.params as never, local as never) ?? [], pass))
  const seen = await lookAgain(first, pass)
  call.speculation?.saw(looksOf(seen.asks, pathsAsked(seen, pass), seen.answers, seen.forecast))
  const before = createView({ ...seen, forecast: snapshot(seen.forecast) })
  const wanted = module.wanted?.(call.params as never, before, local as never) ?? new Map()
  const wish = await withNeededHashes(wanted, before, call.checkMode)
  const { differing, undecided, open } = compare(wish, before)
  if (open.size > 0) call.speculation?.refuse('only the run can tell')
  const along = call.checkMode
    ? module.brings?.(call.params as never, before, differing, local as never)
    : undefined
  if (differing.size === 0) {
    for (const [key, state] of along ?? []) foreseeAlong(target.forecast, key, state)
    const nothing = result(pass, before, before, { kind: 'nothing' }, new Map())
    const { background } = call
    if (call.checkMode) return foreseenJob(nothing, call)
    return background ? await runAsJob(call, target, background, undefined, async () => nothing) : nothing
  }
  if (!call.checkMode) return act(pass, seen, before, differing, open)
  if (!call.params['unsafe_writes']) refuseImmutable(differing, before)
  const who = { session: before.session, accounts: seen.answers.accounts }
  foresee(target.forecast, differing, who, before.realKey)
  for (const [key, state] of along ?? []) foreseeAlong(target.forecast, key, state)
  const runs = [...differing.keys()].some((key) => key.startsWith('run:'))
  const foreseen = foreseenJob(result(pass, before, createView(seen), { kind: 'foreseen' }, differing), call)
  if (runs && !call.promisesNoChange) target.forecast.assuming.push(call.task)
  // One thing that surely differs settles that the task changes something.
  if (undecided.length === 0 || differing.size > open.size) return foreseen
  return { ...foreseen, status: 'undecided', message: `only the run can tell: ${undecided.join(', ')}` }
}

/**
 * Makes the difference and looks again, in one message; then holds what is there against the wish. Where only the run
 * could tell whether something differs (a newer image), that is then told by what is there.
 */
async function act(
  pass: Pass,
  seen: ViewParts,
  before: HostView,
  differing: ReadonlyMap<Key, Difference>,
  open: ReadonlySet<Key>,
): Promise<Converged> {
  const { call, target, local } = pass
  const step = call.module.converge?.(call.params as never, before, differing, local as never)
  if (!step) throw new Error(`${call.moduleName} wishes for a change but has no converge`)
  if (call.speculation && (step.away || step.save?.length))
    call.speculation.refuse('more than files is changed')
  for (const file of step.save ?? []) await save(file, call, target)
  const asks = secondAsks(seen.asks, seen.answers, differing, step)
  const hostAsks = asks.filter((ask) => ask.kind !== 'controller')
  const questions = questionsOf(hostAsks, { ...call, diff: false }, target)
  const started = new Date()
  const known = { pass, step, asks, before, differing, open }
  const { background } = call
  if (step.away) {
    if (background) return notInBackground()
    const { ran, answers } = await doing(target, () =>
      takeAway(call, target, step, step.away!, before, differing),
    )
    return conclude({ ...known, asks: step.away.asks }, ran, answers)
  }
  if (background) {
    return await doing(target, () =>
      runAsJob(call, target, background, step, async (ran) => {
        const answers = hostAsks.length > 0 ? await askHost(questions, call, target) : NOTHING_ASKED
        return await conclude(known, ran, answers)
      }),
    )
  }
  const foretell = foreteller(pass, before, differing)
  if (call.speculation?.forecast.states.size) rehearse(call.speculation, pass, seen, before, foretell)
  const looks = call.successors ? looksOf(seen.asks, pathsAsked(seen, pass), seen.answers, seen.forecast) : []
  const sent = await sendWithSuccessors(call, target, { step, differing, questions, foretell }, looks)
  const ran = ranOf(sent, started)
  if (ran.code !== 0 && !step.judged) return scriptFailed(ran)
  const answers =
    hostAsks.length > 0 ? learn(readAnswers(sent.questions, sent.outputs), call, target) : NOTHING_ASKED
  return await conclude(known, ran, answers)
}

/** Lays what a step makes over a forecast, for tasks that go along in its message. */
function foreteller(
  { call, local }: Pass,
  before: HostView,
  differing: ReadonlyMap<Key, Difference>,
): (forecast: Forecast) => void {
  const { probe, brings } = call.module
  return (forecast) => {
    foresee(forecast, differing, { session: before.session }, before.realKey)
    const along = brings?.(call.params as never, before, differing, local as never)
    for (const [key, state] of along ?? []) foreseeAlong(forecast, key, state)
    // What was not asked may say more of what is in new folders.
    if (!probe?.(call.params as never, local as never).some(isForeteller)) return
    for (const [key, { wished }] of differing) {
      if (wished['type'] !== 'directory') continue
      const real = before.realKey(key)
      forecast.states.set(real, { ...forecast.states.get(real), below: 'unknown' })
    }
  }
}

/**
 * Tells the result once as it will be, should the run do as foreseen: what only the host can tell then shows before
 * anything is sent.
 */
function rehearse(
  speculation: Speculation,
  { call, local }: Pass,
  seen: ViewParts,
  before: HostView,
  foretell: (forecast: Forecast) => void,
): void {
  const forecast = snapshot(speculation.forecast)
  foretell(forecast)
  const after = createView({ ...seen, forecast, watch: undefined })
  const ran = { kind: 'ran', seconds: 0, started: new Date(), stdout: '', stderr: '', code: 0 } as const
  call.module.result?.(call.params as never, before, after, ran, local as never)
}

/** A step whose script has been run. */
interface Stepped {
  readonly pass: Pass
  readonly step: Converge
  readonly asks: readonly Ask[]
  readonly before: HostView
  readonly differing: ReadonlyMap<Key, Difference>
  readonly open: ReadonlySet<Key>
}

/** Holds what is there after the script against the wish. */
async function conclude(
  { pass, step, asks, before, differing: sent, open }: Stepped,
  ran: Extract<Ran, { kind: 'ran' }>,
  answers: Answers,
): Promise<Converged> {
  const { target } = pass
  if (ran.code !== 0 && !step.judged) return scriptFailed(ran)
  const differing = await withAllHashes(sent)
  const controller = await askController(asks)
  const { session, ownKeys: formerly } = before
  const found = withKnownAccounts(withHashes(answers, differing, step), asks)
  const after = createView({ asks, answers: found, forecast: target.forecast, session, controller, formerly })
  const missed = ran.code === 0 ? unreached(differing, after, step.accepts) : []
  const changed = hasChanged(differing, open, after)
  const done = result(pass, before, after, ran, changed ? differing : new Map())
  if (missed.length === 0) return done
  return { ...done, status: 'failed', message: `the state was not reached: ${missed.join('; ')}` }
}

/** The module's values and the envelope's verdict. */
function result(
  pass: Pass,
  before: HostView,
  after: HostView,
  ran: Ran,
  differing: ReadonlyMap<Key, Difference>,
): Converged {
  const { call, local } = pass
  const own = call.module.result?.(call.params as never, before, after, ran, local as never) ?? { values: {} }
  const changed = own.changed ?? differing.size > 0
  const base = returned(own)
  const { alsoReturns } = call.module
  return {
    ...base,
    rest: ran.kind === 'foreseen' && alsoReturns !== undefined ? new Unknown(alsoReturns) : undefined,
    status: changed && base.status === 'ok' ? 'changed' : base.status,
    changed,
    diffs: call.diff ? diffsOf(differing, ran.kind === 'ran' ? (key) => after.state(key) : undefined) : [],
    unproven: ran.kind === 'foreseen' ? call.module.unproven?.(call.params as never) : undefined,
  }
}
