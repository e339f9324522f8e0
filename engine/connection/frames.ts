/** A line by which the shell on the host talks to the engine, between the bytes of scripts. */
export interface Mark {
  /** `=` a become-program started the shell, `!` the shell is ready, `<` a script tells its beginning, `>` a script ended. */
  readonly kind: '=' | '!' | '<' | '>'
  /** Number of the request; for `!` the pid of the shell. */
  readonly number: number
  /** `<`: pid of the script, `>`: exit status, `!`: kind of shell. */
  readonly word: string
}

const MARK = /^([=!<>])(\d+) (\S*)$/
/** Bytes a mark has at most after the nonce. */
const LONGEST = 64

/**
 * Splits one stream of a shell into bytes of scripts and marks. A mark is the nonce, a kind, a number, a word and
 * a newline; it stands directly behind the bytes before it, so output may have any bytes and need not end in a newline.
 */
export class FrameReader {
  private readonly nonce: Buffer
  private rest: Buffer = Buffer.alloc(0)

  constructor(
    nonce: string,
    private readonly onData: (bytes: Buffer) => void,
    private readonly onMark: (mark: Mark) => void,
  ) {
    this.nonce = Buffer.from(nonce, 'latin1')
  }

  /** Takes the next bytes of the stream. */
  push(chunk: Buffer): void {
    const data = this.rest.length ? Buffer.concat([this.rest, chunk]) : chunk
    let from = 0
    let search = 0
    for (;;) {
      const at = data.indexOf(this.nonce, search)
      if (at < 0) return this.keep(data, from, data.length - this.openTail(data, from))
      const start = at + this.nonce.length
      const end = data.subarray(start, start + LONGEST).indexOf(10)
      if (end < 0 && data.length - start < LONGEST) return this.keep(data, from, at)
      const match = end < 0 ? null : MARK.exec(data.toString('latin1', start, start + end))
      search = at + 1
      if (!match) continue
      this.emit(data, from, at)
      from = search = start + end + 1
      this.onMark({ kind: match[1] as Mark['kind'], number: Number(match[2]), word: match[3]! })
    }
  }

  private emit(data: Buffer, from: number, to: number): void {
    if (to > from) this.onData(data.subarray(from, to))
  }

  private keep(data: Buffer, from: number, to: number): void {
    this.emit(data, from, Math.max(from, to))
    this.rest = data.subarray(Math.max(from, to))
  }

  /** Length of the longest end of `data` that could be the beginning of the nonce. */
  private openTail(data: Buffer, from: number): number {
    for (let length = Math.min(this.nonce.length - 1, data.length - from); length > 0; length--) {
      if (data.subarray(data.length - length).equals(this.nonce.subarray(0, length))) return length
    }
    return 0
  }
}
