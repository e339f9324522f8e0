import type { Dict, Value } from '../../engine/language/value.js'
import { imageSuffix } from './engines.js'
import { imageReference } from './images.js'
import type { FateVersion, ImageChoice } from './images.js'
import { defaults, enginesOf, externalOf } from './party.js'
import type { PartiesFile, Party, Settings } from './party.js'
import {
  doorsOf,
  flowEngines,
  flowNeeds,
  imagesOf,
  needsSparkFlow,
  servicesOf,
  SERVING_SERVICES,
} from './services.js'
import { SHARED } from './settings.js'
import { fateflowAddress } from './subnet.js'

/** Settings that are worked out for each party, and so are not variables as they stand in the file. */
const WORKED_OUT = [
  'images',
  'ports',
  'registry',
  'exchange',
  'id',
  'address',
  'managed',
  'ssh_user',
  'ssh_port',
]

/** Name of a party's host in the inventory. */
export function hostName(party: Party): string {
  return `party-${party.id}`
}

/** Variables of the whole deployment. */
export function deploymentVars({ deployment, parties }: PartiesFile): Dict {
  const vars: Dict = new Map()
  for (const [name, setting] of Object.entries(SHARED)) {
    if (setting.default !== undefined && !WORKED_OUT.includes(name)) vars.set(name, setting.default)
  }
  addPlain(vars, deployment)
  vars.set('parties', parties.map(describe))
  vars.set('exchange', exchangeRoute(deployment))
  return vars
}

/** Where the parties reach the exchange; null when there is none. */
function exchangeRoute(deployment: Settings): Value {
  const exchange = deployment.get('exchange') as ReadonlyMap<string, Value> | undefined
  if (!exchange) return null
  return new Map<Value, Value>([
    ['address', exchange.get('peer_address')!],
    ['port', exchange.get('port')!],
  ])
}

/** Variables of the exchange's host, which are those of a party that runs one OSX; undefined when it is not ours. */
export function exchangeVars({ deployment, parties }: PartiesFile): Dict | undefined {
  const exchange = deployment.get('exchange') as ReadonlyMap<string, Value> | undefined
  if (exchange?.get('managed') !== true) return undefined
  const settings = new Map([...defaults(), ...deployment])
  return new Map<Value, Value>([
    ['ansible_host', exchange.get('address')!],
    ['ansible_user', settings.get('ssh_user') ?? settings.get('user')!],
    ['ansible_port', settings.get('ssh_port')!],
    ['registry_host', (settings.get('registry') as string).split('/')[0]!],
    ['party_id', 'exchange'],
    ['project', 'confs-exchange'],
    ['peer_address', exchange.get('peer_address')!],
    ['bind_address', exchange.get('bind_address')!],
    ['ports', new Map<Value, Value>([['osx', exchange.get('port')!]])],
    ['services', ['exchange']],
    ['runs', flags(settings, ['exchange'])],
    ...imageVars(['osx'], imageChoice(settings)),
    ['doors', []],
    ['peers', parties.map(describe)],
    // It delivers to the parties themselves.
    ['exchange', null],
    ...[...deployment].filter(([name]) => name.startsWith('ansible_')),
  ])
}

/** Variables of one party's host. */
export function hostVars(party: Party, { parties }: PartiesFile): Dict {
  const { settings } = party
  const choice = imageChoice(settings)
  const used = [...party.services, ...(externalOf(settings).mysql ? ['mysql'] : [])]
  const vars: Dict = new Map<Value, Value>([
    ['ansible_host', settings.get('address')!],
    ['ansible_user', settings.get('ssh_user') ?? settings.get('user')!],
    ['ansible_port', settings.get('ssh_port')!],
    ['registry_host', (settings.get('registry') as string).split('/')[0]!],
    ['party_id', party.id],
    ['project', `confs-${party.id}`],
    ['peer_address', settings.get('peer_address')!],
    ['bind_address', settings.get('bind_address')!],
    ['ports', new Map<Value, Value>(party.ports)],
    ['services', [...party.services]],
    ['runs', flags(settings, party.services)],
    ['flow_needs', flowNeeds(party.services)],
    ['board_folder', settings.get('fate_version') === '2.0' ? 'fateboard' : 'fate_board'],
    ['flow', new Map<Value, Value>(Object.entries(flowEngines(enginesOf(settings))))],
    ['fateflow_address', fateflowAddress(settings.get('subnet') as string)],
    ...imageVars(imagesOf(used), choice),
    ['doors', doorsOf(settings.get('federation') as string).map((name) => door(party, name))],
    ['peers', parties.filter((other) => other !== party).map(describe)],
  ])
  addPlain(vars, party.own)
  return vars
}

/** Images by their names in `images`: as they are pulled, and as their makers publish them, whatever the registry. */
function imageVars(names: readonly string[], choice: ImageChoice): [Value, Value][] {
  const found = names.map((name) => ({
    name,
    used: imageReference(name, choice),
    published: imageReference(name, { ...choice, registry: '' }).reference,
  }))
  return [
    ['images', new Map<Value, Value>(found.map(({ name, used }) => [name, used.reference]))],
    ['published_images', new Map<Value, Value>(found.map(({ name, published }) => [name, published]))],
    ['unconfirmed_images', found.filter(({ used }) => !used.confirmed).map(({ used }) => used.reference)],
  ]
}

function describe(party: Party): Value {
  return new Map<Value, Value>([
    ['id', party.id],
    ['host', hostName(party)],
    ['managed', party.managed],
    ['address', party.settings.get('peer_address')!],
    ['ports', new Map<Value, Value>(party.ports)],
    ['doors', doorsOf(party.settings.get('federation') as string).map((name) => door(party, name))],
  ])
}

/** Name of the host of a party's serving cluster. */
export function servingName(party: Party): string {
  return `serving-${party.id}`
}

/** Variables of the host of a party's serving cluster; undefined when it has none that is ours. */
export function servingVars(party: Party, { parties }: PartiesFile): Dict | undefined {
  const { settings } = party
  const address = settings.get('serving_address')
  if (address === undefined || !party.managed) return undefined
  return new Map<Value, Value>([
    ['ansible_host', address],
    ['ansible_user', settings.get('ssh_user') ?? settings.get('user')!],
    ['ansible_port', settings.get('ssh_port')!],
    ['registry_host', (settings.get('registry') as string).split('/')[0]!],
    ['party_id', party.id],
    ['project', `serving-${party.id}`],
    ['peer_address', address],
    ['bind_address', address],
    ['ports', new Map<Value, Value>(party.servingPorts)],
    ['services', [...SERVING_SERVICES]],
    ['runs', flags(settings, SERVING_SERVICES)],
    ...imageVars(imagesOf(SERVING_SERVICES), imageChoice(settings)),
    ['doors', []],
    ['exchange', null],
    ['fateflow_url', `http://${settings.get('peer_address') as string}:${party.ports.get('fateflow_http')!}`],
    [
      'peers',
      parties
        .filter((other) => other !== party && other.settings.has('serving_address'))
        .map(
          (other): Value =>
            new Map<Value, Value>([
              ['id', other.id],
              ['host', servingName(other)],
              ['managed', other.managed],
              ['address', other.settings.get('serving_address')!],
              [
                'doors',
                [
                  new Map<Value, Value>([
                    ['name', 'serving_proxy_grpc'],
                    ['port', other.servingPorts.get('serving_proxy_grpc')!],
                  ]),
                ],
              ],
            ]),
        ),
    ],
    ...[...settings].filter(
      ([name]) => /^(?:ansible|serving_admin)_/.test(name) || name === 'user' || name === 'dir',
    ),
  ])
}

/** A port of a party that the others have to reach. */
function door(party: Party, name: string): Value {
  return new Map<Value, Value>([
    ['name', name],
    ['port', party.ports.get(name)!],
  ])
}

/**
 * What runs in the containers of a host, for the conditions of templates. What a party has outside and on its device
 * concerns the host of its FATE-Flow only, not its serving cluster or the exchange.
 */
function flags(settings: Settings, services: readonly string[]): Dict {
  const everything = ['Eggroll', 'Spark'].flatMap((computing) =>
    ['OSX', 'Pulsar', 'RabbitMQ'].flatMap((federation) =>
      servicesOf({ computing, federation, storage: 'HDFS' }, { mysql: false, hdfs: false }),
    ),
  )
  const names = [...new Set([...everything, 'exchange', ...SERVING_SERVICES])].map((name) =>
    name.replaceAll('-', '_'),
  )
  const own = services.map((name) => name.replaceAll('-', '_'))
  const trains = own.includes('fateflow')
  return new Map<Value, Value>([
    ...names.map((name): [Value, Value] => [name, own.includes(name)]),
    ['spark_local', trains && settings.get('computing') === 'Spark_local'],
    ['hdfs', trains && settings.get('storage') === 'HDFS'],
    ['external_mysql', trains && externalOf(settings).mysql],
    ['fate_2_0', settings.get('fate_version') === '2.0'],
    ['osx_tls', settings.has('osx_tls') && (own.includes('osx') || own.includes('exchange'))],
    ['gpu', trains && settings.get('device') === 'GPU'],
  ])
}

function imageChoice(settings: Settings): ImageChoice {
  const text = (name: string): string => settings.get(name) as string
  return {
    version: text('fate_version') as FateVersion,
    registry: text('registry'),
    suffix: imageSuffix({ algorithm: text('algorithm'), device: text('device') }),
    sparkFlow: needsSparkFlow(enginesOf(settings)),
    given: settings.get('images') as ImageChoice['given'],
  }
}

function addPlain(vars: Dict, settings: Settings): void {
  for (const [name, value] of settings) {
    if (!WORKED_OUT.includes(name)) vars.set(name, value)
  }
}
