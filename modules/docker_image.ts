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
  archiveKey,
  familiar,
  imageAsk,
  imageKey,
  pushedAsk,
  pushedKey,
  reference,
} from '../engine/module/docker-image.js'
import type { InferParams } from '../engine/module/params.js'
import { join, sh, type Script } from '../engine/module/quote.js'
import { partialOf } from '../engine/module/write.js'

const params = {
  name: { type: 'str', required: true, description: 'The image, with or without registry and tag.' },
  tag: { type: 'str', default: 'latest', description: 'Its tag, unless the name has one.' },
  state: {
    type: 'str',
    default: 'present',
    choices: ['present', 'absent'],
    description: 'Whether the host should have it.',
  },
  source: {
    type: 'str',
    choices: ['load', 'local', 'pull'],
    description:
      'Where it comes from when the host does not have it: a file, nowhere (then it is an error), a registry.',
  },
  load_path: { type: 'path', description: 'File of the host, as docker save writes it; for source load.' },
  archive_path: { type: 'path', description: 'Save the image to this file of the host.' },
  repository: {
    type: 'str',
    description: 'Give it this name too; without a tag in it, the tag is the same.',
  },
  push: {
    type: 'bool',
    default: false,
    description: 'Bring it, under repository if that is given, to its registry.',
  },
  force_tag: {
    type: 'bool',
    default: false,
    description: 'Take the name repository from another image that has it.',
  },
  force_absent: {
    type: 'bool',
    default: false,
    description: 'Remove it although it has other names or a stopped container.',
  },
} as const
type Params = InferParams<typeof params>

/** The references a call is about. */
interface References {
  readonly image: string
  /** The further name. */
  readonly other: string | undefined
  /** What is to be in a registry. */
  readonly pushed: string | undefined
}

function referencesOf({ name, tag, repository, push, state }: Params): References {
  const image = reference(name, tag)
  const isPresent = state === 'present'
  const otherTag =
    image.includes('@') || image.startsWith('sha256:') ? tag : image.slice(image.lastIndexOf(':') + 1)
  const other = repository === undefined || !isPresent ? undefined : reference(repository, otherTag)
  return { image, other, pushed: push && isPresent ? (other ?? image) : undefined }
}

function probe(given: Params): readonly Ask[] {
  const { image, other, pushed } = referencesOf(given)
  const { load_path: load, archive_path: archive, state } = given
  return [
    imageAsk(image),
    ...(other === undefined || other === image ? [] : [imageAsk(other)]),
    ...(pushed === undefined ? [] : [pushedAsk(pushed)]),
    ...(load === undefined
      ? []
      : [archiveAsk(load), { kind: 'path', path: load, need: 'stat', follow: true } as const]),
    ...(archive === undefined || state === 'absent'
      ? []
      : [archiveAsk(archive), { kind: 'path', path: archive, need: 'stat', follow: true } as const]),
  ]
}

function wanted(given: Params, before: View): Wish {
  const { image, other, pushed } = referencesOf(given)
  const found = idOf(image, before)
  if (given.state === 'absent') return new Map([[imageKey(image), { id: 'absent' }]])
  const isMissing = found === 'absent'
  if (isMissing) refuseSource(given, image, before)
  const id = isMissing ? new Unknown(`id of image ${image}`, ['absent']) : found
  return new Map<Key, OwnState | Wished<PathState>>([
    ...(isMissing ? [[imageKey(image), { id }] as const] : []),
    ...otherWish(given, other, id, before),
    ...(pushed === undefined ? [] : [pushWish(pushed, id, isMissing)]),
    ...archiveWishes(given, image, id, isMissing, before),
  ])
}

function idOf(image: string, before: View): Maybe<string> {
  return before.own(imageKey(image))['id'] as Maybe<string>
}

function refuseSource({ source, load_path: path }: Params, image: string, before: View): void {
  if (source === 'pull') return
  if (source === 'load') {
    if (path === undefined) throw new Fail('source load needs load_path')
    return refuseLoad(path, image, before)
  }
  throw new Fail(
    `the host has no image ${image}`,
    [imageKey(image)],
    'say where it comes from: source load or pull',
  )
}

/** A file that this dry run would have written is not looked into. */
function refuseLoad(path: string, image: string, before: View): void {
  const { type, mtime } = before.path(path)
  if (type === 'absent') {
    throw new Fail(`load_path ${path} does not exist on the host`, [`path:${path}`], 'copy it there first')
  }
  const tags = before.own(archiveKey(path))['tags'] as readonly string[] | undefined
  if (tags === undefined || isUnknown(mtime) || tags.some((tag) => familiar(tag) === familiar(image))) return
  throw new Fail(
    `${path} does not hold the image ${image}, but ${tags.join(', ') || 'images without names'}`,
    [`path:${path}`],
  )
}

function otherWish(
  { force_tag: force }: Params,
  other: string | undefined,
  id: Maybe<string>,
  before: View,
): readonly (readonly [Key, OwnState])[] {
  if (other === undefined) return []
  const found = idOf(other, before)
  return found === 'absent' || force ? [[imageKey(other), { id }]] : []
}

/** What an image that comes with this task will be is not known even in the run, so it is pushed in any case. */
function pushWish(pushed: string, id: Maybe<string>, isMissing: boolean): readonly [Key, OwnState] {
  return isMissing ? [`run:push`, { run: FRESH }] : [pushedKey(pushed), { id }]
}

function archiveWishes(
  { archive_path: path }: Params,
  image: string,
  id: Maybe<string>,
  isMissing: boolean,
  before: View,
): readonly (readonly [Key, OwnState | Wished<PathState>])[] {
  if (path === undefined) return []
  const found = before.path(path)
  if (found.type === 'directory') throw new Fail(`archive_path ${path} is a directory`, [`path:${path}`])
  const file: Wished<PathState> = { type: 'file', sha1: new Unknown(`bytes of image ${image}`) }
  const state: readonly [Key, OwnState] = isMissing
    ? ['run:archive', { run: FRESH }]
    : [archiveKey(path), { id, tags: [familiar(image)] }]
  return [...(found.type === 'absent' ? [[`path:${path}`, file] as const] : []), state]
}

function converge(given: Params, before: View, differing: ReadonlyMap<Key, Difference>): Converge {
  const { image, other, pushed } = referencesOf(given)
  const { archive_path: archive, state, force_absent: force } = given
  if (state === 'absent') return { script: sh`docker rmi ${force ? ['-f'] : []} -- ${image}`, stream: true }
  const saves = archive !== undefined && (differing.has(archiveKey(archive)) || differing.has('run:archive'))
  const pushes = pushed !== undefined && (differing.has(pushedKey(pushed)) || differing.has('run:push'))
  return {
    stream: true,
    script: join([
      ...(idOf(image, before) === 'absent' ? [fetchScript(given, image)] : []),
      ...(other !== undefined && differing.has(imageKey(other)) ? [sh`docker tag ${image} ${other}`] : []),
      ...(pushes ? [sh`docker push ${pushed}`] : []),
      ...(saves ? [saveScript(image, before.path(archive).real)] : []),
    ]),
  }
}

function fetchScript({ source, load_path: path }: Params, image: string): Script {
  if (source === 'pull') return sh`docker pull ${image}`
  return sh`docker load -i ${path!}`
}

function saveScript(image: string, path: string): Script {
  return sh`T=${partialOf(path)}; rm -rf -- "$T"; docker save -- ${image} >"$T"; sync "$T" 2>/dev/null || :; mv -f -- "$T" ${path}`
}

/** Images of the Docker Engine of the host. */
export default defineModule({
  summary: 'Bring images to the Docker Engine of the host, name, save, push and remove them',
  description:
    'An image that the host has under its name is left as it is, and nothing is asked of the registry it came from. With push, it is pushed unless the registry has the very same image under that name.',
  params,
  rules: { requiredIf: [['source', 'load', ['load_path']]] },
  returns: {
    image: 'What `docker image inspect` says of it; empty when it is absent.',
    actions: 'What was done, as sentences.',
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
    const known = id === 'absent' ? {} : isUnknown(id) ? id : details
    return { values: { image: known, actions: actionsOf(given, before, after, ran) } }
  },
  unproven: ({ source, state, push }) => {
    if (state === 'absent') return undefined
    if (push) return 'no registry was asked to take it'
    return source === 'pull' ? 'no registry was asked for it' : undefined
  },
})

function actionsOf(given: Params, before: View, after: View, ran: Ran): readonly string[] {
  if (ran.kind === 'nothing') return []
  const { image, other, pushed } = referencesOf(given)
  const changes = (name: string): boolean => idOf(name, before) !== idOf(name, after)
  const fetched = changes(image) && given.state === 'present'
  const from =
    given.source === 'load' ? `Loaded image ${image} from ${given.load_path ?? ''}` : `Pulled image ${image}`
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

function isArchived({ archive_path: path, name, tag }: Params, before: View): boolean {
  const image = reference(name, tag)
  const found = before.own(archiveKey(path!))
  return found['id'] === idOf(image, before) && isDeepStrictEqual(found['tags'], [familiar(image)])
}
