import { readdir, stat } from 'node:fs/promises'
import { posix } from 'node:path'
import { contentOf, type Content } from '../engine/content.js'
import { ATTRIBUTES, attributeWish, attributesScript } from '../engine/module/attributes.js'
import {
  defineModule,
  Fail,
  type Ask,
  type Controller,
  type Difference,
  type Key,
  type PathState,
  type View,
  type Wish,
  type Wished,
} from '../engine/module/contract.js'
import type { InferParams } from '../engine/module/params.js'
import {
  PLACED,
  folderWishes,
  placedAsks,
  placedPath,
  placedScript,
  placedValues,
  placedWish,
} from '../engine/module/placed.js'
import { join, sh, type Script } from '../engine/module/quote.js'
import { input } from '../engine/module/write.js'

const params = {
  src: {
    type: 'str',
    searched: { folder: 'files', unless: 'remote_src' },
    description:
      'File or folder, searched in files/ of the role or playbook; a folder ending in / gives what is in it.',
  },
  content: {
    type: 'raw',
    description: 'The text itself in place of src; anything but text is written as JSON.',
  },
  remote_src: { type: 'bool', default: false, description: 'src is on the host.' },
  directory_mode: { type: 'mode', description: 'Permissions of the folders that are made.' },
  checksum: { type: 'str', description: 'SHA-1 that the source must have.' },
  local_follow: { type: 'bool', default: true, description: 'Copy what links in the source point to.' },
  ...PLACED,
  ...ATTRIBUTES,
} as const
type Params = InferParams<typeof params>

/** One file or folder to put below dest. */
interface Entry {
  /** Path relative to dest, empty for dest itself. */
  readonly relative: string
  readonly content?: Content
  /** Permissions in the source, for `mode: preserve`. */
  readonly mode: number
}

/** What is to be copied, as far as the controller knows. */
interface Source {
  /** Last part of src: the name in a folder given as dest. */
  readonly name: string
  readonly folder: boolean
  readonly entries: readonly Entry[]
}

async function prepare(given: Params, controller: Controller): Promise<Source> {
  if (given.content !== undefined) {
    const { content } = given
    const text = typeof content === 'string' ? content : controller.json(content)
    return { name: '', folder: false, entries: [{ relative: '', content: contentOf(text), mode: 0o644 }] }
  }
  const src = given.src!
  const name = posix.basename(src)
  if (given.remote_src) return { name, folder: false, entries: [] }
  const path = controller.find(src, 'files')
  const { mode } = await stat(path)
  const folder = (await stat(path)).isDirectory()
  if (!folder) {
    const content = await controller.content(src, 'files')
    refuseChecksum(given, content)
    return { name, folder, entries: [{ relative: '', content, mode: mode & 0o7777 }] }
  }
  const start = src.endsWith('/') ? '' : name
  const below = await listFolder(path, start, controller)
  const top = start === '' ? [] : [{ relative: start, mode: mode & 0o7777 }]
  return { name, folder, entries: [...top, ...below] }
}

function refuseChecksum(given: Params, content: Content): void {
  if (given.checksum === undefined || given.checksum === content.sha1) return
  throw new Fail(`src has the SHA-1 ${content.sha1}, not ${given.checksum}`)
}

async function listFolder(path: string, relative: string, controller: Controller): Promise<readonly Entry[]> {
  const names = (await readdir(path)).sort()
  const lists = names.map(async (name): Promise<readonly Entry[]> => {
    const here = posix.join(path, name)
    const info = await stat(here)
    const entry = { relative: posix.join(relative, name), mode: info.mode & 0o7777 }
    if (info.isDirectory()) return [entry, ...(await listFolder(here, entry.relative, controller))]
    return [{ ...entry, content: await controller.content(here, 'files') }]
  })
  return (await Promise.all(lists)).flat()
}

function probe(given: Params, source: Source): readonly Ask[] {
  if (given.remote_src) {
    return [{ kind: 'path', path: given.src!, need: 'hash', follow: true }, ...placedAsks(given, source.name)]
  }
  if (!source.folder) return placedAsks(given, source.name)
  const entries = source.entries.map(({ relative, content }): Ask => ({
    kind: 'path',
    path: `${given.dest}/${relative}`,
    need: content ? 'hash' : 'stat',
    follow: given.follow,
  }))
  return [...entries, ...placedAsks(given, '')]
}

function wanted(given: Params, before: View, source: Source): Wish {
  if (given.remote_src) return wantedOnHost(given, before, source)
  if (source.folder) return wantedFolder(given, before, source)
  const [entry] = source.entries
  const path = placedPath(given, source.name, before)
  const wish = placedWish(preserved(given, entry!.mode), path, entry!.content!, before)
  return new Map<Key, Wished<PathState>>(
    wish === undefined ? [] : [...folderWishes(given, before), [`path:${path}`, wish]],
  )
}

function wantedOnHost(given: Params, before: View, source: Source): Wish {
  const from = before.path(given.src!)
  if (from.type === 'absent')
    throw new Fail(`src ${given.src!} does not exist on the host`, [`path:${given.src!}`])
  if (from.type === 'directory') {
    throw new Fail('copying a folder on the host is not supported', [], 'use the command cp -a with creates')
  }
  const path = placedPath(given, source.name, before)
  const { sha1, size, content } = from
  if (given.checksum !== undefined && sha1 !== given.checksum) {
    throw new Fail(`src has the SHA-1 ${String(sha1)}, not ${given.checksum}`)
  }
  const bytes = { sha1, size, ...(content === undefined ? {} : { content }) } as {
    sha1: string
    size: number
  }
  const wish = placedWish(preserved(given, from.mode as number), path, bytes, before)
  return new Map<Key, Wished<PathState>>(
    wish === undefined ? [] : [...folderWishes(given, before), [`path:${path}`, wish]],
  )
}

function wantedFolder(given: Params, before: View, source: Source): Wish {
  const wish = new Map<Key, Wished<PathState>>(folderWishes(given, before))
  const top = before.path(given.dest)
  if (top.type !== 'directory') wish.set(`path:${given.dest}`, folderWish(given, 0o755, top, before))
  for (const entry of source.entries) {
    const path = `${given.dest}/${entry.relative}`
    const found = before.path(path)
    const wished = entry.content
      ? placedWish(preserved(given, entry.mode), path, entry.content, before)
      : folderWish(given, entry.mode, found, before)
    if (wished) wish.set(`path:${path}`, wished)
  }
  return wish
}

function folderWish(given: Params, mode: number, found: PathState, before: View): Wished<PathState> {
  if (found.type !== 'absent' && found.type !== 'directory') {
    throw new Fail(`${found.real} is a ${String(found.type)}, not a directory`, [`path:${found.real}`])
  }
  const { owner, group } = given
  const isNew = found.type === 'absent'
  const chosen = given.directory_mode ?? (given.mode === 'preserve' ? mode : undefined)
  const wished = { owner, group, ...(isNew || given.directory_mode !== undefined ? { mode: chosen } : {}) }
  return { type: 'directory', ...attributeWish(wished, before, found, 'directory') }
}

function preserved(given: Params, mode: number): Params {
  return given.mode === 'preserve' ? { ...given, mode } : given
}

function converge(
  given: Params,
  before: View,
  differing: ReadonlyMap<Key, Difference>,
): { script: Script; inputs: readonly Content[] } {
  const inputs: Content[] = []
  const scripts = [...differing.values()].map((difference): Script => {
    const { wished, names } = difference
    const path = String(difference.before['real'])
    if (wished['type'] === 'directory') {
      const make = names.includes('type') ? sh`mkdir -p -- ${path}` : sh`:`
      return join([make, attributesScript(sh`${path}`, wished, names, 'directory')])
    }
    const content = wished['content'] as Content | undefined
    if (given.remote_src)
      return placedScript(given, sh`cat -- ${before.path(given.src!).real}`, difference, before)
    if (content && (names.includes('sha1') || names.includes('type'))) inputs.push(content)
    return placedScript(given, content ? input(inputs.length - 1, content) : sh`:`, difference, before)
  })
  return { script: join(scripts), inputs }
}

/** Copies a file, a folder or a text to the host. */
export default defineModule({
  summary: 'Copy a file, a folder or a text to the host',
  params,
  rules: { exclusive: [['src', 'content']], oneOf: [['src', 'content']] },
  returns: {
    dest: 'Path of the file or folder.',
    src: 'The source.',
    checksum: 'SHA-1 of the bytes.',
    size: 'Bytes.',
    mode: 'Permissions in octal.',
    owner: 'Name of the owner.',
    group: 'Name of the group.',
    uid: 'Id of the owner.',
    gid: 'Id of the group.',
    state: 'file or directory.',
    backup_file: 'Where the old file was kept.',
  },
  examples: `
- name: Copy the configuration
  copy: {src: service_conf.yaml, dest: /data/projects/fate/, owner: fate, mode: "0600"}
- name: Say which party this is
  copy: {content: "{{ party_id }}\\n", dest: /etc/fate-party}
`,
  prepare,
  probe,
  wanted,
  converge,
  result: (given, before, after, ran, source) => {
    const path = source.folder ? given.dest : placedPath(given, source.name, before)
    const values = placedValues(path, given, after, ran)
    return { values: given.src === undefined ? values : { ...values, src: given.src } }
  },
  unproven: ({ validate }) => (validate === undefined ? undefined : 'the validate command was not run'),
})
