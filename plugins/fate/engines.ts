import type { Refusal } from './readers.js'

/** The engines of a party, spelt as FATE's documents spell them. */
export interface Engines {
  readonly computing: string
  readonly federation: string
  readonly storage: string
}

/** What a party's images are built for. */
export interface Variant {
  readonly algorithm: string
  readonly device: string
}

export const COMPUTING = ['Eggroll', 'Spark', 'Spark_local']
export const FEDERATION = ['OSX', 'Pulsar', 'RabbitMQ']
export const STORAGE = ['Eggroll', 'HDFS', 'LocalFS']
export const ALGORITHM = ['Basic', 'NN', 'ALL']
export const DEVICE = ['CPU', 'IPCL', 'GPU']

/** The storage that goes with each computing engine, and the federation engines it can use. */
const PARTNERS: Readonly<Record<string, { storage: string; federation: readonly string[] }>> = {
  Eggroll: { storage: 'Eggroll', federation: ['OSX'] },
  Spark: { storage: 'HDFS', federation: FEDERATION },
  Spark_local: { storage: 'LocalFS', federation: FEDERATION },
}

/** The combinations of algorithm and device for which images are published, and their suffix. */
const SUFFIX: Readonly<Record<string, string>> = {
  'Basic CPU': '',
  'NN CPU': '-nn',
  'Basic IPCL': '-ipcl',
  'NN GPU': '-nn-gpu',
  'ALL GPU': '-all-gpu',
}

/** Names that older versions or other documents use for an engine. */
export const COMPUTING_HINTS = {
  standalone: "KubeFATE's STANDALONE is called Spark_local here",
}
export const FEDERATION_HINTS = {
  eggroll: 'since FATE 2 the transport between Eggroll parties is called OSX: write "federation: OSX"',
  rollsite: 'since FATE 2 OSX takes the place of rollsite: write "federation: OSX"',
}
export const STORAGE_HINTS = {
  standalone: "KubeFATE's STANDALONE is called LocalFS here",
}

/** Every combination that a party can run, as `Eggroll, OSX, Eggroll`. */
export const COMBINATIONS: readonly string[] = Object.entries(PARTNERS).flatMap(
  ([computing, { storage, federation }]) => federation.map((one) => `${computing}, ${one}, ${storage}`),
)

/** Why a party cannot run these engines together, or undefined when it can. */
export function judgeEngines({ computing, federation, storage }: Engines): Refusal | undefined {
  const partners = PARTNERS[computing]!
  const allowed = `allowed (computing, federation, storage): ${COMBINATIONS.join('; ')}`
  if (!partners.federation.includes(federation)) {
    return { message: `with ${computing} computing the federation cannot be ${federation}`, allowed }
  }
  if (storage !== partners.storage) {
    return { message: `with ${computing} computing the storage cannot be ${storage}`, allowed }
  }
  return undefined
}

/** Why there are no images for this algorithm on this device, or undefined when there are. */
export function judgeVariant({ algorithm, device }: Variant): Refusal | undefined {
  if (SUFFIX[`${algorithm} ${device}`] !== undefined) return undefined
  const allowed = Object.keys(SUFFIX)
    .map((pair) => pair.replace(' ', ' on '))
    .join(', ')
  return {
    message: `no FATE images exist for algorithm ${algorithm} on ${device}`,
    allowed: `allowed: ${allowed}`,
  }
}

/** What the image names of FATE-Flow and Eggroll end in. */
export function imageSuffix({ algorithm, device }: Variant): string {
  return SUFFIX[`${algorithm} ${device}`] ?? ''
}
