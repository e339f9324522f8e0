import { Unknown } from '../../unknown.js'
import { Fail, type OwnState, type ScriptOutput } from '../contract.js'
import { complaint, refuseDocker } from '../docker/engine.js'
import { familiar, reference } from '../docker/image.js'
import { readConfigured, unquoted, variableFiles, type Configured } from './configured.js'
import type { Project } from './project.js'

/** A container of the project. */
export interface Container {
  readonly id: string
  readonly name: string
  readonly service: string
  /** created, running, paused, restarting, removing, exited or dead. */
  readonly state: string
  readonly health: string
  /** As `docker ps` says it: `Up 2 minutes (healthy)`. */
  readonly status: string
  readonly ports: string
  readonly image: string
  /** Id of the image it was made from. */
  readonly imageId: string
  readonly command: string
  readonly hash: string
  readonly started: string
  readonly exitCode: number
}

/** A service as the compose files want it. */
export interface Service {
  readonly name: string
  readonly image: string
  /** Id of the image on the host; undefined when it is not there. */
  readonly imageId: string | undefined
  readonly hash: string
  /** How many containers it should have. */
  readonly count: number
  /** Name of its only container, where the files give one. */
  readonly container: string | undefined
  /** True when its image has another name besides. */
  readonly isNamedTwice: boolean
  /** True when compose can build its image. */
  readonly builds: boolean
  /** Services it depends on. */
  readonly needs: readonly string[]
}

/** A network or a volume of the project. */
export interface Resource {
  readonly name: string
  /** Its name in the files. */
  readonly key: string
  /** Ids of the containers that use it. */
  readonly users: readonly string[]
}

/** What the probe of a project tells. */
export interface ProjectState {
  readonly services: readonly Service[]
  readonly containers: readonly Container[]
  /** Networks and volumes with the label of the project, where they were asked for. */
  readonly networks: readonly Resource[]
  readonly volumes: readonly Resource[]
  /** Keys of networks and volumes in the files. */
  readonly model: { readonly networks: readonly string[]; readonly volumes: readonly string[] }
  /** Ids of the containers made from an image, by its id, where they were asked for. */
  readonly imageUsers: ReadonlyMap<string, readonly string[]>
  /** Ids of containers of `run` that have ended. */
  readonly ended: readonly string[]
  readonly kind: 'v1' | 'v2'
  /** Names of the services of all profiles, where it was asked which containers are orphans and some may be. */
  readonly known: readonly string[]
  /** Service and path of each file of variables. */
  readonly variableFiles: readonly (readonly [string, string])[]
}

/** What is there as attributes, so that the envelope compares them one by one. */
export function attributesOf({
  containers,
  networks,
  volumes,
}: ProjectState): Readonly<Record<string, unknown>> {
  const services = [...new Set(containers.map(({ service }) => service))]
  const entries = services.flatMap((service) => {
    const own = containers.filter((container) => container.service === service)
    const one = (values: readonly string[]): string => [...new Set(values)].sort().join(',')
    return [
      [`${service}.state`, one(own.map(({ state }) => state))],
      [`${service}.hash`, one(own.map(({ hash }) => hash))],
      [`${service}.image`, one(own.map(({ imageId }) => imageId))],
      [`${service}.count`, own.length],
      [`${service}.id`, one(own.map(({ id }) => id))],
      [`${service}.started`, one(own.map(({ started }) => started))],
    ]
  })
  const named = (kind: string, resources: readonly Resource[]): unknown[][] =>
    resources.map(({ name }) => [`${kind} ${name}`, 'present'])
  return Object.fromEntries([...entries, ...named('network', networks), ...named('volume', volumes)])
}

/** Reads what the script of the probe printed. Throws when compose or the engine refused. */
export function readProject(output: ScriptOutput, project: Project): ProjectState {
  refuseDocker(output)
  if (output.code === 3) throw new Fail(`compose refuses the project: ${complaint(output.stderr)}`)
  if (output.code !== 0) throw new Fail(`the Docker Engine refused a question: ${complaint(output.stderr)}`)
  const parts = partsOf(output.stdout)
  const details = new Map(lines(parts, 'details').map((line) => [line.split('\t')[0]!, line.split('\t')]))
  const containers = lines(parts, 'containers').flatMap((line) => readContainer(line, details))
  const kind = lines(parts, 'kind')[0] === 'v1' ? 'v1' : 'v2'
  return {
    services: readServices(parts, containers, `${project.name}${kind === 'v1' ? '_' : '-'}`),
    containers,
    networks: readResources(parts, 'networks'),
    volumes: readResources(parts, 'volumes'),
    model: { networks: keysOf(parts, 'networks'), volumes: keysOf(parts, 'volumes') },
    imageUsers: readUsers(parts),
    ended: lines(parts, 'containers').flatMap(readEnded),
    kind,
    known: lines(parts, 'known').map((line) => line.trim()),
    variableFiles: composeTexts(output.stdout).flatMap((text) => variableFiles(text, project.folder)),
  }
}

/** Texts of the compose files, where the probe sends them. */
export function composeTexts(stdout: string): readonly string[] {
  const end = stdout.indexOf('\ncontainers\n')
  return stdout
    .slice(0, end < 0 ? 0 : end)
    .split('\nfile\n')
    .slice(1)
}

const PARTS = [
  'containers',
  'details',
  'images',
  'kind',
  'hash',
  'config',
  'file',
  'known',
  'networks',
  'volumes',
  'users',
]

function partsOf(stdout: string): ReadonlyMap<string, readonly string[]> {
  const parts = new Map<string, string[]>()
  let current: string[] = []
  for (const line of stdout.split('\n')) {
    if (PARTS.includes(line) && !parts.has(line)) parts.set(line, (current = []))
    else current.push(line)
  }
  return parts
}

function lines(parts: ReadonlyMap<string, readonly string[]>, name: string): readonly string[] {
  return (parts.get(name) ?? []).filter((line) => line.trim() !== '')
}

/** Name, key and users of networks or volumes, a line each. */
function readResources(
  parts: ReadonlyMap<string, readonly string[]>,
  kind: 'networks' | 'volumes',
): readonly Resource[] {
  return lines(parts, kind).map((line) => {
    const [name = '', key = '', ...users] = line.split('\t')
    return { name, key, users }
  })
}

/** What a section of the resolved configuration names. */
function keysOf(parts: ReadonlyMap<string, readonly string[]>, section: string): readonly string[] {
  const config = lines(parts, 'config')
  const rest = config.slice(config.findIndex((line) => line.startsWith(`${section}:`)) + 1)
  const end = rest.findIndex((line) => !line.startsWith(' '))
  if (!config.some((line) => line.startsWith(`${section}:`))) return []
  return rest
    .slice(0, end < 0 ? undefined : end)
    .flatMap((line) => /^ {2}([^ ][^:]*):/.exec(line)?.[1] ?? [])
    .map(unquoted)
}

function readUsers(parts: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>()
  for (const line of lines(parts, 'users')) {
    const [id = '', image = ''] = line.split('\t')
    users.set(image, [...(users.get(image) ?? []), id])
  }
  return users
}

function readServices(
  parts: ReadonlyMap<string, readonly string[]>,
  containers: readonly Container[],
  start: string,
): readonly Service[] {
  const names = lines(parts, 'images').map((line) => line.trim().split(' '))
  const ids = new Map(
    names.flatMap(([id = '', ...own]) => [id, ...own].map((name) => [familiar(name), id] as const)),
  )
  const twice = new Set(
    names.flatMap(([id = '', ...own]) => (own.filter((name) => !name.includes('@')).length > 1 ? [id] : [])),
  )
  const config = lines(parts, 'config')
  const configured = readConfigured(config)
  const hashes = lines(parts, 'hash')
  // v1 prints them in the order of its own dictionaries. Hashes are not asked for when all is to go.
  return (hashes.length > 0 ? [...hashes] : [...configured.keys()]).sort().map((line) => {
    const [name = '', hash = ''] = line.trim().split(/\s+/)
    const own = containers.filter(({ service }) => service === name)
    // Without the configuration the containers are as the files want them.
    const found: Configured = configured.get(name) ?? (own[0] === undefined ? {} : { image: own[0].image })
    const { image: given, count = 1, container, builds = false, needs = [] } = found
    const image = given ?? (builds ? `${start}${name}` : '')
    const imageId = image === '' ? undefined : ids.get(familiar(reference(image, 'latest')))
    return { name, hash, image, imageId, isNamedTwice: twice.has(imageId!), count, container, builds, needs }
  })
}

function readContainer(line: string, details: ReadonlyMap<string, readonly string[]>): readonly Container[] {
  const [id, name, service, hash, state, status, ports, command, oneoff] = line.split('\t')
  if (oneoff === undefined || oneoff.toLowerCase() === 'true') return []
  const [, image, imageId = '', started = '', exitCode = '0', health = ''] = details.get(id!) ?? []
  const text = (value: string | undefined): string => value ?? ''
  return [
    {
      id: text(id),
      name: text(name),
      service: text(service),
      state: text(state),
      health,
      status: text(status),
      ports: text(ports),
      image: text(image),
      imageId,
      command: text(command),
      hash: text(hash),
      started,
      exitCode: Number(exitCode),
    },
  ]
}

/** The id of a container of `run` that has ended. */
function readEnded(line: string): readonly string[] {
  const [id = '', , , , state = '', , , , oneoff = ''] = line.split('\t')
  return oneoff.toLowerCase() === 'true' && ['exited', 'dead'].includes(state) ? [id] : []
}

/** The project behind an own state of a project. */
export function projectOf(state: OwnState): ProjectState {
  return state['project'] as ProjectState
}

/** Whether `attribute` is the state of a service whose containers run, or ended without error after they were started. */
export function hasDoneItsWork(attribute: string, before: OwnState, { containers }: ProjectState): boolean {
  const service = /^(.*)\.state$/.exec(attribute)?.[1]
  const own = containers.filter((container) => container.service === service)
  const old = String(before[`${service}.started`] ?? '').split(',')
  return (
    own.length > 0 &&
    own.every(
      ({ state, exitCode, started }) =>
        state === 'running' || (state === 'exited' && exitCode === 0 && !old.includes(started)),
    )
  )
}

/** What only the run can tell of a service whose image is not there yet. */
export function lateImage(service: Service): Unknown {
  return new Unknown(`id of image ${service.image}`)
}

/** The containers as a result names their attributes, in the order of their names. */
export function containersOf(state: OwnState): readonly Readonly<Record<string, unknown>>[] {
  return [...projectOf(state).containers]
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((container) => ({
      ID: container.id,
      Name: container.name,
      Service: container.service,
      State: container.state,
      Health: container.health,
      Status: container.status,
      Ports: container.ports,
      Image: container.image,
      Command: container.command,
      ExitCode: container.exitCode,
    }))
}
