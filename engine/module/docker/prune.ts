import type { Dict, OwnAsk, OwnState, Key, View, ScriptOutput } from '../contract.js'
import { Fail } from '../contract.js'
import { join, sh, type Script } from '../quote.js'
import { containerKey, containerState, nameOf } from './container.js'
import { imageKey } from './image.js'
import { inspectedOf, listed, refuseComplaints, section, titled, type Inspected } from './inspect.js'
import { networkKey, networkState } from './network.js'
import { volumeKey } from './volume.js'

/** Kinds of things that can be pruned, in the order in which they are. */
export const PRUNED = ['containers', 'images', 'networks', 'volumes'] as const
/** One of {@link PRUNED}. */
export type PrunedKind = (typeof PRUNED)[number]

/** What the host has of each kind, and what its clock and its engine say. */
export interface Present {
  readonly now: number
  /** The version of the engine's interface that docker uses, as 1.41 is 41. */
  readonly api: number
  readonly containers: readonly Inspected[]
  readonly images: readonly Inspected[]
  readonly networks: readonly Inspected[]
  readonly volumes: readonly Inspected[]
  /** Sizes and ids in the builder's cache, as one text. */
  readonly cache: string
}

const TITLES = ['now', 'api', ...PRUNED, 'cache']

/** Asks for all that could be pruned. */
export function presentAsk(kinds: readonly PrunedKind[], cache: boolean): OwnAsk {
  const ids: Readonly<Record<PrunedKind, Script>> = {
    containers: sh`docker ps -aq --no-trunc`,
    images: sh`docker image ls -aq --no-trunc`,
    networks: sh`docker network ls -q --no-trunc`,
    volumes: sh`docker volume ls -q`,
  }
  // Containers tell which images and volumes are used.
  const looked = PRUNED.filter((kind) => kind === 'containers' || kinds.includes(kind))
  return {
    kind: 'own',
    key: 'docker:present',
    script: join([
      sh`printf 'now\\n'; date +%s; printf 'api\\n'; docker version --format '{{.Client.APIVersion}}' || exit 4`,
      ...looked.map(
        (kind) => sh`printf '%s\\n' ${kind}; L=$(${ids[kind]}) || exit 4
[ -z "$L" ] || docker inspect --type ${kind.slice(0, -1)} --format '{{json .}}' -- $L || :`,
      ),
      ...(cache
        ? [sh`printf 'cache\\n'; docker system df -v --format '{{json .BuildCache}}' || exit 4`]
        : []),
    ]),
    read: (output) => ({ present: readPresent(output), cache: readPresent(output).cache }),
    further: (output) => furtherStates(readPresent(output)),
  }
}

function readPresent(output: ScriptOutput): Present {
  refuseComplaints(output)
  const parts = titled(output.stdout, TITLES)
  const text = (name: string): string => (parts.get(name) ?? []).join('\n').trim()
  const things = (kind: PrunedKind): readonly Inspected[] => {
    const all = inspectedOf(parts.get(kind) ?? [])
    return [...new Map(all.map((one) => [one['Id'] ?? one['Name'], one])).values()]
  }
  return {
    now: Number(text('now')),
    api: Number(text('api').split('.')[1] ?? 0),
    containers: things('containers'),
    images: things('images'),
    networks: things('networks'),
    volumes: things('volumes'),
    cache: text('cache'),
  }
}

/** Each thing by its own key, so that what earlier tasks of a dry run did to it counts. */
function furtherStates({ containers, images, networks, volumes }: Present): ReadonlyMap<Key, OwnState> {
  return new Map<Key, OwnState>([
    ...containers.map((one) => [containerKey(nameOf(one)), containerState(one)] as const),
    ...images.flatMap((image) =>
      [String(image['Id']), ...listed(image, 'RepoTags')].map(
        (name) => [imageKey(name), { id: image['Id'], image }] as const,
      ),
    ),
    ...networks.map((one) => [networkKey(String(one['Name'])), networkState(one)] as const),
    ...volumes.map((one) => [volumeKey(String(one['Name'])), { state: 'present' }] as const),
  ])
}

/** Filters by kind, as the parameters give them. */
export type Filters = Readonly<Partial<Record<PrunedKind, Dict | undefined>>>

/** What would go, by kind: containers, networks and volumes by name, images by id. */
export type Going = Readonly<Record<PrunedKind, readonly Inspected[]>>

/** Foretells what docker removes: what one step removes no longer holds what the next looks at. */
export function going(kinds: readonly PrunedKind[], filters: Filters, present: Present, before: View): Going {
  const chosen = (kind: PrunedKind, things: readonly Inspected[]): readonly Inspected[] =>
    kinds.includes(kind)
      ? things.filter((one) => passes(filterOf(filters[kind]), one, kind, present.now))
      : []
  const stateOf = (one: Inspected): unknown => before.own(containerKey(nameOf(one)))['state']
  const there = present.containers.filter((one) => stateOf(one) !== 'absent')
  const stopped = there.filter((one) => ['created', 'exited', 'dead'].includes(String(stateOf(one))))
  const containers = chosen('containers', stopped)
  const left = there.filter((one) => !containers.includes(one))
  const images = chosen('images', unusedImages(present, left, isAll(filters.images), before))
  const networks = chosen(
    'networks',
    present.networks.filter((one) => isUnusedNetwork(one, present.containers, before)),
  )
  const anonymous = present.api >= 42 && !flagOf(filters.volumes, 'all')
  const volumes = chosen(
    'volumes',
    present.volumes.filter((one) => isUnusedVolume(one, left, anonymous, before)),
  )
  return { containers, images, networks, volumes }
}

/** True when images with names go too: `dangling: false`. */
export function isAll(filters: Dict | undefined): boolean {
  return filters?.get('dangling') !== undefined && !flagOf(filters, 'dangling')
}

function flagOf(filters: Dict | undefined, name: string): boolean {
  return ['true', '1'].includes(String(filters?.get(name) ?? 'false'))
}

/** Images that no container was made from; without names, unless all are meant. */
function unusedImages(
  { images }: Present,
  containers: readonly Inspected[],
  all: boolean,
  before: View,
): readonly Inspected[] {
  const used = new Set(containers.map((one) => before.own(containerKey(nameOf(one)))['image']))
  const parents = new Set(images.map((image) => image['Parent']))
  return images.filter((image) => {
    const id = image['Id']
    const tags = listed(image, 'RepoTags').filter((tag) => before.own(imageKey(tag))['id'] === id)
    if (before.own(imageKey(String(id)))['id'] !== id || used.has(id)) return false
    if (tags.length > 0) return all
    return !parents.has(id)
  })
}

/** Only a container that runs holds a network; who is not among the known containers is not looked at. */
function isUnusedNetwork(network: Inspected, containers: readonly Inspected[], before: View): boolean {
  const name = String(network['Name'])
  const { state, connected } = before.own(networkKey(name))
  if (state === 'absent' || ['bridge', 'host', 'none'].includes(name)) return false
  if (network['Ingress'] === true || network['Scope'] !== 'local') return false
  const idle = containers
    .map(nameOf)
    .filter((one) =>
      ['absent', 'created', 'exited', 'dead'].includes(String(before.own(containerKey(one))['state'])),
    )
  return (connected as readonly string[]).every((user) => idle.includes(user))
}

/** The engine spares volumes with options of a driver, as they stand for something elsewhere. */
function isUnusedVolume(
  volume: Inspected,
  containers: readonly Inspected[],
  anonymous: boolean,
  before: View,
): boolean {
  const name = volume['Name']
  if (before.own(volumeKey(String(name)))['state'] === 'absent') return false
  if (volume['Driver'] !== 'local' || Object.keys(section(volume, 'Options')).length > 0) return false
  if (anonymous && !('com.docker.volume.anonymous' in section(volume, 'Labels'))) return false
  return !containers.some((one) =>
    (listed(one, 'Mounts') as unknown as readonly Inspected[]).some((mount) => mount['Name'] === name),
  )
}

interface Filter {
  readonly until: string | undefined
  readonly labels: readonly string[]
  readonly without: readonly string[]
}

const FILTERS = ['until', 'label', 'label!', 'dangling', 'all']

function filterOf(given: Dict | undefined): Filter {
  const unknown = [...(given?.keys() ?? [])].map(String).find((name) => !FILTERS.includes(name))
  if (unknown !== undefined) {
    throw new Fail(`there is no filter ${unknown}`, [], `filters are: ${FILTERS.join(', ')}`)
  }
  const texts = (name: string): readonly string[] => {
    const value = given?.get(name)
    return value === undefined ? [] : (Array.isArray(value) ? value : [value]).map(String)
  }
  return { until: texts('until')[0], labels: texts('label'), without: texts('label!') }
}

function passes({ until, labels, without }: Filter, one: Inspected, kind: PrunedKind, now: number): boolean {
  const found = (
    kind === 'networks' || kind === 'volumes' ? section(one, 'Labels') : section(one, 'Config', 'Labels')
  ) as Readonly<Record<string, string>>
  const has = (label: string): boolean => {
    const [name = '', ...value] = label.split('=')
    return name in found && (value.length === 0 || found[name] === value.join('='))
  }
  if (!labels.every(has) || without.some(has)) return false
  if (until === undefined) return true
  if (kind === 'volumes') throw new Fail('docker has no filter until for volumes')
  return Date.parse(String(one['Created'])) / 1000 <= momentOf(until, now)
}

const UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001, us: 1e-6, ns: 1e-9 }

/** A moment in seconds since 1970: how long ago (`24h`, `1h30m`), seconds, or a date with a time zone. */
function momentOf(until: string, now: number): number {
  if (/^(\d+(\.\d+)?(h|m|s|ms|us|ns))+$/.test(until)) {
    const parts = [...until.matchAll(/(\d+(?:\.\d+)?)(ms|us|ns|h|m|s)/g)]
    return now - parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit!]!, 0)
  }
  const moment = /^\d+(\.\d+)?$/.test(until) ? Number(until) : Date.parse(until) / 1000
  if (Number.isNaN(moment)) throw new Fail(`${until} is no moment`, [], 'write 24h, or 2026-01-31T12:00:00Z')
  return moment
}

/** Words that say filters to docker. */
export function filterFlags(filters: Dict | undefined): readonly string[] {
  return [...(filters ?? [])]
    .filter(([name]) => name !== 'dangling')
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).flatMap((one) => [
        '--filter',
        `${String(name)}=${String(one)}`,
      ]),
    )
}
