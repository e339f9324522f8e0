import { gzipSync } from 'node:zlib'
import type { ArchiveEntry } from './entry.js'
import { writeTar } from './tar-write.js'
import { writeZip } from './zip-write.js'

/** Kinds of archive that can be made. */
export type PackFormat = 'gz' | 'tar' | 'zip'

/** An archive of these entries, sorted by name: the same entries give the same bytes. */
export function pack(entries: readonly ArchiveEntry[], format: PackFormat): Buffer {
  const sorted = [...entries].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  if (format === 'zip') return writeZip(sorted)
  const tar = writeTar(sorted)
  return format === 'tar' ? tar : gzip(tar)
}

/** Like `gzip -n`: no name, no time, and no trace of the system it was made on. */
export function gzip(bytes: Buffer): Buffer {
  const packed = gzipSync(bytes, { level: 9 })
  packed[9] = 3
  return packed
}
