import type { Problem } from '../../engine/errors.js'
import { placeOf, setPlace } from '../../engine/language/place.js'
import type { Dict, Value } from '../../engine/language/value.js'
import type { Assignments, Word } from './assignments.js'
import { FATE_VERSIONS, IMAGE_PART, IMAGES, TAG } from './images.js'
import type { FateVersion } from './images.js'

/** What KubeFATE's .env calls the images: `<prefix>_IMAGE` and `<prefix>_IMAGE_TAG`. */
const PREFIXES: Readonly<Record<string, string>> = {
  FATEFlow: 'fateflow',
  FATEBoard: 'fateboard',
  MySQL: 'mysql',
  EGGRoll: 'eggroll',
  OSX: 'osx',
  Nginx: 'nginx',
  RabbitMQ: 'rabbitmq',
  Pulsar: 'pulsar',
  Hadoop_NameNode: 'namenode',
  Hadoop_DataNode: 'datanode',
  Spark_Master: 'spark_master',
  Spark_Worker: 'spark_worker',
}

/** Every key that KubeFATE's .env may have. The last two say nothing that a deployment needs. */
export const ENV_KEYS: readonly string[] = [
  'RegistryURI',
  'SSH_PORT',
  'SERVING_TAG',
  ...[...Object.keys(PREFIXES), 'Client'].flatMap((prefix) => [`${prefix}_IMAGE`, `${prefix}_IMAGE_TAG`]),
  'TAG',
  'KubeFATE_Version',
  'NOTEBOOK_HASHED_PASSWORD',
]

/**
 * Adds to a parties file what .env says of images: the line of FATE, which the tag of FATE-Flow tells, and those that
 * differ from the images of that line.
 */
export function addImages(file: Dict, env: Assignments, problems: Problem[]): void {
  const version = versionOf(env, problems)
  if (version !== FATE_VERSIONS[0]) file.set('fate_version', version)
  const images: Dict = new Map()
  for (const [prefix, image] of Object.entries(PREFIXES)) {
    const { name, tags } = IMAGES[image]!
    const parts = new Map<Value, Value>()
    const add = (part: string, key: string, pattern: RegExp, released: string): void => {
      const word = wordOf(env, key)
      if (word && pattern.test(word.text)) {
        if (word.text === released) return
        parts.set(part, word.text)
        setPlace(images, word.place, image)
      } else if (word) {
        problems.push({
          code: 'bad-inventory',
          place: word.place,
          message: `${key} is "${word.text}", which makes no image name`,
        })
      }
    }
    add('name', `${prefix}_IMAGE`, IMAGE_PART, name)
    add('tag', `${prefix}_IMAGE_TAG`, TAG, tags[version])
    if (parts.size > 0) images.set(image, parts)
  }
  const serving = wordOf(env, 'SERVING_TAG')
  for (const image of ['serving_server', 'serving_proxy', 'serving_admin']) {
    if (!serving || serving.text === IMAGES[image]!.tags[version]) continue
    images.set(image, new Map([['tag', serving.text]]))
    setPlace(images, serving.place, image)
  }
  if (images.size === 0) return
  file.set('images', images)
  setPlace(file, placeOf(images, [...images.keys()][0])!, 'images')
}

function versionOf(env: Assignments, problems: Problem[]): FateVersion {
  const word = wordOf(env, 'FATEFlow_IMAGE_TAG')
  const [found] = /^\d+\.\d+(?=\.)/.exec(word?.text ?? '') ?? []
  const known = FATE_VERSIONS.find((version) => version === found)
  if (word && found !== undefined && !known) {
    problems.push({
      code: 'bad-inventory',
      place: word.place,
      message: `FATEFlow_IMAGE_TAG is ${word.text}`,
      allowed: `allowed: images of FATE ${FATE_VERSIONS.join(' or ')}`,
    })
  }
  return known ?? FATE_VERSIONS[0]
}

/** A key's value, when it is there and not empty. */
function wordOf(env: Assignments, key: string): Word | undefined {
  const value = env.byName.get(key)?.value
  return value && 'text' in value && value.text !== '' ? value : undefined
}
