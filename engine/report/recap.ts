import { statSync, writeFileSync } from 'node:fs'
import { fail } from '../errors.js'
import type { HostCounts, TaskRecord } from '../events.js'
import { replaceFile } from '../replace-file.js'

/** What `--recap-json` writes. */
export interface Recap {
  readonly hosts: Readonly<Record<string, HostCounts>>
  /** One entry for each task and host, a loop as one, in the order in which they ended. */
  readonly tasks: readonly TaskRecord[]
  readonly exit_code: number
}

/**
 * Writes the recap as JSON; a reader finds the old file or the whole new one. What is no regular file (`/dev/stdout`,
 * a pipe) is written to directly. Fails with `file-unreadable`.
 */
export function writeRecap(file: string, recap: Recap): void {
  const text = `${JSON.stringify(recap, null, 2)}\n`
  try {
    const there = statSync(file, { throwIfNoEntry: false })
    if (there && !there.isFile()) writeFileSync(file, text)
    else replaceFile(file, text, { mode: 0o644 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    fail({
      code: 'file-unreadable',
      message: `the recap cannot be written to ${file}: ${code ?? String(error)}`,
    })
  }
}
