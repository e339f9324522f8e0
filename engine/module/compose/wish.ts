import { Fail, FRESH, NotYet, Unknown, type OwnState } from '../contract.js'
import type { ComposeParams } from './params.js'
import { lateImage, type ProjectState, type Service } from './state.js'

/** Wishes for the attributes of a project (see state.ts), by the `state` asked for. */
export const WISHES: Readonly<
  Record<
    ComposeParams['state'],
    (given: ComposeParams, state: ProjectState, found: OwnState) => Readonly<Record<string, unknown>>
  >
> = {
  present: (given, state, found) =>
    merged([
      ...chosen(given, state).map((service) => upWish(given, service, found)),
      orphanWish(given, state),
    ]),
  pulled: (given, state) =>
    merged(
      chosen(given, state)
        .filter(({ imageId }) => imageId === undefined)
        .map((service) => ({ [`image ${service.image}`]: lateImage(service) })),
    ),
  restarted: (given, state) =>
    merged(
      chosen(given, state).map(({ name }) => ({ [`${name}.started`]: FRESH, [`${name}.state`]: 'running' })),
    ),
  stopped: (given, state, found) =>
    merged(
      chosen(given, state).map(({ name }) => {
        const present = found[`${name}.state`]
        if (present === undefined) return { [`${name}.state`]: 'created' }
        return present === 'created' ? {} : { [`${name}.state`]: 'exited' }
      }),
    ),
  absent: (given, state) =>
    merged([
      ...[...new Set(state.containers.map(({ service }) => service))]
        .filter((name) => given.services.length === 0 || given.services.includes(name))
        .map((name) => ({ [`${name}.state`]: 'absent' })),
      ...(given.services.length > 0 ? [] : state.networks.map((name) => ({ [`network ${name}`]: 'absent' }))),
      ...(given.remove_volumes ? state.volumes.map((name) => ({ [`volume ${name}`]: 'absent' })) : []),
    ]),
}

function merged(parts: readonly Readonly<Record<string, unknown>>[]): Readonly<Record<string, unknown>> {
  return Object.assign({}, ...parts) as Record<string, unknown>
}

/** The services that are meant; a name that the files do not have is an error. */
function chosen(given: ComposeParams, state: ProjectState): readonly Service[] {
  const unknown = given.services.find((name) => !state.services.some((service) => service.name === name))
  if (unknown !== undefined) {
    const names = state.services.map(({ name }) => name).join(', ')
    throw new Fail(`the project has no service ${unknown}`, [], `its services are: ${names}`)
  }
  return given.services.length === 0
    ? state.services
    : state.services.filter(({ name }) => given.services.includes(name))
}

function upWish(given: ComposeParams, service: Service, found: OwnState): Readonly<Record<string, unknown>> {
  const { name, hash, imageId } = service
  const count = Number(given.scale?.get(name) ?? service.count)
  if (given.pull === 'never' && imageId === undefined && service.image !== '') {
    throw new Fail(
      `the image ${service.image} of service ${name} is not on the host`,
      [],
      'load or pull it first',
    )
  }
  if (count === 0) return { [`${name}.state`]: 'absent' }
  const base = { [`${name}.state`]: 'running', [`${name}.count`]: count }
  if (given.recreate === 'never' && found[`${name}.state`] !== undefined) return base
  const fresh = given.recreate === 'always' ? { [`${name}.id`]: FRESH } : {}
  // Compose v1 hashes the id of the image too, so without the image the hash is not known either.
  if (imageId === undefined) {
    return {
      ...base,
      ...fresh,
      [`${name}.hash`]: new Unknown(`hash of ${name}`),
      [`${name}.image`]: lateImage(service),
    }
  }
  return { ...base, ...fresh, [`${name}.hash`]: hash, [`${name}.image`]: imageId }
}

function orphanWish(given: ComposeParams, state: ProjectState): Readonly<Record<string, unknown>> {
  if (!given.remove_orphans) return {}
  const known = new Set(state.services.map(({ name }) => name))
  const orphans = state.containers.filter(({ service }) => !known.has(service))
  return merged(orphans.map(({ service }) => ({ [`${service}.state`]: 'absent' })))
}

/** With nothing to change a service may still be starting: that is waited for, and is no change. */
export function refuseUnhealthy(
  given: ComposeParams,
  state: ProjectState,
  wish: Readonly<Record<string, unknown>>,
  found: OwnState,
): void {
  if (Object.entries(wish).some(([name, value]) => value === FRESH || found[name] !== value)) return
  const names = new Set(chosen(given, state).map(({ name }) => name))
  const bad = state.containers.find(
    ({ service, health }) => names.has(service) && health !== '' && health !== 'healthy',
  )
  if (bad) throw new NotYet(`service ${bad.service} is ${bad.health}`, [], `see: docker logs ${bad.name}`)
}
