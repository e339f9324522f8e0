import { BadArchive, entryName, type ArchiveEntry } from './entry.js'

const BLOCK = 512

/** What headers before an entry say about it. */
interface Said {
  readonly path?: string | undefined
  readonly linkpath?: string | undefined
  readonly time?: number | undefined
}

/** A header of a tar that stands for itself, with what headers before it say of it. */
export interface TarMember {
  readonly written: string
  readonly flag: string
  readonly mode: number
  /** Where a link points to, as written. */
  readonly target: string
  /** Seconds since 1970. */
  readonly time?: number | undefined
  /** Where its bytes begin, and how many there are. */
  readonly at: number
  readonly size: number
}

/**
 * Entries of a tar (old, ustar, GNU or pax), in its order. A hard link becomes a file of its own with the same bytes.
 * Throws {@link BadArchive} when it is damaged, leads outside, or has devices or the like.
 */
export function readTar(bytes: Buffer): ArchiveEntry[] {
  const entries = new Map<string, ArchiveEntry>()
  const slice = (at: number, length: number): Buffer => bytes.subarray(at, at + length)
  for (const member of tarMembers(bytes.length, slice)) {
    const entry = entryOf(member, slice(member.at, member.size), entries)
    if (entry === undefined) continue
    // Of two entries with one name the later wins, in its place.
    entries.delete(entry.name)
    entries.set(entry.name, entry)
  }
  return [...entries.values()]
}

/**
 * Goes from header to header of a tar of `total` bytes: of what the entries hold nothing is read. Throws
 * {@link BadArchive} when a header is damaged or the tar ends in the middle of an entry.
 */
export function* tarMembers(
  total: number,
  slice: (at: number, length: number) => Buffer,
): Generator<TarMember> {
  let said: Said = {}
  if (total < BLOCK || !/^[0-7 \0]+$/.test(slice(0, BLOCK).toString('latin1', 148, 156))) throw notTar()
  for (let at = 0; at + BLOCK <= total;) {
    const block = slice(at, BLOCK)
    if (block.every((byte) => byte === 0)) break
    checkSum(block, at)
    const size = number(block, 124, 12)
    const start = at + BLOCK
    if (start + size > total) throw new BadArchive('the archive ends in the middle of an entry')
    at = start + Math.ceil(size / BLOCK) * BLOCK
    const flag = String.fromCharCode(block[156]!)
    const more = SAYING.includes(flag) ? announcement(flag, slice(start, size)) : undefined
    if (more) {
      said = { ...said, ...more }
      continue
    }
    yield {
      written: said.path ?? headerName(block),
      flag,
      mode: number(block, 100, 8) & 0o7777,
      target: said.linkpath ?? text(block.subarray(157, 257)),
      time: said.time ?? (block[136]! & 0x80 ? undefined : number(block, 136, 12)),
      at: start,
      size,
    }
    said = {}
  }
}

/** Kinds of headers that only say something of the next. */
const SAYING = ['L', 'K', 'x', 'g']

/** What an entry says of the next one; undefined when it stands for itself. */
function announcement(flag: string, data: Buffer): Said | undefined {
  if (flag === 'L') return { path: text(data) }
  if (flag === 'K') return { linkpath: text(data) }
  if (flag === 'x') return paxRecords(data)
  return flag === 'g' ? {} : undefined
}

function paxRecords(data: Buffer): Said {
  const records = new Map<string, string>()
  for (let at = 0; at < data.length;) {
    const length = parseInt(data.toString('latin1', at, at + 12), 10)
    if (!(length > 0)) throw new BadArchive('an extended header cannot be read')
    const record = data.toString('utf8', at, at + length - 1)
    const [, name, value] = /^\d+ ([^=]*)=([^]*)$/.exec(record) ?? []
    if (name !== undefined) records.set(name, value!)
    at += length
  }
  if (records.has('size')) throw new BadArchive('the archive has a file larger than 8 GB')
  if ([...records.keys()].some((name) => name.startsWith('GNU.sparse'))) throw sparse()
  const path = records.get('path')
  const linkpath = records.get('linkpath')
  const time = Math.floor(Number(records.get('mtime') ?? NaN))
  return {
    ...(Number.isFinite(time) ? { time } : {}),
    ...(path === undefined ? {} : { path }),
    ...(linkpath === undefined ? {} : { linkpath }),
  }
}

function entryOf(
  { written, flag, mode, target, time }: TarMember,
  data: Buffer,
  earlier: ReadonlyMap<string, ArchiveEntry>,
): ArchiveEntry | undefined {
  const name = entryName(written)
  if (name === '') return undefined
  if (flag === '5' || (written.endsWith('/') && (flag === '0' || flag === '\0')))
    return { name, type: 'directory', mode }
  if (flag === '0' || flag === '\0' || flag === '7')
    return { name, type: 'file', mode, data, ...(time === undefined ? {} : { time }) }
  if (flag === '2') return { name, type: 'link', mode: 0o777, target }
  if (flag === '1') return hardLink(name, entryName(target), earlier)
  if (flag === 'S') throw sparse()
  throw new BadArchive(
    `the entry ${JSON.stringify(name)} is a device, a pipe or of an unknown kind (${flag})`,
  )
}

function hardLink(name: string, target: string, earlier: ReadonlyMap<string, ArchiveEntry>): ArchiveEntry {
  const source = earlier.get(target)
  if (source?.type === 'file') return { ...source, name }
  throw new BadArchive(
    `the entry ${JSON.stringify(name)} is a hard link to ${JSON.stringify(target)}, which is not in the archive before it`,
  )
}

function sparse(): BadArchive {
  return new BadArchive('the archive has sparse files, which cannot be unpacked')
}

/** POSIX puts the front of a long name into a field of its own; GNU has times there. */
function headerName(block: Buffer): string {
  const name = text(block.subarray(0, 100))
  const posix = block.toString('latin1', 257, 263) === 'ustar\0'
  const prefix = posix ? text(block.subarray(345, 500)) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

function text(field: Buffer): string {
  const end = field.indexOf(0)
  return field.toString('utf8', 0, end < 0 ? field.length : end)
}

function number(block: Buffer, at: number, length: number): number {
  if (block[at]! & 0x80) throw new BadArchive('the archive has a file larger than 8 GB')
  const written = block
    .toString('latin1', at, at + length)
    .replace(/[\0 ]+$/, '')
    .trim()
  if (!/^[0-7]*$/.test(written)) throw new BadArchive('a header of the archive cannot be read')
  return parseInt(written || '0', 8)
}

function checkSum(block: Buffer, at: number): void {
  const stated = number(block, 148, 8)
  let sum = 8 * 32
  block.forEach((byte, i) => (sum += i >= 148 && i < 156 ? 0 : byte))
  if (sum === stated) return
  throw at === 0 ? notTar() : new BadArchive(`the archive is damaged at byte ${at}`)
}

function notTar(): BadArchive {
  return new BadArchive('this is not a tar archive')
}
