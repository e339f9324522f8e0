import { createHash } from 'node:crypto'
import { closeSync, createReadStream, openSync, readSync, type BigIntStats } from 'node:fs'
import { stat } from 'node:fs/promises'
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
  /** True: the stream fails where its bytes are not those that were hashed. */
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
  const hash = createHash('sha1')
  const chunks: Buffer[] = []
  for await (const chunk of createReadStream(path, CHUNKS) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    if (size <= TEXT_LIMIT) chunks.push(chunk)
  }
  const sha1 = hash.digest('hex')
  if (size <= TEXT_LIMIT) return { ...contentOf(Buffer.concat(chunks)), sha1 }
  const refuse = (): never =>
    fail({
      code: 'too-large',
      message: `${path} has ${size} bytes`,
      allowed: `at most ${TEXT_LIMIT} bytes can be used as text`,
    })
  return {
    sha1,
    size,
    open: () => Readable.from(unchanged(path, before)),
    sure: true,
    text: refuse,
    bytes: refuse,
    slice: (at, length) => sliceOf(path, at, length),
  }
}

/** Large pieces: each costs the same. */
const CHUNKS = { highWaterMark: 1024 * 1024 }

/** The bytes of a file, and an error after them if it is not what it was when it was hashed. */
async function* unchanged(path: string, before: BigIntStats): AsyncGenerator<Buffer> {
  yield* createReadStream(path, CHUNKS) as AsyncIterable<Buffer>
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
