import {
  containersOf,
  lateImage,
  projectAsk,
  projectFunction,
  projectKey,
  projectOf,
  type Project,
  type ProjectState,
  type Service,
} from '../engine/module/compose-state.js'
import {
  defineModule,
  Fail,
  FRESH,
  NotYet,
  Unknown,
  type Converge,
  type Difference,
  type Key,
  type OwnState,
  type Ran,
  type View,
  type Wish,
} from '../engine/module/contract.js'
import type { InferParams } from '../engine/module/params.js'
import { join, sh, type Script } from '../engine/module/quote.js'

const params = {
  project_src: { type: 'path', required: true, description: 'Folder of the project.' },
  project_name: {
    type: 'str',
    description: 'Name of the project; default: made from the name of the folder.',
  },
  files: {
    type: 'list',
    elements: 'path',
    description: 'Compose files, relative to project_src; default: the one there.',
  },
  env_files: { type: 'list', elements: 'path', description: 'Files of variables in place of .env.' },
  profiles: { type: 'list', elements: 'str', default: [], description: 'Profiles that are active.' },
  services: { type: 'list', elements: 'str', default: [], description: 'Only these services.' },
  state: {
    type: 'str',
    default: 'present',
    choices: ['absent', 'present', 'pulled', 'restarted', 'stopped'],
    description: 'What should be: containers up, stopped, restarted or gone, or only their images there.',
  },
  pull: {
    type: 'str',
    default: 'policy',
    choices: ['missing', 'never', 'policy'],
    description: 'Whether images that are missing may be pulled.',
  },
  recreate: {
    type: 'str',
    default: 'auto',
    choices: ['always', 'never', 'auto'],
    description:
      'Whether containers are made again: when the configuration or image changed, always, or never.',
  },
  dependencies: {
    type: 'bool',
    default: true,
    description: 'Start the services that the given ones depend on too.',
  },
  scale: { type: 'dict', description: 'Number of containers by service.' },
  remove_orphans: {
    type: 'bool',
    default: false,
    description: 'Remove containers of services that are no longer in the files.',
  },
  remove_volumes: {
    type: 'bool',
    default: false,
    description: 'With absent: remove the named volumes too. Data is lost.',
  },
  remove_images: { type: 'str', choices: ['all', 'local'], description: 'With absent: remove images too.' },
  timeout: { type: 'int', description: 'Seconds a container gets to stop.' },
  wait: {
    type: 'bool',
    default: false,
    description: 'Wait until the services run and those with a health check are healthy.',
  },
  wait_timeout: { type: 'int', default: 600, description: 'Seconds to wait at most.' },
} as const
type Params = InferParams<typeof params>

function projectFrom(given: Params): Project {
  const folder = given.project_src.replace(/(.)\/+$/, '$1')
  const fromFolder = folder.slice(folder.lastIndexOf('/') + 1)
  const absolute = (path: string): string => (path.startsWith('/') ? path : `${folder}/${path}`)
  return {
    folder,
    name:
      given.project_name ??
      fromFolder
        .toLowerCase()
        .replace(/[^-_a-z0-9]/g, '')
        .replace(/^[-_]+/, ''),
    files: (given.files ?? []).map(absolute),
    envFiles: (given.env_files ?? []).map(absolute),
    profiles: given.profiles,
  }
}

function wanted(given: Params, before: View): Wish {
  const key = projectKey(projectFrom(given))
  const found = before.own(key)
  const state = projectOf(found)
  const wish = WISHES[given.state](given, state, found)
  if (given.wait && given.state === 'present') refuseUnhealthy(given, state, wish, found)
  return new Map([[key, wish]])
}

/** Wishes for the attributes of a project (see compose-state.ts), by state. */
const WISHES: Readonly<
  Record<
    Params['state'],
    (given: Params, state: ProjectState, found: OwnState) => Readonly<Record<string, unknown>>
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
function chosen(given: Params, state: ProjectState): readonly Service[] {
  const unknown = given.services.find((name) => !state.services.some((service) => service.name === name))
  if (unknown !== undefined) {
    const names = state.services.map(({ name }) => name).join(', ')
    throw new Fail(`the project has no service ${unknown}`, [], `its services are: ${names}`)
  }
  return given.services.length === 0
    ? state.services
    : state.services.filter(({ name }) => given.services.includes(name))
}

function upWish(given: Params, service: Service, found: OwnState): Readonly<Record<string, unknown>> {
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

function orphanWish(given: Params, state: ProjectState): Readonly<Record<string, unknown>> {
  if (!given.remove_orphans) return {}
  const known = new Set(state.services.map(({ name }) => name))
  const orphans = state.containers.filter(({ service }) => !known.has(service))
  return merged(orphans.map(({ service }) => ({ [`${service}.state`]: 'absent' })))
}

/** With nothing to change a service may still be starting: that is waited for, and is no change. */
function refuseUnhealthy(
  given: Params,
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

function converge(given: Params, before: View, differing: ReadonlyMap<Key, Difference>): Converge {
  const project = projectFrom(given)
  const state = projectOf(before.own(projectKey(project)))
  const stop = given.timeout === undefined ? [] : ['-t', given.timeout]
  const scripts: Readonly<Record<Params['state'], () => Script>> = {
    present: () => upScript(given, project, stop, concerned(given, [...differing.values()][0]!)),
    pulled: () => sh`fplay_project pull -q ${given.services}`,
    restarted: () => sh`fplay_project restart ${stop} ${given.services}`,
    stopped: () =>
      sh`fplay_project up --no-start ${given.services}\nfplay_project stop ${stop} ${given.services}`,
    absent: () => downScript(given, project, state, stop),
  }
  return { script: join([projectFunction(project, false), scripts[given.state]()]), stream: true }
}

/**
 * The services to bring up: all that are chosen on a first deploy; later only those that differ, because compose v2
 * would make the services that depend on them again too.
 */
function concerned(
  given: Params,
  { before, names }: Difference,
): { only: boolean; services: readonly string[] } {
  const existing = Object.keys(before).some((name) => name.endsWith('.state'))
  if (!existing || given.recreate === 'always') return { only: false, services: given.services }
  const differ = names.flatMap((name) => /^(.*)\.(?:state|hash|image|count|id)$/.exec(name)?.[1] ?? [])
  return { only: true, services: [...new Set(differ)] }
}

function upScript(
  given: Params,
  project: Project,
  stop: readonly (string | number)[],
  { only, services }: { readonly only: boolean; readonly services: readonly string[] },
): Script {
  const flags = [
    ...(given.recreate === 'always' ? ['--force-recreate'] : []),
    ...(given.recreate === 'never' ? ['--no-recreate'] : []),
    ...(given.remove_orphans ? ['--remove-orphans'] : []),
    ...(given.dependencies && !only ? [] : ['--no-deps']),
    ...stop,
    ...[...(given.scale ?? [])].flatMap(([name, count]) => ['--scale', `${String(name)}=${String(count)}`]),
  ]
  const up = sh`fplay_project up -d ${flags} ${services}`
  return given.wait ? join([up, waitScript(given, project)]) : up
}

/** Waits for running and healthy by itself: v1 has no --wait, and the one of v2 gives up on a restart. */
function waitScript(given: Params, project: Project): Script {
  const filter = `label=com.docker.compose.project=${project.name}`
  const format = '{{.State.Status}}/{{if .State.Health}}{{.State.Health.Status}}{{end}} {{.Name}}'
  return sh`E=$(($(date +%s) + ${given.wait_timeout}))
while :; do
B=$(docker inspect --format ${format} $(docker ps -aq --filter ${filter}) | grep -Ev '^running/(healthy)? |^exited/' || :)
[ -n "$B" ] || break
printf 'waiting: %s\\n' "$B"
if [ "$(date +%s)" -ge "$E" ]; then
printf '%s\\n' "$B" | while read -r S N; do
printf 'not ready after %s s: %s %s\\n' ${given.wait_timeout} "$\{N#/}" "$S" >&2; docker logs --tail 5 "$\{N#/}" >&2 2>&1 || :; done
exit 1; fi
sleep 1; done`
}

/** `down`, or, when the project's files are gone, the same by the labels of what is left. */
function downScript(
  given: Params,
  project: Project,
  state: ProjectState,
  stop: readonly (string | number)[],
): Script {
  if (given.services.length > 0) return sh`fplay_project rm -f -s ${given.services}`
  const flags = [
    ...(given.remove_volumes ? ['-v'] : []),
    ...(given.remove_orphans ? ['--remove-orphans'] : []),
    ...(given.remove_images === undefined ? [] : ['--rmi', given.remove_images]),
    ...stop,
  ]
  return sh`if fplay_project config >/dev/null 2>&1; then fplay_project down ${flags}; fi
L=$(docker ps -aq --filter ${`label=com.docker.compose.project=${project.name}`}); [ -z "$L" ] || docker rm -f $L
${join(state.networks.map((name) => sh`docker network rm ${name} >/dev/null 2>&1 || :`))}
${given.remove_volumes ? join(state.volumes.map((name) => sh`docker volume rm ${name} >/dev/null 2>&1 || :`)) : sh`:`}`
}

/** What was done, or would be, to each service, and why. */
function actionsOf(
  before: OwnState,
  after: Readonly<Record<string, unknown>>,
): readonly Readonly<Record<string, unknown>>[] {
  const services = [
    ...new Set(Object.keys(after).flatMap((name) => /^(.*)\.(?:state|count)$/.exec(name)?.[1] ?? [])),
  ]
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
  if (changed('started')) return ['Restarted', 'asked for']
  if (changed('count')) return ['Scaled', `it had ${String(before[`${service}.count`])}`]
  return []
}

/** The attributes a service has after the run: found, or in a dry run wished. */
function afterwards(
  given: Params,
  before: OwnState,
  after: OwnState,
  ran: Ran,
): Readonly<Record<string, unknown>> {
  if (ran.kind !== 'foreseen') return { ...gone(before, after), ...after }
  const wish = WISHES[given.state](given, projectOf(before), before)
  return { ...before, ...wish }
}

/** Services that had containers and have none now. */
function gone(before: OwnState, after: OwnState): Readonly<Record<string, unknown>> {
  const names = Object.keys(before).filter((name) => name.endsWith('.state') && !(name in after))
  return Object.fromEntries(names.map((name) => [name, 'absent']))
}

/** A project of Docker Compose: its services up, stopped, restarted or gone. */
export default defineModule({
  summary: 'Bring a Docker Compose project up, down, or in between',
  description:
    'Works with Compose v1 from 1.27 and with v2. Changed only when a container was created, recreated, started, stopped or removed. In a dry run it says which services would be, and why; containers are compared by the hash of their configuration and by their image.',
  params,
  returns: {
    actions: 'What was done to which service: what, service, status (Created, Recreated, Started …), why.',
    containers:
      'The containers of the project: Name, Service, State, Health, Status, Ports, Image, Command, ID, ExitCode.',
    images: 'The images of the services: Service, Image, ID.',
    msg: 'The actions in a sentence.',
  },
  examples: `
- name: Bring the party up
  docker_compose_v2:
    project_src: /data/projects/fate/confs-10000
    wait: true
`,
  probe: (given) => [projectAsk(projectFrom(given), given.state !== 'absent')],
  wanted,
  converge,
  until: (given) => ({ seconds: given.wait ? given.wait_timeout : 0, delay: 0, sleep: 1 }),
  result: (given, before, after, ran) => {
    const key = projectKey(projectFrom(given))
    const actions = actionsOf(before.own(key), afterwards(given, before.own(key), after.own(key), ran))
    const { services } = projectOf(after.own(key))
    return {
      values: {
        actions,
        msg: actions.map(sentence).join(', ') || 'nothing to do',
        containers:
          ran.kind === 'foreseen' ? new Unknown('containers of the project') : containersOf(after.own(key)),
        images: services.map(({ name, image, imageId }) => ({
          Service: name,
          Image: image,
          ID: imageId ?? new Unknown(`id of image ${image}`),
        })),
      },
    }
  },
})

function sentence(action: Readonly<Record<string, unknown>>): string {
  const { service, status, why } = action
  const done = String(status).toLowerCase()
  return why === undefined ? `${String(service)} ${done}` : `${String(service)} ${done} (${String(why)})`
}
