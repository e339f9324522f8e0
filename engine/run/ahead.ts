import type { Ask, OwnAsk } from '../module/contract.js'
import { idKey } from './account-lines.js'
import { pathId, Torn, type Answers } from './answers.js'
import { askHost, questionsOf, sessionName } from './ask.js'
import { rankOf, type PathAsk, type Questions } from './questions.js'
import { asksOpenly, foretoldAnswers } from './resting.js'
import type { Speculation } from './speculation.js'
import type { Call, Target } from './target.js'

/**
 * Looking ahead: a message that asks for one task asks for the next ones too, so that as long as nothing has to be
 * changed most tasks find their answers there. What is asked ahead is a guess. A task uses an answer only if it asks
 * that very question, nothing was done on any host since, and it is fresh.
 */

/** Tasks that the second message looks ahead; each further one looks {@link GROWTH} times as far, up to {@link MOST}. */
const FIRST = 4
const GROWTH = 4
const MOST = 64
/** Milliseconds for which an answer is good: the host is not ours alone. */
const FRESH_FOR = 3000
/** Largest content in bytes that is read ahead. */
const CONTENT = 64 * 1024

/** What a target's shell was asked last. */
interface Memory {
  /** Tasks that the next message looks ahead. */
  width: number
  /** Files are being changed: what is asked ahead serves the tasks that go along (together.ts). */
  changing?: boolean
  /** The last step that was sent with its condition was taken (guarded.ts). */
  taken?: boolean
  seen?: {
    readonly changes: number
    /** Those of the host itself. */
    readonly own: number
    readonly at: number
    readonly asked: Questions
    readonly answers: Answers
  }
}

const memories = new WeakMap<Target, Map<string, Memory>>()
/** Counts what may have changed a host. For all runs of this process: too often forgotten is never wrong. */
let changes = 0
/** Counts what was done on a target itself. */
const done = new WeakMap<Target, number>()
/** Tasks that may go along should something be changed (together.ts): a message looks ahead for them from the first. */
const ALONG = 32

/** Forgets what was looked at ahead, on all hosts: something was done somewhere, or waited for. */
export function forgetAhead(): void {
  changes++
}

/** Forgets it, and begins to look ahead anew on this host: most of its tasks have something to do. */
export function restartAhead(target: Target): void {
  forgetAhead()
  done.set(target, doneOn(target) + 1)
  for (const memory of memories.get(target)?.values() ?? []) memory.width = 0
}

function doneOn(target: Target): number {
  return done.get(target) ?? 0
}

/** The tasks of this shell change files: the next message looks for those that may go along. */
export function changesFiles(target: Target, call: Call): void {
  memoryOf(target, call).changing = true
}

/** Notes whether a step that was sent with its condition was, or surely will be, taken. */
export function noteTaken(target: Target, call: Call, taken: boolean): void {
  memoryOf(target, call).taken = taken
}

/** Whether the last one was: then others behind it most likely are, too. */
export function tookLast(target: Target, call: Call): boolean {
  return memoryOf(target, call).taken === true
}

/** Asks the host, unless it has answered all this ahead of time. */
export async function askAhead(asks: readonly Ask[], call: Call, target: Target): Promise<Answers> {
  const questions = questionsOf(asks, call, target)
  if (call.speculation) return recallFor(call.speculation, questions, call, target)
  if (!call.upcoming || call.checkMode || call.diff) return askHost(questions, call, target)
  if (!isPlain(questions)) {
    // What runs in the background, or in containers, is looked at by questions of a module's own; some even refresh it.
    forgetAhead()
    return askHost(questions, call, target).finally(forgetAhead)
  }
  const memory = memoryOf(target, call)
  return recall(memory, questions) ?? (await askWide(memory, questions, call, target))
}

/** What was answered already of what is asked; undefined where the host must be asked. */
export function answersAhead(asks: readonly Ask[], call: Call, target: Target): Answers | undefined {
  const questions = questionsOf(asks, call, target)
  return call.upcoming && !call.speculation && isPlain(questions)
    ? recall(memoryOf(target, call), questions)
    : undefined
}

/** The questions to send, with those of the next tasks, and what keeps the answers for them. */
export function widen(
  asks: readonly Ask[],
  call: Call,
  target: Target,
): { readonly questions: Questions; keep(answers: Answers): void } {
  const own = questionsOf(asks, call, target)
  if (call.speculation || !call.upcoming || !isPlain(own)) return { questions: own, keep: () => {} }
  return widened(memoryOf(target, call), own, call, target)
}

/**
 * What a task may know that goes along with an earlier one: what was asked for that one, if nothing was done on the
 * host since, and what those between will have made. What is done on other hosts meanwhile is the same task, or
 * (`free`) one that nobody waits for.
 */
function recallFor(speculation: Speculation, questions: Questions, call: Call, target: Target): Answers {
  const memory = memoryOf(target, call)
  const foretold = foretoldAnswers(questions.paths, speculation.forecast)
  const paths = questions.paths.filter(({ path, follow }) => !foretold.has(pathId(path, follow)))
  const known = !asksOpenly(questions, speculation.forecast) && memory.seen?.own === doneOn(target)
  const answers = known && remembered(memory, { ...questions, paths })
  if (!answers) return speculation.refuse('the host must be asked')
  return { ...answers, paths: new Map([...answers.paths, ...foretold]) }
}

async function askWide(memory: Memory, own: Questions, call: Call, target: Target): Promise<Answers> {
  const { questions, keep } = widened(memory, own, call, target)
  try {
    const answers = await askHost(questions, call, target)
    keep(answers)
    return answers
  } catch (error) {
    // A file that somebody else writes all the time is no matter of this task.
    if (error instanceof Torn && questions !== own) return askHost(own, call, target)
    throw error
  }
}

/** The next message looks further ahead: what it asks, and what keeps the answers. */
function widened(
  memory: Memory,
  questions: Questions,
  call: Call,
  target: Target,
): { readonly questions: Questions; keep(answers: Answers): void } {
  if (memory.seen && memory.seen.changes !== changes) memory.width = 0
  const next = [...(call.successors?.(ALONG) ?? [])].length
  const along = call.successors && memory.changing ? Math.max(ALONG, next) : next
  const width = Math.max(memory.width, along)
  memory.changing = false
  const asks = width > 0 ? call.upcoming!(width).flatMap(cheap) : []
  // A task with questions of its own goes along only where they tell what they rest on; those that cost nothing are asked all the same.
  const more = width > memory.width ? asks.filter((ask) => ask.kind !== 'own' || ask.bare || ask.rests) : asks
  memory.width = Math.min(MOST, Math.max(FIRST, memory.width * GROWTH))
  const asked = more.length > 0 ? merge(questions, questionsOf(more, call, target)) : questions
  const [before, own, at] = [changes, doneOn(target), Date.now()]
  return {
    questions: asked,
    keep: (answers) => {
      memory.seen = { changes: before, own, at, asked, answers }
    },
  }
}

function memoryOf(target: Target, call: Call): Memory {
  const own = memories.get(target) ?? new Map<string, Memory>()
  memories.set(target, own)
  const key = sessionName(call.become)
  const memory = own.get(key) ?? { width: 0 }
  own.set(key, memory)
  return memory
}

/** Only questions whose answers do not depend on more than the file system and the accounts. */
function isPlain({ trees, own }: Questions): boolean {
  return trees.length === 0 && own.every(({ ask }) => ask.ahead)
}

/** An ask as it is made ahead; none where it may cost more than it saves. */
function cheap(ask: Ask): readonly Ask[] {
  if (ask.kind === 'path') {
    if (!ask.path.startsWith('/')) return []
    return [ask.need === 'content' ? { ...ask, limit: Math.min(ask.limit ?? CONTENT, CONTENT) } : ask]
  }
  if (ask.kind === 'own') return ask.ahead && !ask.files?.length ? [ask] : []
  return ask.kind === 'user' || ask.kind === 'group' ? [ask] : []
}

/** The questions of a task as they are, and what is asked ahead beside them. */
function merge(own: Questions, more: Questions): Questions {
  const paths = new Map(own.paths.map((ask) => [pathId(ask.path, ask.follow), ask]))
  for (const ask of more.paths) {
    const id = pathId(ask.path, ask.follow)
    const other = paths.get(id)
    // The task's own question stays, unless it was about little: more of it is asked next.
    if (!other || (other.need === 'type' && ask.need === 'stat')) paths.set(id, ask)
  }
  const both = <One>(some: readonly One[], others: readonly One[]): One[] => [
    ...new Set([...some, ...others]),
  ]
  const [users, groups] = [both(own.users, more.users), both(own.groups, more.groups)]
  return {
    ...own,
    paths: [...paths.values()],
    users,
    groups,
    memberships: both(own.memberships, more.memberships),
    ids: both(own.ids, more.ids),
    owners: both(own.owners, more.owners).filter((name) => !users.includes(name)),
    ownerGroups: both(own.ownerGroups, more.ownerGroups).filter((name) => !groups.includes(name)),
    own: [...own.own, ...more.own.filter(({ ask }) => !own.own.some((one) => one.ask.key === ask.key))],
  }
}

/** The answers, if all of the questions were asked before, and they still hold. */
function recall(memory: Memory, questions: Questions): Answers | undefined {
  return memory.seen?.changes === changes ? remembered(memory, questions) : undefined
}

function remembered({ seen }: Memory, questions: Questions): Answers | undefined {
  if (!seen || Date.now() - seen.at > FRESH_FOR || questions.session) return undefined
  const { asked, answers } = seen
  const paths = new Map(asked.paths.map((ask) => [pathId(ask.path, ask.follow), ask]))
  const knows =
    questions.paths.every((ask) => isAnswered(ask, paths.get(pathId(ask.path, ask.follow)), answers)) &&
    questions.users.every((name) => asked.users.includes(name)) &&
    questions.groups.every((name) => asked.groups.includes(name)) &&
    questions.memberships.every((name) => asked.memberships.includes(name)) &&
    questions.ids.every(({ kind, id }) => answers.holders.has(idKey(kind, id))) &&
    questions.own.every(({ ask }) => asked.own.some((one) => isSame(one.ask, ask))) &&
    (asked.flags || !questions.flags) &&
    (asked.labels === questions.labels || questions.labels === 'no') &&
    questions.owners.every((name) => answers.users.has(name)) &&
    questions.ownerGroups.every((name) => answers.groups.has(name))
  return knows ? answers : undefined
}

function isSame(one: OwnAsk, other: OwnAsk): boolean {
  return one.key === other.key && one.script.text === other.script.text
}

/** Whether an answer to one question about a path is one to the other. */
function isAnswered(ask: PathAsk, asked: PathAsk | undefined, answers: Answers): boolean {
  if (!asked) return false
  const { denied, tooLarge } = answers.paths.get(pathId(ask.path, ask.follow))!
  if (asked.need === ask.need) return ask.need !== 'content' || asked.limit === ask.limit || !tooLarge
  // More was asked than is needed now: fine, unless that could not be had.
  return rankOf(asked) > rankOf(ask) && !denied && !(tooLarge && ask.need === 'hash')
}
