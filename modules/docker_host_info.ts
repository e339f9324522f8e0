import { defineModule, Fail, type Dict, type OwnAsk, type ScriptOutput } from '../engine/module/contract.js'
import { COMPOSE_FUNCTION, complaint, refuseDocker } from '../engine/module/docker/engine.js'
import type { InferParams } from '../engine/module/params.js'
import type { Script } from '../engine/module/quote.js'
import { join, sh } from '../engine/module/quote.js'

const params = {
  containers: { type: 'bool', default: false, description: 'List containers too.' },
  containers_all: {
    type: 'bool',
    default: false,
    description: 'With containers: also those that do not run.',
  },
  containers_filters: {
    type: 'dict',
    description: 'Filters as `docker ps --filter` takes them: label, name, status and others.',
  },
  images: { type: 'bool', default: false, description: 'List images too.' },
  images_filters: { type: 'dict', description: 'Filters as `docker images --filter` takes them.' },
  networks: { type: 'bool', default: false, description: 'List networks too.' },
  networks_filters: { type: 'dict', description: 'Filters as `docker network ls --filter` takes them.' },
  volumes: { type: 'bool', default: false, description: 'List volumes too.' },
  volumes_filters: { type: 'dict', description: 'Filters as `docker volume ls --filter` takes them.' },
  disk_usage: { type: 'bool', default: false, description: 'Tell how much room images take.' },
  verbose_output: {
    type: 'bool',
    default: false,
    description: 'All attributes of what is listed, labels as a dictionary.',
  },
} as const
type Params = InferParams<typeof params>

/** What can be listed: the command for ids, and the kind that `docker inspect` is told. */
const LISTS = ['containers', 'images', 'networks', 'volumes'] as const
type List = (typeof LISTS)[number]

function idsScript(list: List, given: Params): Script {
  if (list === 'networks') return sh`docker network ls -q --no-trunc ${filters(given.networks_filters)}`
  if (list === 'volumes') return sh`docker volume ls -q ${filters(given.volumes_filters)}`
  if (list === 'images') return sh`docker images -q --no-trunc ${filters(given.images_filters)} | sort -u`
  const all = given.containers_all ? ['-a'] : []
  return sh`docker ps -q --no-trunc ${all} ${filters(given.containers_filters)}`
}

function filters(given: Dict | undefined): readonly string[] {
  return [...(given ?? [])].flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).flatMap((one) => ['--filter', `${String(name)}=${String(one)}`]),
  )
}

function infoScript(given: Params): Script {
  const kinds: Readonly<Record<List, string>> = {
    containers: 'container',
    images: 'image',
    networks: 'network',
    volumes: 'volume',
  }
  const lists = LISTS.filter((list) => given[list]).map(
    (list) => sh`I=$(${idsScript(list, given)}) || exit 4
printf '%s ' ${list}; if [ -n "$I" ]; then docker inspect --type ${kinds[list]} $I | tr -d '\\n'; else printf '[]'; fi; echo`,
  )
  return join([
    COMPOSE_FUNCTION,
    sh`I=$(docker info --format '{{json .}}') || exit 4
case $I in *'"ServerErrors":['*) printf '%s\\n' "$I" | sed 's/.*"ServerErrors":\\[\\([^]]*\\)\\].*/\\1/' >&2; exit 4 ;; esac
printf 'info %s\\n' "$I"; printf 'compose '; fplay_offline version --short 2>/dev/null || echo`,
    ...lists,
    ...(given.disk_usage ? [diskScript(given)] : []),
  ])
}

function diskScript({ verbose_output: verbose }: Params): Script {
  if (verbose) return sh`printf 'disk '; docker system df -v --format '{{json .}}' || exit 4`
  const format = '{{.Type}} {{.Size}}'
  return sh`docker system df --format ${format} | sed -n 's/^Images /disk /p'`
}

function readInfo(output: ScriptOutput): Readonly<Record<string, unknown>> {
  refuseDocker(output)
  if (output.code !== 0) throw new Fail(`the Docker Engine refused a question: ${complaint(output.stderr)}`)
  const lines = new Map(
    output.stdout.split('\n').map((line): [string, string] => {
      const at = line.indexOf(' ')
      return [line.slice(0, at), line.slice(at + 1)]
    }),
  )
  const lists = LISTS.filter((list) => lines.has(list)).map((list) => [
    list,
    JSON.parse(lines.get(list)!) as unknown,
  ])
  const disk = lines.get('disk')
  const version = lines.get('compose')?.trim().replace(/^v/, '') ?? ''
  return {
    info: JSON.parse(lines.get('info') ?? '{}') as unknown,
    compose: version === '' ? null : { version, kind: version.startsWith('1.') ? 'v1' : 'v2' },
    ...(Object.fromEntries(lists) as Readonly<Record<string, unknown>>),
    ...(disk === undefined
      ? {}
      : { disk: disk.startsWith('{') ? (JSON.parse(disk) as unknown) : layers(disk) }),
  }
}

/** Docker tells sizes for people, in powers of a thousand. */
function layers(size: string): Readonly<Record<string, number>> {
  const [, count = '0', unit = ''] = /^([\d.]+)([kMGT]?)B/.exec(size) ?? []
  return { LayersSize: Math.round(Number(count) * 1000 ** ' kMGT'.indexOf(unit || ' ')) }
}

type Inspected = Readonly<Record<string, unknown>>

function describe(list: List, found: Inspected, verbose: boolean): Inspected {
  if (list !== 'containers') return verbose ? found : brief(list, found)
  const config = found['Config'] as Inspected
  const state = found['State'] as Inspected
  const short = {
    Id: found['Id'],
    Names: [found['Name']],
    Image: config['Image'],
    Created: found['Created'],
    Command: [found['Path'], ...((found['Args'] as unknown[] | null) ?? [])].join(' '),
    Status: state['Status'],
    Ports: (found['NetworkSettings'] as Inspected)['Ports'] ?? {},
  }
  const more = {
    ImageID: found['Image'],
    State: state['Status'],
    Labels: config['Labels'] ?? {},
    Mounts: found['Mounts'],
  }
  return verbose ? { ...short, ...more } : short
}

function brief(list: Exclude<List, 'containers'>, found: Inspected): Inspected {
  const names = {
    images: ['Id', 'RepoTags', 'Created', 'Size'],
    networks: ['Id', 'Name', 'Driver', 'Scope'],
    volumes: ['Name', 'Driver', 'Mountpoint'],
  }[list]
  return Object.fromEntries(names.map((name) => [name, found[name]]))
}

/** Tells about the Docker Engine of the host. */
export default defineModule({
  summary: 'Tell about the Docker Engine of the host, and what it has',
  params,
  returns: {
    can_talk_to_docker: 'Whether the engine answered.',
    host_info: 'What `docker info` says: ServerVersion, NCPU, MemTotal, DockerRootDir and others.',
    compose: 'Version and kind (v1, v2) of Docker Compose; null where there is none. Not in Ansible.',
    containers: 'Containers, where asked for.',
    images: 'Images, where asked for.',
    networks: 'Networks, where asked for.',
    volumes: 'Volumes, where asked for.',
    disk_usage:
      'Where asked for: `LayersSize`, bytes as exact as docker tells; with verbose_output all that `docker system df -v` tells.',
  },
  examples: `
- docker_host_info: {containers: true}
  register: docker
`,
  probe: (given) => {
    const ask: OwnAsk = { kind: 'own', key: 'docker:host', script: infoScript(given), read: readInfo }
    return [ask]
  },
  result: (given, before) => {
    const found = before.own('docker:host')
    const lists = LISTS.filter((list) => given[list]).map((list) => [
      list,
      (found[list] as readonly Inspected[]).map((entry) => describe(list, entry, given.verbose_output)),
    ])
    return {
      values: {
        can_talk_to_docker: true,
        host_info: found['info'],
        compose: found['compose'],
        ...(given.disk_usage ? { disk_usage: found['disk'] } : {}),
        ...(Object.fromEntries(lists) as Inspected),
      },
    }
  },
})
