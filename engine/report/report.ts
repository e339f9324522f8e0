import type { Listener, Status } from '../events.js'

/** Shows or keeps what a run tells. A new report is a file that makes one of these. */
export interface Report {
  readonly listen: Listener
  /** Resolves when everything told so far is written, so that a question can be asked below it. */
  settled(): Promise<void>
  /** Writes at once what is not written yet: nobody will wait for {@link close}. */
  abandon?(): void
  /** Ends the report; resolves when everything is written and the terminal is as it was. Never rejects. */
  close(): Promise<void>
}

/** Where a report writes. */
export interface Sink {
  write(text: string): unknown
}

/** How a report for people looks. */
export interface Look {
  readonly colors: boolean
  /** Number of -v. */
  readonly verbosity: number
  /** How values are written that -v shows; default JSON. */
  readonly resultFormat?: 'json' | 'yaml'
  /** Lines around a change that --diff shows; default 3. */
  readonly diffContext?: number | undefined
  /** Results with these statuses are not told one by one. */
  readonly hidden?: ReadonlySet<Status>
}
