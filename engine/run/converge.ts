import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Content } from '../content.js'
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
  type Returned,
  type Session,
} from '../module/contract.js'
import { doing } from './act.js'
import { takeAway } from './away.js'
import { askAhead, forgetAhead } from './ahead.js'
import { NOTHING_ASKED, readAnswers, type Answers } from './answers.js'
import { askController, askHost, learn, questionsOf, sessionName, withKnownAccounts } from './ask.js'
import { compare, hasChanged, unreached } from './compare.js'
import { Late } from './controller-files.js'
import { diffsOf } from './diff.js'
import { bringsPackages, bringsProgram, foresee, foreseeAlong, snapshot } from './forecast.js'
import { homePaths } from './home.js'
import { foreseenJob, runAsJob } from './job.js'
import { runProgram } from './program.js'
import type { Questions } from './questions.js'
import { looksOf } from './seat.js'
import { secondAsks, withHashes } from './second-look.js'
import type { Call, Converged, Target } from './target.js'
import { sendWithFellows } from './together.js'
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

/** As Ansible says it of what is done on the controller. */
function notInBackground(): Converged {
  const message = 'async is not supported for this task.'
  return { status: 'failed', changed: false, message, values: { msg: message }, diffs: [] }
}

/** An error in a module of the user's own is no defect of fplay: it is told with the place in that file. */
function brokenModule(error: unknown, file: string): Converged {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  const place = /:\d+:\d+(?=\)?$)/m.exec(
    (error instanceof Error ? (error.stack ?? '') : '').split('\n').find((line) => line.includes(file)) ?? '',
  )
  const message = `${file}${place?.[0] ?? ''}: ${said}`
  return { status: 'failed', changed: false, message, values: { msg: message }, diffs: [] }
}

/** One call on its way through the envelope. */
interface Pass {
  readonly call: Call
  readonly target: Target
  readonly local: unknown
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

/** A dry run does not wait: the state may come of an earlier task, and the values with it. */
function foreseenWait(pass: Pass, error: NotYet): Converged {
  const { returns, alsoReturns } = pass.call.module
  const names = alsoReturns === undefined ? Object.keys(returns) : []
  const late = names.map((name) => [name, new Unknown(`${name}, once ${error.message}`)])
  return {
    ...returned({ values: Object.fromEntries(late) as object as Returned['values'] }),
    rest: alsoReturns === undefined ? undefined : new Unknown(`${alsoReturns}, once ${error.message}`),
    unproven: `waits in the run: ${error.message}`,
  }
}

async function once(pass: Pass): Promise<Converged> {
  const { call, target, local } = pass
  const { module } = call
  const seen = await lookAgain(
    await look(module.probe?.(call.params as never, local as never) ?? [], pass),
    pass,
  )
  call.seat?.saw(pathsAsked(seen, pass), seen.answers)
  const before = createView({
    ...seen,
    forecast: call.checkMode ? snapshot(target.forecast) : target.forecast,
  })
  const wish = module.wanted?.(call.params as never, before, local as never) ?? new Map()
  const { differing, undecided, open } = compare(wish, before)
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
  const who = { session: before.session, accounts: seen.answers.accounts }
  foresee(target.forecast, differing, who, before.realKey)
  for (const [key, state] of along ?? []) foreseeAlong(target.forecast, key, state)
  const runs = [...differing.keys()].some((key) => key.startsWith('run:'))
  const foreseen = foreseenJob(result(pass, before, createView(seen), { kind: 'foreseen' }, differing), call)
  if (runs && !call.promisesNoChange) target.forecast.assuming.push(call.task)
  if (undecided.length === 0) return foreseen
  return { ...foreseen, status: 'undecided', message: `only the run can tell: ${undecided.join(', ')}` }
}

/** Asks the host (not at all when there is nothing to ask) and lays the forecast over the answers. */
async function look(asks: readonly Ask[], pass: Pass): Promise<ViewParts> {
  const { call, target } = pass
  const controller = await askController(asks)
  const hostAsks = asks.filter((ask) => ask.kind !== 'controller')
  const told = hostAsks.length > 0 ? await askAhead(hostAsks, call, target) : NOTHING_ASKED
  const answers = withKnownAccounts(told, hostAsks)
  const session = target.sessions.get(sessionName(call.become)) ?? NOBODY
  return { asks, answers, forecast: target.forecast, session, controller }
}

/** Asks what the module needs besides, now that it knows the first answers, until it needs nothing new. */
async function lookAgain(seen: ViewParts, pass: Pass): Promise<ViewParts> {
  const more = pass.call.module.more?.(pass.call.params as never, createView(seen), pass.local as never) ?? []
  const asked = new Set(seen.asks.map(idOf))
  const fresh = more.filter((ask) => !asked.has(idOf(ask)))
  return fresh.length === 0 ? seen : lookAgain(merge(seen, await look(fresh, pass)), pass)
}

/** Two asks with the same answer have the same id. */
function idOf(ask: Ask): string {
  return ask.kind === 'own' ? `own ${ask.key}` : JSON.stringify(ask)
}

function merge(first: ViewParts, second: ViewParts): ViewParts {
  const { answers: a } = first
  const { answers: b } = second
  return {
    ...second,
    asks: [...first.asks, ...second.asks],
    answers: {
      paths: mergePaths(a.paths, b.paths),
      trees: new Map([...a.trees, ...b.trees]),
      users: new Map([...a.users, ...b.users]),
      groups: new Map([...a.groups, ...b.groups]),
      accounts: a.accounts ?? b.accounts,
      own: new Map([...a.own, ...b.own]),
    },
    controller: new Map([...first.controller, ...second.controller]),
  }
}

/** A path that is asked about again may be told with less, such as only what it is. */
function mergePaths(first: Answers['paths'], second: Answers['paths']): Answers['paths'] {
  const both = [...second].map(([id, answer]): [string, typeof answer] => {
    const earlier = first.get(id)
    return [id, earlier ? { ...earlier, ...answer, state: { ...earlier.state, ...answer.state } } : answer]
  })
  return new Map([...first, ...both])
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
  if (call.seat && (step.away || step.save?.length)) call.seat.refuse('more than files is changed')
  for (const file of step.save ?? []) await save(file.path, file.content, file.mode)
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
  const looks = call.fellows ? looksOf(pathsAsked(seen, pass), seen.answers) : []
  const sent = await sendWithFellows(call, target, { step, differing, questions }, looks)
  const seconds = (Date.now() - started.getTime()) / 1000
  const output = sent.outputs.get('converge')
  const ran = {
    kind: 'ran',
    seconds,
    started,
    stdout: output?.stdout.toString('utf8') ?? '',
    stderr: output?.stderr ?? '',
    code: output?.code ?? 0,
  } as const
  if (ran.code !== 0 && !step.judged) return scriptFailed(ran)
  const answers =
    hostAsks.length > 0 ? learn(readAnswers(sent.questions, sent.outputs), call, target) : NOTHING_ASKED
  return await conclude(known, ran, answers)
}

/** The paths that were asked about, as the host was asked. */
function pathsAsked({ asks }: ViewParts, { call, target }: Pass): Questions['paths'] {
  return questionsOf(
    asks.filter(({ kind }) => kind === 'path'),
    call,
    target,
  ).paths
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
  { pass, step, asks, before, differing, open }: Stepped,
  ran: Extract<Ran, { kind: 'ran' }>,
  answers: Answers,
): Promise<Converged> {
  const { target } = pass
  if (ran.code !== 0 && !step.judged) return scriptFailed(ran)
  const controller = await askController(asks)
  const { session, ownKeys: formerly } = before
  const found = withKnownAccounts(withHashes(answers, differing, step), asks)
  const after = createView({ asks, answers: found, forecast: target.forecast, session, controller, formerly })
  const missed = ran.code === 0 ? unreached(differing, after) : []
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

function returned(own: Returned): Converged {
  const { values, failed, skipped, facts, cacheable, addHost, groupBy, job } = own
  return {
    status: failed !== undefined ? 'failed' : skipped !== undefined ? 'skipped' : 'ok',
    changed: false,
    message: failed ?? skipped,
    values,
    diffs: [],
    facts,
    cacheable,
    addHost,
    groupBy,
    job,
  }
}

function scriptFailed(ran: Extract<Ran, { kind: 'ran' }>): Converged {
  const said = (ran.stderr.trim() || ran.stdout.trim()).split('\n').slice(-5).join('\n')
  const message = said === '' ? `ended with status ${ran.code} and said nothing` : said
  const { code: rc, stdout, stderr } = ran
  return returned({ values: { rc, stdout, stderr }, failed: message })
}

/**
 * In a dry run a failure that may rest on a task that was not run is not a failure yet: the run may well mend it.
 */
function foreseenFailure(error: Fail, call: Call, target: Target): Converged {
  const { assuming } = target.forecast
  const message = error.cure ? `${error.message}; ${error.cure}` : error.message
  const base = { changed: false, values: { ...error.values, msg: message }, diffs: [] }
  const tasks = assuming.map((task) => `"${task}"`).join(', ')
  const rests =
    tasks !== ''
      ? `${tasks}, not run`
      : startsLater(error, target)
        ? 'what earlier tasks start or install'
        : ''
  if (!call.checkMode || rests === '') return { ...base, status: 'failed', message }
  const because = `depends on ${rests}: ${message}`
  return { ...base, status: 'undecided', changed: canChange(call.module), message: because }
}

/** A server does not answer as it should, or a program is missing, and earlier tasks would have started or installed something. */
function startsLater({ because }: Fail, { forecast }: Target): boolean {
  const starts = (): boolean => [...forecast.states.keys()].some((key) => STARTS.test(key))
  return because.some((key) => {
    if (key.startsWith('http:')) return starts() || bringsPackages(forecast)
    return key.startsWith('program:') && (bringsProgram(forecast, key.slice(8)) || bringsPackages(forecast))
  })
}

/** Keys of what lets servers answer. */
const STARTS = /^(?:boot|compose|container|service):/

/** Writes a file of the controller whole or not at all. */
async function save(path: string, content: Content, mode = 0o666): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const partial = `${path}.fplay-part`
  await writeFile(partial, content.open(), { mode })
  await rename(partial, path)
}

/** The session of a call that needs no host. */
const NOBODY: Session = { user: '', uid: -1, group: '', gid: -1, umask: 0o022, home: '', folder: '' }
