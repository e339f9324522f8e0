import type { InferParams, ParamTable } from '../params.js'
import { BUILD_PARAMS } from './build.js'
import { reference } from './image.js'

/** Parameters of the module docker_image. */
export const IMAGE = {
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
    choices: ['build', 'load', 'local', 'pull'],
    description:
      'Where it comes from when the host does not have it: a folder to build, a file, nowhere (then it is an error), a registry.',
  },
  force_source: {
    type: 'bool',
    default: false,
    description:
      'Build, load or pull it although the host has one of that name. Changed when it is another then.',
  },
  build: { type: 'dict', options: BUILD_PARAMS, description: 'How to build it; for source build.' },
  pull: {
    type: 'dict',
    options: { platform: { type: 'str', description: 'Platform to ask for, as `os/architecture/variant`.' } },
    description: 'How to pull it; for source pull.',
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
} as const satisfies ParamTable
export type ImageParams = InferParams<typeof IMAGE>

/** The references a call is about. */
export interface References {
  readonly image: string
  /** The further name. */
  readonly other: string | undefined
  /** What is to be in a registry. */
  readonly pushed: string | undefined
}

/** The names in full. */
export function referencesOf({ name, tag, repository, push, state }: ImageParams): References {
  const image = reference(name, tag)
  const isPresent = state === 'present'
  const otherTag =
    image.includes('@') || image.startsWith('sha256:') ? tag : image.slice(image.lastIndexOf(':') + 1)
  const other = repository === undefined || !isPresent ? undefined : reference(repository, otherTag)
  return { image, other, pushed: push && isPresent ? (other ?? image) : undefined }
}
