import { Fail, type Key, type OwnState, type View } from '../contract.js'
import { imageKey } from '../docker/image.js'
import { join, sh, type Script } from '../quote.js'
import { projectFrom, type ComposeParams } from './params.js'
import { projectKey } from './project.js'
import { projectOf, type Container, type ProjectState, type Resource, type Service } from './read.js'

/** What `state: absent` takes away. */
export interface Leaving {
  /** Whether the containers of a service go. */
  goes(service: string): boolean
  readonly containers: readonly Container[]
  readonly networks: readonly string[]
  readonly volumes: readonly string[]
  readonly images: readonly string[]
}

/**
 * What compose's `down` would take away: the containers of the services whose profiles are active, orphans where it is
 * asked for, and what the files tell of and nobody else uses. Where compose cannot read the files, all that has the
 * label of the project.
 */
export function leavingOf(given: ComposeParams, state: ProjectState): Leaving {
  const chosen = chosenServices(given, state)
  const names = new Set(chosen?.map(({ name }) => name) ?? given.services)
  const known = new Set([...state.known, ...state.services.map(({ name }) => name)])
  const goes = (service: string): boolean => {
    if (chosen === undefined) return names.size === 0 || names.has(service)
    return names.has(service) || (given.remove_orphans && !known.has(service))
  }
  const containers = state.containers.filter(({ service }) => goes(service))
  const gone = new Set([...containers.map(({ id }) => id), ...(given.remove_orphans ? state.ended : [])])
  const isFree = (users: readonly string[]): boolean => users.every((id) => gone.has(id))
  const free = (resources: readonly Resource[], told: readonly string[]): readonly string[] =>
    resources
      .filter(({ key, users }) => (chosen === undefined || told.includes(key)) && isFree(users))
      .map(({ name }) => name)
  // Without the files it is not told which networks the given services had.
  const whole = chosen !== undefined || names.size === 0
  return {
    goes,
    containers,
    networks: whole ? free(state.networks, ['default', ...state.model.networks]) : [],
    volumes: whole && given.remove_volumes ? free(state.volumes, state.model.volumes) : [],
    images: (chosen ?? [])
      .filter((service) => takesImage(given, service))
      .filter(({ imageId, isNamedTwice }) => isNamedTwice || isFree(state.imageUsers.get(imageId!) ?? []))
      .map(({ image }) => image),
  }
}

/** Undefined where the files cannot be read, or were not asked for because nothing is there. */
function chosenServices(
  { services }: ComposeParams,
  { services: all }: ProjectState,
): readonly Service[] | undefined {
  if (all.length === 0) return undefined
  const unknown = services.find((name) => !all.some((service) => service.name === name))
  if (unknown !== undefined) {
    const names = all.map(({ name }) => name).join(', ')
    throw new Fail(`the project has no service ${unknown}`, [], `its services are: ${names}`)
  }
  return services.length === 0 ? all : all.filter(({ name }) => services.includes(name))
}

function takesImage({ remove_images: which }: ComposeParams, { image, imageId, builds }: Service): boolean {
  if (which === undefined || image === '' || imageId === undefined) return false
  return which === 'all' || builds
}

/** Wishes for the attributes of a project that is to go; `found` has the services that a dry run would have brought, too. */
export function removalWish(
  given: ComposeParams,
  state: ProjectState,
  found: OwnState,
): Readonly<Record<string, string>> {
  const { goes, networks, volumes } = leavingOf(given, state)
  const services = Object.keys(found).flatMap((name) => /^(.*)\.state$/.exec(name)?.[1] ?? [])
  return Object.fromEntries(
    [
      ...services
        .map((service) => `${service}.state`)
        .filter((name) => found[name] !== 'absent' && goes(name.slice(0, -'.state'.length))),
      ...networks.map((name) => `network ${name}`),
      ...volumes.map((name) => `volume ${name}`),
    ].map((name) => [name, 'absent']),
  )
}

/** Images that are to go, by their own keys. */
export function removedImages(given: ComposeParams, before: View): ReadonlyMap<Key, OwnState> {
  if (given.state !== 'absent') return new Map()
  const { images } = leavingOf(given, projectOf(before.own(projectKey(projectFrom(given)))))
  return new Map(images.map((image) => [imageKey(image), { id: 'absent' }]))
}

/**
 * Compose's `down`, which stops what others need last; then what it leaves: v1 takes no services, and where the files
 * cannot be read there is only the label. Whether all is gone is looked at afterwards.
 */
export function downScript(
  given: ComposeParams,
  state: ProjectState,
  stop: readonly (string | number)[],
): Script {
  const { containers, networks, volumes, images } = leavingOf(given, state)
  const flags = [
    ...(given.remove_volumes ? ['-v'] : []),
    ...(given.remove_orphans ? ['--remove-orphans'] : []),
    ...(given.remove_images === undefined ? [] : ['--rmi', given.remove_images]),
    ...stop,
  ]
  const rest = (words: readonly string[], names: readonly string[]): readonly Script[] =>
    names.length === 0 ? [] : [sh`docker ${words} ${names} >/dev/null 2>&1 || :`]
  return join([
    ...(state.services.length === 0 ? [] : [composeScript(given, state, flags, stop)]),
    ...rest(
      ['rm', '-f', ...(given.remove_volumes ? ['-v'] : [])],
      containers.map(({ id }) => id),
    ),
    ...rest(['network', 'rm'], networks),
    ...rest(['volume', 'rm'], volumes),
    ...rest(['image', 'rm'], images),
  ])
}

function composeScript(
  { services, remove_volumes: volumes }: ComposeParams,
  { kind }: ProjectState,
  flags: readonly (string | number)[],
  stop: readonly (string | number)[],
): Script {
  if (kind === 'v2') return sh`fplay_project down ${flags} ${services}`
  // v1 fails for a network that somebody else uses.
  if (services.length === 0) return sh`fplay_project down ${flags} || :`
  return sh`fplay_project stop ${stop} ${services}
fplay_project rm -f ${volumes ? ['-v'] : []} ${services}`
}
