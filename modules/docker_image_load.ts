import {
  defineModule,
  Fail,
  FRESH,
  isUnknown,
  Unknown,
  type Ask,
  type Controller,
  type Key,
  type OwnState,
  type Ran,
  type Returned,
  type View,
  type Wish,
} from '../engine/module/contract.js'
import {
  archiveAsk,
  archivedAt,
  moreImageAsks,
  namesOf,
  type ArchivedImage,
} from '../engine/module/docker/archive.js'
import { readImageFile, type FiledImage } from '../engine/module/docker/image-file.js'
import { familiar, imageAsk, imageKey, reference } from '../engine/module/docker/image.js'
import { layersAsk, layersOf, loadParts } from '../engine/module/docker/load.js'
import type { InferParams } from '../engine/module/params.js'
import { sh } from '../engine/module/quote.js'

const params = {
  path: { type: 'path', description: 'The file, on the host; it may be compressed.' },
  src: {
    type: 'str',
    searched: { folder: 'files' },
    description:
      'The file on the controller, not compressed as a whole: only layers that the host lacks travel, and all of the file is checked before the first does.',
  },
  names: {
    type: 'list',
    elements: 'str',
    description: 'Only these images of src. Default: all.',
  },
  verify: {
    type: 'bool',
    description:
      'Check all of src even when nothing has to travel, so that a dry run knows of damage too. Default: no.',
  },
} as const
type Params = InferParams<typeof params>

/** The images of a file of the controller; undefined for one on the host. */
type Local = readonly FiledImage[] | undefined

async function prepare({ src, names, verify }: Params, controller: Controller): Promise<Local> {
  if (src === undefined) return undefined
  const file = await readImageFile(controller.large(src))
  if (verify) await file.verify()
  if (names === undefined) return file.images
  const wanted = names.map((name) => familiar(reference(name, 'latest')))
  const lacking = wanted.filter((name) => !namesOf(file.images).includes(name))
  if (lacking.length > 0) {
    throw new Fail(
      `${src} does not hold ${lacking.join(', ')}, but ${namesOf(file.images).join(', ')}`,
      [],
      'make it again with the images that are needed',
    )
  }
  return file.images.flatMap((image) => {
    const tags = image.tags.filter((tag) => wanted.includes(tag))
    return tags.length > 0 || wanted.includes(image.id) ? [{ ...image, tags }] : []
  })
}

function probe({ path }: Params, local: Local): readonly Ask[] {
  if (local !== undefined) return namesOf(local).map(imageAsk)
  return [{ kind: 'path', path: path!, need: 'stat', follow: true }, archiveAsk(path!)]
}

/** Which layers the host has is asked only when it lacks an image. */
function more({ path }: Params, before: View, local: Local): readonly Ask[] {
  if (local === undefined) return moreImageAsks(path!, before, imageAsk)
  return lackingOf(local, before).length === 0 ? [] : [layersAsk()]
}

function lackingOf(images: readonly FiledImage[], before: View): readonly FiledImage[] {
  return images.filter((image) =>
    namesOf([image]).some((name) => before.own(imageKey(name))['id'] !== image.id),
  )
}

function wanted({ path }: Params, before: View, local: Local): Wish {
  const images = local ?? imagesAt(path!, before)
  if (images === 'unknown') return new Map([['run:docker load', { run: FRESH }]])
  return new Map(
    images.flatMap((image) =>
      namesOf([image]).map((name): [Key, OwnState] => [imageKey(name), { id: image.id }]),
    ),
  )
}

function result({ path }: Params, before: View, after: View, ran: Ran, local: Local): Returned {
  const images = local ?? imagesAt(path!, before)
  if (images === 'unknown') return { values: lateValues() }
  const names = namesOf(images)
  const found = names.map((name) => {
    const { id, image } = after.own(imageKey(name))
    return ran.kind === 'foreseen' || isUnknown(id) ? new Unknown(`image ${name}`) : image
  })
  return { values: { image_names: names, images: found, stdout: ran.kind === 'ran' ? ran.stdout : '' } }
}

/** Images from a file that `docker save` wrote. */
export default defineModule({
  summary: 'Load images into the Docker Engine of the host from a file that docker save wrote',
  description:
    'Changed only when the engine lacks one of the images in the file under its name. The names stand in the file, so a dry run knows them, and later tasks can build on them.',
  params,
  rules: {
    exclusive: [['path', 'src']],
    oneOf: [['path', 'src']],
    requiredBy: { names: ['src'], verify: ['src'] },
  },
  returns: {
    image_names: 'Names of the images in the file; for an image without a name, its id.',
    images: 'What `docker image inspect` says of each.',
    stdout: 'What `docker load` printed.',
  },
  examples: `
- name: Bring the images of a release to a host without a way to the registry
  docker_image_load: {path: /srv/images/fate-2.2.0.tar}
  register: loaded
- debug: {msg: "{{ loaded.image_names | join(', ') }}"}
- name: Bring one image from a file of this machine, without the layers that the host has
  docker_image_load: {src: /srv/fate-2.2.tar, names: ["federatedai/osx:2.2.0-release"]}
`,
  prepare,
  probe,
  more,
  wanted,
  converge: ({ path }, before, _differing, local) =>
    local === undefined
      ? { script: sh`docker load -i ${path!}`, stream: true }
      : loadParts(lackingOf(local, before), layersOf(before)),
  result,
})

function imagesAt(path: string, before: View): readonly ArchivedImage[] | 'unknown' {
  if (before.path(path).type === 'absent') {
    throw new Fail(`${path} does not exist on the host`, [`path:${path}`], 'copy it there first')
  }
  const images = archivedAt(path, before)
  if (images !== undefined) return images
  throw new Fail(`${path} is not a file of images`, [`path:${path}`], 'make it with docker save')
}

/** A file that only the run brings says its names then. */
function lateValues(): Readonly<Record<string, unknown>> {
  const names = ['image_names', 'images', 'stdout']
  return Object.fromEntries(
    names.map((name) => [name, new Unknown(`${name} of a file that is not there yet`)]),
  )
}
