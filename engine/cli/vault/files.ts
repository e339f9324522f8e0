import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { fail, FplayError } from '../../errors.js'
import { isVaultText, openVaultText } from '../../language/vault.js'
import type { Opened } from '../../language/vault.js'
import type { VaultPassword } from '../../language/vault-password.js'
import { replaceFile, shredAfter } from '../../replace-file.js'
import type { Caller } from '../caller.js'

/** A text to work on: a file, or the input of fplay. */
export interface Source {
  /** As it was named; `-` is the input. */
  readonly name: string
  /** Without links. */
  readonly path: string
  readonly bytes: Buffer
}

/** Reads files, or the input when none is named. Fails with `file-not-found` or `file-unreadable`. */
export async function readSources(names: readonly string[], { stdin }: Caller): Promise<Source[]> {
  const sources: Source[] = []
  for (const name of names.length ? names : ['-']) {
    if (name === '-') sources.push({ name, path: name, bytes: await readAll(stdin) })
    else sources.push(readSource(name))
  }
  return sources
}

function readSource(name: string): Source {
  try {
    const path = realpathSync(name)
    return { name, path, bytes: readFileSync(path) }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return fail({ code: 'file-not-found', message: `there is no file ${name}` })
    return fail({ code: 'file-unreadable', message: `${name} cannot be read: ${code}` })
  }
}

async function readAll(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

/** Opens an encrypted source. Fails with `vault-format` when it is not encrypted, or damaged, and `vault-password`. */
export function openSource({ name, bytes }: Source, keys: readonly VaultPassword[]): Opened {
  const text = bytes.toString('latin1').trimStart()
  const place = { file: name === '-' ? 'input' : name, line: 1, column: 1 }
  if (!isVaultText(text)) fail({ code: 'vault-format', place, message: 'this is not encrypted' })
  return openVaultText(keys, text, place)
}

/** How a target is written. */
export interface WriteOptions {
  /** What stands there is plain text: it is overwritten on the disk. */
  readonly shred?: boolean
  /** Mode and owner stay; otherwise the file is 0600. */
  readonly keepMode?: boolean
}

/** Writes to a file, whole or not at all, or to the output of fplay. Fails with `file-unreadable`. */
export function writeTarget(
  target: string,
  data: Buffer | string,
  caller: Caller,
  { shred = false, keepMode = false }: WriteOptions = {},
): void {
  if (target === '-') return void caller.stdout.write(data)
  try {
    const there = existsSync(target) ? statSync(target) : undefined
    if (there && !there.isFile()) return refuse(target, 'it is no regular file')
    const replace = (): void =>
      replaceFile(target, data, { ...ownerOf(there), mode: modeOf(there, keepMode) })
    if (there && shred) shredAfter(realpathSync(target), replace)
    else replace()
  } catch (error) {
    if (error instanceof FplayError) throw error
    refuse(target, (error as NodeJS.ErrnoException).code ?? String(error))
  }
}

function ownerOf(there: Stats | undefined): { owner?: { uid: number; gid: number } } {
  return there ? { owner: { uid: there.uid, gid: there.gid } } : {}
}

function modeOf(there: Stats | undefined, keep: boolean): number {
  return there && keep ? there.mode & 0o7777 : 0o600
}

function refuse(target: string, why: string): never {
  return fail({ code: 'file-unreadable', message: `${target} cannot be written: ${why}` })
}
