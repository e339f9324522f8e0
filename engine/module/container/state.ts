import { Fail, type Ask, type Key, type OwnAsk, type OwnState, type ScriptOutput } from '../contract.js'
import { containerKey, containerState, findContainer } from '../docker/container.js'
import { imageKey, reference } from '../docker/image.js'
import {
  inspectedOf,
  inspectScript,
  refuseComplaints,
  section,
  titled,
  type Inspected,
} from '../docker/inspect.js'
import { findNetwork, networkKey, networkState } from '../docker/network.js'
import { remoteAsk } from '../docker/remote.js'
import { satisfies, type Comparable } from '../docker/satisfied.js'
import { join, sh } from '../quote.js'
import { comparisonOf } from './comparisons.js'
import { foundNetworks } from './networks.js'
import type { Option, Surroundings } from './option-kinds.js'
import { CONTAINER_OPTIONS, networkMode } from './options.js'
import type { ContainerParams, OptionName } from './params.js'

/** The image as docker is asked for it; undefined where none is given. */
export function imageOf({ image }: ContainerParams): string | undefined {
  if (image === undefined) return undefined
  return isImageId(image) ? image : reference(image, 'latest')
}

/** True for `sha256:…` and plain hex: such an image cannot be pulled. */
export function isImageId(image: string): boolean {
  return /^(sha256:)?[0-9a-f]{12,64}$/.test(image)
}

/** `always`, `missing` or `never`. */
export function pullOf({ pull }: ContainerParams): 'always' | 'missing' | 'never' {
  return pull === 'true' ? 'always' : pull === 'false' ? 'missing' : pull
}

/** All that is asked of the host, in one message. */
export function containerAsks(given: ContainerParams): readonly Ask[] {
  const image = imageOf(given)
  const pulls =
    image !== undefined && given.state !== 'absent' && pullOf(given) === 'always' && !isImageId(image)
  return [wholeAsk(given), ...(pulls ? [remoteAsk(image)] : [])]
}

/** Containers that `container:NAME` names. */
function neighbours(given: ContainerParams): readonly string[] {
  const modes = [networkMode(given), given.pid_mode, given.ipc_mode]
  return modes.flatMap((mode) => /^container:(.+)$/.exec(mode ?? '')?.[1] ?? [])
}

/** What the script tells, taken apart. */
interface Told {
  readonly container: Inspected | undefined
  readonly others: readonly Inspected[]
  readonly image: Inspected | undefined
  readonly currentImage: Inspected | undefined
  readonly networks: readonly Inspected[]
  readonly variables: ReadonlyMap<string, string>
}

const TITLES = ['image', 'current', 'networks', 'variables']

/** Asks for the container, its image, its networks and its file of variables. */
function wholeAsk(given: ContainerParams): OwnAsk {
  const isWanted = given.state !== 'absent'
  const image = isWanted ? imageOf(given) : undefined
  const networks = isWanted ? (given.networks ?? []).map(({ name }) => name) : []
  const current = isWanted && given.image_comparison === 'current-image'
  const file = isWanted ? given.env_file : undefined
  const format = '{{.Image}}'
  return {
    kind: 'own',
    key: containerKey(given.name),
    files: file === undefined ? [] : [file],
    script: join([
      inspectScript('container', [given.name, ...(isWanted ? neighbours(given) : [])]),
      ...(image === undefined ? [] : [sh`echo image`, inspectScript('image', [image])]),
      ...(current
        ? [
            sh`echo current; I=$(docker inspect --type container --format ${format} -- ${given.name} 2>/dev/null) || I=
[ -z "$I" ] || docker inspect --type image --format '{{json .}}' -- "$I" || :`,
          ]
        : []),
      ...(networks.length === 0 ? [] : [sh`echo networks`, inspectScript('network', networks)]),
      ...(file === undefined ? [] : [sh`echo variables; cat -- "$FILE_0" || exit 5`]),
    ]),
    read: (output) => readWhole(given, output),
    further: (output) => furtherStates(given, toldBy(given, output.stdout)),
  }
}

function toldBy(given: ContainerParams, stdout: string): Told {
  const parts = titled(stdout, TITLES)
  const first = inspectedOf(parts.get('')!)
  const own = findContainer(first, given.name)
  return {
    container: own,
    others: first,
    image: inspectedOf(parts.get('image') ?? [])[0],
    currentImage: inspectedOf(parts.get('current') ?? [])[0],
    networks: inspectedOf(parts.get('networks') ?? []),
    variables: variablesIn(parts.get('variables') ?? []),
  }
}

/** `NAME=value` lines; a line that is only a name takes nothing, as the host's environment is not the task's. */
function variablesIn(lines: readonly string[]): ReadonlyMap<string, string> {
  const entries = lines.flatMap((line) => {
    const [, name, value] = /^\s*([^#=\s][^=]*)=(.*)$/.exec(line.replace(/\r$/, '')) ?? []
    return name === undefined ? [] : [[name, value!] as const]
  })
  return new Map(entries)
}

function readWhole(given: ContainerParams, output: ScriptOutput): OwnState {
  if (output.code === 5) {
    throw new Fail(`env_file ${given.env_file!} cannot be read: ${output.stderr.trim()}`, [
      `path:${given.env_file!}`,
    ])
  }
  refuseComplaints(output)
  const told = toldBy(given, output.stdout)
  const { container, image, variables } = told
  const base = { ...containerState(container), image: container?.['Image'], wantedImage: image, variables }
  if (container === undefined) return { ...base, state: 'absent' }
  const options = [...CONTAINER_OPTIONS].map(([name, option]) => [name, presented(given, name, option, told)])
  return {
    ...base,
    imageName: section(container, 'Config')['Image'],
    networks: foundNetworks(given, container),
    ...(Object.fromEntries(options) as Readonly<Record<string, Comparable>>),
  }
}

/** What an option is held against. */
export function surroundings(given: ContainerParams, name: OptionName, told: Partial<Told>): Surroundings {
  const { container, others = [], image, currentImage, variables = new Map<string, string>() } = told
  const ids = neighbours(given).flatMap((one) => {
    const found = findContainer(others, one)
    return found === undefined ? [] : [[one, String(found['Id'])] as const]
  })
  return {
    image: given.image_comparison === 'current-image' && container !== undefined ? currentImage : image,
    strict: comparisonOf(given, name) === 'strict',
    ids: new Map(ids),
    fileVariables: variables,
  }
}

/** How the container has an option; when that is as the parameters ask, their own value. */
function presented(given: ContainerParams, name: OptionName, option: Option, told: Told): Comparable {
  const around = surroundings(given, name, told)
  const found = option.found(told.container!, given, around)
  const wanted = option.wanted(given, around)
  if (wanted === undefined) return found
  return satisfies(option.shape, comparisonOf(given, name), wanted, found) ? wanted : found
}

function furtherStates(given: ContainerParams, told: Told): ReadonlyMap<Key, OwnState> {
  const image = imageOf(given)
  return new Map<Key, OwnState>([
    ...(image === undefined || given.state === 'absent'
      ? []
      : [
          [
            imageKey(image),
            told.image === undefined ? { id: 'absent' } : { id: told.image['Id'], image: told.image },
          ] as const,
        ]),
    ...(given.state === 'absent' ? [] : (given.networks ?? [])).map(
      ({ name }) => [networkKey(name), networkState(findNetwork(told.networks, name))] as const,
    ),
    ...neighbours(given).map(
      (name) => [containerKey(name), containerState(findContainer(told.others, name))] as const,
    ),
  ])
}
