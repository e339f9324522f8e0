import type { Problem } from '../errors.js'
import { FplayError, formatProblem } from '../errors.js'
import type { Listener, RunEvent } from '../events.js'
import { createLog } from '../report/log.js'
import { writeRecap } from '../report/recap.js'
import { createSecrets } from '../secrets.js'
import type { Secrets } from '../secrets.js'
import type { Caller } from './caller.js'
import type { Config } from './config.js'
import { reportDefect } from './defect.js'
import { exitCodeOf } from './exit-code.js'
import { maskedListener } from './masked.js'
import type { PlaybookOptions } from './options.js'
import { openReports } from './reports.js'
import type { OpenSuited } from './reports.js'

/** Everything through which one run tells of itself: the report, the recap file and the log. */
export interface Desk {
  readonly secrets: Secrets
  readonly version: string
  /** Takes the events of the run; secrets are masked before anybody sees them. */
  readonly emit: Listener
  /** Resolves when a question can be asked below what is on the screen. */
  settled(): Promise<void>
  warn(problems: readonly Problem[]): void
  /** Writes a text that the user has asked for; gives the exit status. */
  say(text: string): Promise<number>
  /** Tells of an error that ended the run, or kept it from beginning; gives the exit status. */
  refuse(error: unknown): number
  /** Writes the recap file and ends the report; gives the exit status. */
  close(exitCode: number): Promise<number>
  /** The same at once, without waiting for anything: for the second Ctrl-C, and for defects. */
  abandon(exitCode: number): void
}

/** Opens the reports. Fails with `bad-option` and `file-unreadable`. */
export async function openDesk(
  options: PlaybookOptions,
  caller: Caller,
  config: Config,
  version: string,
  suited?: OpenSuited,
): Promise<Desk> {
  const secrets = createSecrets()
  const report = await openReports(options, caller, config, suited)
  const log = createLog({ env: caller.env, version, mask: (text) => secrets.mask(text) })
  let ending: Pick<Extract<RunEvent, { kind: 'run-end' }>, 'hosts' | 'tasks'> = { hosts: {}, tasks: [] }
  const keep: Listener = (event) => {
    if (event.kind === 'run-end') ending = event
  }
  const emit = maskedListener(secrets, [log.listen, keep, report.listen])
  const write = (exitCode: number): void => {
    const { hosts, tasks } = ending
    if (options.recapJson !== undefined) writeRecap(options.recapJson, { hosts, tasks, exit_code: exitCode })
  }
  return {
    secrets,
    version,
    emit,
    settled: report.settled,
    warn(problems) {
      for (const problem of problems)
        emit({ kind: 'message', level: 'warning', text: formatProblem(problem) })
    },
    async say(text) {
      await report.settled()
      caller.stdout.write(secrets.mask(text))
      return 0
    },
    refuse(error) {
      if (!(error instanceof FplayError)) return reportDefect(error, caller, log)
      for (const problem of error.problems) emit({ kind: 'problem', problem })
      return exitCodeOf(error)
    },
    async close(exitCode) {
      await report.close()
      try {
        write(exitCode)
        return exitCode
      } catch (error) {
        if (!(error instanceof FplayError)) throw error
        caller.stderr.write(`ERROR: ${error.message}\n`)
        return exitCode || exitCodeOf(error)
      }
    },
    abandon(exitCode) {
      report.abandon?.()
      write(exitCode)
    },
  }
}
