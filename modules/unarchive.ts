import { posix } from 'node:path'
import { BadArchive, type ArchiveEntry } from '../engine/module/archive/entry.js'
import { chosenEntries, entryAsks, entryWishes } from '../engine/module/archive/entry-wishes.js'
import { extracted, extractOptions } from '../engine/module/archive/extract-options.js'
import { placeEntries } from '../engine/module/archive/place-entries.js'
import { unpack, type Unpacked } from '../engine/module/archive/unpack.js'
import { ATTRIBUTES, attributeAsks, labelInfo } from '../engine/module/attributes.js'
import {
  defineModule,
  Fail,
  isUnknown,
  Unknown,
  type Ask,
  type Content,
  type Controller,
  type PathState,
  type View,
  type Wish,
} from '../engine/module/contract.js'
import { modeText } from '../engine/module/mode.js'
import type { InferParams } from '../engine/module/params.js'

/** Most bytes of an archive, since its entries are compared on the controller. */
const LIMIT = 64 * 1024 * 1024

const params = {
  src: {
    type: 'path',
    required: true,
    searched: { folder: 'files', unless: 'remote_src' },
    description:
      'The archive, searched in files/ of the role or playbook; with remote_src its path on the host.',
  },
  dest: { type: 'path', required: true, description: 'The folder to unpack into; it must be there.' },
  remote_src: { type: 'bool', default: false, description: 'src is on the host.' },
  copy: { type: 'bool', default: true, description: 'The old name: false says the same as remote_src.' },
  creates: { type: 'path', description: 'When this path exists nothing is unpacked.' },
  include: {
    type: 'list',
    elements: 'str',
    default: [],
    description: 'Only these files and folders of the archive.',
  },
  exclude: {
    type: 'list',
    elements: 'str',
    default: [],
    description: 'Files and folders of the archive to leave out.',
  },
  keep_newer: {
    type: 'bool',
    default: false,
    description: 'Leave files alone that are newer than those of the archive.',
  },
  extra_opts: {
    type: 'list',
    elements: 'str',
    default: [],
    description:
      'Options of tar and unzip: --strip-components, --exclude, --keep-newer-files, --skip-old-files, -n, -j, --touch; what says how it is done anyway is allowed too.',
  },
  decrypt: { type: 'bool', default: true, description: 'Decrypt an archive that is encrypted with vault.' },
  list_files: { type: 'bool', default: false, description: 'Return the names of the entries.' },
  ...ATTRIBUTES,
} as const
type Params = InferParams<typeof params>

/** An archive as far as it concerns the call. */
type Chosen = Pick<Unpacked, 'handler'> & { readonly entries: readonly ArchiveEntry[] }

async function prepare(given: Params, controller: Controller): Promise<Chosen | undefined> {
  extractOptions(given.extra_opts)
  if (isOnHost(given)) return undefined
  const content = await controller.content(given.src, 'files', given.decrypt)
  if (content.size > LIMIT) throw tooLarge(given)
  if (unpacked.has(content)) return chosen(given, content)
  return chosen(given, content, Buffer.concat((await content.open().toArray()) as Buffer[]))
}

function isOnHost({ remote_src: remote, copy }: Params): boolean {
  return remote || !copy
}

function tooLarge({ src }: Params): Fail {
  return new Fail(
    `${src} has more than ${LIMIT} bytes, too large for this module`,
    [],
    'use copy, and command tar -xf … with creates',
  )
}

/** Archives are read once, also for several hosts and several looks. */
const unpacked = new WeakMap<Content, Unpacked>()

function chosen(given: Params, content: Content, bytes?: Buffer): Chosen {
  try {
    const archive = unpacked.get(content) ?? unpack(bytes ?? content.bytes())
    unpacked.set(content, archive)
    const { handler, entries } = archive
    const wanted = chosenEntries(entries, given.include, given.exclude)
    return { handler, entries: extracted(wanted, extractOptions(given.extra_opts, handler)) }
  } catch (error) {
    if (error instanceof BadArchive)
      throw new Fail(`Failed to find handler for "${given.src}": ${error.message}`)
    throw error
  }
}

function probe(given: Params, local: Chosen | undefined): readonly Ask[] {
  const { src, dest, creates } = given
  if (isOnHost(given) && !src.startsWith('/')) {
    const cure = src.includes('://') ? 'fetch it with get_url first' : undefined
    throw new Fail(`src ${src} is not an absolute path of the host`, [], cure)
  }
  return [
    { kind: 'path', path: dest, need: 'stat', follow: true },
    ...(creates === undefined ? [] : [{ kind: 'path', path: creates, need: 'stat', follow: true } as const]),
    ...attributeAsks(given),
    ...(local
      ? entryAsks(dest, local.entries)
      : [{ kind: 'path', path: src, need: 'content', follow: true, limit: LIMIT } as const]),
  ]
}

/** The archive on the host; undefined when it is not there, or only the run can tell what is in it. */
function onHost(given: Params, before: View): Chosen | undefined {
  const content = before.path(given.src).content
  return content === undefined || isUnknown(content) ? undefined : chosen(given, content)
}

function isDone({ creates }: Params, before: View): boolean {
  return creates !== undefined && before.path(creates).type !== 'absent'
}

function wanted(given: Params, before: View, local: Chosen | undefined): Wish {
  const { src, dest } = given
  if (isDone(given, before)) return new Map()
  const { type } = before.path(dest)
  if (typeof type === 'string' && type !== 'directory') {
    const what = type === 'absent' ? 'must be an existing dir' : `must be an existing dir, and is a ${type}`
    throw new Fail(`dest '${dest}' ${what}`, [`path:${dest}`], 'make it with file: state=directory')
  }
  const archive = local ?? onHost(given, before)
  if (archive) {
    const { existing } = extractOptions(given.extra_opts)
    const how = { attributes: given, existing: given.keep_newer ? ('keep-newer' as const) : existing }
    return new Map(entryWishes(dest, archive.entries, how, before))
  }
  const found = before.path(src)
  if (found.type === 'absent') throw new Fail(`Source '${src}' does not exist`, [`path:${src}`])
  if (found.type === 'directory') throw new Fail(`src ${src} is a directory`, [`path:${src}`])
  return new Map([
    ['run:unarchive', { run: isUnknown(found.content) ? found.content : new Unknown(`what is in ${src}`) }],
  ])
}

/** Unpacks an archive on the host. */
export default defineModule({
  summary: 'Unpack an archive on the host',
  description:
    'Tar (also packed with gzip, bzip2, xz or zstd) and zip. Each entry is compared with what is there, and only what differs is sent and written; a file is replaced whole or not at all. The host needs only tar. What is new belongs to the user of the task unless owner and group say otherwise; files have the times of the archive. Entries that lead outside of dest are refused.',
  params,
  rules: { exclusive: [['include', 'exclude']] },
  returns: {
    dest: 'The folder.',
    src: 'The archive.',
    handler:
      'Kind of archive: TarArchive, TgzArchive, TarBzipArchive, TarXzArchive, TarZstdArchive or ZipArchive.',
    files: 'Names of the entries, with list_files; folders end in /.',
    state: 'Always directory.',
    mode: 'Permissions of dest in octal.',
    owner: 'Name of its owner.',
    group: 'Name of its group.',
    uid: 'Id of the owner.',
    gid: 'Id of the group.',
    size: 'Bytes of the folder itself.',
    msg: 'Why nothing was unpacked.',
  },
  examples: `
- name: Unpack the configuration of a party
  unarchive: {src: confs-10000.tar, dest: /data/projects/fate, owner: fate, group: docker}
`,
  prepare,
  probe,
  more: (given, before, local) => {
    const { type } = before.path(given.dest)
    const isFolder = isUnknown(type) || type === 'directory'
    const archive = local || !isFolder || isDone(given, before) ? undefined : onHost(given, before)
    return archive ? entryAsks(given.dest, archive.entries) : []
  },
  wanted,
  converge: (given, before, differing, local) => {
    const { entries } = (local ?? onHost(given, before))!
    const times = new Map(
      entries.map(({ name, time }) => [posix.normalize(`path:${given.dest}/${name}`), time]),
    )
    const steps = [...differing].map(([key, difference]) => ({ difference, time: times.get(key) }))
    return placeEntries(before.path(given.dest).real, steps, before.session)
  },
  result: (given, before, after, _ran, local) => {
    if (isDone(given, before)) {
      const msg = `skipped, since ${given.creates!} exists`
      return { values: { msg }, skipped: msg }
    }
    const archive = local ?? onHost(given, before)
    return {
      values: { src: given.src, ...listed(given, archive), ...describe(given.dest, after.path(given.dest)) },
    }
  },
})

function listed(given: Params, archive: Chosen | undefined): Readonly<Record<string, unknown>> {
  if (!archive) return {}
  const files = archive.entries.map(({ name, type }) => (type === 'directory' ? `${name}/` : name))
  return { handler: archive.handler, ...(given.list_files ? { files } : {}) }
}

function describe(dest: string, found: PathState): Readonly<Record<string, unknown>> {
  const { mode, owner, group, uid, gid, size } = found
  return {
    ...{ dest, state: 'directory', mode: modeText(mode), owner, group, uid, gid, size },
    ...labelInfo(found),
  }
}
