import { isUnknown, Unknown, type Maybe } from '../../unknown.js'
import { Fail, FRESH, NotYet, type Key, type OwnState, type View, type Wish } from '../contract.js'
import { containerKey } from '../docker/container.js'
import { imageKey } from '../docker/image.js'
import { section, type Inspected } from '../docker/inspect.js'
import { networkKey } from '../docker/network.js'
import { satisfies, type Comparable } from '../docker/satisfied.js'
import { pulledId } from '../docker/remote.js'
import { comparisonOf, refuseComparisons } from './comparisons.js'
import { wantedNetworks } from './networks.js'
import { CONTAINER_OPTIONS } from './options.js'
import type { ContainerParams, OptionName } from './params.js'
import { imageOf, isImageId, pullOf, surroundings } from './state.js'

/** What becomes of the container. */
export interface Decision {
  /**
   * `create`: there is none; `recreate`: it must be made again; `keep`: it stays, perhaps changed; `perhaps`: it is made
   * again when the image that is pulled is another, which only the run can tell.
   */
  readonly what: 'create' | 'recreate' | 'keep' | 'perhaps'
  /** Options that `docker update` changes. */
  readonly updated: readonly OptionName[]
  /** Attributes that should be. */
  readonly wish: Readonly<Record<string, unknown>>
  /** What the image will be; undefined where none is given. */
  readonly image: Maybe<string> | undefined
}

const RUNNING = ['running', 'restarting', 'paused']

/** True when the container has processes. */
export function runs(state: unknown): boolean {
  return RUNNING.includes(String(state))
}

/** What should be, given what is there. Throws when it cannot be. */
export function decide(given: ContainerParams, before: View): Decision {
  const found = before.own(containerKey(given.name))
  if (given.state === 'absent') {
    return { what: 'keep', updated: [], wish: { state: 'absent' }, image: undefined }
  }
  refuseComparisons(given)
  refuseMissingNetworks(given, before)
  refuseImageLabels(given, found)
  const image = wantedImage(given, before)
  const options = wantedOptions(given, found)
  if (found['state'] === 'absent' || found['state'] === 'removing') {
    if (image === undefined) throw new Fail('a new container needs image', [containerKey(given.name)])
    refuseNew(given, found)
    return {
      what: 'create',
      updated: [],
      image,
      wish: { ...options, ...imageWish(image), ...runWish(given, undefined) },
    }
  }
  return decideExisting(given, found, options, image)
}

/** What docker would refuse of a new container. */
function refuseNew(given: ContainerParams, found: OwnState): void {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(given.name)) {
    throw new Fail(
      `${JSON.stringify(given.name)} cannot be the name of a container`,
      [],
      'use letters, digits, _ . -',
    )
  }
  const image = found['wantedImage'] as Inspected | undefined
  const { Cmd: command, Entrypoint: entrypoint } = section(image, 'Config')
  if (
    image === undefined ||
    given.command !== undefined ||
    given.entrypoint !== undefined ||
    command ||
    entrypoint
  )
    return
  throw new Fail(`the image ${given.image!} has no command of its own`, [], 'give the container a command')
}

function decideExisting(
  given: ContainerParams,
  found: OwnState,
  options: Readonly<Record<string, unknown>>,
  image: Maybe<string> | undefined,
): Decision {
  const differing = Object.keys(options).filter((name) => !hasOption(given, name, options[name], found))
  const other = differsByImage(given, found, image)
  const container = found['container'] as Inspected | undefined
  const updatable = (name: string): boolean =>
    (CONTAINER_OPTIONS.get(name as OptionName)?.update?.(given, container ?? {}).length ?? 0) > 0
  const rebuilt = differing.filter((name) => name !== 'networks' && !updatable(name))
  const isOpen = Object.values(other).some((value) => isUnknown(value) && value.not.length === 0)
  const again = given.recreate || rebuilt.length > 0 || (Object.keys(other).length > 0 && !isOpen)
  if (again) {
    return {
      what: 'recreate',
      updated: [],
      image,
      wish: { ...options, ...other, id: FRESH, ...runWish(given, undefined) },
    }
  }
  if (isOpen) return { what: 'perhaps', updated: [], image, wish: { ...other, ...runWish(given, found) } }
  return {
    what: 'keep',
    updated: differing.filter((name) => name !== 'networks') as OptionName[],
    image,
    wish: { ...Object.fromEntries(differing.map((name) => [name, options[name]])), ...runWish(given, found) },
  }
}

/** Whether the container has an option as it is wished; one that only a dry run foresees has the rest as docker makes it. */
function hasOption(given: ContainerParams, name: string, wanted: unknown, found: OwnState): boolean {
  const there = name in found ? found[name] : foreseenOption(given, name as OptionName, found)
  if (isUnknown(there)) return false
  const [option, comparison] = [
    CONTAINER_OPTIONS.get(name as OptionName),
    comparisonOf(given, name as OptionName),
  ]
  if (option !== undefined)
    return satisfies(option.shape, comparison, wanted as Comparable, there as Comparable)
  if (comparison !== 'allow_more_present') return JSON.stringify(wanted) === JSON.stringify(there)
  const connections = (there ?? []) as readonly string[]
  return (wanted as readonly string[]).every((text) =>
    connections.some((one) => one === text || one.startsWith(`${text} `)),
  )
}

function foreseenOption(given: ContainerParams, name: OptionName, found: OwnState): Comparable | undefined {
  const image = found['wantedImage'] as Inspected | undefined
  const made = { Config: section(image, 'Config') }
  return CONTAINER_OPTIONS.get(name)?.found(made, given, surroundings(given, name, { image }))
}

/** The options that are given, as they are compared. */
function wantedOptions(given: ContainerParams, found: OwnState): Readonly<Record<string, unknown>> {
  const container = found['container'] as Inspected | undefined
  const told = {
    container,
    image: found['wantedImage'] as Inspected | undefined,
    variables: found['variables'] as ReadonlyMap<string, string> | undefined,
  }
  const options = [...CONTAINER_OPTIONS].flatMap(([name, option]) => {
    if (comparisonOf(given, name) === 'ignore' && found['state'] !== 'absent') return []
    const value = option.wanted(given, surroundings(given, name, told as never))
    return value === undefined ? [] : [[name, value] as const]
  })
  const networks = wantedNetworks(given)
  return { ...Object.fromEntries(options), ...(networks === undefined ? {} : { networks }) }
}

/** What the image of that name is, or will be. */
function wantedImage(given: ContainerParams, before: View): Maybe<string> | undefined {
  const name = imageOf(given)
  if (name === undefined) return undefined
  const id = before.own(imageKey(name))['id'] as Maybe<string>
  if (id !== 'absent') return pullOf(given) === 'always' && !isImageId(name) ? pulledId(name, before) : id
  if (isImageId(name) || pullOf(given) === 'never') {
    throw new Fail(`the host has no image ${name}`, [imageKey(name)], 'load, build or pull it first')
  }
  return new Unknown(`id of image ${name}`, ['absent'])
}

function imageWish(image: Maybe<string>): Readonly<Record<string, unknown>> {
  return isUnknown(image) ? {} : { image }
}

/** Attributes by which the image differs; none when it does not, or must not be looked at. */
function differsByImage(
  given: ContainerParams,
  found: OwnState,
  image: Maybe<string> | undefined,
): Readonly<Record<string, unknown>> {
  if (image === undefined || comparisonOf(given, 'image') === 'ignore') return {}
  const name = imageOf(given)!
  if (given.image_name_mismatch === 'recreate' && found['imageName'] !== given.image)
    return { imageName: given.image }
  if (image === found['image']) return {}
  if (!isUnknown(image)) return { image }
  if (isUnknown(found['image'])) return {}
  // One that is not on the host is surely another than the one the container was made of; a newer one may not be there.
  return { image: new Unknown(`id of image ${name}`, image.not.length > 0 ? [found['image']] : []) }
}

/** What `state` asks for, given the container that stays; undefined for one that is new. */
function runWish(given: ContainerParams, found: OwnState | undefined): Readonly<Record<string, unknown>> {
  const running = runs(found?.['state'])
  const exists = found === undefined ? { state: 'created' } : {}
  switch (given.state) {
    case 'absent':
      return { state: 'absent' }
    case 'present':
      return exists
    case 'stopped':
      return found === undefined ? exists : running ? { state: 'exited' } : {}
    default:
      return startWish(given, found, running)
  }
}

function startWish(
  given: ContainerParams,
  found: OwnState | undefined,
  running: boolean,
): Readonly<Record<string, unknown>> {
  const paused = given.state === 'started' ? given.paused : undefined
  const isPaused = found?.['state'] === 'paused'
  if (!running || given.restart) return { started: FRESH, ...(paused === true ? { state: 'paused' } : {}) }
  return paused === undefined || paused === isPaused ? {} : { state: paused ? 'paused' : 'running' }
}

function refuseMissingNetworks(given: ContainerParams, before: View): void {
  const missing = (given.networks ?? []).find(
    ({ name }) => before.own(networkKey(name))['state'] === 'absent',
  )
  if (missing === undefined) return
  throw new Fail(
    `there is no network ${missing.name}`,
    [networkKey(missing.name)],
    'make it first, with docker_network',
  )
}

/** With `image_label_mismatch: fail`, labels that only the image has are an error. */
function refuseImageLabels(given: ContainerParams, found: OwnState): void {
  if (given.image_label_mismatch !== 'fail' || comparisonOf(given, 'labels') !== 'strict') return
  const own = new Set([...(given.labels?.keys() ?? [])].map(String))
  const labels = Object.keys(section(found['wantedImage'] as Inspected | undefined, 'Config', 'Labels'))
  const brought = labels.filter((label) => !own.has(label))
  if (brought.length === 0) return
  throw new Fail(
    `the image brings labels that are not asked for: ${brought.join(', ')}`,
    [],
    'name them, or set image_label_mismatch to ignore',
  )
}

/** True when the task waits for the end of the container: it is a command then. */
export function isCommand(given: ContainerParams): boolean {
  return given.detach === false && given.state === 'started'
}

/** True when nothing is left of the container when it has ended. */
export function leavesNothing(given: ContainerParams): boolean {
  return isCommand(given) && (given.cleanup || given.auto_remove === true)
}

/** The wishes of a task: the container, and the image where it comes with it. */
export function containerWish(given: ContainerParams, before: View): Wish {
  const key = containerKey(given.name)
  const { wish, image } = decide(given, before)
  const name = imageOf(given)
  const present =
    name === undefined || given.state === 'absent' ? undefined : before.own(imageKey(name))['id']
  const pulled = image !== undefined && image !== present
  refuseUnhealthy(given, before, wish)
  const starts = isCommand(given) && 'started' in wish
  return new Map<Key, OwnState>([
    ...(starts && leavesNothing(given) ? [] : [[key, wish] as const]),
    ...(starts ? [[`run:container ${given.name}`, { run: FRESH }] as const] : []),
    ...(pulled ? [[imageKey(name!), { id: image }] as const] : []),
  ])
}

/** With nothing to change a container may still be starting: that is waited for, and is no change. */
function refuseUnhealthy(
  given: ContainerParams,
  before: View,
  wish: Readonly<Record<string, unknown>>,
): void {
  const found = before.own(containerKey(given.name))
  const container = found['container'] as Inspected | undefined
  if (given.state !== 'healthy' || container === undefined) return
  const settled = Object.entries(wish).every(
    ([name, value]) => value !== FRESH && JSON.stringify(found[name]) === JSON.stringify(value),
  )
  if (!settled) return
  const health = section(container, 'State', 'Health')['Status']
  if (health === 'healthy') return
  const key = containerKey(given.name)
  if (health === undefined) {
    throw new Fail(
      `the container ${given.name} has no health check`,
      [key],
      'give it healthcheck, or use state started',
    )
  }
  throw new NotYet(
    `the container ${given.name} is ${String(health)}`,
    [key],
    `see: docker logs ${given.name}`,
  )
}
