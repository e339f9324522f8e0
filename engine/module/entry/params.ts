import { ATTRIBUTES } from '../attributes.js'
import { Fail } from '../contract.js'
import type { InferParams } from '../params.js'

/** Parameters of the module `file`. */
export const ENTRY = {
  path: { type: 'path', required: true, aliases: ['dest', 'name'], description: 'The entry to manage.' },
  state: {
    type: 'str',
    choices: ['absent', 'directory', 'file', 'hard', 'link', 'touch'],
    description:
      'What should be there. `file` only sets attributes of what exists; `touch` makes an empty file or renews its times. Default: `directory` with `recurse`, otherwise what is there.',
  },
  src: {
    type: 'str',
    description:
      'What a link points to; for `hard` the file to share. Default for `link`: what it points to already.',
  },
  recurse: {
    type: 'bool',
    default: false,
    description: 'Set the attributes of everything below a directory too.',
  },
  follow: {
    type: 'bool',
    default: true,
    description:
      'Manage what a link points to instead of the link; with recurse also what links below point to.',
  },
  force: {
    type: 'bool',
    default: false,
    description:
      'Make a link where there is a file or an empty directory, or to something that is not there.',
  },
  access_time: {
    type: 'str',
    description:
      '`preserve`, `now`, or a time of the host as access_time_format says. Default: `now` for touch, otherwise preserve.',
  },
  access_time_format: { type: 'str', default: '%Y%m%d%H%M.%S', description: 'How access_time is written.' },
  modification_time: {
    type: 'str',
    description:
      '`preserve`, `now`, or a time of the host as modification_time_format says. Default: as access_time.',
  },
  modification_time_format: {
    type: 'str',
    default: '%Y%m%d%H%M.%S',
    description: 'How modification_time is written.',
  },
  ...ATTRIBUTES,
} as const
/** Values of {@link ENTRY}. */
export type Entry = InferParams<typeof ENTRY>
/** What can be wished of an entry. */
export type EntryState = NonNullable<Entry['state']>

/** What a call is about, as far as the parameters say. */
export function stateWanted(given: Entry): EntryState | undefined {
  return given.state ?? (given.recurse ? 'directory' : undefined)
}

/** Throws for parameters that do not fit together. */
export function refuseMisfits({ state, src, recurse }: Entry): void {
  if (src !== undefined && state !== 'link' && state !== 'hard') {
    throw new Fail('src is only for links', [], 'say state: link or state: hard')
  }
  if (recurse && state !== undefined && state !== 'directory') {
    throw new Fail('recurse is only for directories', [], 'say state: directory')
  }
  if (state === 'hard' && src === undefined) throw new Fail('state hard needs src')
}

/** A link is looked at itself when a link should be, or when it should go. */
export function follows(given: Entry): boolean {
  const state = stateWanted(given)
  return given.follow && state !== 'link' && state !== 'hard' && state !== 'absent'
}

/** The folder a path is in. */
export function parentOf(path: string): string {
  const bare = path.replace(/\/+$/, '')
  return bare.slice(0, bare.lastIndexOf('/')) || '/'
}

/** Where a link at `path` leads that points to `target`. */
export function goalOf(path: string, target: string): string {
  return target.startsWith('/') ? target : `${parentOf(path)}/${target}`
}
