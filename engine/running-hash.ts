import { createHash } from 'node:crypto'

/** The SHA-1 of bytes that are read in order by somebody, whoever comes first. */
export interface RunningHash {
  /** So many bytes are in it. */
  readonly at: number
  /** The SHA-1 once all are in it. */
  readonly sha1: string | undefined
  /** Passes pieces on that begin at `from`, and takes of them what it does not have yet. */
  along(from: number, pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer>
}

/** A hash of so many bytes. */
export function runningHash(size: number): RunningHash {
  const hash = createHash('sha1')
  let at = 0
  let sha1: string | undefined
  const take = (from: number, piece: Buffer): void => {
    if (from > at) return
    const fresh = piece.subarray(at - from, size - from)
    hash.update(fresh)
    at += fresh.length
    if (at === size) sha1 ??= hash.digest('hex')
  }
  return {
    get at() {
      return at
    },
    get sha1() {
      return sha1
    },
    async *along(from, pieces) {
      let begin = from
      for await (const piece of pieces) {
        if (sha1 === undefined) take(begin, piece)
        begin += piece.length
        yield piece
      }
    },
  }
}
