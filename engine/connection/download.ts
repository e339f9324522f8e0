import { fail } from '../errors.js'
import { sh } from '../module/quote.js'
import type { Reply } from './connection.js'
import type { Job } from './job.js'

/** A job that reads a file of the host, and what makes the bytes of its reply. */
export function receiverOf(
  path: string,
  onProgress: ((sent: number, total: number) => void) | undefined,
): { readonly job: Job; finish(reply: Reply): Buffer } {
  const chunks: Buffer[] = []
  let size: number | undefined
  let head = ''
  let got = 0
  const take = (bytes: Buffer): void => {
    chunks.push(bytes)
    got += bytes.length
    onProgress?.(got, size!)
  }
  const onStdout = (bytes: Buffer): void => {
    if (size !== undefined) return take(bytes)
    const newline = bytes.indexOf(10)
    head += bytes.toString('latin1', 0, newline < 0 ? undefined : newline)
    if (newline < 0) return
    size = Number(head)
    if (bytes.length > newline + 1) take(bytes.subarray(newline + 1))
  }
  return {
    job: { script: sh`wc -c <${path} && cat <${path}`.text, onStdout },
    finish: ({ code, stderr }) => {
      if (code === 0) return Buffer.concat(chunks)
      return fail({ code: 'task-failed', message: `cannot read ${path}: ${stderr.toString('utf8').trim()}` })
    },
  }
}
