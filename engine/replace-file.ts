import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** How a file is written. */
export interface ReplaceOptions {
  /** Permission bits of the new file. */
  readonly mode: number
  /** Owner of the new file; absent: whoever writes it. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined
}

/** Writes a file of this machine: a reader finds the old one or the whole new one. Throws as node:fs does. */
export function replaceFile(file: string, data: string | Uint8Array, { mode, owner }: ReplaceOptions): void {
  const beside = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}.part`)
  try {
    const handle = openSync(beside, 'wx', 0o600)
    try {
      writeAll(handle, typeof data === 'string' ? Buffer.from(data) : data)
      if (owner) fchownSync(handle, owner.uid, owner.gid)
      fchmodSync(handle, mode)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameSync(beside, file)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
}

/**
 * Keeps a file open while `replace` puts another in its place, then overwrites the old content, so that it cannot be
 * read from the disk. Content that has another name still (a hard link) is left alone.
 */
export function shredAfter(file: string, replace: () => void): void {
  const handle = openSync(file, constants.O_RDWR | constants.O_NOFOLLOW)
  try {
    replace()
    if (fstatSync(handle).nlink === 0) overwrite(handle)
  } finally {
    closeSync(handle)
  }
}

/** Overwrites a file and removes it. */
export function shredFile(file: string): void {
  try {
    const handle = openSync(file, constants.O_RDWR | constants.O_NOFOLLOW)
    try {
      overwrite(handle)
    } finally {
      closeSync(handle)
    }
  } finally {
    rmSync(file, { force: true })
  }
}

function overwrite(handle: number): void {
  const chunk = 1 << 16
  for (let at = 0, { size } = fstatSync(handle); at < size; at += chunk)
    writeSync(handle, randomBytes(Math.min(chunk, size - at)), 0, undefined, at)
  fsyncSync(handle)
}

function writeAll(handle: number, data: Uint8Array): void {
  for (let at = 0; at < data.length;) at += writeSync(handle, data, at)
}
