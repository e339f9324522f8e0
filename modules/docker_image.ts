import { isDeepStrictEqual } from 'node:util'
import {
  defineModule,
  Fail,
  FRESH,
  isUnknown,
  Unknown,
  type Ask,
  type Converge,
  type Difference,
  type Key,
  type Maybe,
  type OwnState,
  type PathState,
  type Ran,
  type View,
  type Wish,
  type Wished,
} from '../engine/module/contract.js'
import {
  archiveAsk,
  archivedAt,
  archiveKey,
  savedBytes,
  type ArchivedImage,
} from '../engine/module/docker/archive.js'
import { buildAsks, buildScript, refuseBuild } from '../engine/module/docker/build.js'
import {
  familiar,
  imageAsk,
  imageKey,
  pushedAsk,
  pushedKey,
  reference,
} from '../engine/module/docker/image.js'
import { IMAGE, referencesOf, type ImageParams } from '../engine/module/docker/image-params.js'
import { pulledId, remoteAsk } from '../engine/module/docker/remote.js'
import { join, sh, type Script } from '../engine/module/quote.js'
import { partialOf } from '../engine/module/write.js'

/** What is looked at beside the names: files, the registry, the folder to build. */
function probe(given: ImageParams): readonly Ask[] {
  const { image, other, pushed } = referencesOf(given)
  const { load_path: load, archive_path: archive, state, source, build, force_source: force } = given
  const isPresent = state === 'present'
  const files = [...(source === 'load' ? [load] : []), ...(isPresent ? [archive] : [])]
  return [
    imageAsk(image),
    ...(other === undefined || other === image ? [] : [imageAsk(other)]),
    ...(pushed === undefined ? [] : [pushedAsk(pushed)]),
    ...(isPresent && force && source === 'pull' ? [remoteAsk(image)] : []),
    ...(isPresent && source === 'build' && build !== undefined ? buildAsks(build) : []),
    ...files.flatMap((path): readonly Ask[] =>
      path === undefined ? [] : [archiveAsk(path), { kind: 'path', path, need: 'stat', follow: true }],
    ),
  ]
}

function wanted(given: ImageParams, before: View): Wish {
  const { image, other, pushed } = referencesOf(given)
  const found = idOf(image, before)
  if (given.state === 'absent') return new Map([[imageKey(image), { id: 'absent' }]])
  const id = sourceId(given, image, found, before)
  const isNew = id !== found
  return new Map<Key, OwnState | Wished<PathState>>([
    ...(isNew ? [[imageKey(image), { id }] as const] : []),
    ...otherWish(given, other, id, before),
    ...(pushed === undefined ? [] : [pushWish(pushed, id, isNew, before)]),
    ...archiveWishes(given, image, id, isNew, before),
  ])
}

function idOf(image: string, before: View): Maybe<string> {
  return before.own(imageKey(image))['id'] as Maybe<string>
}

/** The id the image will have: what is found, unless it comes with this task. Throws when it cannot come. */
function sourceId(given: ImageParams, image: string, found: Maybe<string>, before: View): Maybe<string> {
  const isMissing = found === 'absent'
  if (!isMissing && !given.force_source) return found
  const late = new Unknown(`id of image ${image}`, isMissing ? ['absent'] : [])
  switch (given.source) {
    case 'build':
      refuseBuild(given.build!, before)
      return late
    case 'pull':
      return isMissing ? late : pulledId(image, before)
    case 'load':
      return loadedId(given.load_path!, image, before) ?? late
    default:
      if (!isMissing) return found
      throw new Fail(
        `the host has no image ${image}`,
        [imageKey(image)],
        'say where it comes from: source build, load or pull',
      )
  }
}

/** Undefined where only the run can tell what is in the file. */
function loadedId(path: string, image: string, before: View): string | undefined {
  if (before.path(path).type === 'absent') {
    throw new Fail(`load_path ${path} does not exist on the host`, [`path:${path}`], 'copy it there first')
  }
  const images = archivedAt(path, before)
  if (images === 'unknown') return undefined
  const found = (images ?? []).find(({ id, tags }) => id === image || tags.includes(familiar(image)))
  if (found !== undefined) return found.id
  const tags = (images ?? []).flatMap((one) => one.tags)
  throw new Fail(
    `${path} does not hold the image ${image}, but ${tags.join(', ') || 'no image with a name'}`,
    [`path:${path}`],
  )
}

function otherWish(
  { force_tag: force }: ImageParams,
  other: string | undefined,
  id: Maybe<string>,
  before: View,
): readonly (readonly [Key, OwnState])[] {
  if (other === undefined) return []
  const found = idOf(other, before)
  return found === 'absent' || force ? [[imageKey(other), { id }]] : []
}

/**
 * What an image that comes with this task will be is not known even in the run, so it is pushed in any case; so is one
 * of whose registry nobody can ask what it has.
 */
function pushWish(pushed: string, id: Maybe<string>, isNew: boolean, before: View): readonly [Key, OwnState] {
  const isUnasked = before.own(pushedKey(pushed))['id'] === 'unasked'
  return isUnasked || (isNew && isUnknown(id)) ? [`run:push`, { run: FRESH }] : [pushedKey(pushed), { id }]
}

function archiveWishes(
  { archive_path: path }: ImageParams,
  image: string,
  id: Maybe<string>,
  isNew: boolean,
  before: View,
): readonly (readonly [Key, OwnState | Wished<PathState>])[] {
  if (path === undefined) return []
  const found = before.path(path)
  if (found.type === 'directory') throw new Fail(`archive_path ${path} is a directory`, [`path:${path}`])
  const file: Wished<PathState> = { type: 'file', sha1: savedBytes(image) }
  const state: readonly [Key, OwnState] =
    isNew && isUnknown(id)
      ? ['run:archive', { run: FRESH }]
      : [archiveKey(path), { images: [{ id, tags: [familiar(image)] }] }]
  return [...(found.type === 'absent' ? [[`path:${path}`, file] as const] : []), state]
}

function converge(given: ImageParams, before: View, differing: ReadonlyMap<Key, Difference>): Converge {
  const { image, other, pushed } = referencesOf(given)
  const { archive_path: archive, state, force_absent: force } = given
  if (state === 'absent') return { script: sh`docker rmi ${force ? ['-f'] : []} -- ${image}`, stream: true }
  const saves = archive !== undefined && (differing.has(archiveKey(archive)) || differing.has('run:archive'))
  const pushes = pushed !== undefined && (differing.has(pushedKey(pushed)) || differing.has('run:push'))
  return {
    stream: true,
    script: join([
      ...(differing.has(imageKey(image)) ? [fetchScript(given, image)] : []),
      ...(other !== undefined && other !== image && differing.has(imageKey(other))
        ? [sh`docker tag ${image} ${other}`]
        : []),
      ...(pushes ? [sh`docker push ${pushed}`] : []),
      ...(saves ? [saveScript(image, before.path(archive).real)] : []),
    ]),
  }
}

function fetchScript({ source, load_path: path, build, pull }: ImageParams, image: string): Script {
  if (source === 'build') return buildScript(build!, image)
  const platform = pull?.platform === undefined ? [] : ['--platform', pull.platform]
  return source === 'pull' ? sh`docker pull ${platform} -- ${image}` : sh`docker load -i ${path!}`
}

function saveScript(image: string, path: string): Script {
  return sh`T=${partialOf(path)}; rm -rf -- "$T"; docker save -- ${image} >"$T"; sync "$T" 2>/dev/null || :; mv -f -- "$T" ${path}`
}

/** Images of the Docker Engine of the host. */
export default defineModule({
  summary: 'Bring images to the Docker Engine of the host, name, save, push and remove them',
  description:
    'An image that the host has under its name is left as it is, and nothing is asked of the registry it came from. With push, it is pushed unless the registry has the very same image under that name; the docker program cannot ask one without TLS on another host, so there each push counts as a change.',
  params: IMAGE,
  rules: {
    requiredIf: [
      ['state', 'present', ['source']],
      ['source', 'load', ['load_path']],
      ['source', 'build', ['build']],
    ],
  },
  returns: {
    image: 'What `docker image inspect` says of it; empty when it is absent.',
    actions: 'What was done, as sentences.',
    stdout: 'What the build printed; empty unless something was built.',
  },
  examples: `
- name: Bring an image to a host without a way to the registry
  docker_image: {name: "federatedai/osx:2.2.0-release", source: load, load_path: /srv/images/osx.tar}
- name: Bring an image to a registry of our own
  docker_image: {name: "mysql:8.0.28", source: local, repository: "192.168.10.1/federatedai/mysql:8.0.28", push: true}
`,
  probe,
  wanted,
  converge,
  result: (given, before, after, ran) => {
    const { image } = referencesOf(given)
    const { id, image: details } = after.own(imageKey(image))
    const known =
      id === 'absent' ? {} : isUnknown(id) ? id : (details ?? new Unknown(`what docker says of ${image}`))
    const built = given.source === 'build' && ran.kind === 'ran' ? ran.stdout : ''
    return { values: { image: known, actions: actionsOf(given, before, after, ran), stdout: built } }
  },
  unproven: ({ source, state, push }) => {
    if (state === 'absent') return undefined
    if (push) return 'no registry was asked to take it'
    if (source === 'build') return 'it was not built'
    return source === 'pull' ? 'it was not pulled' : undefined
  },
})

function actionsOf(given: ImageParams, before: View, after: View, ran: Ran): readonly string[] {
  if (ran.kind === 'nothing') return []
  const { image, other, pushed } = referencesOf(given)
  const changes = (name: string): boolean => idOf(name, before) !== idOf(name, after)
  const fetched = changes(image) && given.state === 'present'
  const from = {
    build: `Built image ${image} from ${given.build?.path ?? ''}`,
    load: `Loaded image ${image} from ${given.load_path ?? ''}`,
    pull: `Pulled image ${image}`,
    local: '',
  }[given.source ?? 'local']
  return [
    ...(given.state === 'absent' ? [`Removed image ${image}`] : []),
    ...(fetched ? [from] : []),
    ...(other !== undefined && other !== image && changes(other)
      ? [`Tagged image ${image} as ${other}`]
      : []),
    ...(pushed !== undefined && (fetched || before.own(pushedKey(pushed))['id'] !== idOf(image, after))
      ? [`Pushed image ${pushed}`]
      : []),
    ...(given.archive_path !== undefined && (fetched || !isArchived(given, before))
      ? [`Archived image ${image} to ${given.archive_path}`]
      : []),
  ]
}

function isArchived({ archive_path: path, name, tag }: ImageParams, before: View): boolean {
  const image = reference(name, tag)
  const found = before.own(archiveKey(path!))['images'] as readonly ArchivedImage[] | undefined
  return isDeepStrictEqual(found, [{ id: idOf(image, before), tags: [familiar(image)] }])
}
