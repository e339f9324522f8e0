import type { Problem } from './errors.js'

/** How a task (or an item of its loop) ended on a host. `undecided` exists in dry runs only. */
export type Status =
  'ok' | 'changed' | 'skipped' | 'failed' | 'rescued' | 'ignored' | 'unreachable' | 'undecided'

/** A difference to show: texts, or attributes one a line. */
export interface Diff {
  /** What it is about: a path, `user deploy`, `service web`. */
  readonly name: string
  readonly before: string
  readonly after: string
}

/** A task as reports name it. */
export interface TaskInfo {
  /** Counts up within a run; the same for all hosts. */
  readonly id: number
  readonly play: string
  /** Name as shown: templated, with the role before it. */
  readonly name: string
  readonly module: string
  /** `playbooks/deploy.yml:7`. */
  readonly where: string
  readonly handler: boolean
}

/** What came out on one host, ready to be shown: nothing in it is secret. */
export interface Outcome {
  readonly status: Status
  /** In check mode: the prediction. */
  readonly changed: boolean
  /** One sentence for people: why it failed, was skipped, or what is not known. */
  readonly message?: string | undefined
  /** The registered values, masked; reports choose what to show by verbosity. */
  readonly values: Readonly<Record<string, unknown>>
  readonly diffs: readonly Diff[]
  /** In check mode: what only the real run can tell. */
  readonly unproven?: string | undefined
  /** Label of the loop item, for item results. */
  readonly item?: string | undefined
  /** Host the task was delegated to. */
  readonly delegatedTo?: string | undefined
  readonly seconds: number
}

/** Recap columns of one host. */
export interface HostCounts {
  ok: number
  changed: number
  unreachable: number
  failed: number
  skipped: number
  rescued: number
  ignored: number
}

/** One task on one host, as `--recap-json` lists it; a loop is one. */
export interface TaskRecord {
  readonly play: string
  readonly task: string
  readonly module: string
  readonly where: string
  readonly host: string
  readonly status: Exclude<Status, 'undecided'>
  readonly changed: boolean
}

/** All that can be told about a run. Reports listen to nothing else. */
export type RunEvent =
  | { readonly kind: 'run-start'; readonly checkMode: boolean; readonly playbooks: readonly string[] }
  | { readonly kind: 'play-start'; readonly play: string; readonly hosts: readonly string[] }
  | { readonly kind: 'no-hosts'; readonly play: string; readonly pattern: string }
  | { readonly kind: 'task-start'; readonly task: TaskInfo; readonly hosts: readonly string[] }
  | { readonly kind: 'host-start'; readonly task: TaskInfo; readonly host: string }
  | { readonly kind: 'host-output'; readonly task: TaskInfo; readonly host: string; readonly line: string }
  | {
      readonly kind: 'host-progress'
      readonly task: TaskInfo
      readonly host: string
      readonly sent: number
      readonly total: number
    }
  | {
      readonly kind: 'host-retry'
      readonly task: TaskInfo
      readonly host: string
      readonly left: number
      readonly message: string
    }
  | {
      readonly kind: 'item-result'
      readonly task: TaskInfo
      readonly host: string
      readonly outcome: Outcome
    }
  | {
      readonly kind: 'host-result'
      readonly task: TaskInfo
      readonly host: string
      readonly outcome: Outcome
    }
  | { readonly kind: 'task-end'; readonly task: TaskInfo }
  | { readonly kind: 'message'; readonly level: 'info' | 'warning'; readonly text: string }
  | { readonly kind: 'problem'; readonly problem: Problem }
  | {
      readonly kind: 'run-end'
      readonly hosts: Readonly<Record<string, HostCounts>>
      readonly tasks: readonly TaskRecord[]
      readonly exitCode: number
      readonly interrupted: boolean
      /** Wall seconds of the whole run. */
      readonly seconds: number
    }

/** Takes events in the order in which they happen. */
export type Listener = (event: RunEvent) => void
