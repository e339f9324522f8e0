import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync, type BigIntStats } from 'node:fs'
import { open, readFile, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { fail } from './errors.js'
import { runningHash } from './running-hash.js'
import { bytesOfText } from './surrogates.js'

/** Above this many bytes a content is not held as text. */
export const TEXT_LIMIT = 10 * 1024 * 1024

/** Bytes that travel as a handle: size and name are known before anything is read. */
export interface Content {
  /** Lower-case hex SHA-1 of the bytes; not to be read as long as there is a {@link hash} to wait for. */
  readonly sha1: string
  /** Only of a file that is not hashed yet: reads what nobody has read so far, and tells its SHA-1. */
  readonly hash?: (() => Promise<string>) | undefined
  /** Hex digits that no other bytes have: the SHA-1, or what tells a large file from all others without reading it. */
  readonly id: string
  /** Bytes. */
  readonly size: number
  /** A new stream over the bytes. */
  open(): Readable
  /** The bytes from `from` on without memory of their own: each piece is good until the next is asked for. */
  pieces?(from: number): AsyncIterable<Buffer>
  /** True: `open` and `pieces` fail where the bytes are not those that it had from the first. */
  readonly sure?: boolean
  /** The bytes as UTF-8 text; refused with `too-large` above {@link TEXT_LIMIT}. */
  text(): string
  /** The bytes; refused with `too-large` above {@link TEXT_LIMIT}. */
  bytes(): Buffer
  /** Up to `length` bytes from `at` on, fewer at the end; whatever the size, only these are read. */
  slice(at: number, length: number): Buffer
}

/** A content held in memory, hashed when somebody asks for its hash. */
export function contentOf(data: string | Buffer): Content {
  const bytes = typeof data === 'string' ? bytesOfText(data) : data
  let sha1: string | undefined
  const hashed = (): string => (sha1 ??= createHash('sha1').update(bytes).digest('hex'))
  return {
    get sha1() {
      return hashed()
    },
    get id() {
      return hashed()
    },
    size: bytes.length,
    open: () => Readable.from([bytes]),
    sure: true,
    text: () => bytes.toString('utf8'),
    bytes: () => bytes,
    slice: (at, length) => bytes.subarray(at, at + length),
  }
}

/** A file of the controller as content: hashed, small ones kept in memory. */
export async function contentOfFile(path: string): Promise<Content> {
  const content = await unhashedContent(path)
  await content.hash?.()
  return content
}

/**
 * A file of the controller as content. A large one is hashed along while it is read to be sent, by whoever reads it first, or
 * when somebody waits for the hash.
 */
export async function unhashedContent(path: string): Promise<Content> {
  const before = await stat(path, { bigint: true })
  const size = Number(before.size)
  if (size <= TEXT_LIMIT) return contentOf(await readFile(path))
  const running = runningHash(size)
  const pieces = (from: number): AsyncIterable<Buffer> =>
    unchanged(path, before, running.along(from, piecesOf(path, from)))
  const refuse = (): never =>
    fail({
      code: 'too-large',
      message: `${path} has ${size} bytes`,
      allowed: `at most ${TEXT_LIMIT} bytes can be used as text`,
    })
  const hash = async (): Promise<string> => {
    for await (const piece of pieces(running.at)) void piece
    return running.sha1!
  }
  let hashing: Promise<string> | undefined
  return {
    get sha1() {
      if (running.sha1 === undefined) throw new Error(`${path} is not hashed yet`)
      return running.sha1
    },
    get hash() {
      return running.sha1 === undefined ? () => (hashing ??= hash()) : undefined
    },
    id: idOf(before),
    size,
    open: () => Readable.from(copies(pieces(0))),
    pieces,
    sure: true,
    text: refuse,
    bytes: refuse,
    slice: (at, length) => sliceOf(path, at, length),
  }
}

/** A file that is written anew is another one. */
function idOf({ dev, ino, size, mtimeNs }: BigIntStats): string {
  return createHash('sha1').update([dev, ino, size, mtimeNs].join(' ')).digest('hex')
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

/** Pieces of a file, and an error after them if it is not what it was. */
async function* unchanged(
  path: string,
  before: BigIntStats,
  pieces: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  yield* pieces
  const now = await stat(path, { bigint: true })
  if ((['ino', 'size', 'mtimeNs', 'ctimeNs'] as const).every((name) => now[name] === before[name])) return
  fail({
    code: 'file-unreadable',
    message: `${path} was changed while it was read`,
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
