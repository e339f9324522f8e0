import { createLog } from '../report/log.js'
import type { Log } from '../report/log.js'
import type { Caller } from './caller.js'
import { DEFECT } from './exit-code.js'
import { readVersion } from './version.js'

/**
 * Tells of a failure that fplay did not expect: one sentence for people, everything else into a file. Gives the exit
 * status.
 */
export function reportDefect(error: unknown, caller: Caller, log?: Log): number {
  const message = (error instanceof Error ? error.message : String(error)).split('\n')[0]
  const where = writeLog(error, caller, log)
  caller.stderr.write(`ERROR: fplay met something it did not expect: ${message} (internal)\n${where}\n`)
  return DEFECT
}

function writeLog(error: unknown, { env }: Caller, log: Log | undefined): string {
  const writer = log ?? createLog({ env, version: readVersion(), mask: (text) => text })
  try {
    return `The full log is in ${writer.write(error)}; please report it.`
  } catch (failure) {
    return `No log could be written (${String(failure)}).\n${error instanceof Error ? error.stack : ''}`
  }
}
