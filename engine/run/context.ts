import type { TaskInfo, Listener } from '../events.js'
import type { Inventory } from '../inventory/hosts.js'
import type { Layer, Sources, VariableScope } from '../language/variables.js'
import type { Vault } from '../language/vault.js'
import type { Registry } from '../module/registry.js'
import type { Includer } from '../play/include.js'
import type { Play, Role, Task } from '../play/play.js'
import type { Secrets } from '../secrets.js'
import type { ControllerFiles } from './controller-files.js'
import type { Handlers } from './handlers.js'
import type { Interrupt } from './interrupt.js'
import type { Known } from './known.js'
import type { Locks } from './lock.js'
import type { Successor, Speculation } from './speculation.js'
import type { RunSettings } from './settings.js'
import type { Tally } from './tally.js'
import type { Call, Converged, Jobs, Target } from './target.js'
import type { Targets } from './targets.js'
import type { Walk, WalkNode } from './walk.js'

/** What one run shares from its first play to its last. */
export interface Run {
  readonly settings: RunSettings
  readonly emit: Listener
  readonly inventory: Inventory
  readonly registry: Registry
  readonly secrets: Secrets
  readonly vault?: Vault | undefined
  readonly interrupt: Interrupt
  readonly tally: Tally
  readonly targets: Targets
  readonly locks: Pick<Locks, 'during'>
  /** Variables that inventory, group_vars and host_vars give to a host. */
  readonly hostSources: (host: string) => Sources
  readonly files: ControllerFiles
  /** Tasks that go on in the background of hosts. */
  readonly jobs: Jobs
  /** What the run has learned about a host. */
  readonly known: (host: string) => Known
  /** Hosts that failed and were not rescued, in this play or before. */
  readonly failed: Set<string>
  /** Hosts that could not be reached. */
  readonly unreachable: Set<string>
  /** Those of plays that are over: they are out of each play to come, whatever `clear_host_errors` did meanwhile. */
  readonly lost: Set<string>
  /** The folder of the playbook whose play is running: its group_vars and host_vars count. */
  readonly playing: { folder: string }
  readonly includer: Includer
  readonly converge: (call: Call, target: Target) => Promise<Converged>
  /** Reads the inventory's sources again (`meta: refresh_inventory`). */
  refreshInventory(): void | Promise<void>
  /** `--step` asks before each task as long as it is on. */
  readonly stepping: { on: boolean }
  /** Whether the task of `--start-at-task` was met in a play before. */
  readonly starting: { done: boolean }
  /** A new {@link TaskInfo.id}. */
  nextId(): number
}

/** The hosts that go through a play together. */
export interface Batch {
  readonly run: Run
  readonly play: Play
  /** Hosts of this batch, in order; those of earlier failures are among them. */
  readonly hosts: readonly string[]
  /** Hosts of the whole play. */
  readonly playHosts: readonly string[]
  readonly nodes: readonly WalkNode[]
  readonly walks: ReadonlyMap<string, Walk>
  readonly handlers: Handlers
  /** Hosts that are out of this play: failed, unreachable or ended. */
  readonly removed: Set<string>
  readonly roles: Roles
  /** Variables of the play itself for a host. */
  readonly playSources: (host: string) => Sources
  /** When more of the hosts fail, in percent, none goes on. */
  readonly maxFailPercentage: number | undefined
  /** No host waits for another between tasks: there is one, or each goes at its own pace (`free`). */
  readonly ownPace: boolean
  /** Hosts that failed in this batch. */
  readonly failed: Set<string>
  /** `meta: end_play` was met. */
  ended: boolean
  /** An error was fatal for all hosts. */
  broken: boolean
}

/** What a batch of hosts has seen of roles. */
export interface Roles {
  /** Applications of roles that a host has run a task of, as `host identity`. */
  readonly begun: Set<string>
  /** Those it has completed. */
  readonly completed: Set<string>
  /** Roles whose variables everybody sees since they were included. */
  readonly shown: Role[]
}

/** One host's turn at one task. */
export interface Turn {
  readonly batch: Batch
  readonly task: Task
  readonly info: TaskInfo
  readonly host: string
  /** Variables stronger than all others, the strongest first: the item of a loop, the result so far. */
  readonly extra: readonly Layer[]
  readonly scope: VariableScope
  /** The turns at the next items of the loop, at most so many. */
  readonly nextItems?: (count: number) => readonly Turn[]
  /** Whether the turn at an item of its loop may go along in the message of another's. */
  readonly itemsTogether?: (item: Turn, other: Turn) => boolean
  /** The next so many tasks, or items, that may go along in its message. */
  readonly successors?: (count: number) => Iterable<Successor>
  /** It is taken before its time, to go along in the message of an earlier one. */
  readonly speculation?: Speculation | undefined
}
