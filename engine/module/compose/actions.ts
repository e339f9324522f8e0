import type { OwnState, Ran, View } from '../contract.js'
import type { ComposeParams } from './params.js'
import { composeWish } from './wish.js'

/** What was done, or in a dry run would be, to one service, and why. */
export type Action = Readonly<Record<string, unknown>>

/** What was done, or would be, to each service, and why; and what went besides, `images` among it. */
export function actionsOf(
  before: OwnState,
  after: Readonly<Record<string, unknown>>,
  images: readonly string[],
): readonly Action[] {
  const services = [
    ...new Set(Object.keys(after).flatMap((name) => /^(.*)\.(?:state|count)$/.exec(name)?.[1] ?? [])),
  ].sort()
  const done = services.flatMap((service) => {
    const [what, why] = actionOf(service, before, after)
    return what === undefined
      ? []
      : [{ what: 'container', service, status: what, ...(why === undefined ? {} : { why }) }]
  })
  const gone = Object.keys(after).flatMap((name) => {
    const [, what, id] = /^(network|volume) (.*)$/.exec(name) ?? []
    return what !== undefined && after[name] === 'absent' ? [{ what, id, status: 'Removed' }] : []
  })
  return [...done, ...gone, ...images.map((id) => ({ what: 'image', id, status: 'Removed' }))]
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

/** Services that had containers and have none now; networks and volumes that are gone. */
function gone(before: OwnState, after: OwnState): Readonly<Record<string, unknown>> {
  const names = Object.keys(before).filter(
    (name) => /\.state$|^(network|volume) /.test(name) && !(name in after),
  )
  return Object.fromEntries(names.map((name) => [name, 'absent']))
}

/** An action in words: `web recreated (its configuration changed)`. */
export function sentence(action: Readonly<Record<string, unknown>>): string {
  const { what, service, id, status, why } = action
  const subject = service === undefined ? `${String(what)} ${String(id)}` : String(service)
  const done = String(status).toLowerCase()
  return why === undefined ? `${subject} ${done}` : `${subject} ${done} (${String(why)})`
}
