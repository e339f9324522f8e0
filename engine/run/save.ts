import { createHash, type Hash } from 'node:crypto'
import { closeSync, constants, createReadStream, fchmodSync, fstatSync, fsyncSync } from 'node:fs'
import { ftruncateSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Fail, type RemoteFile, type Saved } from '../module/contract.js'
import type { Call, Target } from './target.js'

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants

/** Writes a file of the controller whole or not at all. */
export async function save(file: Saved, call: Call, target: Target): Promise<void> {
  const { path, mode = 0o666 } = file
  try {
    await mkdir(dirname(path), { recursive: true })
    if ('from' in file) return await bring(file.from, path, mode, call, target)
    const partial = `${path}.fplay-part`
    await writeFile(partial, file.content.open(), { mode })
    await rename(partial, path)
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    if (code === undefined || syscall === undefined) throw error
    throw new Fail(`${path} cannot be written on this machine: ${code}`)
  }
}

/**
 * Brings a file of the host, whatever its size: it is written and hashed as it comes. What a transfer that was cut has left is
 * continued, as long as the file on the host is the same; should the whole then not be that file, it is brought once more.
 */
async function bring(
  file: RemoteFile,
  path: string,
  mode: number,
  call: Call,
  target: Target,
): Promise<void> {
  const { sha1, sure } = file
  const begin = beginOfParts(path, call)
  const partial = join(dirname(path), `${begin}${sha1.slice(0, 16)}${END}`)
  if (!sure) rmSync(partial, { force: true })
  for (;;) {
    const { sum, resumed } = await receive(file, partial, mode, call, target)
    if (!sure || sum === sha1) break
    rmSync(partial)
    if (resumed) continue
    throw new Fail('checksum mismatch', [], 'something writes to the file; fetch it again', {
      checksum: sum,
      remote_checksum: sha1,
    })
  }
  renameSync(partial, path)
  removeOthers(dirname(path), begin)
}

const END = '.fplay-part'

/** Several hosts may bring a file to the same path at the same time: each has parts of its own. */
function beginOfParts(path: string, { controller }: Call): string {
  return `.${basename(path)}.${createHash('sha1').update(controller.host).digest('hex').slice(0, 8)}-`
}

/** Bytes after which the progress is told again. */
const STEP = 1024 * 1024

/** Receives what is missing in the partial file; its SHA-1 then, and whether something was there before. */
async function receive(
  { path, size }: RemoteFile,
  partial: string,
  mode: number,
  call: Call,
  target: Target,
): Promise<{ readonly sum: string; readonly resumed: boolean }> {
  // Who else may write to the folder can put a link there, which must not be followed.
  const handle = openSync(partial, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600)
  try {
    if (fstatSync(handle).size > size) ftruncateSync(handle)
    const from = fstatSync(handle).size
    const hash = createHash('sha1')
    if (from > 0) await hashInto(hash, partial)
    let [got, told] = [from, from]
    const take = (bytes: Buffer): void => {
      for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at)
      hash.update(bytes)
      got += bytes.length
      if (got - told < STEP && got < size) return
      told = got
      call.onProgress?.(Math.min(got, size), size)
    }
    call.onProgress?.(from, size)
    await target.connection.download(path, from, take, { become: call.become, signal: call.signal })
    fchmodSync(handle, mode & ~process.umask())
    fsyncSync(handle)
    return { sum: hash.digest('hex'), resumed: from > 0 }
  } finally {
    closeSync(handle)
  }
}

async function hashInto(hash: Hash, path: string): Promise<void> {
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer)
}

/** Parts of what the file was on the same host at other times. */
function removeOthers(folder: string, begin: string): void {
  for (const name of readdirSync(folder))
    if (name.startsWith(begin) && name.endsWith(END)) rmSync(join(folder, name), { force: true })
}
