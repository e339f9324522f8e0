import { FIXED_TIME, type ArchiveEntry } from './entry.js'

const BLOCK = 512
/** Longest name in a header; longer ones go before it in an entry of their own, as GNU tar does and busybox reads. */
const NAME_LENGTH = 100

/** A tar of these entries, in this order. The same entries give the same bytes: nothing of owners is in it, and times only where entries have them. */
export function writeTar(entries: readonly ArchiveEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(entryBlocks), TAR_END])
}

/** The header of a file with a name of at most 100 bytes, and what fills its last block behind `size` bytes. */
export function fileBlocks(name: string, size: number): { readonly head: Buffer; readonly fill: Buffer } {
  const head = header(Buffer.from(name), Buffer.alloc(0), 0o644, size, '0')
  return { head, fill: Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK) }
}

/** What ends a tar. */
export const TAR_END = Buffer.alloc(2 * BLOCK)

function entryBlocks(entry: ArchiveEntry): Buffer[] {
  const name = Buffer.from(entry.type === 'directory' ? `${entry.name}/` : entry.name)
  const target = Buffer.from(entry.target ?? '')
  const data = entry.data ?? Buffer.alloc(0)
  const flag = { file: '0', link: '2', directory: '5' }[entry.type]
  return [
    ...longName('L', name),
    ...longName('K', target),
    header(name, target, entry.mode, data.length, flag, entry.time),
    ...padded(data),
  ]
}

function longName(flag: 'L' | 'K', name: Buffer): Buffer[] {
  if (name.length <= NAME_LENGTH) return []
  const ended = Buffer.concat([name, Buffer.alloc(1)])
  return [header(Buffer.from('././@LongLink'), Buffer.alloc(0), 0o644, ended.length, flag), ...padded(ended)]
}

// prettier-ignore
function header(name: Buffer, target: Buffer, mode: number, size: number, flag: string, time = FIXED_TIME): Buffer {
  const block = Buffer.alloc(BLOCK)
  name.copy(block, 0, 0, NAME_LENGTH)
  block.write(octal(mode, 7), 100)
  block.write(octal(0, 7), 108)
  block.write(octal(0, 7), 116)
  block.write(octal(size, 11), 124)
  block.write(octal(Math.max(0, time), 11), 136)
  block.write('        ', 148)
  block.write(flag, 156)
  target.copy(block, 157, 0, NAME_LENGTH)
  block.write('ustar  \0', 257)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${octal(sum, 6)}\0 `, 148)
  return block
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0')
}

function padded(data: Buffer): Buffer[] {
  const rest = data.length % BLOCK
  return rest === 0 ? [data] : [data, Buffer.alloc(BLOCK - rest)]
}
