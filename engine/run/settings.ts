import type { TaskInfo } from '../events.js'
import type { Dict } from '../language/value.js'

/** What the command line says about reaching hosts; keywords and variables of a play win over it. */
export interface ConnectionOptions {
  readonly user?: string | undefined
  /** `-k`. */
  readonly password?: string | undefined
  readonly privateKeyFile?: string | undefined
  readonly port?: number | undefined
  readonly hostKeyChecking?: 'yes' | 'no' | 'accept-new' | undefined
  /** Files of known host keys instead of OpenSSH's. */
  readonly knownHostsFiles?: readonly string[] | undefined
  /** The shell of the hosts; default /bin/sh. */
  readonly shell?: string | undefined
  /** `-c`: `ssh` or `local`. */
  readonly connection?: string | undefined
  readonly sshArgs?: string | undefined
  readonly sshCommonArgs?: string | undefined
  readonly sshExtraArgs?: string | undefined
  /** Seconds to wait for a connection; default 10. */
  readonly timeout?: number | undefined
  /** How often a host that does not answer is tried again; default 0. */
  readonly retries?: number | undefined
  readonly become: boolean
  readonly becomeUser?: string | undefined
  readonly becomeMethod?: string | undefined
  readonly becomeExe?: string | undefined
  readonly becomeFlags?: string | undefined
  /** `-K`. */
  readonly becomePassword?: string | undefined
}

/** Answer to `--step`: run the task, leave it out, or run it and all that follow. */
export type StepAnswer = 'yes' | 'no' | 'continue'

/** How a run is to be done. */
export interface RunSettings {
  readonly checkMode: boolean
  readonly diff: boolean
  /** Number of -v. */
  readonly verbosity: number
  /** Hosts that run a task at once. */
  readonly forks: number
  readonly connection: ConnectionOptions
  /** `--tags` and `--skip-tags`; no tags means all. */
  readonly tags: readonly string[]
  readonly skipTags: readonly string[]
  readonly startAtTask?: string | undefined
  /** `--force-handlers`. */
  readonly forceHandlers: boolean
  /** When facts are gathered without being asked for: always, once a host, or never. */
  readonly gathering: 'implicit' | 'smart' | 'explicit'
  /** Where facts are kept from one run to the next; undefined: nowhere. */
  readonly factCache?: FactCacheSettings | undefined
  /** Asks before each task (`--step`). */
  readonly step?: ((task: TaskInfo) => Promise<StepAnswer>) | undefined
  /** Asks for a variable of `vars_prompt`, or for `pause`; undefined where nobody can be asked. */
  readonly prompt?: ((question: PromptQuestion) => Promise<string>) | undefined
  /** Environment of fplay. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Seconds to wait for another run that holds a host; default 60. */
  readonly lockTimeout: number
  /** Names for `ansible_version` and the lock. */
  readonly version: string
  /** `--limit`, as written and as patterns. */
  readonly limit?: readonly string[] | undefined
  /** What keywords are where no playbook has them. */
  readonly keywords?: KeywordDefaults | undefined
  /** `ansible_managed` of templates, with {file}, {host}, {uid} and the letters of strftime. */
  readonly managed?: string | undefined
  /** `-e`. */
  readonly extraVars: Dict
}

/** Keywords that settings give where playbooks do not. */
export interface KeywordDefaults {
  readonly strategy?: string | undefined
  readonly anyErrorsFatal?: boolean | undefined
  readonly noLog?: boolean | undefined
  /** Seconds a task may take; 0: as long as it wants. */
  readonly timeout?: number | undefined
  /** Seconds between two looks at a background task. */
  readonly poll?: number | undefined
  readonly gatherSubset?: readonly string[] | undefined
  readonly gatherTimeout?: number | undefined
  readonly factPath?: string | undefined
}

/** `fact_caching = jsonfile`: one file a host. */
export interface FactCacheSettings {
  /** Absolute. */
  readonly folder: string
  /** Stands before the host's name in the name of its file. */
  readonly prefix: string
  /** How old a file may be; 0: of any age. */
  readonly seconds: number
  /** `--flush-cache`: forget what is kept of the run's hosts. */
  readonly flush: boolean
}

/** A question of `vars_prompt` or `pause`. */
export interface PromptQuestion {
  readonly text: string
  readonly hidden: boolean
  readonly confirm: boolean
  readonly default?: string | undefined
}
