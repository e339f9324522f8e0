import { Unknown } from '../../unknown.js'
import { Fail, type Key, type OwnAsk, type OwnState, type ScriptOutput } from '../contract.js'
import { COMPOSE_FUNCTION, complaint, refuseDocker } from '../docker/engine.js'
import { MEMORY_FUNCTION } from '../memory-file.js'
import { join, sh, Script } from '../quote.js'

/** Which compose project is meant, and how compose is to read it. */
export interface Project {
  readonly folder: string
  readonly name: string
  /** Compose files, absolute. */
  readonly files: readonly string[]
  readonly envFiles: readonly string[]
  readonly profiles: readonly string[]
}

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
}

/** What the probe of a project tells. */
export interface ProjectState {
  readonly services: readonly Service[]
  readonly containers: readonly Container[]
  readonly networks: readonly string[]
  readonly volumes: readonly string[]
}

/** Identity of a project. */
export function projectKey(project: Project): Key {
  return `compose:${project.name}`
}

/** Names that compose looks for, in its order, when no file is named. */
const DEFAULT_FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml']

/** The files a project may be read from: those that are named, or the default ones. */
function candidates(project: Project): readonly string[] {
  return project.files.length > 0 ? project.files : DEFAULT_FILES.map((name) => `${project.folder}/${name}`)
}

/**
 * Shell function `fplay_project ARGUMENTS…`: compose on this project. `$FILE_n` are its files, or what a dry run has
 * of them; of the default names the first that is there counts.
 */
export function projectFunction(project: Project, probing: boolean): Script {
  const paths = [...candidates(project), ...project.envFiles]
  const count = candidates(project).length
  const variable = (i: number): Script => (probing ? Script.trusted(`"$FILE_${i}"`) : sh`${paths[i]!}`)
  const named = project.files.map((_, i) => sh`-f ${variable(i)}`)
  const first = candidates(project).map((_, i) => variable(i))
  const find = sh`for F in ${first}; do if [ -e "$F" ]; then break; fi; done`
  const files = project.files.length > 0 ? join(named, ' ') : Script.trusted('-f "$F"')
  const env = join(
    project.envFiles.map((_, i) => sh`--env-file ${variable(count + i)}`),
    ' ',
  )
  const profiles = join(
    project.profiles.map((profile) => sh`--profile ${profile}`),
    ' ',
  )
  return join([
    COMPOSE_FUNCTION,
    project.files.length > 0 ? sh`:` : find,
    sh`fplay_project() { fplay_compose ${files} ${env} ${profiles} --project-directory ${project.folder} -p ${project.name} "$@"; }`,
  ])
}

/**
 * Asks which services should be (unless only what is there matters) and which containers are. The hash of a service
 * is the one that the label of a container holds: v2 takes it from the resolved configuration, which alone sees an edited
 * env_file; v1 takes it from the files as they are.
 */
export function projectAsk(project: Project, withFiles: boolean): OwnAsk {
  const again = sh`fplay_compose -f /dev/fd/9 --project-directory ${project.folder} -p ${project.name} config --hash '*'`
  const wanted = join([
    MEMORY_FUNCTION,
    projectFunction(project, true),
    sh`C=$(fplay_project config) || exit 3
printf 'hash\\n'
if fplay_v2; then fplay_memory 9 <<EOF
$C
EOF
${again} || exit 3; else fplay_project config --hash '*' || exit 3; fi
printf 'config\\n'; printf '%s\\n' "$C" | grep -E '^([a-z]|  [^ ]|    (image|scale):|      replicas:)' || :
printf 'images\\n'; for X in $(printf '%s\\n' "$C" | sed -n 's/^    image: *//p' | sort -u); do
printf '%s ' "$X"; docker image inspect -f '{{.Id}}' "$X" 2>/dev/null || echo; done`,
  ])
  return {
    kind: 'own',
    key: projectKey(project),
    files: withFiles ? [...candidates(project), ...project.envFiles] : [],
    script: join([...(withFiles ? [wanted] : []), presentScript(project.name)]),
    read: (output) => {
      const state = readProject(output)
      return { project: state, ...attributesOf(state) }
    },
  }
}

/** What is there as attributes, so that the envelope compares them one by one. */
function attributesOf({ containers, networks, volumes }: ProjectState): Readonly<Record<string, unknown>> {
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
  const named = (kind: string, names: readonly string[]): unknown[][] =>
    names.map((name) => [`${kind} ${name}`, 'present'])
  return Object.fromEntries([...entries, ...named('network', networks), ...named('volume', volumes)])
}

function presentScript(name: string): Script {
  const label = `label=com.docker.compose.project=${name}`
  const listed =
    '{{.ID}}\t{{.Names}}\t{{.Label "com.docker.compose.service"}}\t{{.State}}\t{{.Status}}\t{{.Ports}}\t{{.Image}}\t{{.Command}}\t{{.Label "com.docker.compose.config-hash"}}\t{{.Label "com.docker.compose.oneoff"}}'
  const inspected =
    '{{.ID}}\t{{.Image}}\t{{.State.StartedAt}}\t{{.State.ExitCode}}\t{{if .State.Health}}{{.State.Health.Status}}{{end}}'
  return sh`printf 'containers\\n'; docker ps -a --no-trunc --filter ${label} --format ${listed} || exit 4
printf 'details\\n'; L=$(docker ps -aq --filter ${label}); [ -z "$L" ] || docker inspect --format ${inspected} $L || exit 4
printf 'networks\\n'; docker network ls --filter ${label} --format '{{.Name}}'
printf 'volumes\\n'; docker volume ls --filter ${label} --format '{{.Name}}'`
}

function readProject(output: ScriptOutput): ProjectState {
  refuseDocker(output)
  if (output.code === 3) throw new Fail(`compose refuses the project: ${complaint(output.stderr)}`)
  if (output.code !== 0) throw new Fail(`the Docker Engine refused a question: ${complaint(output.stderr)}`)
  const parts = partsOf(output.stdout)
  const details = new Map(lines(parts, 'details').map((line) => [line.split('\t')[0]!, line.split('\t')]))
  return {
    services: readServices(parts),
    containers: lines(parts, 'containers').flatMap((line) => readContainer(line, details)),
    networks: lines(parts, 'networks'),
    volumes: lines(parts, 'volumes'),
  }
}

const PARTS = ['hash', 'config', 'images', 'containers', 'details', 'networks', 'volumes']

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

function readServices(parts: ReadonlyMap<string, readonly string[]>): readonly Service[] {
  const ids = new Map(
    lines(parts, 'images').map((line): [string, string | undefined] => {
      const [image = '', id] = line.trim().split(' ')
      return [unquoted(image), id]
    }),
  )
  const configured = readConfigured(lines(parts, 'config'))
  // v1 prints them in the order of its own dictionaries.
  return [...lines(parts, 'hash')].sort().map((line) => {
    const [name = '', hash = ''] = line.trim().split(/\s+/)
    const { image = '', count = 1 } = configured.get(name) ?? {}
    return { name, hash, image, imageId: ids.get(image), count }
  })
}

interface Configured {
  readonly image?: string
  readonly count?: number
}

/** Image and number of containers by service, from the lines of a resolved configuration that the probe keeps. */
function readConfigured(config: readonly string[]): ReadonlyMap<string, Configured> {
  const found = new Map<string, Configured>()
  let section = ''
  let service = ''
  for (const line of config) {
    const [, indent = '', key = '', value = ''] = /^( *)([^:]+):\s*(.*)$/.exec(line) ?? []
    if (indent === '') section = key
    else if (section !== 'services') continue
    else if (indent.length === 2) service = unquoted(key)
    else if (key === 'image') found.set(service, { ...found.get(service), image: unquoted(value) })
    else found.set(service, { ...found.get(service), count: Number(value) })
  }
  return found
}

function unquoted(text: string): string {
  return text.replace(/^(["'])(.*)\1$/, '$2')
}

function readContainer(line: string, details: ReadonlyMap<string, readonly string[]>): readonly Container[] {
  const [id, name, service, state, status, ports, image, command, hash, oneoff] = line.split('\t')
  if (oneoff === undefined || oneoff.toLowerCase() === 'true') return []
  const [, imageId = '', started = '', exitCode = '0', health = ''] = details.get(id!) ?? []
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

/** The project behind an own state of {@link projectAsk}. */
export function projectOf(state: OwnState): ProjectState {
  return state['project'] as ProjectState
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
