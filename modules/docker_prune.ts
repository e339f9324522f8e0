import {
  defineModule,
  Unknown,
  type Key,
  type OwnState,
  type Ran,
  type View,
  type Wish,
} from '../engine/module/contract.js'
import { containerKey, nameOf } from '../engine/module/docker/container.js'
import { imageKey } from '../engine/module/docker/image.js'
import { listed, type Inspected } from '../engine/module/docker/inspect.js'
import { networkKey } from '../engine/module/docker/network.js'
import {
  filterFlags,
  going,
  isAll,
  presentAsk,
  PRUNED,
  type Filters,
  type Going,
  type Present,
  type PrunedKind,
} from '../engine/module/docker/prune.js'
import { volumeKey } from '../engine/module/docker/volume.js'
import type { InferParams } from '../engine/module/params.js'
import { join, sh, type Script } from '../engine/module/quote.js'

const filters = 'Only those: `until` (`24h`, a date), `label`, `label!`'
const params = {
  containers: { type: 'bool', default: false, description: 'Containers that do not run.' },
  containers_filters: { type: 'dict', description: `${filters}.` },
  images: {
    type: 'bool',
    default: false,
    description: 'Images that no container was made from and that have no name.',
  },
  images_filters: {
    type: 'dict',
    description: `${filters}; \`dangling: false\` takes those with a name too.`,
  },
  networks: {
    type: 'bool',
    default: false,
    description: 'Networks that no running container is connected to.',
  },
  networks_filters: { type: 'dict', description: `${filters}.` },
  volumes: {
    type: 'bool',
    default: false,
    description:
      'Volumes that no container has; from Docker 23 on only those without a name. Their data is lost.',
  },
  volumes_filters: { type: 'dict', description: `${filters}; \`all: true\` takes those with a name too.` },
  builder_cache: { type: 'bool', default: false, description: 'What builds have kept and no longer use.' },
} as const
type Params = InferParams<typeof params>

const kindsOf = (given: Params): readonly PrunedKind[] => PRUNED.filter((kind) => given[kind])

function filtersOf(given: Params): Filters {
  return {
    containers: given.containers_filters,
    images: given.images_filters,
    networks: given.networks_filters,
    volumes: given.volumes_filters,
  }
}

function goingOf(given: Params, before: View): Going {
  const { present } = before.own('docker:present') as { present: Present }
  return going(kindsOf(given), filtersOf(given), present, before)
}

function wanted(given: Params, before: View): Wish {
  const { containers, images, networks, volumes } = goingOf(given, before)
  const { cache } = before.own('docker:present')
  const gone = (key: Key): [Key, OwnState] => [key, { state: 'absent' }]
  // An image that others are made of may stay: docker does not say before.
  const goes = (name: string, id: unknown): [Key, OwnState] => [
    imageKey(name),
    { id: new Unknown('none', [id]) },
  ]
  return new Map<Key, OwnState>([
    ...containers.map((one) => gone(containerKey(nameOf(one)))),
    ...images.flatMap((one) =>
      [String(one['Id']), ...listed(one, 'RepoTags')].map((name) => goes(name, one['Id'])),
    ),
    ...networks.map((one) => gone(networkKey(String(one['Name'])))),
    ...volumes.map((one) => gone(volumeKey(String(one['Name'])))),
    ...(given.builder_cache && cache !== '' && cache !== '[]' && cache !== 'null'
      ? [
          ['docker:present', { cache: new Unknown('what of the builder cache is not used') }] as [
            Key,
            OwnState,
          ],
        ]
      : []),
  ])
}

function pruneScript(given: Params): Script {
  const words: Readonly<Record<PrunedKind, readonly string[]>> = {
    containers: ['container', 'prune', '-f'],
    images: ['image', 'prune', '-f', ...(isAll(given.images_filters) ? ['-a'] : [])],
    networks: ['network', 'prune', '-f'],
    volumes: ['volume', 'prune', '-f'],
  }
  return join([
    ...kindsOf(given).map(
      (kind) => sh`printf '= %s\\n' ${kind}; docker ${words[kind]} ${filterFlags(filtersOf(given)[kind])}`,
    ),
    ...(given.builder_cache ? [sh`printf '= builder_cache\\n'; docker builder prune -f`] : []),
  ])
}

const named = (kind: PrunedKind, one: Inspected): string =>
  String(kind === 'volumes' ? one['Name'] : kind === 'networks' ? one['Name'] : one['Id'])

function valuesOf(given: Params, foreseen: Going, ran: Ran): Readonly<Record<string, unknown>> {
  const printed = ran.kind === 'ran' ? ran.stdout.split(/^= /m) : []
  const partOf = (name: string): readonly string[] =>
    (printed.find((part) => part.startsWith(`${name}\n`)) ?? '').split('\n').slice(1)
  const size = (name: string): unknown =>
    ran.kind === 'foreseen' ? new Unknown(`size of pruned ${name}`) : bytesIn(partOf(name))
  const entries = kindsOf(given).flatMap((kind) => [
    [kind, foreseen[kind].map((one) => named(kind, one))],
    ...(kind === 'networks' ? [] : [[`${kind}_space_reclaimed`, size(kind)]]),
  ])
  const cache = given.builder_cache ? [['builder_cache_space_reclaimed', size('builder_cache')]] : []
  return Object.fromEntries([...entries, ...cache]) as Readonly<Record<string, unknown>>
}

/** Docker tells sizes for people, in powers of a thousand. */
function bytesIn(lines: readonly string[]): number {
  const [, count = '0', unit = ''] =
    /(?:reclaimed space|Total):\s*([\d.]+)\s*([kMGT]?)i?B/.exec(lines.join('\n')) ?? []
  return Math.round(Number(count) * 1000 ** ' kMGT'.indexOf(unit || ' '))
}

/** Takes away what the Docker Engine no longer needs. */
export default defineModule({
  summary: 'Remove containers, images, networks and volumes that are not used',
  description:
    'A dry run tells what would go. Of the builder cache docker does not tell before, so with anything in it a dry run is undecided.',
  params,
  returns: {
    containers: 'Ids of the removed containers.',
    containers_space_reclaimed: 'Bytes, as exact as docker tells.',
    images: 'Ids of the removed images.',
    images_space_reclaimed: 'Bytes, as exact as docker tells.',
    networks: 'Names of the removed networks.',
    volumes: 'Names of the removed volumes.',
    volumes_space_reclaimed: 'Bytes, as exact as docker tells.',
    builder_cache_space_reclaimed: 'Bytes, as exact as docker tells.',
  },
  examples: `
- docker_prune:
    containers: true
    containers_filters: {until: 24h}
    images: true
`,
  probe: (given) => [presentAsk(kindsOf(given), given.builder_cache)],
  wanted,
  converge: (given) => ({ script: pruneScript(given), stream: true }),
  result: (given, before, _after, ran) => ({ values: valuesOf(given, goingOf(given, before), ran) }),
})
