import { crc32, inflateRawSync } from 'node:zlib'
import { BadArchive, entryName, type ArchiveEntry } from './entry.js'

const END = 0x06054b50
const CENTRAL = 0x02014b50
const LOCAL = 0x04034b50

/** Entries of a zip. Throws {@link BadArchive} when it is damaged, encrypted, or leads outside. */
export function readZip(bytes: Buffer, limit: number): ArchiveEntry[] {
  try {
    return readDirectory(bytes, limit)
  } catch (error) {
    if (error instanceof RangeError) throw new BadArchive('the archive ends in the middle of an entry')
    throw error
  }
}

function readDirectory(bytes: Buffer, limit: number): ArchiveEntry[] {
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  if (end < 0 || bytes.readUInt32LE(end) !== END) throw new BadArchive('this is not a zip archive')
  const count = bytes.readUInt16LE(end + 10)
  let at = bytes.readUInt32LE(end + 16)
  if (count === 0xffff || at === 0xffffffff)
    throw new BadArchive('the archive is a zip64, which cannot be read')
  const entries = new Map<string, ArchiveEntry>()
  let left = limit
  for (let i = 0; i < count; i++) {
    if (bytes.readUInt32LE(at) !== CENTRAL) throw new BadArchive('the directory of the archive is damaged')
    const nameLength = bytes.readUInt16LE(at + 28)
    const written = bytes.toString('utf8', at + 46, at + 46 + nameLength)
    const entry = readEntry(bytes, at, written, left)
    left -= entry?.data?.length ?? 0
    if (entry) entries.set(entry.name, entry)
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  return [...entries.values()]
}

function readEntry(bytes: Buffer, at: number, written: string, limit: number): ArchiveEntry | undefined {
  const name = entryName(written)
  if (name === '') return undefined
  const fromUnix = bytes[at + 5] === 3
  const raw = fromUnix ? bytes.readUInt32LE(at + 38) >>> 16 : 0
  const kind = raw & 0o170000
  const isFolder = written.endsWith('/') || kind === 0o040000
  const mode = raw & 0o7777 || (isFolder ? 0o755 : 0o644)
  if (isFolder) return { name, type: 'directory', mode }
  if (bytes.readUInt16LE(at + 8) & 1) throw new BadArchive(`the entry ${JSON.stringify(name)} is encrypted`)
  const data = readData(bytes, at, name, limit)
  if (kind === 0o120000) return { name, type: 'link', mode: 0o777, target: data.toString('utf8') }
  return { name, type: 'file', mode, data, time: timeOf(bytes, at) }
}

/** The moment in the field that Info-ZIP adds; without it the clock time of MS-DOS, taken for UTC. */
function timeOf(bytes: Buffer, at: number): number {
  const start = at + 46 + bytes.readUInt16LE(at + 28)
  const end = start + bytes.readUInt16LE(at + 30)
  for (let field = start; field + 9 <= end; field += 4 + bytes.readUInt16LE(field + 2)) {
    if (bytes.readUInt16LE(field) === 0x5455 && bytes[field + 4]! & 1) return bytes.readInt32LE(field + 5)
  }
  const [clock, date] = [bytes.readUInt16LE(at + 12), bytes.readUInt16LE(at + 14)]
  const day = [1980 + (date >> 9), ((date >> 5) & 15) - 1, date & 31] as const
  return Date.UTC(...day, clock >> 11, (clock >> 5) & 63, (clock & 31) * 2) / 1000
}

function readData(bytes: Buffer, at: number, name: string, limit: number): Buffer {
  const method = bytes.readUInt16LE(at + 10)
  const size = bytes.readUInt32LE(at + 20)
  const local = bytes.readUInt32LE(at + 42)
  if (bytes.readUInt32LE(local) !== LOCAL)
    throw new BadArchive(`the entry ${JSON.stringify(name)} is damaged`)
  const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
  const packed = bytes.subarray(start, start + size)
  if (method !== 0 && method !== 8)
    throw new BadArchive(`the entry ${JSON.stringify(name)} is packed in an unknown way (${method})`)
  const data = method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: Math.max(1, limit) })
  if (crc32(data) !== bytes.readUInt32LE(at + 16))
    throw new BadArchive(`the entry ${JSON.stringify(name)} is damaged`)
  return data
}
