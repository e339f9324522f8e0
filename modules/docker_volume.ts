import {
  defineModule,
  Fail,
  FRESH,
  isUnknown,
  Unknown,
  type Key,
  type OwnAsk,
  type View,
  type Wish,
} from '../engine/module/contract.js'
import { containerAsk, containerKey, containerState, nameOf } from '../engine/module/docker/container.js'
import {
  inspectedOf,
  inspectScript,
  refuseComplaints,
  titled,
  type Inspected,
} from '../engine/module/docker/inspect.js'
import {
  pairFlags,
  recordOf,
  satisfies,
  textsOf,
  type Comparable,
} from '../engine/module/docker/satisfied.js'
import { foreseenUsers, volumeKey } from '../engine/module/docker/volume.js'
import type { InferParams } from '../engine/module/params.js'
import { join, sh, type Script } from '../engine/module/quote.js'

const params = {
  volume_name: { type: 'str', required: true, aliases: ['name'], description: 'Name of the volume.' },
  state: {
    type: 'str',
    default: 'present',
    choices: ['absent', 'present'],
    description: 'Whether it should be there. When it goes, its data is lost.',
  },
  driver: { type: 'str', default: 'local', description: 'What keeps it.' },
  driver_options: { type: 'dict', description: 'Options of the driver.' },
  labels: { type: 'dict', description: 'Labels it should have.' },
  recreate: {
    type: 'str',
    default: 'never',
    choices: ['always', 'never', 'options-changed'],
    description:
      'Whether a volume that is there is made again: always, never, or when driver, options or labels differ. Its data is lost.',
  },
} as const
type Params = InferParams<typeof params>

/** What may differ: kind of comparison, and the value as it is wished. */
function wishedOf(given: Params) {
  return {
    driver: { shape: 'value', wanted: given.driver },
    driver_options: { shape: 'dict', wanted: textsOf(given.driver_options) },
    labels: { shape: 'dict', wanted: textsOf(given.labels) },
  } as const
}

/** Asks for the volume and the containers that use it. What satisfies the parameters is told as they have it. */
function volumeAsk(given: Params): OwnAsk {
  const name = given.volume_name
  return {
    kind: 'own',
    key: volumeKey(name),
    script: join([
      inspectScript('volume', [name]),
      ...(given.state === 'absent' || given.recreate !== 'never' ? [usersScript(name)] : []),
    ]),
    read: (output) => {
      refuseComplaints(output)
      const parts = titled(output.stdout, ['users'])
      const [volume] = inspectedOf(parts.get('')!)
      const users = inspectedOf(parts.get('users') ?? [])
      return { ...presented(given, volume), users: users.map(nameOf), volume }
    },
    further: ({ stdout }) =>
      new Map(
        inspectedOf(titled(stdout, ['users']).get('users') ?? []).map((container) => [
          containerKey(nameOf(container)),
          containerState(container),
        ]),
      ),
  }
}

function usersScript(name: string): Script {
  return sh`printf 'users\\n'; U=$(docker ps -aq --no-trunc --filter ${`volume=${name}`}) || exit 4
[ -z "$U" ] || docker inspect --type container --format '{{json .}}' -- $U || :`
}

function presented(given: Params, volume: Inspected | undefined): Readonly<Record<string, unknown>> {
  if (volume === undefined) return { state: 'absent' }
  const { driver_options: options, labels } = wishedOf(given)
  const has = {
    driver: String(volume['Driver']),
    options: recordOf(volume['Options']),
    labels: recordOf(volume['Labels']),
  }
  return {
    state: 'present',
    driver: has.driver,
    driver_options: satisfies('dict', 'allow_more_present', options.wanted, has.options)
      ? options.wanted
      : has.options,
    labels: satisfies('dict', 'allow_more_present', labels.wanted, has.labels) ? labels.wanted : has.labels,
  }
}

function wanted(given: Params, before: View): Wish {
  const key = volumeKey(given.volume_name)
  const found = before.own(key)
  if (given.state === 'absent') {
    if (found['state'] !== 'absent') refuseUsed(given, before)
    return new Map([[key, { state: 'absent' }]])
  }
  const options = Object.fromEntries(
    Object.entries(wishedOf(given)).map(([name, { wanted: value }]) => [name, value]),
  )
  if (found['state'] === 'absent') return new Map([[key, { state: 'present', ...options }]])
  const differs = Object.entries(wishedOf(given)).some(
    ([name, { shape, wanted: value }]) =>
      !satisfies(shape, 'allow_more_present', value, found[name] as Comparable),
  )
  if (given.recreate === 'never' || (given.recreate === 'options-changed' && !differs)) return new Map()
  refuseUsed(given, before)
  return new Map([[key, { state: 'present', ...options, recreated: FRESH }]])
}

/** The engine does not remove a volume that a container has, be it stopped. */
function refuseUsed({ volume_name: name }: Params, before: View): void {
  const volume = before.own(volumeKey(name))
  const users = [...((volume['users'] ?? []) as readonly string[]), ...foreseenUsers(volume)]
  const using = users.filter((user) => before.own(containerKey(user))['state'] !== 'absent')
  if (using.length === 0) return
  throw new Fail(
    `the volume ${name} is used by ${using.join(', ')}`,
    using.map((user): Key => containerKey(user)),
    'remove these containers first',
  )
}

function createScript(given: Params): Script {
  const { driver_options: options, labels } = wishedOf(given)
  const flags = [
    ...['--driver', given.driver],
    ...pairFlags('--opt', options.wanted),
    ...pairFlags('--label', labels.wanted),
  ]
  return sh`docker volume create ${flags} -- ${given.volume_name} >/dev/null`
}

/** Volumes of the Docker Engine of the host. */
export default defineModule({
  summary: 'Create and remove volumes of the Docker Engine of the host',
  description:
    'A volume that is there is left as it is, whatever its options are, unless `recreate` says otherwise: making it again loses its data.',
  params,
  returns: {
    volume: 'What `docker volume inspect` says of it; empty when it is absent.',
  },
  examples: `
- docker_volume: {name: shop-data}
- docker_volume:
    name: shop-backup
    driver_options: {type: nfs, o: "addr=10.0.0.9,rw", device: ":/backup"}
`,
  probe: (given) => [volumeAsk(given)],
  more: ({ volume_name: name }, before) =>
    foreseenUsers(before.own(volumeKey(name)))
      .filter((user) => !before.told(containerKey(user)))
      .map(containerAsk),
  wanted,
  converge: (given, before) => {
    const there = before.own(volumeKey(given.volume_name))['state'] === 'present'
    return {
      script: join([
        ...(there ? [sh`docker volume rm -- ${given.volume_name} >/dev/null`] : []),
        ...(given.state === 'present' ? [createScript(given)] : []),
      ]),
    }
  },
  result: ({ volume_name: name, state }, _before, after, ran) => {
    const { state: found, volume } = after.own(volumeKey(name))
    const late = ran.kind === 'foreseen' || isUnknown(found) || volume === undefined
    if (state === 'absent' || found === 'absent') return { values: { volume: {} } }
    return { values: { volume: late ? new Unknown(`volume ${name}`) : volume } }
  },
})
