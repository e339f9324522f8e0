import { volumeTarget, volumeText } from '../engine/module/container/values.js'
import { CONTAINER_PARAMS, type ContainerParams } from '../engine/module/container/params.js'
import { containerScript, ENDED } from '../engine/module/container/script.js'
import { containerAsks } from '../engine/module/container/state.js'
import { containerWish, isCommand, leavesNothing } from '../engine/module/container/wish.js'
import {
  defineModule,
  isUnknown,
  Unknown,
  type Key,
  type OwnState,
  type Ran,
  type Returned,
  type View,
} from '../engine/module/contract.js'
import { containerKey } from '../engine/module/docker/container.js'
import type { Inspected } from '../engine/module/docker/inspect.js'
import { networkKey } from '../engine/module/docker/network.js'
import { setOf } from '../engine/module/docker/satisfied.js'
import { usedBy, volumeKey } from '../engine/module/docker/volume.js'

/** What the container brings: that it runs, its place in networks, volumes with names. */
function brings(given: ContainerParams, before: View): ReadonlyMap<Key, OwnState> {
  const key = containerKey(given.name)
  if (given.state === 'absent') return new Map()
  const runs = given.state === 'started' || given.state === 'healthy'
  const state = isCommand(given)
    ? leavesNothing(given)
      ? 'absent'
      : 'exited'
    : given.paused
      ? 'paused'
      : 'running'
  const networks = (given.networks ?? []).map(({ name }) => {
    const { connected } = before.own(networkKey(name)) as { connected?: readonly string[] }
    return [networkKey(name), { connected: setOf([...(connected ?? []), given.name]) }] as const
  })
  const named = [
    ...(given.volumes ?? [])
      .map(volumeText)
      .flatMap((text) => (volumeTarget(text) === text ? [] : [text.split(':')[0]!])),
    ...(given.mounts ?? []).flatMap(({ type, source }) =>
      type === 'volume' && source !== undefined ? [source] : [],
    ),
  ]
  return new Map<Key, OwnState>([
    ...(runs ? [[key, { state }] as const] : []),
    ...(state === 'absent' ? [] : networks),
    ...named
      .filter((name) => !name.startsWith('/'))
      .map((name) => [volumeKey(name), usedBy(given.name)] as const),
  ])
}

function result(given: ContainerParams, after: View, ran: Ran): Returned {
  if (given.state === 'absent') return { values: { container: {} } }
  const { container, state } = after.own(containerKey(given.name))
  const waited = isCommand(given) && ran.kind !== 'nothing'
  // One that only a dry run foresees has nothing to tell yet.
  const late = ran.kind === 'nothing' && container === undefined
  if (ran.kind === 'foreseen' || isUnknown(state) || late) {
    const told = new Unknown(`container ${given.name}`)
    return { values: { container: told, ...(waited ? { status: new Unknown('its exit status') } : {}) } }
  }
  const found = (container ?? {}) as Inspected
  if (!waited || ran.kind !== 'ran') return { values: { container: found } }
  const [, output = '', code = '0'] = new RegExp(`^([^]*)\n${ENDED} (\\d+)\n*$`).exec(ran.stdout) ?? []
  const status = Number(code)
  const values = { container: { ...found, Output: output + ran.stderr }, status }
  if (status === 0) return { values }
  const said = (ran.stderr.trim() || output.trim()).split('\n').slice(-5).join('\n')
  return { values, failed: `the container ended with status ${status}${said === '' ? '' : `: ${said}`}` }
}

/** One container of the Docker Engine of the host. */
export default defineModule({
  summary: 'Create, change, start, stop and remove a container of the Docker Engine of the host',
  description:
    'A container that is there is compared with all that is said. Limits and the restart policy are changed in place, networks are connected; for anything else it is made again: the new one is made first, and the old one is put back when the new one cannot start. Volumes with names and folders of the host stay in any case. The diff says what differs.',
  params: CONTAINER_PARAMS,
  rules: {
    requiredIf: [['state', 'present', ['image']]],
    requiredBy: { log_options: ['log_driver'], restart_retries: ['restart_policy'] },
  },
  returns: {
    container:
      'What `docker inspect` says of it; empty when it is absent. With detach false, `Output` is what it printed.',
    status: 'With detach false: its exit status.',
  },
  examples: `
- docker_container:
    name: db
    image: mysql:8.0.28
    restart_policy: unless-stopped
    env: {MYSQL_ROOT_PASSWORD: "{{ vault_root_password }}"}
    volumes: ["/srv/db:/var/lib/mysql"]
    published_ports: ["127.0.0.1:3306:3306"]
    networks: [{name: shop, aliases: [database]}]
- name: Migrate, and see how it ended
  docker_container:
    name: migrate
    image: shop:2
    command: migrate --all
    detach: false
    cleanup: true
`,
  probe: containerAsks,
  wanted: containerWish,
  converge: (given, before) => ({ script: containerScript(given, before), stream: true }),
  brings: (given, before) => brings(given, before),
  until: ({ state, healthy_wait_timeout: seconds }) => ({
    seconds: state === 'healthy' ? seconds : 0,
    delay: 0,
    sleep: 0.5,
  }),
  result: (given, _before, after, ran) => result(given, after, ran),
})
