import { crc32, deflateRawSync } from 'node:zlib'
import type { ArchiveEntry } from './entry.js'

/** 1980-01-01 00:00 as MS-DOS writes it. */
const DATE = 0x0021
const UTF8 = 0x0800
const KIND = { file: 0o100000, directory: 0o040000, link: 0o120000 } as const

/** A zip of these entries, in this order. The same entries give the same bytes. */
export function writeZip(entries: readonly ArchiveEntry[]): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const name = Buffer.from(entry.type === 'directory' ? `${entry.name}/` : entry.name)
    const data = entry.type === 'link' ? Buffer.from(entry.target ?? '') : (entry.data ?? Buffer.alloc(0))
    const packed = deflateRawSync(data, { level: 9 })
    const smaller = packed.length < data.length
    const body = smaller ? packed : data
    const common = commonFields(smaller, data, body, name)
    const local = Buffer.concat([signature(0x04034b50), common, Buffer.alloc(2), name])
    directory.push(directoryEntry(entry, common, offset, name))
    parts.push(local, body)
    offset += local.length + body.length
  }
  const central = Buffer.concat(directory)
  return Buffer.concat([...parts, central, endRecord(entries.length, central.length, offset)])
}

/** From "version needed" to "length of the name": the same in both headers. */
function commonFields(deflated: boolean, data: Buffer, body: Buffer, name: Buffer): Buffer {
  const fields = Buffer.alloc(24)
  fields.writeUInt16LE(20, 0)
  fields.writeUInt16LE(UTF8, 2)
  fields.writeUInt16LE(deflated ? 8 : 0, 4)
  fields.writeUInt16LE(DATE, 8)
  fields.writeUInt32LE(crc32(data), 10)
  fields.writeUInt32LE(body.length, 14)
  fields.writeUInt32LE(data.length, 18)
  fields.writeUInt16LE(name.length, 22)
  return fields
}

function directoryEntry(entry: ArchiveEntry, common: Buffer, offset: number, name: Buffer): Buffer {
  const made = Buffer.from([20, 3]) // by Unix, whose modes follow
  const rest = Buffer.alloc(16)
  rest.writeUInt32LE(((KIND[entry.type] | entry.mode) << 16) >>> 0, 8)
  rest.writeUInt32LE(offset, 12)
  return Buffer.concat([signature(0x02014b50), made, common, rest, name])
}

function endRecord(count: number, size: number, offset: number): Buffer {
  const end = Buffer.alloc(18)
  end.writeUInt16LE(count, 4)
  end.writeUInt16LE(count, 6)
  end.writeUInt32LE(size, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([signature(0x06054b50), end])
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
