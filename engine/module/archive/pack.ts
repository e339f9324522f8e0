import { spawnSync } from 'node:child_process'
import { gzipSync } from 'node:zlib'
import { BadArchive, type ArchiveEntry } from './entry.js'
import { writeTar } from './tar-write.js'
import { writeZip } from './zip-write.js'

/** Kinds of archive that can be made. */
export type PackFormat = 'gz' | 'bz2' | 'xz' | 'tar' | 'zip'

/** An archive of these entries, sorted by name: the same entries give the same bytes. */
export function pack(entries: readonly ArchiveEntry[], format: PackFormat): Buffer {
  const sorted = [...entries].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  if (format === 'zip') return writeZip(sorted)
  const tar = writeTar(sorted)
  return format === 'tar' ? tar : compress(tar, format)
}

/** Compressed in a way that gives the same bytes each time. bzip2 and xz are programs of the controller. */
export function compress(bytes: Buffer, format: 'gz' | 'bz2' | 'xz'): Buffer {
  if (format === 'gz') return gzip(bytes)
  const program = format === 'bz2' ? 'bzip2' : 'xz'
  const { error, status, stdout } = spawnSync(program, ['-zc'], { input: bytes, maxBuffer: Infinity })
  if (error && (error as NodeJS.ErrnoException).code === 'ENOENT') {
    throw new BadArchive(
      `the format ${format} needs ${program}, which is not installed on the controller; install it there`,
    )
  }
  if (error || status !== 0) throw new BadArchive(`${program} could not compress the archive`)
  return stdout
}

/** Like `gzip -n`: no name, no time, and no trace of the system it was made on. */
function gzip(bytes: Buffer): Buffer {
  const packed = gzipSync(bytes, { level: 9 })
  packed[9] = 3
  return packed
}
