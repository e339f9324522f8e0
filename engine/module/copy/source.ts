import type { Stats } from 'node:fs'
import { lstat, readdir, readlink, stat } from 'node:fs/promises'
import { posix, resolve } from 'node:path'
import { contentOf } from '../../content.js'
import {
  Fail,
  isUnknown,
  Unknown,
  type Content,
  type Controller,
  type Maybe,
  type PathState,
  type View,
} from '../contract.js'
import { bytesOf, type Bytes } from '../placed.js'
import type { Copy } from './params.js'

/** One file, folder or link to put below the target. */
export interface Entry {
  /** Path relative to the target, empty for the target itself. */
  readonly relative: string
  readonly type: 'file' | 'directory' | 'link'
  /** Permissions in the source. */
  readonly mode: Maybe<number>
  /** Of a file. */
  readonly bytes?: Bytes
  /** Path on the host, of a file that is there already. */
  readonly from?: string
  /** Where a link points to. */
  readonly target?: string
}

/** What is to be copied, as far as the controller knows. */
export interface Source {
  /** Path of the source as it is returned; undefined for a text. */
  readonly path: string | undefined
  /** Last part of src: the name in a folder given as dest. */
  readonly name: string
  readonly folder: boolean
  readonly entries: readonly Entry[]
}

/** Reads what lies on the controller; of a source on the host only its name is known. */
export async function readSource(given: Copy, controller: Controller): Promise<Source> {
  if (given.content !== undefined) return textSource(given.content, controller)
  const src = given.src!
  const name = posix.basename(src)
  if (given.remote_src) return { path: src, name, folder: false, entries: [] }
  const path = controller.find(src, 'files')
  const { folder, mode } = await controller.entry(path)
  if (!folder) {
    const content = await controller.unhashed(src, 'files', given.decrypt)
    if (given.checksum !== undefined) refuseChecksum(given, (await content.hash?.()) ?? content.sha1)
    return { path: src, name, folder: false, entries: [fileEntry('', mode, content)] }
  }
  const start = src.endsWith('/') ? '' : name
  const below = await listFolder(path, start, given, controller)
  const top: readonly Entry[] = start === '' ? [] : [{ relative: start, type: 'directory', mode }]
  const full = resolve(path)
  return { path: src.endsWith('/') ? `${full}/` : full, name, folder: true, entries: [...top, ...below] }
}

/** Numbers and booleans are written as Python says them, lists and dictionaries as JSON. */
function textSource(content: unknown, controller: Controller): Source {
  const structured = Array.isArray(content) || content instanceof Map
  const text = structured ? controller.json(content as never) : controller.text(content as never)
  return { path: undefined, name: '', folder: false, entries: [fileEntry('', 0o644, contentOf(text))] }
}

function fileEntry(relative: string, mode: number, content: Content): Entry {
  return { relative, type: 'file', mode, bytes: bytesOf(content) }
}

/** Fails when a file has not the checksum that the task says. */
export function refuseChecksum({ checksum }: Copy, sha1: Maybe<string> | undefined): void {
  if (checksum === undefined || checksum === sha1 || isUnknown(sha1)) return
  throw new Fail(`src has the SHA-1 ${String(sha1)}, not ${checksum}`, [], undefined, {
    checksum: sha1,
    expected_checksum: checksum,
  })
}

/** @param above  folders of the source that it is in */
async function listFolder(
  path: string,
  relative: string,
  given: Copy,
  controller: Controller,
  above: readonly string[] = [],
): Promise<readonly Entry[]> {
  const around = [...above, identityOf(await stat(path))]
  const names = (await readdir(path)).sort()
  const lists = names.map(async (name): Promise<readonly Entry[]> => {
    const here = posix.join(path, name)
    const below = posix.join(relative, name)
    const own = await lstat(here)
    const info = (own.isSymbolicLink() && given.local_follow !== false && (await goalOf(here, around))) || own
    const mode = info.mode & 0o7777
    if (info.isSymbolicLink()) return [{ relative: below, type: 'link', mode, target: await readlink(here) }]
    if (!info.isDirectory()) {
      return [fileEntry(below, mode, await controller.unhashed(here, 'files', given.decrypt))]
    }
    return [
      { relative: below, type: 'directory', mode },
      ...(await listFolder(here, below, given, controller, around)),
    ]
  })
  return (await Promise.all(lists)).flat()
}

/** What a link leads to that is followed; undefined for one that leads nowhere, or to a folder that it is in: it stays a link. */
async function goalOf(link: string, around: readonly string[]): Promise<Stats | undefined> {
  const goal = await stat(link).catch(() => undefined)
  return goal && around.includes(identityOf(goal)) ? undefined : goal
}

function identityOf({ dev, ino }: Stats): string {
  return `${dev} ${ino}`
}

/**
 * What is below a folder of the host, and the folder itself, as entries. Links stay links unless `local_follow` says
 * otherwise.
 */
export function entriesOnHost(src: string, before: View): readonly Entry[] {
  const bare = src.replace(/\/+$/, '') || '/'
  const top = before.path(src)
  const below = [...before.tree(src)].map(([relative, state]): Entry => {
    const { type, mode = new Unknown(`mode of ${relative}`), target } = state
    const from = `${bare}/${relative}`
    if (type === 'link') return { relative, type, mode: 0o777, target: target as string }
    if (type === 'directory') return { relative, type, mode }
    if (type === 'other') throw new Fail(`${from} is no file, folder or link`, [`path:${from}`])
    return { relative, type: 'file', mode, bytes: bytesFound(from, state), from }
  })
  return [{ relative: '', type: 'directory', mode: top.mode! }, ...below]
}

/** What a file of the host holds. */
export function bytesFound(path: string, { sha1, size, content }: PathState): Bytes {
  const late = new Unknown(`content of ${path}`)
  return { sha1: sha1 ?? late, size: size ?? late, content }
}
