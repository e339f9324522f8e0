import {
  defineModule,
  Fail,
  FRESH,
  isUnknown,
  Unknown,
  type Ask,
  type Key,
  type Maybe,
  type OwnState,
  type PathState,
  type View,
  type Wish,
  type Wished,
} from '../engine/module/contract.js'
import { archiveAsk, archiveKey } from '../engine/module/docker/archive.js'
import { exportScript } from '../engine/module/docker/export.js'
import { familiar, imageAsk, imageKey, reference } from '../engine/module/docker/image.js'
import type { InferParams } from '../engine/module/params.js'

const params = {
  names: {
    type: 'list',
    elements: 'str',
    required: true,
    aliases: ['name'],
    description: 'The images, by name, name:tag or id. The host must have them.',
  },
  tag: { type: 'str', default: 'latest', description: 'Tag of names that have none.' },
  path: { type: 'path', required: true, description: 'The file, on the host.' },
  force: {
    type: 'bool',
    default: false,
    description: 'Write it although it holds exactly these images.',
  },
  compress: {
    type: 'bool',
    default: false,
    description:
      'Compress each layer by itself with gzip. docker load takes that as it is, and docker_image_load can bring single layers to a host. A file that holds these images already stays as it is.',
  },
} as const
type Params = InferParams<typeof params>

function referencesOf({ names, tag }: Params): readonly string[] {
  if (names.length === 0) throw new Fail('names is empty')
  return [...new Set(names.map((name) => (/^sha256:[0-9a-f]{64}$/.test(name) ? name : reference(name, tag))))]
}

function probe(given: Params): readonly Ask[] {
  const { path } = given
  return [
    ...referencesOf(given).map(imageAsk),
    archiveAsk(path),
    { kind: 'path', path, need: 'stat', follow: true },
  ]
}

/** What the file should hold. */
function imagesOf(given: Params, before: View): readonly { id: Maybe<string>; tags: readonly string[] }[] {
  return referencesOf(given).map((image) => {
    const id = before.own(imageKey(image))['id'] as Maybe<string>
    if (id !== 'absent') return { id, tags: image.startsWith('sha256:') ? [] : [familiar(image)] }
    throw new Fail(
      `the host has no image ${image}`,
      [imageKey(image)],
      'pull it first: docker_image with source pull',
    )
  })
}

function wanted(given: Params, before: View): Wish {
  const images = imagesOf(given, before)
  const found = before.path(given.path)
  if (found.type === 'directory') throw new Fail(`path ${given.path} is a directory`, [`path:${given.path}`])
  const file: Wished<PathState> = { type: 'file', sha1: new Unknown('bytes of the images') }
  const state: readonly [Key, OwnState] =
    given.force || images.some(({ id }) => isUnknown(id))
      ? ['run:export', { run: FRESH }]
      : [archiveKey(given.path), { images }]
  return new Map<Key, OwnState | Wished<PathState>>([
    ...(found.type === 'absent' ? [[`path:${given.path}`, file] as const] : []),
    state,
  ])
}

/** Images of the Docker Engine into a file. */
export default defineModule({
  summary: 'Write images of the Docker Engine of the host to one file, for docker load',
  description:
    'Changed only when the file does not hold exactly these images. Layers that images share are in it once. A run that was interrupted goes on where it was, with what it keeps in a folder beside the file.',
  params,
  returns: { images: 'What `docker image inspect` says of each.' },
  examples: `
- name: Bring the images of a release into one file
  docker_image_export:
    names: ["federatedai/osx:2.2.0-release", "mysql:8.0.28"]
    path: /srv/images.tar
    compress: true
`,
  probe,
  wanted,
  converge: (given, before) => ({
    script: exportScript({
      path: before.path(given.path).real,
      images: referencesOf(given),
      compress: given.compress,
    }),
    stream: true,
  }),
  result: (given, _before, after) => ({
    values: {
      images: referencesOf(given).map((image) => {
        const { id, image: details } = after.own(imageKey(image))
        return isUnknown(id) ? id : details
      }),
    },
  }),
})
