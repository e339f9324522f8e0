import type { KeyObject } from 'node:crypto'
import { isUnknown, type Unknown } from '../../unknown.js'
import { Fail, type Ask, type View } from '../contract.js'
import { readKey } from '../private-key.js'

/** Something that a parameter gives as a file of the host or as its content. */
export interface Source {
  readonly path?: string | undefined
  readonly content?: string | undefined
  /** What it is, for people. */
  readonly what: string
}

/** Asks for the file, if it is one. */
export function sourceAsks({ path }: Source): readonly Ask[] {
  return path === undefined ? [] : [{ kind: 'path', path, need: 'content', follow: true, limit: 1024 * 1024 }]
}

/** The text; Unknown where an earlier task of a dry run makes the file, undefined where neither is given. */
export function sourceText({ path, content, what }: Source, before: View): string | Unknown | undefined {
  if (content !== undefined) return content
  if (path === undefined) return undefined
  const found = before.path(path)
  if (isUnknown(found.type)) return found.type
  if (found.type !== 'file') {
    throw new Fail(
      `${what} ${path} ${found.type === 'absent' ? 'does not exist' : 'is no file'}`,
      [`path:${path}`],
      'make it first',
    )
  }
  return isUnknown(found.content) || found.content === undefined
    ? lateOf(found.sha1, path)
    : found.content.bytes().toString('latin1')
}

function lateOf(sha1: unknown, path: string): Unknown {
  if (isUnknown(sha1)) return sha1
  throw new Fail(`${path} cannot be read`, [`path:${path}`])
}

/** The private key; Unknown where only the run can tell. */
export function sourceKey(
  source: Source,
  passphrase: string | undefined,
  before: View,
): KeyObject | Unknown | undefined {
  const text = sourceText(source, before)
  if (text === undefined || isUnknown(text)) return text
  const name = `${source.what} ${source.path ?? ''}`.trim()
  const found = readKey(Buffer.from(text, 'latin1'), passphrase)
  if (found.kind === 'key') return found.key
  const why = found.kind === 'broken' ? 'is no private key' : 'has another passphrase than the one given'
  throw new Fail(`${name} ${why}`, source.path === undefined ? [] : [`path:${source.path}`])
}
