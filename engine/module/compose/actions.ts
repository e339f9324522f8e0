import type { OwnState, Ran, View } from '../contract.js'
import type { ComposeParams } from './params.js'
import { composeWish } from './wish.js'

/** What was done, or in a dry run would be, to one service, and why. */
export type Action = Readonly<Record<string, unknown>>

/** What was done, or would be, to each service, and why. */
export function actionsOf(
  before: OwnState,
  after: Readonly<Record<string, unknown>>,
): readonly Readonly<Record<string, unknown>>[] {
  const services = [
    ...new Set(Object.keys(after).flatMap((name) => /^(.*)\.(?:state|count)$/.exec(name)?.[1] ?? [])),
  ].sort()
  return services.flatMap((service) => {
    const [what, why] = actionOf(service, before, after)
    return what === undefined
      ? []
      : [{ what: 'container', service, status: what, ...(why === undefined ? {} : { why }) }]
  })
}

function actionOf(
  service: string,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): readonly [string?, string?] {
  const [was, is] = [before[`${service}.state`], after[`${service}.state`]]
  const changed = (name: string): boolean => {
    const value = after[`${service}.${name}`]
    return value !== undefined && value !== before[`${service}.${name}`]
  }
  if (is === 'absent') return was === undefined ? [] : ['Removed']
  if (was === undefined) return ['Created']
  if (changed('hash')) return ['Recreated', 'its configuration changed']
  if (changed('image')) return ['Recreated', 'its image changed']
  if (changed('id')) return ['Recreated', 'asked for']
  if (is !== undefined && was !== is)
    return [is === 'running' ? 'Started' : 'Stopped', `it was ${String(was)}`]
  if (changed('started')) {
    return was === 'running' ? ['Restarted', 'asked for'] : ['Started', `it was ${String(was)}`]
  }
  if (changed('count')) return ['Scaled', `it had ${String(before[`${service}.count`])}`]
  return []
}

/** The attributes a service has after the run: found, or in a dry run wished. */
export function afterwards(
  given: ComposeParams,
  before: OwnState,
  after: OwnState,
  ran: Ran,
  view: View,
): Readonly<Record<string, unknown>> {
  if (ran.kind !== 'foreseen') return { ...gone(before, after), ...after }
  return { ...before, ...composeWish(given, view) }
}

/** Services that had containers and have none now. */
function gone(before: OwnState, after: OwnState): Readonly<Record<string, unknown>> {
  const names = Object.keys(before).filter((name) => name.endsWith('.state') && !(name in after))
  return Object.fromEntries(names.map((name) => [name, 'absent']))
}

/** An action in words: `web recreated (its configuration changed)`. */
export function sentence(action: Readonly<Record<string, unknown>>): string {
  const { service, status, why } = action
  const done = String(status).toLowerCase()
  return why === undefined ? `${String(service)} ${done}` : `${String(service)} ${done} (${String(why)})`
}
