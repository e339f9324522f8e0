import { openSync, writeSync } from 'node:fs'
import { fail } from '../errors.js'
import type { Sink } from './report.js'

/**
 * A file to which a report writes as it goes, so that nothing is lost however the run ends. Fails with
 * `file-unreadable`. `append` keeps what is there.
 */
export function createFileSink(file: string, { append = false, mode = 0o644 } = {}): Sink {
  const handle = open(file, append ? 'a' : 'w', mode)
  return {
    write(text) {
      const bytes = Buffer.from(text)
      for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at)
    },
  }
}

function open(file: string, flags: string, mode: number): number {
  try {
    return openSync(file, flags, mode)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return fail({ code: 'file-unreadable', message: `the report cannot be written to ${file}: ${code}` })
  }
}
