import type { Engines } from './engines.js'

/** What a party has outside its own containers. */
export interface External {
  readonly mysql: boolean
  readonly hdfs: boolean
}

/** A port that a service publishes. */
export interface Port {
  readonly number: number
  readonly service: string
  /** Published at the loopback address only: pages and interfaces for the host's own people, without a password. */
  readonly local?: boolean
}

/** The ports of the services, and where they are when nobody says otherwise. */
export const PORTS: ReadonlyMap<string, Port> = new Map<string, Port>([
  ['osx', { number: 9370, service: 'osx' }],
  ['fateflow_http', { number: 9380, service: 'fateflow' }],
  ['fateflow_grpc', { number: 9360, service: 'fateflow' }],
  ['fateboard', { number: 8080, service: 'fateboard' }],
  ['nginx_http', { number: 9300, service: 'nginx' }],
  ['nginx_grpc', { number: 9310, service: 'nginx' }],
  ['pulsar', { number: 6650, service: 'pulsar' }],
  ['pulsar_admin', { number: 8001, service: 'pulsar', local: true }],
  ['rabbitmq', { number: 5672, service: 'rabbitmq' }],
  ['rabbitmq_admin', { number: 15672, service: 'rabbitmq', local: true }],
  ['namenode_http', { number: 9870, service: 'namenode', local: true }],
  ['serving_server', { number: 8000, service: 'serving-server' }],
  ['serving_proxy_http', { number: 8059, service: 'serving-proxy' }],
  ['serving_proxy_grpc', { number: 8869, service: 'serving-proxy' }],
  ['serving_admin', { number: 8350, service: 'serving-admin' }],
  ['spark_master_http', { number: 8888, service: 'spark-master', local: true }],
  ['spark_worker_http', { number: 8081, service: 'spark-worker', local: true }],
])

/** The image of a service, where its name is another one. */
const IMAGE_OF: Readonly<Record<string, string>> = {
  clustermanager: 'eggroll',
  nodemanager: 'eggroll',
  'spark-master': 'spark_master',
  'spark-worker': 'spark_worker',
  'datanode-0': 'datanode',
  'datanode-1': 'datanode',
  'datanode-2': 'datanode',
  'serving-zookeeper': 'zookeeper',
  'serving-server': 'serving_server',
  'serving-proxy': 'serving_proxy',
  'serving-admin': 'serving_admin',
}

/** The services of a party that runs these engines, in the order in which they start. */
export function servicesOf({ computing, federation, storage }: Engines, external: External): string[] {
  return [
    ...(external.mysql ? [] : ['mysql']),
    ...(computing === 'Eggroll' ? ['clustermanager', 'nodemanager'] : []),
    ...(storage === 'HDFS' && !external.hdfs ? ['namenode', 'datanode-0', 'datanode-1', 'datanode-2'] : []),
    ...(computing === 'Spark' ? ['spark-master', 'spark-worker'] : []),
    ...(federation === 'OSX' ? ['osx'] : [federation.toLowerCase(), 'nginx']),
    'fateflow',
    'fateboard',
  ]
}

/** The services of a serving cluster, in the order in which they start. */
export const SERVING_SERVICES = ['serving-zookeeper', 'serving-server', 'serving-proxy', 'serving-admin']

/** The services that FATE-Flow waits for. nginx waits for FATE-Flow, to which it passes calls on. */
export function flowNeeds(services: readonly string[]): string[] {
  return services.slice(0, services.indexOf('fateflow')).filter((service) => service !== 'nginx')
}

/** The names of the images that services run, each once. */
export function imagesOf(services: readonly string[]): string[] {
  return [...new Set(services.map((service) => IMAGE_OF[service] ?? service))]
}

/** The ports that services publish, by name, with other numbers where `given` has them. */
export function portsOf(
  services: readonly string[],
  given: ReadonlyMap<string, number>,
): Map<string, number> {
  const own = [...PORTS].filter(([, { service }]) => services.includes(service))
  return new Map(own.map(([name, { number }]) => [name, given.get(name) ?? number]))
}

/** The ports of a party that the others have to reach. */
export function doorsOf(federation: string): string[] {
  return federation === 'OSX' ? ['osx'] : [federation.toLowerCase(), 'fateflow_http']
}

/** The ports of a party that stand in the routes of others, whether they need to reach them or not. */
export function routedPorts(federation: string): string[] {
  return federation === 'OSX'
    ? doorsOf(federation)
    : [...doorsOf(federation), 'fateflow_grpc', 'nginx_http', 'nginx_grpc']
}

/** Names under which FATE-Flow 2.2 knows the engines, and how it uses them. */
export function flowEngines({ computing, federation }: Engines): Record<string, string> {
  const compute = { Eggroll: 'eggroll', Spark: 'spark', Spark_local: 'standalone' }[computing]!
  const storage = { Eggroll: 'eggroll', Spark: 'hdfs', Spark_local: 'standalone' }[computing]!
  return {
    computing: compute,
    federation: federation.toLowerCase(),
    storage,
    // Calls from one FATE-Flow to another do not travel through Pulsar and RabbitMQ.
    proxy: federation === 'OSX' ? 'osx' : 'nginx',
    // Stream hands data to Eggroll directly; the other computing engines have nobody to hand it to.
    osx_mode: computing === 'Eggroll' ? 'stream' : 'queue',
  }
}

/** True when FATE-Flow needs the image that has the clients of Spark, Pulsar and RabbitMQ. */
export function needsSparkFlow({ computing, federation }: Engines): boolean {
  return computing === 'Spark' || federation !== 'OSX'
}
