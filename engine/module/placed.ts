import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { TEXT_LIMIT } from '../content.js'
import { sha1Of } from '../unhashed.js'
import { isUnknown } from '../unknown.js'
import {
  attributeAsks,
  attributeWish,
  attributesScript,
  labelInfo,
  wholeState,
  type Attributes,
} from './attributes.js'
import {
  Fail,
  type Ask,
  type Content,
  type Difference,
  type Key,
  type Maybe,
  type PathState,
  type Ran,
  type View,
  type Wished,
} from './contract.js'
import { modeText } from './mode.js'
import type { ParamTable } from './params.js'
import { sh, type Script } from './quote.js'
import { backupOf, foreseenBackup, UNSAFE_WRITES, writeFile, type Sent } from './write.js'
import { foldersAbove } from './folders-above.js'

/** Parameters of the modules that put one file in place (copy, template, assemble, get_url …). */
export const PLACED = {
  dest: {
    type: 'path',
    required: true,
    description: 'Where it goes; a folder (or a path ending in /) takes the name of the source.',
  },
  backup: { type: 'bool', default: false, description: 'Keep the old file beside the new one.' },
  force: {
    type: 'bool',
    default: true,
    description: 'Replace a file that differs; without it, only a missing file is made.',
  },
  follow: { type: 'bool', default: false, description: 'Write to what a link at dest points to.' },
  validate: { type: 'str', description: 'Command that checks the new file, %s, before it is put in place.' },
  unsafe_writes: UNSAFE_WRITES,
} as const satisfies ParamTable

/** Values of {@link PLACED}. */
export interface Placed extends Attributes {
  readonly dest: string
  readonly backup: boolean
  readonly force: boolean
  readonly follow: boolean
  readonly validate?: string | undefined
  readonly unsafe_writes?: boolean
}

/** What must be known to place a file named `name` at dest: dest itself, the file in it if it is a folder, the folders above. */
export function placedAsks(params: Placed, name: string): readonly Ask[] {
  const { dest, follow } = params
  return [
    ...folderAsks(params),
    { kind: 'path', path: dest, need: 'hash', follow },
    { kind: 'path', path: `${dest}/${name || NO_NAME}`, need: name === '' ? 'stat' : 'hash', follow },
    ...attributeAsks(params),
  ]
}

/** Asked for in place of a name, to see whether dest is a link to a folder. */
const NO_NAME = '.fplay-none'

/** Asks for the folders above dest: the nearest must be there, or all are made when dest ends in a slash. */
function folderAsks({ dest }: Placed): readonly Ask[] {
  const above = dest.endsWith('/') ? foldersAbove(dest) : foldersAbove(dest).slice(-1)
  return above.map((path) => ({ kind: 'path', path, need: 'type', follow: true }))
}

/**
 * Wishes for the folders that are made on the way: those of a dest that ends in a slash, as in Ansible. Any other
 * missing folder is a failure.
 * @param mode  permissions of those that are made; default what the umask gives
 */
export function folderWishes(
  params: Placed,
  before: View,
  mode?: Attributes['mode'],
): readonly [Key, Wished<PathState>][] {
  const { dest } = params
  const above = foldersAbove(dest)
  const parents = dest.endsWith('/') ? [...above, posix.join('/', dest).replace(/\/$/, '')] : above.slice(-1)
  const states = parents.map((path) => ({ path, type: before.path(path).type }))
  const other = states.find(({ type }) => type === 'file' || type === 'other')
  if (other)
    throw new Fail(`${other.path} is not a folder`, [`path:${other.path}`], 'remove it, or write elsewhere')
  const missing = states.filter(({ type }) => type === 'absent').map(({ path }) => path)
  if (dest.endsWith('/')) {
    return missing.map((path) => [
      `path:${path}`,
      { type: 'directory', ...attributeWish({ ...params, mode }, before, before.path(path), 'directory') },
    ])
  }
  if (missing.length === 0) return []
  const [nearest] = missing
  throw new Fail(
    `Destination directory ${nearest!} does not exist`,
    [`path:${nearest!}`],
    'make it with file: state=directory',
  )
}

/** The path that will be written. */
export function placedPath({ dest }: Placed, name: string, before: View): string {
  if (name === '') {
    if (isFolder(dest, NO_NAME, before)) {
      throw new Fail(`${dest} is a directory`, [`path:${dest}`], 'name the file in it, or remove it first')
    }
    return dest
  }
  return dest.endsWith('/') || isFolder(dest, name, before) ? posix.normalize(`${dest}/${name}`) : dest
}

/**
 * A link to a folder is a folder: then the file in it has a real path elsewhere. So it has, in a dry run, behind a link of an
 * earlier task that leads nowhere.
 */
function isFolder(dest: string, name: string, before: View): boolean {
  const found = before.path(dest)
  if (found.type === 'directory') return true
  if (found.type !== 'link' || before.path(`${dest}/${name}`).real === posix.join(found.real, name))
    return false
  const behind = before.parent(`path:${dest}/${name}`)?.type
  return behind !== 'absent' && behind !== 'file'
}

/** What a file is to hold; the content itself only where it is at hand. */
export interface Bytes {
  readonly sha1: Maybe<string>
  readonly size: Maybe<number>
  readonly content?: Maybe<Content> | undefined
}

/** A content as {@link Bytes}. */
export function bytesOf(content: Maybe<Content>): Bytes {
  if (isUnknown(content)) return { sha1: content, size: content, content }
  return { sha1: sha1Of(content), size: content.size, content }
}

/** The wish for one placed file; undefined when the file is there and may not be replaced. */
export function placedWish(
  params: Placed,
  path: string,
  bytes: Bytes,
  before: View,
): Wished<PathState> | undefined {
  refuseValidate(params)
  const found = before.path(path)
  if (found.type === 'directory') {
    throw new Fail(`${path} is a directory`, [`path:${path}`], 'name the file in it, or remove it first')
  }
  if (!params.force && found.type !== 'absent') return undefined
  const { sha1, size, content } = bytes
  const known = content === undefined ? {} : { content }
  return { type: 'file', sha1, size, ...known, ...attributeWish(params, before, found, 'file') }
}

/** Writes the file when its bytes differ, otherwise only sets what differs. */
export function placedScript(
  params: Placed,
  source: Script | Sent,
  difference: Difference,
  before: View,
): Script {
  const { wished, names } = difference
  const path = String(difference.before['real'])
  if (names.includes('sha1') || names.includes('type')) {
    return writeFile(path, source, difference, before.session, params)
  }
  return attributesScript(sh`${path}`, wished, names, 'file')
}

/** Throws unless the command says where the new file goes. */
export function refuseValidate({ validate }: { readonly validate?: string | undefined }): void {
  if (validate === undefined || validate.includes('%s')) return
  throw new Fail(`validate must contain %s: ${validate}`, [], 'write %s where the new file goes')
}

/** What only the run can tell of a file that is placed or edited. */
export function placedUnproven({ validate }: { readonly validate?: string | undefined }): string | undefined {
  return validate === undefined ? undefined : 'the validate command was not run'
}

/** The values that Ansible's file-placing modules return. */
export function placedValues(
  path: string,
  params: Placed,
  before: View,
  after: View,
  ran: Ran,
  content?: Maybe<Content>,
): Readonly<Record<string, unknown>> {
  const { owner, group, uid, gid, mode, size, sha1, type } = wholeState(after.path(path))
  const state = isUnknown(type) ? type : type === 'directory' ? 'directory' : 'file'
  const written =
    ran.kind !== 'nothing' && state === 'file' && !sameBytes(before.path(path), after.path(path))
  return {
    dest: params.follow ? after.path(path).real : path,
    owner,
    group,
    uid,
    gid,
    mode: modeText(mode),
    size,
    ...labelInfo(after.path(path)),
    checksum: sha1,
    state,
    ...(written ? { md5sum: md5Of(content) } : { path }),
    ...backupValue(params, before.path(path), written, ran),
  }
}

function sameBytes(found: PathState, now: PathState): boolean {
  return found.type === 'file' && found.sha1 === now.sha1
}

/** Of contents that are put in place on several hosts. */
const md5Sums = new WeakMap<Content, string>()

function md5Of(content: Maybe<Content> | undefined): unknown {
  if (content === undefined || isUnknown(content)) return content
  if (content.size > TEXT_LIMIT) return undefined
  const sum = md5Sums.get(content) ?? createHash('md5').update(content.bytes()).digest('hex')
  md5Sums.set(content, sum)
  return sum
}

function backupValue(
  params: Placed,
  found: PathState,
  written: boolean,
  ran: Ran,
): Readonly<Record<string, unknown>> {
  if (!params.backup || !written || found.type === 'absent') return {}
  if (ran.kind === 'foreseen') return { backup_file: foreseenBackup(found.real) }
  return ran.kind === 'ran' ? { backup_file: backupOf(ran.stdout) } : {}
}
