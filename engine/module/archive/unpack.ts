import { spawnSync } from 'node:child_process'
import { gunzipSync } from 'node:zlib'
import { BadArchive, type ArchiveEntry } from './entry.js'
import { readTar } from './tar-read.js'
import { readZip } from './zip-read.js'

/** Most bytes that an archive may hold when it is unpacked. */
export const UNPACKED_LIMIT = 256 * 1024 * 1024

/** What an archive holds, and Ansible's name of what can unpack it. */
export interface Unpacked {
  readonly handler:
    'TarArchive' | 'TgzArchive' | 'TarBzipArchive' | 'TarXzArchive' | 'TarZstdArchive' | 'ZipArchive'
  readonly entries: readonly ArchiveEntry[]
}

/** Compressions that are left to a program of the controller, by the first bytes. */
const PROGRAMS = [
  { magic: 'BZh', program: 'bzip2', handler: 'TarBzipArchive' },
  { magic: '\xfd7zXZ\0', program: 'xz', handler: 'TarXzArchive' },
  { magic: '\x28\xb5\x2f\xfd', program: 'zstd', handler: 'TarZstdArchive' },
] as const

/** Reads an archive whatever its name says. Throws {@link BadArchive}. */
export function unpack(bytes: Buffer): Unpacked {
  if (bytes.subarray(0, 2).equals(Buffer.from('PK'))) {
    return { handler: 'ZipArchive', entries: safe(() => readZip(bytes, UNPACKED_LIMIT)) }
  }
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    return {
      handler: 'TgzArchive',
      entries: safe(() => readTar(gunzipSync(bytes, { maxOutputLength: UNPACKED_LIMIT }))),
    }
  }
  const start = bytes.toString('latin1', 0, 8)
  const packed = PROGRAMS.find(({ magic }) => start.startsWith(magic))
  if (packed) return { handler: packed.handler, entries: readTar(decompress(packed.program, bytes)) }
  return { handler: 'TarArchive', entries: readTar(bytes) }
}

function decompress(program: string, bytes: Buffer): Buffer {
  const { error, status, stdout } = spawnSync(program, ['-dc'], { input: bytes, maxBuffer: UNPACKED_LIMIT })
  if (error && (error as NodeJS.ErrnoException).code === 'ENOENT') {
    throw new BadArchive(
      `the archive is packed with ${program}, which is not installed on the controller; install it there`,
    )
  }
  if (error || status !== 0) throw new BadArchive('the compressed archive is damaged or too large')
  return stdout
}

function safe<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ERR_BUFFER_TOO_LARGE')
      throw new BadArchive(`the archive holds more than ${UNPACKED_LIMIT} bytes`)
    if (code?.startsWith('Z_') === true) throw new BadArchive('the compressed archive is damaged')
    throw error
  }
}
