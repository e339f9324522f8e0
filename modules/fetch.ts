import { createHash } from 'node:crypto'
import { basename, join, normalize } from 'node:path'
import {
  defineModule,
  Fail,
  isUnknown,
  Unknown,
  type Ask,
  type Content,
  type Key,
  type Maybe,
  type PathState,
  type View,
} from '../engine/module/contract.js'
import type { InferParams } from '../engine/module/params.js'
import { sh } from '../engine/module/quote.js'

const params = {
  src: { type: 'path', required: true, description: 'The file on the host. No folder.' },
  dest: {
    type: 'str',
    required: true,
    description:
      'Folder on the controller, relative to the playbook; the file goes to DEST/HOST/SRC. With flat the file itself, or a folder when it ends in /.',
  },
  flat: { type: 'bool', default: false, description: 'Take dest as it is, without host and path of src.' },
  fail_on_missing: {
    type: 'bool',
    default: true,
    description: 'Fail when there is no such file; otherwise say so and go on.',
  },
  validate_checksum: {
    type: 'bool',
    default: true,
    description: 'Fail when the bytes that came are not those that the host hashed.',
  },
} as const
type Params = InferParams<typeof params>

/** Largest file whose bytes are looked at before, in bytes: a larger one is written as it comes. */
const LIMIT = 10 * 1024 * 1024

interface Local {
  /** Where the file goes on the controller. */
  readonly dest: string
  /** There is a folder. */
  readonly folder: boolean
}

function probe({ src }: Params, { dest }: Local): readonly Ask[] {
  return [
    { kind: 'path', path: src, need: 'hash', follow: true },
    { kind: 'controller', path: dest },
  ]
}

function isLarge({ size }: PathState): boolean {
  return !isUnknown(size) && size !== undefined && size > LIMIT
}

/** The content travels only when the hashes differ; that of a large file later. */
function more({ src }: Params, before: View, { dest }: Local): readonly Ask[] {
  const { type, sha1 } = before.path(src)
  if (type !== 'file' || isUnknown(sha1) || sha1 === before.controller(dest)?.sha1) return []
  if (isLarge(before.path(src))) return []
  return [{ kind: 'path', path: src, need: 'content', follow: true, limit: LIMIT }]
}

/** Why there is nothing to fetch, or undefined. */
function missing(src: string, found: PathState): string | undefined {
  if (found.type === 'absent') return 'the remote file does not exist, not transferring, ignored'
  if (found.type === 'directory') return 'remote file is a directory, fetch cannot work on directories'
  return found.type === 'other' ? `${src} is no regular file` : undefined
}

function md5(content: Maybe<Content> | undefined): unknown {
  if (content === undefined || isUnknown(content)) return content
  return createHash('md5').update(content.bytes()).digest('hex')
}

/** Copies a file of the host to the controller. */
export default defineModule({
  summary: 'Copy a file of the host to the controller',
  description:
    'Only a file that differs travels. One of more than 10 MiB is written and hashed as it comes; what a transfer that was cut has left is continued.',
  params,
  returns: {
    dest: 'Path of the file on the controller.',
    file: 'Path of the file on the host, when nothing was copied.',
    checksum: 'SHA-1 of the file.',
    remote_checksum: 'The same, as the host had it, when it was copied.',
    md5sum: 'MD5 of the file, up to 10 MiB.',
    msg: 'Why nothing was fetched.',
  },
  examples: `
- name: Keep the logs of the party
  fetch: {src: /data/projects/fate/confs-10000/fateflow.log, dest: logs}
- fetch: {src: /etc/os-release, dest: facts/, flat: true, fail_on_missing: false}
`,
  prepare: async ({ src, dest, flat }, controller): Promise<Local> => {
    const root = controller.resolve(dest)
    const whole = dest.endsWith('/') ? join(root, basename(src)) : root
    const path = flat ? whole : normalize(join(root, controller.host, src))
    const entry = await controller.entry(path).catch(() => undefined)
    return { dest: path, folder: entry?.folder === true }
  },
  probe,
  more,
  wanted: (given, before, { dest, folder }) => {
    const { src } = given
    const found = before.path(src)
    const why = missing(src, found)
    if (why !== undefined && given.fail_on_missing) throw new Fail(why, [`path:${src}`])
    if (why !== undefined) return new Map()
    if (folder) {
      throw new Fail(`dest ${dest} is a folder`, [], 'let dest end in a slash to fetch into that folder')
    }
    const { sha1 = new Unknown(`content of ${src}`), content } = found
    if (given.validate_checksum && content !== undefined && !isUnknown(content) && content.sha1 !== sha1) {
      throw new Fail('checksum mismatch', [], 'something writes to the file; fetch it again', {
        checksum: content.sha1,
        remote_checksum: sha1,
      })
    }
    const file =
      content === undefined || isUnknown(content)
        ? { sha1 }
        : { sha1: content.sha1, ...(small(content) ? { content } : {}) }
    return new Map([[`controller:${dest}` as Key, file as object]])
  },
  converge: ({ src, validate_checksum: sure }, before, _differing, { dest }) => {
    const { content, sha1, size, mode: bits } = before.path(src)
    // Who may not read it there need not read it here.
    const mode = ((bits as number) & 0o777) | 0o200
    const from = { path: src, sha1: sha1 as string, size: size as number, sure }
    return {
      script: sh``,
      save: [
        content === undefined
          ? { path: dest, mode, from }
          : { path: dest, mode, content: content as Content },
      ],
    }
  },
  result: (given, before, _after, ran, { dest }) => {
    const { src } = given
    const found = before.path(src)
    const why = missing(src, found)
    if (why !== undefined) return { values: { msg: why, file: src } }
    const checksum = found.sha1 ?? new Unknown(`content of ${src}`)
    if (ran.kind === 'nothing') {
      const local = before.controller(dest)
      return { values: { file: src, dest, checksum, md5sum: small(local) ? md5(local) : undefined } }
    }
    const content = isLarge(found) ? undefined : (found.content ?? new Unknown(`content of ${src}`))
    const md5sum = isUnknown(content) || small(content) ? md5(content) : undefined
    return { values: { dest, checksum, remote_checksum: checksum, md5sum, remote_md5sum: null } }
  },
})

/** Small enough to be at hand as bytes. */
function small(content: Content | undefined): boolean {
  return content !== undefined && content.size <= LIMIT
}
