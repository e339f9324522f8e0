import type { PlainSinks } from './plain.js'

/** Milliseconds that a line waits for more to be written with it. */
const WAIT = 20
/** Characters after which nothing waits. */
const MOST = 16 * 1024

/** Sinks that write what comes shortly one after the other at once: each write to a pipe costs about as much as a task. */
export interface Gathered extends PlainSinks {
  /** Writes what still waits. */
  flush(): void
}

/** Gathers results; a warning or an error is written at once, behind all results before it. */
export function gathered({ out, err }: PlainSinks): Gathered {
  let waiting = ''
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    const text = waiting
    waiting = ''
    if (text) out.write(text)
  }
  return {
    out: {
      write(text) {
        waiting += text
        if (waiting.length > MOST) flush()
        else timer ??= setTimeout(flush, WAIT)
      },
    },
    err: {
      write(text) {
        flush()
        err.write(text)
      },
    },
    flush,
  }
}
