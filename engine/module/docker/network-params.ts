import type { InferParams, ParamTable } from '../params.js'
import type { Inspected } from './inspect.js'
import { listed, section } from './inspect.js'
import { pairFlags, recordOf, satisfies, setOf, textsOf, type Comparable, type Shape } from './satisfied.js'

/** The parameters of `docker_network`. */
export const NETWORK_PARAMS = {
  name: { type: 'str', required: true, aliases: ['network_name'], description: 'Name of the network.' },
  state: {
    type: 'str',
    default: 'present',
    choices: ['absent', 'present'],
    description: 'Whether it should be there.',
  },
  connected: {
    type: 'list',
    elements: 'str',
    default: [],
    aliases: ['containers'],
    description: 'Containers that should be connected; without any, those that are stay.',
  },
  appends: {
    type: 'bool',
    default: false,
    aliases: ['incremental'],
    description: 'Leave other containers connected too.',
  },
  force: {
    type: 'bool',
    default: false,
    description:
      'With present: make it again in any case. With absent: remove it though containers are connected.',
  },
  driver: { type: 'str', default: 'bridge', description: 'Kind of network.' },
  driver_options: { type: 'dict', description: 'Options of the driver.' },
  ipam_driver: { type: 'str', description: 'What gives addresses.' },
  ipam_driver_options: { type: 'dict', description: 'Options of what gives addresses.' },
  ipam_config: {
    type: 'list',
    elements: 'dict',
    description: 'Ranges of addresses.',
    options: {
      subnet: { type: 'str', required: true, description: 'The range: `172.23.27.0/24`.' },
      gateway: { type: 'str', description: 'Address of the gateway.' },
      iprange: { type: 'str', description: 'Part of the range that containers get addresses from.' },
      aux_addresses: { type: 'dict', description: 'Addresses that are taken already, by name.' },
    },
  },
  enable_ipv6: { type: 'bool', description: 'Addresses of IPv6 too.' },
  internal: { type: 'bool', description: 'Without a way out.' },
  attachable: {
    type: 'bool',
    description: 'For overlay networks: containers that are no services may join.',
  },
  scope: { type: 'str', choices: ['local', 'global', 'swarm'], description: 'How far it reaches.' },
  labels: { type: 'dict', description: 'Labels it should have.' },
} as const satisfies ParamTable
/** Values of {@link NETWORK_PARAMS}. */
export type NetworkParams = InferParams<typeof NETWORK_PARAMS>

/** What decides whether a network must be made again. */
export type NetworkOptions = Readonly<Record<string, Comparable>>

const SHAPES: Readonly<Record<string, Shape>> = {
  driver_options: 'dict',
  ipam_driver_options: 'dict',
  ipam_config: 'set',
  labels: 'dict',
}

/** The options that are given, as they are compared. */
export function wantedOptions(given: NetworkParams): NetworkOptions {
  const { driver, ipam_driver, enable_ipv6, internal, attachable, scope } = given
  const options: Readonly<Record<string, Comparable | undefined>> = {
    driver,
    ipam_driver,
    enable_ipv6,
    internal,
    attachable,
    scope,
    ...(given.driver_options ? { driver_options: textsOf(given.driver_options) } : {}),
    ...(given.ipam_driver_options ? { ipam_driver_options: textsOf(given.ipam_driver_options) } : {}),
    ...(given.labels ? { labels: textsOf(given.labels) } : {}),
    ...(given.ipam_config ? { ipam_config: setOf(givenPools(given).map(poolText)) } : {}),
  }
  return Object.fromEntries(
    Object.entries(options).filter((entry): entry is [string, Comparable] => entry[1] !== undefined),
  )
}

/** A network's options; of those that are wanted and satisfied, the wanted value. */
export function foundOptions(given: NetworkParams, network: Inspected): NetworkOptions {
  const ipam = section(network, 'IPAM')
  const pools = listed(ipam, 'Config') as unknown as readonly Inspected[]
  const found: NetworkOptions = {
    driver: String(network['Driver']),
    driver_options: recordOf(network['Options']),
    ipam_driver: String(ipam['Driver'] ?? ''),
    ipam_driver_options: recordOf(ipam['Options']),
    ipam_config: setOf(pools.map((pool) => poolText(poolOf(pool)))),
    enable_ipv6: network['EnableIPv6'] === true,
    internal: network['Internal'] === true,
    attachable: network['Attachable'] === true,
    scope: String(network['Scope']),
    labels: recordOf(network['Labels']),
  }
  const wanted = wantedOptions(given)
  const satisfied = Object.entries(wanted).filter(([name, value]) =>
    name === 'ipam_config' ? hasPools(given, pools.map(poolOf)) : hasOption(name, value, found[name]),
  )
  return { ...found, ...Object.fromEntries(satisfied) }
}

/** Whether a network, be it only foreseen, has an option as it is wished. What a pool does not say is left to the engine. */
export function hasOption(name: string, wanted: Comparable, found: Comparable | undefined): boolean {
  if (name === 'ipam_config')
    return (wanted as readonly string[]).every((text) =>
      ((found ?? []) as readonly string[]).some((one) => one === text || one.startsWith(`${text} `)),
    )
  const comparison = name === 'ipam_driver_options' ? 'strict' : 'allow_more_present'
  return satisfies(SHAPES[name] ?? 'value', comparison, wanted, found)
}

interface Pool {
  readonly subnet: string
  readonly gateway?: string | undefined
  readonly iprange?: string | undefined
  readonly aux: Readonly<Record<string, string>>
}

function poolOf(found: Inspected): Pool {
  const text = (name: string): string | undefined => (found[name] as string | undefined) || undefined
  return {
    subnet: text('Subnet') ?? '',
    gateway: text('Gateway'),
    iprange: text('IPRange'),
    aux: recordOf(found['AuxiliaryAddresses']),
  }
}

function givenPools(given: NetworkParams): readonly Pool[] {
  return (given.ipam_config ?? []).map((pool) => ({ ...pool, aux: textsOf(pool.aux_addresses) }))
}

/** What a pool does not say is left to the engine. */
function hasPools(given: NetworkParams, found: readonly Pool[]): boolean {
  return givenPools(given).every((wanted) =>
    found.some(
      (pool) =>
        pool.subnet === wanted.subnet &&
        [undefined, pool.gateway].includes(wanted.gateway) &&
        [undefined, pool.iprange].includes(wanted.iprange) &&
        satisfies('dict', Object.keys(wanted.aux).length > 0 ? 'strict' : 'ignore', wanted.aux, pool.aux),
    ),
  )
}

function poolText({ subnet, gateway, iprange, aux }: Pool): string {
  return [
    subnet,
    ...(gateway === undefined ? [] : ['gateway', gateway]),
    ...(iprange === undefined ? [] : ['range', iprange]),
    ...Object.entries(aux).flatMap(([name, address]) => ['taken', `${name}=${address}`]),
  ].join(' ')
}

/** Words for `docker network create` that make the network as it is wanted. */
export function createFlags(given: NetworkParams): readonly string[] {
  return flagsOf(wantedOptions(given), givenPools(given))
}

/** Words that make a network as it was. */
export function flagsAsBefore(given: NetworkParams, network: Inspected): readonly string[] {
  const pools = listed(section(network, 'IPAM'), 'Config') as unknown as readonly Inspected[]
  const { scope, ...options } = foundOptions({ name: given.name } as NetworkParams, network)
  return flagsOf(scope === 'local' ? options : { ...options, scope: scope! }, pools.map(poolOf))
}

function flagsOf(options: NetworkOptions, pools: readonly Pool[]): readonly string[] {
  const one = (flag: string, name: string): readonly string[] =>
    options[name] === undefined || options[name] === '' ? [] : [flag, String(options[name])]
  const flag = (word: string, name: string): readonly string[] => (options[name] === true ? [word] : [])
  const pairs = (word: string, name: string): readonly string[] =>
    pairFlags(word, (options[name] ?? {}) as Readonly<Record<string, string>>)
  return [
    ...one('--driver', 'driver'),
    ...pairs('--opt', 'driver_options'),
    ...one('--ipam-driver', 'ipam_driver'),
    ...pairs('--ipam-opt', 'ipam_driver_options'),
    ...pools.flatMap(poolFlags),
    ...flag('--ipv6', 'enable_ipv6'),
    ...flag('--internal', 'internal'),
    ...flag('--attachable', 'attachable'),
    ...one('--scope', 'scope'),
    ...pairs('--label', 'labels'),
  ]
}

function poolFlags({ subnet, gateway, iprange, aux }: Pool): readonly string[] {
  return [
    ...['--subnet', subnet],
    ...(gateway === undefined ? [] : ['--gateway', gateway]),
    ...(iprange === undefined ? [] : ['--ip-range', iprange]),
    ...pairFlags('--aux-address', aux),
  ]
}
