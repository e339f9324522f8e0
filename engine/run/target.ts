import type { Become, Connection } from '../connection/connection.js'
import type { Diff } from '../events.js'
import type { Dict } from '../language/value.js'
import type { Ask, Controller, Module, Ran, Returned, Session } from '../module/contract.js'
import type { Unknown } from '../unknown.js'
import type { Forecast } from './forecast.js'
import type { Successor, Speculation } from './speculation.js'

/** A host as a run works on it: its connection, who its shells are, and what a dry run foresees for it. */
export interface Target {
  readonly name: string
  readonly connection: Connection
  /** Sessions by become-user, learned with the first probe. */
  readonly sessions: Map<string, Session>
  /** Keys of accounts and groups that were seen to be there, as owners of something; forgotten when more than files is changed. */
  readonly accounts: Set<string>
  /** States that earlier tasks of a dry run would have made. */
  readonly forecast: Forecast
}

/** How a task runs in the background of its host. */
export interface Background {
  /** Seconds it may take. */
  readonly seconds: number
  /** Seconds between two looks; 0: nobody waits for it. */
  readonly poll: number
  readonly jobs: Jobs
}

/** What the end of a job means for its task. */
export type Conclude = (ran: Extract<Ran, { kind: 'ran' }>) => Promise<Converged>

/** Jobs that this run has started and nobody waits for, by id: `async_status` asks for them. */
export type Jobs = Map<string, Conclude>

/** One module call on one target: parameters are evaluated, converted and validated. */
export interface Call {
  readonly module: Module
  readonly moduleName: string
  /** The file of a module of the user's own. */
  readonly ownFile?: string | undefined
  readonly params: Readonly<Record<string, unknown>>
  readonly controller: Controller
  readonly become?: Become | undefined
  /** `environment:` of the task, exported before the scripts. */
  readonly environment: Readonly<Record<string, string>>
  /** Name of the task, for what later predictions assume. */
  readonly task: string
  /** The task says `changed_when: false`: a command that is not run is taken to change nothing. */
  readonly promisesNoChange: boolean
  readonly checkMode: boolean
  /** True: contents are read so that differences can be shown. */
  readonly diff: boolean
  /** Nothing of the result may be shown; programs are told. */
  readonly noLog: boolean
  /** How often `-v` was given; programs are told. */
  readonly verbosity: number
  /** The task runs in the background of the host (`async`). */
  readonly background?: Background | undefined
  readonly onLine?: ((line: string) => void) | undefined
  readonly onProgress?: ((sent: number, total: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
  /** What the next so many tasks and items will probably ask of the same shell; absent where nobody should ask ahead. */
  readonly upcoming?: ((count: number) => readonly Ask[]) | undefined
  /** The next so many tasks, as far as they may go along in the message of this one. */
  readonly successors?: ((count: number) => Iterable<Successor>) | undefined
  /** Nobody waits for the host between its tasks. */
  readonly ownPace?: boolean
  /** The call is made before its turn, to go along in the message of an earlier one. */
  readonly speculation?: Speculation | undefined
}

/** How a call ended. Connection errors are thrown; everything a module can meet is a value. */
export interface Converged {
  readonly status: 'ok' | 'changed' | 'failed' | 'skipped' | 'undecided'
  /** In check mode: the prediction. */
  readonly changed: boolean
  /** Why it failed, was skipped or is undecided. */
  readonly message?: string | undefined
  /** What is registered, without `changed`, `failed` and `diff`. */
  readonly values: Readonly<Record<string, unknown>>
  /** What every other name of the result is, where only the real run can tell the names. */
  readonly rest?: Unknown | undefined
  readonly diffs: readonly Diff[]
  /** What only the real run can tell. */
  readonly unproven?: string | undefined
  readonly facts?: Dict | undefined
  readonly cacheable?: boolean | undefined
  readonly job?: Returned['job']
  readonly addHost?: Returned['addHost']
  readonly groupBy?: Returned['groupBy']
}
