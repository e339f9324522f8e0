import { listed, section, type Inspected } from '../docker/inspect.js'
import { setOf } from '../docker/satisfied.js'
import { comparisonOf } from './comparisons.js'
import type { ContainerParams } from './params.js'

type Given = NonNullable<ContainerParams['networks']>[number]

/** A connection as one text: the network's name and what is said of it. */
function connectionText(network: Given): string {
  return [
    network.name,
    ...(network.ipv4_address === undefined ? [] : [network.ipv4_address]),
    ...(network.ipv6_address === undefined ? [] : [network.ipv6_address]),
    ...(network.aliases ?? []).map((alias) => `alias ${alias}`),
    ...(network.links ?? []).map((link) => `link ${link}`),
  ].join(' ')
}

/** The connections of a container by network. */
export function connectionsOf(container: Inspected | undefined): ReadonlyMap<string, Inspected> {
  return new Map(Object.entries(section(container, 'NetworkSettings', 'Networks'))) as ReadonlyMap<
    string,
    Inspected
  >
}

/** True when the container is connected to the network with at least what is said. */
export function isConnected(network: Given, connections: ReadonlyMap<string, Inspected>): boolean {
  const found = connections.get(network.name)
  if (found === undefined) return false
  const ipam = section(found, 'IPAMConfig')
  const links = (network.links ?? []).map((link) => (link.includes(':') ? link : `${link}:${link}`))
  return (
    [undefined, ipam['IPv4Address']].includes(network.ipv4_address) &&
    [undefined, ipam['IPv6Address']].includes(network.ipv6_address) &&
    (network.aliases ?? []).every((alias) => listed(found, 'Aliases').includes(alias)) &&
    links.every((link) => listed(found, 'Links').includes(link))
  )
}

/** Whether other networks than the given ones are left. */
export function removesOthers(given: ContainerParams): boolean {
  return given.networks !== undefined && comparisonOf(given, 'networks') === 'strict'
}

/** The networks that should be, as they are compared; undefined: nothing is said. */
export function wantedNetworks(given: ContainerParams): readonly string[] | undefined {
  if (given.networks === undefined || comparisonOf(given, 'networks') === 'ignore') return undefined
  return setOf(given.networks.map(connectionText))
}

/** The networks that are; what satisfies the parameters is told as they have it. */
export function foundNetworks(given: ContainerParams, container: Inspected): readonly string[] {
  const connections = connectionsOf(container)
  const wanted = (given.networks ?? []).filter((network) => isConnected(network, connections))
  const others = [...connections.keys()].filter((name) => !wanted.some((network) => network.name === name))
  const kept = removesOthers(given)
    ? others
    : others.filter((name) => given.networks?.some((one) => one.name === name))
  return setOf([...wanted.map(connectionText), ...kept])
}

/** Words of `docker create` for the network it is made in. */
export function firstNetworkFlags(given: ContainerParams, mode: string | undefined): readonly string[] {
  const first = given.networks?.find(({ name }) => name === mode)
  if (first === undefined) return []
  return [
    ...(first.ipv4_address === undefined ? [] : ['--ip', first.ipv4_address]),
    ...(first.ipv6_address === undefined ? [] : ['--ip6', first.ipv6_address]),
    ...(first.aliases ?? []).flatMap((alias) => ['--network-alias', alias]),
    ...(first.links ?? []).flatMap((link) => ['--link', link]),
  ]
}

/** Words of `docker network connect`. */
export function connectFlags(network: Given): readonly string[] {
  return [
    ...(network.ipv4_address === undefined ? [] : ['--ip', network.ipv4_address]),
    ...(network.ipv6_address === undefined ? [] : ['--ip6', network.ipv6_address]),
    ...(network.aliases ?? []).flatMap((alias) => ['--alias', alias]),
    ...(network.links ?? []).flatMap((link) => ['--link', link]),
  ]
}
