import {
  Fail,
  FRESH,
  isUnknown,
  NotYet,
  Unknown,
  type Key,
  type Maybe,
  type OwnState,
  type View,
} from '../contract.js'
import { containerKey } from '../docker/container.js'
import { imageKey } from '../docker/image.js'
import { pulledId } from '../docker/remote.js'
import { projectFrom, type ComposeParams } from './params.js'
import { rewritten } from './probe.js'
import { leavingOf, removalWish, removedImages } from './removal.js'
import { projectKey } from './project.js'
import { lateImage, projectOf, type ProjectState, type Service } from './read.js'

type Attributes = Readonly<Record<string, unknown>>

/** All that the wishes look at. */
interface Scene {
  readonly given: ComposeParams
  readonly state: ProjectState
  readonly found: OwnState
  /** Services that get other variables than compose could see. */
  readonly rewritten: ReadonlySet<string>
  /** The id of a service's image, now or after the task. */
  idOf(service: Service): Maybe<string>
}

/** Wishes for the attributes of a project (see read.ts), as `state` asks. */
export function composeWish(given: ComposeParams, before: View): Attributes {
  const project = projectFrom(given)
  const found = before.own(projectKey(project))
  return WISHES[given.state]({
    given,
    state: projectOf(found),
    found,
    rewritten: rewritten(project, before),
    idOf: (service) => serviceImage(given, service, before),
  })
}

const WISHES: Readonly<Record<ComposeParams['state'], (scene: Scene) => Attributes>> = {
  present: (scene) =>
    merged([...chosen(scene).map((service) => upWish(scene, service)), orphanWish(scene.given, scene.state)]),
  // What is pulled is wished as images: see pulledImages.
  pulled: () => ({}),
  restarted: (scene) =>
    merged(
      chosen(scene)
        .filter(({ name }) => hasContainers(name, scene.found))
        .map(({ name }) => ({ [`${name}.started`]: FRESH, [`${name}.state`]: 'running' })),
    ),
  stopped: (scene) =>
    merged(
      chosen(scene).map(({ name }) => {
        const present = scene.found[`${name}.state`]
        if (present === undefined || present === 'absent') return { [`${name}.state`]: 'created' }
        return present === 'created' ? {} : { [`${name}.state`]: 'exited' }
      }),
    ),
  absent: ({ given, state, found }) => removalWish(given, state, found),
}

/** Compose restarts what is there, and makes nothing. */
function hasContainers(name: string, found: OwnState): boolean {
  return ![undefined, 'absent'].includes(found[`${name}.state`] as undefined)
}

/** What the image of a service is, or will be. Needs an answer for its key. */
function serviceImage(given: ComposeParams, service: Service, before: View): Maybe<string> {
  if (service.image === '') return 'absent'
  const id = before.own(imageKey(service.image))['id'] as Maybe<string>
  if (service.builds && given.build === 'always')
    return new Unknown(`id of image ${service.image}`, isMissing(id))
  if (given.pull === 'always' && !service.builds) return pulledId(service.image, before)
  return id
}

const isMissing = (id: Maybe<string>): readonly unknown[] => (id === 'absent' ? ['absent'] : [])

/** Images that come or go with the task, by their own keys. */
export function broughtImages(given: ComposeParams, before: View): ReadonlyMap<Key, OwnState> {
  if (given.state === 'absent') return removedImages(given, before)
  const found = before.own(projectKey(projectFrom(given)))
  const scene = { given, state: projectOf(found) }
  const images = chosen(scene).flatMap((service): [Key, OwnState][] => {
    if (service.image === '') return []
    const key = imageKey(service.image)
    const id = before.own(key)['id'] as Maybe<string>
    if (id === 'absent') return [[key, { id: lateImage(service) }]]
    const wanted =
      given.state === 'present' || given.state === 'pulled' ? serviceImage(given, service, before) : id
    return wanted === id ? [] : [[key, { id: wanted }]]
  })
  return new Map(images)
}

function merged(parts: readonly Readonly<Record<string, unknown>>[]): Readonly<Record<string, unknown>> {
  return Object.assign({}, ...parts) as Record<string, unknown>
}

/** The services that are meant, with those they depend on; a name that the files do not have is an error. */
function chosen({ given, state }: Pick<Scene, 'given' | 'state'>): readonly Service[] {
  const unknown = given.services.find((name) => !state.services.some((service) => service.name === name))
  if (unknown !== undefined) {
    const names = state.services.map(({ name }) => name).join(', ')
    throw new Fail(`the project has no service ${unknown}`, [], `its services are: ${names}`)
  }
  if (given.services.length === 0) return state.services
  const names = new Set(given.services)
  // A set goes on over what is added on the way.
  if (given.dependencies && given.state === 'present') {
    for (const name of names)
      state.services.find((one) => one.name === name)?.needs.forEach((need) => names.add(need))
  }
  return state.services.filter(({ name }) => names.has(name))
}

function upWish(scene: Scene, service: Service): Attributes {
  const { given, found } = scene
  const { name, hash } = service
  const count = Number(given.scale?.get(name) ?? service.count)
  const imageId = scene.idOf(service)
  refuseMissing(given, service, imageId)
  if (count === 0) return { [`${name}.state`]: 'absent' }
  const base = { [`${name}.state`]: 'running', [`${name}.count`]: count }
  const state = found[`${name}.state`]
  const exists = state !== undefined && state !== 'absent'
  if (given.recreate === 'never' && exists) return base
  const fresh = given.recreate === 'always' ? { [`${name}.id`]: FRESH } : {}
  const wanted = wantedHash(scene, service, imageId)
  const image =
    service.image === '' ? {} : { [`${name}.image`]: imageId === 'absent' ? lateImage(service) : imageId }
  return { ...base, ...fresh, [`${name}.hash`]: wanted ?? hash, ...image }
}

/** Undefined: as compose told it. */
function wantedHash(
  { found, state, rewritten: files }: Scene,
  { name, imageId: present }: Service,
  imageId: Maybe<string>,
): Unknown | undefined {
  const hash = found[`${name}.hash`]
  if (files.has(name)) return new Unknown(`hash of ${name}`, hash === undefined ? [] : [hash])
  // Compose v1 hashes the id of the image too: told is the hash with the image that is there now.
  const isKnown = state.kind === 'v2' ? typeof imageId === 'string' : imageId === present
  return isKnown && imageId !== 'absent' ? undefined : new Unknown(`hash of ${name}`)
}

function refuseMissing(given: ComposeParams, service: Service, imageId: Maybe<string>): void {
  const { image, name, builds } = service
  if (imageId !== 'absent' || image === '') return
  if (builds ? given.build !== 'never' : given.pull !== 'never') return
  throw new Fail(
    `the image ${image} of service ${name} is not on the host`,
    [imageKey(image)],
    builds ? 'load or build it first' : 'load or pull it first',
  )
}

/** Containers that a project brings, or takes away, by their own keys. */
export function broughtContainers(given: ComposeParams, before: View): ReadonlyMap<Key, OwnState> {
  const project = projectFrom(given)
  const found = before.own(projectKey(project))
  const state = projectOf(found)
  const names = (service: Service): readonly string[] => {
    if (service.container !== undefined) return [service.container]
    const line = state.kind === 'v1' ? '_' : '-'
    const count = Number(given.scale?.get(service.name) ?? service.count)
    return Array.from({ length: count }, (_, i) => [project.name, service.name, i + 1].join(line))
  }
  const running = {
    present: 'running',
    restarted: 'running',
    stopped: 'exited',
    pulled: undefined,
    absent: 'absent',
  }
  const becomes = running[given.state]
  if (becomes === undefined) return new Map()
  if (becomes === 'absent') {
    const gone = leavingOf(given, state).containers
    return new Map(gone.map(({ name }) => [containerKey(name), { state: becomes }]))
  }
  return new Map(
    chosen({ given, state })
      .filter(({ name }) => given.state !== 'restarted' || hasContainers(name, found))
      .flatMap((service) => names(service).map((name) => [containerKey(name), { state: becomes }])),
  )
}

function orphanWish(given: ComposeParams, state: ProjectState): Readonly<Record<string, unknown>> {
  if (!given.remove_orphans) return {}
  const known = new Set([...state.known, ...state.services.map(({ name }) => name)])
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
  if (
    Object.entries(wish).some(([name, value]) => value === FRESH || isUnknown(value) || found[name] !== value)
  )
    return
  const names = new Set(chosen({ given, state }).map(({ name }) => name))
  const bad = state.containers.find(
    ({ service, health }) => names.has(service) && health !== '' && health !== 'healthy',
  )
  if (bad) throw new NotYet(`service ${bad.service} is ${bad.health}`, [], `see: docker logs ${bad.name}`)
}
