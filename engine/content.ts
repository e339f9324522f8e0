import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync, type BigIntStats } from 'node:fs'
import { open, readFile, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { fail } from './errors.js'

/** Above this many bytes a content is not held as text. */
export const TEXT_LIMIT = 10 * 1024 * 1024

/** Bytes that travel as a handle: hash and size are known before anything is read. */
export interface Content {
  /** Lower-case hex SHA-1 of the bytes. */
  readonly sha1: string
  /** Bytes. */
  readonly size: number
  /** A new stream over the bytes. */
  open(): Readable
  /** The bytes from `from` on without memory of their own: each piece is good until the next is asked for. */
  pieces?(from: number): AsyncIterable<Buffer>
  /** True: `open` and `pieces` fail where the bytes are not those that were hashed. */
  readonly sure?: boolean
  /** The bytes as UTF-8 text; refused with `too-large` above {@link TEXT_LIMIT}. */
  text(): string
  /** The bytes; refused with `too-large` above {@link TEXT_LIMIT}. */
  bytes(): Buffer
  /** Up to `length` bytes from `at` on, fewer at the end; whatever the size, only these are read. */
  slice(at: number, length: number): Buffer
}

/** A content held in memory. */
export function contentOf(data: string | Buffer): Content {
  const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data
  return {
    sha1: createHash('sha1').update(bytes).digest('hex'),
    size: bytes.length,
    open: () => Readable.from([bytes]),
    sure: true,
    text: () => bytes.toString('utf8'),
    bytes: () => bytes,
    slice: (at, length) => bytes.subarray(at, at + length),
  }
}

/** A file of the controller as content: hashed in one pass, small files are kept in memory. */
export async function contentOfFile(path: string): Promise<Content> {
  const before = await stat(path, { bigint: true })
  const size = Number(before.size)
  if (size <= TEXT_LIMIT) return contentOf(await readFile(path))
  const hash = createHash('sha1')
  for await (const piece of piecesOf(path, 0)) hash.update(piece)
  const refuse = (): never =>
    fail({
      code: 'too-large',
      message: `${path} has ${size} bytes`,
      allowed: `at most ${TEXT_LIMIT} bytes can be used as text`,
    })
  return {
    sha1: hash.digest('hex'),
    size,
    open: () => Readable.from(copies(unchanged(path, before, 0))),
    pieces: (from) => unchanged(path, before, from),
    sure: true,
    text: refuse,
    bytes: refuse,
    slice: (at, length) => sliceOf(path, at, length),
  }
}

/** Bytes of a piece: few enough to stay in the processor's cache while they are hashed, or copied and encrypted. */
const PIECE = 512 * 1024

/**
 * The bytes of a file from `from` on, read ahead by one piece. There is memory for two, which is used again: a piece is good
 * until the next is asked for.
 */
async function* piecesOf(path: string, from: number): AsyncGenerator<Buffer> {
  const file = await open(path)
  let [now, next] = [Buffer.allocUnsafeSlow(PIECE), Buffer.allocUnsafeSlow(PIECE)]
  let at = from
  const read = (into: Buffer): Promise<number> => {
    const reading = file.read(into, 0, PIECE, at).then(({ bytesRead }) => bytesRead)
    reading.catch(() => undefined) // it is awaited later, or never where nobody wants more
    return reading
  }
  let reading = read(now)
  try {
    for (;;) {
      const length = await reading
      if (length === 0) return
      at += length
      reading = read(next)
      yield now.subarray(0, length)
      ;[now, next] = [next, now]
    }
  } finally {
    await reading.catch(() => undefined)
    await file.close()
  }
}

async function* copies(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) yield Buffer.from(piece)
}

/** The bytes of a file from `from` on, and an error after them if it is not what it was when it was hashed. */
async function* unchanged(path: string, before: BigIntStats, from: number): AsyncGenerator<Buffer> {
  yield* piecesOf(path, from)
  const now = await stat(path, { bigint: true })
  if ((['ino', 'size', 'mtimeNs', 'ctimeNs'] as const).every((name) => now[name] === before[name])) return
  fail({
    code: 'file-unreadable',
    message: `${path} was changed while it was sent`,
    cure: 'run again when nothing writes to it',
  })
}

/** Up to `length` bytes of a file from `at` on. */
export function sliceOf(path: string, at: number, length: number): Buffer {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(length)
    return bytes.subarray(0, readSync(file, bytes, 0, length, at))
  } finally {
    closeSync(file)
  }
}
