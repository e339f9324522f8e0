import {
  defineModule,
  Fail,
  FRESH,
  isUnknown,
  Unknown,
  type Key,
  type OwnState,
  type View,
} from '../engine/module/contract.js'
import {
  archiveAsk,
  archivedAt,
  moreImageAsks,
  namesOf,
  type ArchivedImage,
} from '../engine/module/docker/archive.js'
import { imageAsk, imageKey } from '../engine/module/docker/image.js'
import { sh } from '../engine/module/quote.js'

/** Images from a file that `docker save` wrote. */
export default defineModule({
  summary: 'Load images into the Docker Engine of the host from a file that docker save wrote',
  description:
    'Changed only when the engine lacks one of the images in the file under its name. The names stand in the file, so a dry run knows them, and later tasks can build on them.',
  params: {
    path: { type: 'path', required: true, description: 'The file, on the host; it may be compressed.' },
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
`,
  probe: ({ path }) => [{ kind: 'path', path, need: 'stat', follow: true }, archiveAsk(path)],
  more: ({ path }, before) => moreImageAsks(path, before, imageAsk),
  wanted: ({ path }, before) => {
    const images = imagesAt(path, before)
    if (images === 'unknown') return new Map([['run:docker load', { run: FRESH }]])
    return new Map(
      images.flatMap(({ id, tags }) =>
        (tags.length === 0 ? [id] : tags).map((name): [Key, OwnState] => [imageKey(name), { id }]),
      ),
    )
  },
  converge: ({ path }) => ({ script: sh`docker load -i ${path}`, stream: true }),
  result: ({ path }, before, after, ran) => {
    const images = imagesAt(path, before)
    const stdout = ran.kind === 'ran' ? ran.stdout : ''
    if (images === 'unknown') return { values: lateValues() }
    const names = namesOf(images)
    const found = names.map((name) => {
      const { id, image } = after.own(imageKey(name))
      return ran.kind === 'foreseen' || isUnknown(id) ? new Unknown(`image ${name}`) : image
    })
    return { values: { image_names: names, images: found, stdout } }
  },
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
