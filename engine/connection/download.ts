import { fail } from '../errors.js'
import { sh } from '../module/quote.js'
import type { Reply } from './connection.js'

/** Prints a file from its byte `from` on. */
export function reading(path: string, from: number): string {
  return from === 0 ? sh`exec cat <${path}`.text : sh`exec tail -c +${from + 1} <${path}`.text
}

/** Fails where the file could not be read. */
export function refuseUnread(path: string, { code, stderr }: Reply): void {
  if (code === 0) return
  fail({ code: 'task-failed', message: `cannot read ${path}: ${stderr.toString('utf8').trim()}` })
}
