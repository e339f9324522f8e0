import { Float } from '../../engine/language/value.js'
import type { Value } from '../../engine/language/value.js'
import {
  ALGORITHM,
  COMPUTING,
  COMPUTING_HINTS,
  DEVICE,
  FEDERATION,
  FEDERATION_HINTS,
  STORAGE,
  STORAGE_HINTS,
} from './engines.js'
import { FATE_VERSIONS, image, IMAGES, readRegistry } from './images.js'
import { address, choice, dictOf, flag, integer, ipv4, isIpv4, matching, secret, show } from './readers.js'
import type { Reader } from './readers.js'
import { PORTS } from './services.js'
import { subnet } from './subnet.js'

/** A setting of a parties file. */
export interface Setting {
  /** One sentence, for documentation. */
  readonly summary: string
  readonly read: Reader
  /** Taken where neither the party nor the deployment gives one. */
  readonly default?: Value
}

const port = integer(1, 65535)

const registry: Reader = (value, name) => {
  if (typeof value !== 'string') return { message: `${name} is ${show(value)}`, allowed: 'allowed: text' }
  const read = readRegistry(value)
  return typeof read === 'string' ? { value: read } : read
}

/** `2.2` without quotes is a number in YAML. */
const version: Reader = (value, name) =>
  choice(FATE_VERSIONS)(
    value instanceof Float ? `${value.value}.0` : typeof value === 'number' ? String(value) : value,
    name,
  )

const identifier = matching(/^[A-Za-z][A-Za-z0-9_]{0,31}$/, 'a letter, then up to 31 letters, digits and _')

/** Certificates of OSX. Paths may hold templates, such as `certs/{{ party_id }}.pem`. */
const certificateParts = ['ca', 'certificate', 'key']
const pathOfFile = matching(/^[^\n]+$/, 'the path of a file')
const osxTlsParts = dictOf(Object.fromEntries(certificateParts.map((part) => [part, pathOfFile])))
/** What playbooks/certificates.yml makes: `osx_tls: true`. */
const made: Value = new Map<Value, Value>([
  ['ca', '{{ certificates_dir }}/ca.txt'],
  ['certificate', '{{ certificates_dir }}/{{ party_id }}.txt'],
  ['key', '{{ certificates_dir }}/{{ party_id }}-key.txt'],
])
const osxTls: Reader = (value, name) => {
  if (value === true) return { value: made }
  if (!(value instanceof Map))
    return {
      message: `${name} is ${show(value)}`,
      allowed: `allowed: true, or ${certificateParts.join(', ')}`,
    }
  const read = osxTlsParts(value, name)
  if (!('value' in read)) return read
  const missing = certificateParts.find((part) => !(read.value as ReadonlyMap<string, Value>).has(part))
  if (missing === undefined) return read
  return {
    message: `${name} has no ${missing}`,
    cure: `add ${missing}: the path of a PEM file of this machine`,
  }
}

/** The host that passes messages on between the parties: `exchange: 192.168.7.9`, or with what differs. */
const exchangeParts = dictOf({ address, port, peer_address: address, bind_address: ipv4, managed: flag })
const exchange: Reader = (value, name) => {
  const parts = typeof value === 'string' ? new Map<Value, Value>([['address', value]]) : value
  const read = exchangeParts(parts, name)
  if (!('value' in read)) return read
  const given = read.value as ReadonlyMap<string, Value>
  const where = given.get('address')
  if (where === undefined) return { message: `${name} has no address`, cure: 'add address:' }
  const managed = given.get('managed') ?? true
  const bound = given.get('bind_address') ?? where
  if (managed === true && !isIpv4(bound as string)) {
    return {
      message: `${name} has no bind_address`,
      cure: "add bind_address: the address of the host's own that its port is published at, or managed: false",
    }
  }
  return {
    value: new Map<Value, Value>([
      ['address', where],
      ['peer_address', given.get('peer_address') ?? where],
      ['bind_address', bound],
      ['port', given.get('port') ?? 9371],
      ['managed', managed],
    ]),
  }
}

/** What can be said of the whole deployment, and differently of one party. */
export const SHARED: Readonly<Record<string, Setting>> = {
  user: {
    summary: 'Account that owns the deployment on the hosts.',
    read: matching(/^[a-z_][a-z0-9_-]{0,31}$/, 'the name of an account'),
    default: 'fate',
  },
  dir: {
    summary: 'Folder on the hosts that holds one folder for each party.',
    read: matching(
      /^(\/(?!\.\.?(\/|$))[\w.-]+)+$/,
      'an absolute path of letters, digits, ".", "-" and "_", without "..", double slashes and a slash at its end',
    ),
    default: '/data/projects/fate',
  },
  ssh_user: {
    summary: 'Account that logs in over SSH; user, when it is not given.',
    read: matching(/^[\w.@\\-]+$/, 'the name of an account'),
  },
  ssh_port: { summary: 'Port of the SSH server.', read: port, default: 22 },
  fate_version: { summary: 'Line of FATE: its images and what they read.', read: version, default: '2.2' },
  computing: { summary: 'Computing engine.', read: choice(COMPUTING, COMPUTING_HINTS), default: 'Eggroll' },
  federation: {
    summary: 'Federation engine, the transport between parties.',
    read: choice(FEDERATION, FEDERATION_HINTS),
    default: 'OSX',
  },
  storage: { summary: 'Storage engine.', read: choice(STORAGE, STORAGE_HINTS), default: 'Eggroll' },
  algorithm: { summary: 'Algorithms that the images hold.', read: choice(ALGORITHM), default: 'Basic' },
  device: { summary: 'Device that the images are built for.', read: choice(DEVICE), default: 'CPU' },
  compute_core: {
    summary: 'Cores that the jobs of a party may book.',
    read: integer(4, 4096, '; the toy test and a default job take 4'),
    default: 8,
  },
  gpu_count: { summary: 'GPUs of a party; only with device GPU.', read: integer(0, 64), default: 0 },
  osx_heap_mb: {
    summary: 'Largest heap of OSX, and largest direct memory, in MB each.',
    read: integer(256, 1048576, ' (MB)'),
    default: 2048,
  },
  pulsar_heap_mb: {
    summary: 'Largest heap of Pulsar, and largest direct memory, in MB each.',
    read: integer(256, 1048576, ' (MB)'),
    default: 2048,
  },
  fateboard_heap_mb: {
    summary: 'Largest heap of FATEBoard in MB.',
    read: integer(128, 1048576, ' (MB)'),
    default: 1024,
  },
  mysql_host: {
    summary: 'Host of a database outside; mysql stands for the one that is deployed.',
    read: address,
    default: 'mysql',
  },
  mysql_port: { summary: 'Port of a database outside.', read: port, default: 3306 },
  mysql_user: { summary: 'Account of the database.', read: identifier, default: 'fate' },
  mysql_password: { summary: 'Its password.', read: secret, default: 'fate_dev' },
  mysql_db: { summary: 'Name of the database.', read: identifier, default: 'fate_flow' },
  server_timezone: {
    summary: 'Time zone in which the database is read.',
    read: matching(/^[A-Za-z][\w+/-]*$/, 'a time zone, such as Asia/Shanghai'),
    default: 'UTC',
  },
  name_node: {
    summary: 'HDFS name node; hdfs://namenode:9000 stands for the one that is deployed.',
    read: matching(/^hdfs:\/\/[\w.-]+(:\d{1,5})?$/, 'hdfs://host:port'),
    default: 'hdfs://namenode:9000',
  },
  osx_tls: {
    summary:
      'Certificates with which the OSX of the parties talk: ca, certificate and key, PEM files of this machine; true for those that certificates.yml makes.',
    read: osxTls,
  },
  rabbitmq_user: { summary: 'Account of RabbitMQ.', read: identifier, default: 'fate' },
  rabbitmq_password: { summary: 'Its password.', read: secret, default: 'fate' },
  fateboard_username: {
    summary: 'Login of FATEBoard.',
    read: matching(/^[\x21-\x7e]+$/, 'printable ASCII without blanks'),
    default: 'admin',
  },
  fateboard_password: { summary: 'Its password.', read: secret, default: 'admin' },
  serving_admin_username: {
    summary: 'Login of the page of the serving cluster.',
    read: matching(/^[\x21-\x7e]+$/, 'printable ASCII without blanks'),
    default: 'admin',
  },
  serving_admin_password: { summary: 'Its password.', read: secret, default: 'admin' },
  registry: { summary: 'Where images come from; empty for Docker Hub.', read: registry, default: '' },
  images: {
    summary: 'Images by service, where they differ from those of the release.',
    read: dictOf(Object.fromEntries(Object.keys(IMAGES).map((name) => [name, image]))),
    default: new Map(),
  },
  ports: {
    summary: 'Ports that a party publishes.',
    read: dictOf(Object.fromEntries([...PORTS.keys()].map((name) => [name, port]))),
    default: new Map(),
  },
  subnet: { summary: "Private network of a party's containers.", read: subnet, default: '172.29.0.0/24' },
}

/** What can be said of the deployment only. */
export const DEPLOYMENT: Readonly<Record<string, Setting>> = {
  exchange: {
    summary: 'Host that passes messages on between the parties: its address, or that with what differs.',
    read: exchange,
  },
}

/** What can be said of a party only. */
export const PARTY: Readonly<Record<string, Setting>> = {
  id: {
    summary: 'Party id.',
    read: matching(/^[1-9]\d{0,17}$/, "digits, not beginning with 0 (0 is FATE-Flow's own local party)"),
  },
  address: { summary: 'Address to log in at.', read: address },
  peer_address: {
    summary: 'Address at which the other parties reach it; address, when it is not given.',
    read: address,
  },
  bind_address: {
    summary: "Address of the host's own at which ports are published; address, when it is not given.",
    read: ipv4,
  },
  serving_address: {
    summary: 'Address of the host of the serving cluster, which may be that of the party.',
    read: ipv4,
  },
  managed: {
    summary: 'False for a party of another organisation: routed to, never logged in to.',
    read: flag,
    default: true,
  },
}

/** All that a party of somebody else needs: where to reach it. */
export const UNMANAGED = ['id', 'peer_address', 'serving_address', 'managed', 'ports', 'federation']
