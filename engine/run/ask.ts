import type { Become } from '../connection/connection.js'
import { contentOfFile, type Content } from '../content.js'
import { Fail, type Ask } from '../module/contract.js'
import { Script, join, sh, word } from '../module/quote.js'
import { labelTold } from '../module/selinux.js'
import { pathId, readAnswers, Torn, type Answers } from './answers.js'
import { normalize, parentOf, throughForeseenLinks } from './forecast.js'
import { ownQuestion } from './own-script.js'
import { newNonce, probeSections, sectionsScript } from './probe.js'
import { rankOf, type PathAsk, type Questions, type TreeAsk } from './questions.js'
import { readSections } from './sections.js'
import type { Call, Target } from './target.js'

/** Largest content a module gets without asking for more, in bytes. */
const CONTENT_LIMIT = 10 * 1024 * 1024
/** Largest content that is read only to show or to remember it, in bytes. */
const DIFF_LIMIT = 256 * 1024

/** The session of a become-user on a target is kept under this name. */
export function sessionName(become: Become | undefined): string {
  return become ? `${become.method}:${become.user}` : ''
}

/** Turns a module's asks into what one message asks: parents are added, paths go through foreseen links. */
export function questionsOf(asks: readonly Ask[], call: Call, target: Target): Questions {
  const paths = new Map<string, PathAsk>()
  const add = (path: string, need: PathAsk['need'], follow: boolean, limit: number, hashed = false): void => {
    const through = throughForeseenLinks(target.forecast, path, follow)
    const id = pathId(through, follow)
    // A forecast rests on whole states.
    const whole = need === 'type' && (call.checkMode || !follow) ? 'stat' : need
    const ask: PathAsk = { path: through, need: whole, follow, limit, ...(hashed ? { hashed } : {}) }
    const other = paths.get(id)
    if (!other || rankOf(other) < rankOf(ask)) paths.set(id, ask)
  }
  for (const ask of asks) {
    if (ask.kind === 'path') {
      const path = normalize(ask.path)
      // A dry run remembers small contents too: a later task may edit what this one would copy.
      const shown = (call.diff || call.checkMode) && ask.need === 'hash'
      add(
        path,
        shown ? 'content' : ask.need,
        ask.follow ?? false,
        shown ? DIFF_LIMIT : (ask.limit ?? CONTENT_LIMIT),
        shown,
      )
      // Whose group a new entry gets.
      add(parentOf(path), 'type', true, 0)
    }
    if (ask.kind === 'own') for (const file of ask.files ?? []) add(normalize(file), 'type', true, 0)
  }
  return {
    session: !target.sessions.has(sessionName(call.become)),
    paths: [...paths.values()],
    trees: unique(
      asks.filter((ask) => ask.kind === 'tree').map((ask) => treeAsk(ask, call.checkMode, target)),
    ),
    ...accountQuestions(asks, call.checkMode ? new Set() : target.accounts),
    accounts:
      call.checkMode && (asks.some(({ kind }) => kind === 'user' || kind === 'group') || setsOwner(call)),
    // In a dry run it is foretold what fails because something is immutable.
    flags: call.checkMode || call.params['attributes'] !== undefined,
    labels: labelTold(call.params),
    own: asks.flatMap((ask) =>
      ask.kind === 'own' ? [ownQuestion(ask, target.forecast, call.checkMode)] : [],
    ),
  }
}

function setsOwner({ params }: Call): boolean {
  return params['owner'] !== undefined || params['group'] !== undefined
}

/**
 * Accounts and groups by name, each once, and fully when somebody wants more than that it exists; who was seen to be
 * there is not asked again. Should it be gone meanwhile, the script that gives it a file fails.
 */
function accountQuestions(
  asks: readonly Ask[],
  seen: ReadonlySet<string>,
): Pick<Questions, 'users' | 'groups' | 'memberships' | 'ids' | 'owners' | 'ownerGroups'> {
  const names = (kind: 'user' | 'group', need: 'existence' | 'groups' | undefined): string[] => [
    ...new Set(asks.flatMap((ask) => (ask.kind === kind && ask.need === need ? [ask.name] : []))),
  ]
  const memberships = names('user', 'groups')
  const users = [...new Set([...names('user', undefined), ...memberships])]
  const groups = names('group', undefined)
  const ids = asks.flatMap((ask) =>
    (ask.kind === 'user' || ask.kind === 'group') && ask.id !== undefined
      ? [{ kind: ask.kind, id: ask.id }]
      : [],
  )
  return {
    users,
    groups,
    memberships,
    ids,
    owners: names('user', 'existence').filter((name) => !users.includes(name) && !seen.has(`user:${name}`)),
    ownerGroups: names('group', 'existence').filter(
      (name) => !groups.includes(name) && !seen.has(`group:${name}`),
    ),
  }
}

/** A dry run remembers small contents: a later task may edit what this one would copy. */
function treeAsk(
  { path, need, follow = false, limit = CONTENT_LIMIT, depth }: Tree,
  checkMode: boolean,
  target: Target,
): TreeAsk {
  const shown = checkMode && need === 'hash'
  return {
    path: throughForeseenLinks(target.forecast, normalize(path), true),
    follow,
    need: shown ? 'content' : need,
    limit: shown ? DIFF_LIMIT : limit,
    depth,
  }
}

type Tree = Extract<Ask, { kind: 'tree' }>

/** Asks the host; a probe that was torn by a change beside it is asked again, three times at most. */
export async function askHost(questions: Questions, call: Call, target: Target): Promise<Answers> {
  for (let attempt = 1; ; attempt++) {
    const nonce = newNonce()
    const sections = probeSections(questions, nonce)
    const script = join([environmentScript(call), sectionsScript(sections, nonce)])
    const reply = await target.connection.run(script.text, { become: call.become, signal: call.signal })
    try {
      return learn(
        readAnswers(questions, readSections(reply.stdout, reply.stderr, nonce, sections)),
        call,
        target,
      )
    } catch (error) {
      if (!(error instanceof Torn) || attempt === 3) throw error
    }
  }
}

/** Files of the controller that `fetch` compares. */
export async function askController(asks: readonly Ask[]): Promise<ReadonlyMap<string, Content | undefined>> {
  const paths = asks.flatMap((ask) => (ask.kind === 'controller' ? [ask.path] : []))
  const found = paths.map(async (path) => [path, await contentOfFile(path).catch(() => undefined)] as const)
  return new Map(await Promise.all(found))
}

/** `environment:` of the task, for all that runs in the message. */
export function environmentScript(call: Call): Script {
  const names = Object.entries(call.environment)
  const bad = names.find(([name]) => !/^[A-Za-z_]\w*$/.test(name))
  if (bad) throw new Fail(`environment has "${bad[0]}", which cannot be the name of a variable`)
  return join(names.map(([name, value]) => sh`export ${Script.trusted(`${name}=${word(value).text}`)}`))
}

/** Remembers who the shell is, and which accounts there are: those that own something. */
export function learn(answers: Answers, call: Call, target: Target): Answers {
  if (answers.session) target.sessions.set(sessionName(call.become), answers.session)
  for (const { state } of answers.paths.values()) {
    // An id without a name is told as a number.
    if (typeof state.owner === 'string' && !/^\d+$/.test(state.owner))
      target.accounts.add(`user:${state.owner}`)
    if (typeof state.group === 'string' && !/^\d+$/.test(state.group))
      target.accounts.add(`group:${state.group}`)
  }
  return answers
}

/** The answers, and that those accounts are there which were not asked about because they had been seen. */
export function withKnownAccounts(answers: Answers, asks: readonly Ask[]): Answers {
  const known = (kind: 'user' | 'group', told: ReadonlyMap<string, unknown>): [string, { exists: true }][] =>
    asks.flatMap((ask) => (ask.kind === kind && !told.has(ask.name) ? [[ask.name, { exists: true }]] : []))
  const [users, groups] = [known('user', answers.users), known('group', answers.groups)]
  if (users.length + groups.length === 0) return answers
  return {
    ...answers,
    users: new Map([...answers.users, ...users]),
    groups: new Map([...answers.groups, ...groups]),
  }
}

/** Of questions about the same folder, the one that asks most. */
function unique(trees: readonly TreeAsk[]): readonly TreeAsk[] {
  const sorted = [...trees].sort((a, b) => rankOf(a) - rankOf(b))
  return [...new Map(sorted.map((tree) => [tree.path, tree])).values()]
}
