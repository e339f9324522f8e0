import type { Content } from '../content.js'
import { Float, fromPlain, type Dict, type Value } from '../language/value.js'
import { isUnknown, Unknown, type Maybe } from '../unknown.js'
import type { Ask, ScriptOutput, View } from './ask.js'
import type { Controller } from './controller.js'
import type { InferParams, ParamRules, ParamTable } from './params.js'
import type { Program } from './program.js'
import type { Script } from './quote.js'
import type { Difference, Key, OwnState, Wish } from './state.js'

/**
 * The contract between the engine and a module. A module declares its parameters and says, as pure functions,
 * what it needs to know of the host (`probe`), which state should be (`wanted`) and the shell text that makes the
 * difference (`converge`). The engine owns the envelope: probe, compare, converge, probe again. So no module
 * knows of check mode, `changed`, `--diff` or the forecast. docs/decisions/envelope.md tells why.
 */

/** What a module's `converge` has run. */
export type Ran =
  /** The states were equal: nothing was run. */
  | { readonly kind: 'nothing' }
  /** A dry run: something would have been run. */
  | { readonly kind: 'foreseen' }
  | ({ readonly kind: 'ran'; readonly seconds: number; readonly started: Date } & ScriptOutput)

/** How a host that is taken away comes back. */
export interface Away {
  /** Seconds until it must be back, and again until it is as it should be. */
  readonly seconds: number
  /** Seconds before each look, at most; the first ones come sooner. */
  readonly sleep: number
  /** Seconds that one look may take. */
  readonly attempt: number
  /** What is asked then, in place of what was asked before. */
  readonly asks: readonly Ask[]
}

/** A file of the host that is to be brought to the controller as it is. */
export interface RemoteFile {
  readonly path: string
  readonly sha1: string
  /** Bytes. */
  readonly size: number
  /** True: what comes must have the SHA-1. */
  readonly sure: boolean
}

/** A file to be written on the controller. */
export type Saved = { readonly path: string; readonly mode?: number } & (
  { readonly content: Content } | { readonly from: RemoteFile }
)

/** How the difference is made. */
export interface Converge {
  /** The script takes the host away (a restart); it may end with the connection, and the host is looked for until it is back. */
  readonly away?: Away
  /** Runs in a subshell with `set -e`; a status other than 0 fails the task unless the module has `result` say otherwise. */
  readonly script: Script
  /** Bytes the script reads with `input(n, content)`, in order. */
  readonly inputs?: readonly Content[]
  /** Files to write on the controller (for `fetch`). */
  readonly save?: readonly Saved[]
  /** True when the output is of interest while it runs. */
  readonly stream?: boolean
  /** True when a status other than 0 is for `result` to judge. */
  readonly judged?: boolean
  /**
   * True: where the script ends well, the files whose bytes differ hold what was wished, byte for byte, as it came from
   * `inputs`. Their size is looked at afterwards, and they are not read again.
   */
  readonly verbatim?: boolean
  /** Whether an attribute that is not as wished is well all the same: a service whose work is done has ended. */
  accepts?(key: Key, name: string, wished: unknown, after: OwnState): boolean
  /**
   * True: the script does no more than make what differs, from `inputs` where a file is to hold something, and prints nothing. So
   * new files and folders may be made together with those of other tasks, and the script be left out (engine/run/joint.ts).
   */
  readonly plain?: boolean
}

/** What a task returns beside `changed` and `diff`, which are the engine's. */
export interface Returned {
  /** Values as they are registered. An {@link Unknown} is passed on as such. */
  readonly values: Readonly<Record<string, unknown>>
  /** Why the task failed although the script ran. */
  readonly failed?: string
  /** Why nothing was to be done: the task counts as skipped. */
  readonly skipped?: string
  /** In place of what the envelope found: a program that could not be started has changed nothing. */
  readonly changed?: boolean
  /** A job in the background has ended like this: if it is of this run, the result is that of its task. */
  readonly job?: { readonly id: string; readonly ran: Extract<Ran, { kind: 'ran' }> }
  /** Facts that become variables of the host. */
  readonly facts?: Dict
  /** True: the facts outlive the play (`set_fact: cacheable`). */
  readonly cacheable?: boolean
  /** A new host of the inventory (`add_host`). */
  readonly addHost?: { readonly name: string; readonly groups: readonly string[]; readonly vars: Dict }
  /** Groups this host joins (`group_by`). */
  readonly groupBy?: { readonly group: string; readonly parents: readonly string[] }
}

/** A failure that the module foresees. `because` names the states that cause it. */
export class Fail extends Error {
  constructor(
    message: string,
    readonly because: readonly Key[] = [],
    /** What to do about it. */
    readonly cure?: string,
    /** Values for the result beside `msg`. */
    readonly values: Readonly<Record<string, unknown>> = {},
  ) {
    super(message)
    this.name = 'Fail'
  }
}

/** The state is not reached yet, and may be without our doing: a module with `until` is asked again. */
export class NotYet extends Fail {}

/** How a task waits, in seconds. */
export interface Wait {
  /** At most so long. */
  readonly seconds: number
  /** Before the first look. */
  readonly delay: number
  /** Between two looks. */
  readonly sleep: number
  /** The host may be away: then it is tried again as well, and this is how long one look may take. */
  readonly attempt?: number
}

/** A module: a declaration and pure functions. One file in `modules/`, named as in YAML. */
export interface Module<Table extends ParamTable = ParamTable, Local = unknown> {
  /** One sentence without a dot. */
  readonly summary: string
  /** More, in sentences. */
  readonly description?: string
  readonly params: Table
  /** Rules across parameters. */
  readonly rules?: ParamRules
  /** Name of the parameter that takes the free-form text (`command: ls -l`). */
  readonly freeForm?: string
  /** True: parameters beside the declared ones are allowed and passed as they are (`set_fact`). */
  readonly open?: boolean
  /** True: the module copes with parameters that are known only after the run (`debug`, `set_fact`). */
  readonly takesUnknown?: boolean
  /** True: the task runs on the first host of the batch only, for all of them (`add_host`, `pause`). */
  readonly once?: boolean
  /** True: what it does is the user's own, so tasks that several hosts have delegated to one run side by side there. */
  readonly apart?: boolean
  /** A program of the user's, which the engine runs instead of what follows. */
  readonly program?: Program
  /** What the result has, by name, with a sentence each. */
  readonly returns: Readonly<Record<string, string>>
  /** True: the `diff` of a result is a list also where one thing differs, as with Ansible's module. */
  readonly listsDiff?: boolean
  /** What a result may have besides, under names that only the run can tell, as a phrase (`a header of the answer`). */
  readonly alsoReturns?: string
  /** YAML text of tasks. */
  readonly examples: string
  /** On the controller: render a template, list an archive. */
  prepare?(params: InferParams<Table>, controller: Controller): Promise<Local>
  /**
   * What a module with `prepare` will probably ask, told from its parameters alone. Only a guess, with which the host is
   * asked ahead of time: to ask for something else in the end is no error.
   */
  early?(params: InferParams<Table>): readonly Ask[]
  /** What must be known of the host. None: the task needs no host. */
  probe?(params: InferParams<Table>, local: Local): readonly Ask[]
  /**
   * What must be known besides, once the first answers are there. It is asked again as long as that brings new asks,
   * each time a round trip more.
   */
  more?(params: InferParams<Table>, before: View, local: Local): readonly Ask[]
  /**
   * The state that should be. Throws {@link Fail}. Where only the run can tell whether anything differs (a build that
   * may give the same image), an {@link Unknown} is wished: a dry run says so, a run counts what is then another.
   */
  wanted?(params: InferParams<Table>, before: View, local: Local): Wish
  /** The script that makes the difference; called only when something differs. */
  converge?(
    params: InferParams<Table>,
    before: View,
    differing: ReadonlyMap<Key, Difference>,
    local: Local,
  ): Converge
  /**
   * A shell condition that starts no process and goes nowhere, and holds only where `wanted` surely wishes to run something
   * (`run:command`). So the step may travel with it in the first message, and the host answers what `probe` asks only where it
   * does not hold. Neither `converge` nor the result of what was run may look at the host then.
   */
  guard?(params: InferParams<Table>): Script | undefined
  /**
   * What a change brings besides, so that later tasks of a dry run see it (the containers of a project, the files of a
   * package; keys of paths are real paths), or what `refresh` brings, also where nothing differs. It is neither compared
   * nor verified, and may name what was not probed; what is wished for belongs into `wanted`.
   */
  brings?(
    params: InferParams<Table>,
    before: View,
    differing: ReadonlyMap<Key, Difference>,
    local: Local,
  ): ReadonlyMap<Key, OwnState>
  /** Values of the result. `after` is the second probe, or in a dry run the forecast. */
  result?(params: InferParams<Table>, before: View, after: View, ran: Ran, local: Local): Returned
  /** What only the real run can tell, as a phrase (`the validate command was not run`). */
  unproven?(params: InferParams<Table>): string | undefined
  /** How long a task whose `wanted` throws {@link NotYet} keeps asking (for `wait_for`). */
  until?(params: InferParams<Table>, local: Local): Wait
}

/** Declares a module; gives its functions the types of the declared parameters. */
export function defineModule<const Table extends ParamTable, Local = undefined>(
  module: Module<Table, Local>,
): Module<Table, Local> {
  return module
}

/** Whether a module can change anything: the others only look. */
export function canChange({ converge, program }: Pick<Module, 'converge' | 'program'>): boolean {
  return converge !== undefined || program !== undefined
}

/** Truth as the language has it: empty text, zero, empty lists and dictionaries are false. */
export function isTrue(value: Value): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (value instanceof Map) return value.size > 0
  return value instanceof Float ? value.value !== 0 : Boolean(value)
}

// All that a module needs of the contract stands here for it to import, modules of users too.
export { fromPlain, isUnknown, Unknown }
export { FRESH } from './state.js'
export type { Content, Dict, Maybe, Value }
export type { Ask, OwnAsk, ScriptOutput, View } from './ask.js'
export type { Controller } from './controller.js'
export type {
  Difference, GroupState, Key, OwnState, PathState, PathType, Session, UserState, Wish, Wished,
} from './state.js' // prettier-ignore
