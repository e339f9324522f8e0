import {
  defineModule,
  Fail,
  FRESH,
  isUnknown,
  Unknown,
  type Ask,
  type Key,
  type OwnAsk,
  type OwnState,
  type View,
  type Wish,
} from '../engine/module/contract.js'
import {
  containerAsk,
  containerKey,
  containerState,
  findContainer,
  nameOf,
} from '../engine/module/docker/container.js'
import {
  inspectedOf,
  inspectScript,
  refuseComplaints,
  section,
  titled,
  type Inspected,
} from '../engine/module/docker/inspect.js'
import {
  createFlags,
  flagsAsBefore,
  foundOptions,
  hasOption,
  NETWORK_PARAMS,
  wantedOptions,
  type NetworkOptions,
  type NetworkParams,
} from '../engine/module/docker/network-params.js'
import { findNetwork, networkKey, networkState } from '../engine/module/docker/network.js'
import { setOf, type Comparable } from '../engine/module/docker/satisfied.js'
import { join, sh, type Script } from '../engine/module/quote.js'

/** Asks for the network and the containers to connect. What satisfies the parameters is told as they have it. */
function networkAsk(given: NetworkParams): OwnAsk {
  const names = given.state === 'present' ? given.connected : []
  const partsOf = (stdout: string): { network: Inspected | undefined; containers: readonly Inspected[] } => {
    const parts = titled(stdout, ['containers'])
    return {
      network: findNetwork(inspectedOf(parts.get('')!), given.name),
      containers: inspectedOf(parts.get('containers') ?? []),
    }
  }
  return {
    kind: 'own',
    key: networkKey(given.name),
    script: join([
      inspectScript('network', [given.name]),
      ...(names.length === 0 ? [] : [sh`echo containers`, inspectScript('container', names)]),
    ]),
    read: (output) => {
      refuseComplaints(output)
      const { network, containers } = partsOf(output.stdout)
      if (network === undefined) return networkState(undefined)
      const { connected: running } = networkState(network) as { connected: readonly string[] }
      // The engine tells only those that run: others say themselves where they are connected.
      const others = containers.filter((one) => isConnected(one, given.name)).map(nameOf)
      const connected = setOf([...running, ...others])
      return { ...networkState(network), ...foundOptions(given, network), connected }
    },
    further: ({ stdout }) => {
      const { network, containers } = partsOf(stdout)
      const { connected } = networkState(network) as { connected: readonly string[] }
      return new Map<Key, OwnState>([
        ...connected.map((name) => [containerKey(name), { state: 'running' }] as const),
        ...names.map(
          (name) => [containerKey(name), containerState(findContainer(containers, name))] as const,
        ),
      ])
    },
  }
}

function isConnected(container: Inspected, network: string): boolean {
  return network in section(container, 'NetworkSettings', 'Networks')
}

function wanted(given: NetworkParams, before: View): Wish {
  const key = networkKey(given.name)
  const found = before.own(key)
  const there = connectedTo(given, before)
  if (given.state === 'absent') {
    if (there.length > 0 && !given.force && found['state'] !== 'absent') refuseConnected(given, there)
    return new Map([[key, { state: 'absent' }]])
  }
  const connected = wantedConnected(given, there, before)
  const options = wantedOptions(given)
  if (found['state'] === 'absent') return new Map([[key, { state: 'present', ...options, connected }]])
  const again = given.force || differing(options, found).length > 0
  return new Map([[key, { connected, ...(again ? { ...options, id: FRESH } : {}) }]])
}

function differing(options: NetworkOptions, found: OwnState): readonly string[] {
  return Object.keys(options).filter((name) => !hasOption(name, options[name]!, found[name] as Comparable))
}

/** Who is connected; not those that earlier tasks of a dry run would have removed. */
function connectedTo({ name }: NetworkParams, before: View): readonly string[] {
  const { connected } = before.own(networkKey(name)) as Record<string, readonly string[]>
  return connected!.filter(
    (one) => !before.told(containerKey(one)) || before.own(containerKey(one))['state'] !== 'absent',
  )
}

/** Asks what became of those that earlier tasks of a dry run would have connected. */
function connectedAsks({ name }: NetworkParams, before: View): readonly Ask[] {
  const { connected } = before.own(networkKey(name)) as Record<string, readonly string[]>
  return connected!.filter((one) => !before.told(containerKey(one))).map(containerAsk)
}

function wantedConnected(given: NetworkParams, there: readonly string[], before: View): readonly string[] {
  if (given.connected.length === 0) return there
  const names = given.connected.map((name) => {
    const { state, container } = before.own(containerKey(name))
    if (state === 'absent') throw new Fail(`there is no container ${name}`, [containerKey(name)])
    const mode = section(container as Inspected | undefined, 'HostConfig')['NetworkMode']
    if (mode === 'host' || mode === 'none') {
      throw new Fail(`the container ${name} has network mode ${mode}, so it can join no network`, [
        containerKey(name),
      ])
    }
    return container === undefined ? name : nameOf(container as Inspected)
  })
  return setOf(given.appends ? [...there, ...names] : names)
}

function refuseConnected({ name }: NetworkParams, connected: readonly string[]): never {
  throw new Fail(
    `the network ${name} has containers: ${connected.join(', ')}`,
    connected.map((one): Key => containerKey(one)),
    'remove them first, or use force, which disconnects them',
  )
}

function converge(given: NetworkParams, before: View): { script: Script; stream: boolean } {
  const key = networkKey(given.name)
  const found = before.own(key)
  const there = connectedTo(given, before)
  const disconnect = (names: readonly string[]): readonly Script[] =>
    names.map((name) => sh`docker network disconnect -f -- ${given.name} ${name}`)
  const connect = (names: readonly string[]): readonly Script[] =>
    names.map((name) => sh`docker network connect -- ${given.name} ${name}`)
  const remove = [...disconnect(there), sh`docker network rm -- ${given.name} >/dev/null`]
  if (given.state === 'absent') return { script: join(remove), stream: true }
  const names = wantedConnected(given, there, before)
  const create = sh`docker network create ${createFlags(given)} -- ${given.name} >/dev/null`
  if (found['state'] === 'absent') return { script: join([create, ...connect(names)]), stream: true }
  if (given.force || differing(wantedOptions(given), found).length > 0) {
    const back = join([
      sh`docker network create ${flagsAsBefore(given, found['network'] as Inspected)} -- ${given.name} >/dev/null`,
      ...connect(there),
    ])
    // A range that another network has shows only now: then the old one comes back.
    const again = sh`if ! ${create}; then\n${back}\nexit 1; fi`
    return { script: join([...remove, again, ...connect(names)]), stream: true }
  }
  const script = join([
    ...connect(names.filter((name) => !there.includes(name))),
    ...disconnect(there.filter((name) => !names.includes(name))),
  ])
  return { script, stream: true }
}

/** Networks of the Docker Engine of the host. */
export default defineModule({
  summary: 'Create and remove networks of the Docker Engine, and connect containers to them',
  description:
    'A network whose options differ is made again: its containers are disconnected, and connected again as `connected` says. When the new one cannot be made, the old one is put back.',
  params: NETWORK_PARAMS,
  returns: {
    network: 'What `docker network inspect` says of it; empty when it is absent.',
  },
  examples: `
- docker_network: {name: shop}
- docker_network:
    name: fate-10000
    ipam_config:
      - {subnet: 192.167.0.0/16, gateway: 192.167.0.1}
    connected: [web]
    appends: true
`,
  probe: (given) => [networkAsk(given)],
  more: (given, before) => connectedAsks(given, before),
  wanted,
  converge: (given, before) => converge(given, before),
  result: ({ name, state }, _before, after, ran) => {
    const { state: found, network } = after.own(networkKey(name))
    if (state === 'absent') return { values: { network: {} } }
    const late = ran.kind === 'foreseen' || isUnknown(found) || network === undefined
    return { values: { network: late ? new Unknown(`network ${name}`) : network } }
  },
})
