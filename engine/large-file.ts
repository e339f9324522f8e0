import { createReadStream, statSync } from 'node:fs'
import { Readable } from 'node:stream'
import { sliceOf, type Content } from './content.js'

/** A file of the controller of any size, of which only what is asked for is read. */
export interface LargeFile {
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** Up to `length` bytes from `at` on, fewer at the end. */
  slice(at: number, length: number): Buffer
  /** A new stream over `length` bytes from `at` on. */
  open(at: number, length: number): Readable
}

/** Bytes that are read at once. */
const PIECE = 512 * 1024

/** A file of the controller. */
export function largeFile(path: string): LargeFile {
  return {
    path,
    size: statSync(path).size,
    slice: (at, length) => sliceOf(path, at, length),
    open: (at, length) =>
      length === 0
        ? Readable.from([])
        : createReadStream(path, { start: at, end: at + length - 1, highWaterMark: PIECE }),
  }
}

/** A content as if it were a file of that name. */
export function largeContent(path: string, content: Content): LargeFile {
  const { size, slice } = content
  return { path, size, slice, open: (at, length) => Readable.from([slice(at, length)]) }
}
