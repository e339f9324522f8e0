import { suggest } from '../../engine/errors.js'
import { isDict } from '../../engine/language/value.js'
import type { Value } from '../../engine/language/value.js'
import { show } from './readers.js'
import type { Reader, Refusal } from './readers.js'

/** The lines of FATE that the templates know, the first by default. */
export const FATE_VERSIONS = ['2.2', '2.0'] as const
export type FateVersion = (typeof FATE_VERSIONS)[number]

interface Released {
  readonly name: string
  /** Tag by line of FATE. */
  readonly tags: Readonly<Record<FateVersion, string>>
  /** Built for several algorithms and devices, which show in a suffix of the name. */
  readonly variants?: boolean
  /** A tag of the 2.2 line that FATE's documents name. The others are what its sources lead to expect. */
  readonly confirmed?: boolean
}

const both = (tag: string): Released['tags'] => ({ '2.2': tag, '2.0': tag })
const line = (tag: string): Released['tags'] => ({ '2.2': tag, '2.0': '2.0.0-release' })

/** Images by the name under which another can be given. */
export const IMAGES: Readonly<Record<string, Released>> = {
  mysql: { name: 'mysql', tags: both('8.0.28'), confirmed: true },
  eggroll: { name: 'federatedai/eggroll', tags: line('3.2.0-release'), variants: true, confirmed: true },
  osx: { name: 'federatedai/osx', tags: line('2.2.0-release'), confirmed: true },
  fateflow: { name: 'federatedai/fateflow', tags: line('2.2.0-release'), variants: true, confirmed: true },
  fateboard: { name: 'federatedai/fateboard', tags: line('2.1.1-release'), confirmed: true },
  nginx: { name: 'federatedai/nginx', tags: both('2.0.0-release') },
  rabbitmq: { name: 'federatedai/rabbitmq', tags: both('3.8.3-management') },
  pulsar: { name: 'federatedai/pulsar', tags: both('2.10.2') },
  namenode: { name: 'federatedai/hadoop-namenode', tags: both('2.0.0-hadoop3.2.1-java8') },
  datanode: { name: 'federatedai/hadoop-datanode', tags: both('2.0.0-hadoop3.2.1-java8') },
  spark_master: { name: 'federatedai/spark-master', tags: line('2.2.0-release') },
  serving_server: { name: 'federatedai/serving-server', tags: both('2.1.6-release') },
  serving_proxy: { name: 'federatedai/serving-proxy', tags: both('2.1.6-release') },
  serving_admin: { name: 'federatedai/serving-admin', tags: both('2.1.6-release') },
  // KubeFATE's, of Bitnami, is no longer published.
  zookeeper: { name: 'zookeeper', tags: both('3.7.2') },
  spark_worker: { name: 'federatedai/spark-worker', tags: line('2.2.0-release'), variants: true },
}

export const TAG = /^[A-Za-z0-9_][\w.-]{0,127}$/
export const IMAGE_PART = /^[a-z0-9][a-z0-9._-]*(:\d+)?(\/[a-z0-9][a-z0-9._-]*)*$/
/** `name:tag`, `host:port/name:tag` or with a digest. */
const REFERENCE =
  /^[a-z0-9][a-z0-9._-]*(:\d+)?(\/[a-z0-9][a-z0-9._-]*)*(:[A-Za-z0-9_][\w.-]{0,127})(@sha256:[0-9a-f]{64})?$/

/** What is said of an image: exactly this one, or another name or tag than that of the release. */
type Given = string | ReadonlyMap<string, string>

/** An image that a party uses. */
export interface ImageReference {
  readonly reference: string
  /** False where nobody has confirmed that the release's tag exists. */
  readonly confirmed: boolean
}

/** What decides which images a party uses. */
export interface ImageChoice {
  readonly version: FateVersion
  readonly registry: string
  /** What algorithm and device add to the names of images that come in variants. */
  readonly suffix: string
  /** FATE-Flow's image with the clients of Spark, Pulsar and RabbitMQ in it. */
  readonly sparkFlow: boolean
  readonly given: ReadonlyMap<string, Given>
}

/** Reads an image of the setting `images`: `name:tag`, or `{name: …, tag: …}` where the suffix is still to be added. */
export const image: Reader = (value, name) => {
  if (!isDict(value)) {
    return typeof value === 'string' && REFERENCE.test(value)
      ? { value }
      : {
          message: `${name} is ${show(value)}`,
          allowed: 'allowed: name:tag, such as federatedai/osx:2.2.0-release, or {name: …, tag: …}',
        }
  }
  const parts: Readonly<Record<string, RegExp>> = { name: IMAGE_PART, tag: TAG }
  for (const [key, part] of value) {
    const pattern = typeof key === 'string' ? parts[key] : undefined
    if (!pattern)
      return { message: `${name} has no key ${show(key)}`, allowed: suggest(String(key), Object.keys(parts)) }
    if (typeof part !== 'string' || !pattern.test(part)) {
      return {
        message: `${name}.${String(key)} is ${show(part)}`,
        allowed: key === 'tag' ? 'allowed: a tag, such as 2.2.0-release' : 'allowed: a name without its tag',
      }
    }
  }
  return { value: value as Value }
}

/**
 * The reference of an image, as compose pulls it. A registry with a path is the namespace of every image, a bare
 * registry host keeps the names as they are; an image given with a registry of its own is left alone.
 */
export function imageReference(image: string, choice: ImageChoice): ImageReference {
  const { name, tags, variants, confirmed } = IMAGES[image]!
  const given = choice.given.get(image)
  const { version, registry } = choice
  if (typeof given === 'string') return { reference: fromRegistry(registry, given), confirmed: true }
  const spark = image === 'fateflow' && choice.sparkFlow ? '-spark' : ''
  const suffix = spark + (variants ? choice.suffix : '')
  const reference = `${given?.get('name') ?? name}${suffix}:${given?.get('tag') ?? tags[version]}`
  return {
    reference: fromRegistry(registry, reference),
    confirmed: version === '2.0' || given !== undefined || (confirmed === true && suffix === ''),
  }
}

/** Why images of another line of FATE were given, which the templates would not fit; undefined when none were. */
export function judgeVersions(version: FateVersion, given: ReadonlyMap<string, Given>): Refusal | undefined {
  for (const image of ['fateflow', 'osx']) {
    const one = given.get(image)
    const tag = typeof one === 'string' ? one.slice(one.lastIndexOf(':') + 1) : one?.get('tag')
    const [found] = /^\d+\.\d+(?=\.)/.exec(tag ?? '') ?? []
    if (found !== undefined && found !== version) {
      return {
        message: `the image ${image} has the tag ${tag!}, and fate_version is ${version}`,
        allowed: `allowed: fate_version ${FATE_VERSIONS.join(', ')}, and images of that line`,
      }
    }
  }
  return undefined
}

function fromRegistry(registry: string, reference: string): string {
  if (registry === '' || hasRegistry(reference)) return reference
  return registry.includes('/')
    ? `${registry}/${reference.slice(reference.lastIndexOf('/') + 1)}`
    : `${registry}/${reference}`
}

function hasRegistry(reference: string): boolean {
  return reference.includes('/') && looksLikeHost(reference.slice(0, reference.indexOf('/')))
}

/** Docker takes the first part of a reference for a host only if it has a dot or a port, or is localhost. */
function looksLikeHost(part: string): boolean {
  return part === 'localhost' || /[.:]/.test(part)
}

/** A registry as written, without scheme and slashes at its ends; or why it cannot be one. */
export function readRegistry(written: string): string | Refusal {
  const registry = written
    .trim()
    .replace(/^https?:\/\//, '')
    .replace(/\/+$/, '')
  if (registry === '') return ''
  const [host = ''] = registry.split('/')
  if (!looksLikeHost(host)) {
    return {
      message: `registry ${JSON.stringify(written)}: Docker takes "${host}" for a namespace of Docker Hub, not for a host`,
      cure: `give the host with its domain, address or port, such as 192.168.10.1/federatedai`,
    }
  }
  if (!/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9][a-z0-9._-]*)*$/.test(registry)) {
    return {
      message: `registry ${JSON.stringify(written)} makes no valid image names`,
      allowed:
        'allowed: host, host:port, or either with a path in lower case, such as 192.168.10.1/federatedai',
    }
  }
  return registry
}
