import type { Ask, Session } from '../module/contract.js'
import { askAhead } from './ahead.js'
import { NOTHING_ASKED, type Answers } from './answers.js'
import { askController, questionsOf, sessionName, withKnownAccounts } from './ask.js'
import type { Questions } from './questions.js'
import { refuseNewLinks, watchOf } from './resting.js'
import type { Call, Target } from './target.js'
import { createView, type ViewParts } from './view.js'

/** One call on its way through the envelope. */
export interface Pass {
  readonly call: Call
  readonly target: Target
  readonly local: unknown
}

/** Asks the host (not at all when there is nothing to ask) and lays the forecast over the answers. */
export async function look(given: readonly Ask[], pass: Pass): Promise<ViewParts> {
  const { call, target } = pass
  const asks = call.checkMode ? given : given.filter((ask) => !isForeteller(ask))
  if (asks.some(({ kind }) => kind === 'controller'))
    call.speculation?.refuse('other hosts may change files of the controller')
  refuseNewLinks(call.speculation, asks)
  const controller = await askController(asks)
  const hostAsks = asks.filter((ask) => ask.kind !== 'controller')
  const told = hostAsks.length > 0 ? await askAhead(hostAsks, call, target) : NOTHING_ASKED
  return partsOf(asks, withKnownAccounts(told, hostAsks), controller, pass)
}

/** What the answers to a call's asks make to be seen. */
export function partsOf(
  asks: readonly Ask[],
  answers: Answers,
  controller: ViewParts['controller'],
  { call, target }: Pass,
): ViewParts {
  const session = target.sessions.get(sessionName(call.become)) ?? NOBODY
  const forecast = call.speculation?.forecast ?? target.forecast
  return { asks, answers, forecast, session, controller, watch: watchOf(call.speculation, session) }
}

/** Asked only where a dry run foretells something by it. */
export function isForeteller(ask: Ask): boolean {
  return ask.kind === 'tree' && ask.foretells === true
}

/** Asks what the module needs besides, now that it knows the first answers, until it needs nothing new. */
export async function lookAgain(seen: ViewParts, pass: Pass): Promise<ViewParts> {
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
      holders: new Map([...a.holders, ...b.holders]),
      settings: a.settings ?? b.settings,
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

/** The paths that were asked about, as the host was asked. */
export function pathsAsked({ asks }: ViewParts, { call, target }: Pass): Questions['paths'] {
  return questionsOf(
    asks.filter(({ kind }) => kind === 'path'),
    call,
    target,
  ).paths
}

/** The session of a call that needs no host. */
const NOBODY: Session = { user: '', uid: -1, group: '', gid: -1, umask: 0o022, home: '', folder: '' }
