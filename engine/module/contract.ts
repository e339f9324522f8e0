import type { Content } from '../content.js'
import type { LargeFile } from '../large-file.js'
import { Float, fromPlain, type Dict, type Value } from '../language/value.js'
import { isUnknown, Unknown, type Maybe } from '../unknown.js'
import type { InferParams, ParamRules, ParamTable } from './params.js'
import type { Program } from './program.js'
import type { Script } from './quote.js'

/**
 * The contract between the engine and a module. A module declares its parameters and says, as pure functions,
 * what it needs to know of the host (`probe`), which state should be (`wanted`) and the shell text that makes the
 * difference (`converge`). The engine owns the envelope: probe, compare, converge, probe again. So no module
 * knows of check mode, `changed`, `--diff` or the forecast. docs/decisions/envelope.md tells why.
 */

/** A wished value that means "any value but the present one": a restart, a touch, a command that must run. */
export const FRESH: unique symbol = Symbol('any value but the present one')

/** Identity of something on a host: `path:/srv/app`, `user:deploy`, `group:docker`, `compose:/srv/app`. */
export type Key = `${string}:${string}`

/** What an entry of the file system is. */
export type PathType = 'absent' | 'file' | 'directory' | 'link' | 'other'

/** An entry of the file system of a host. Attributes that were not asked for, or do not apply, are absent. */
export interface PathState {
  readonly type: Maybe<PathType>
  /** Permission bits, 0 to 0o7777. */
  readonly mode?: Maybe<number>
  readonly uid?: Maybe<number>
  readonly gid?: Maybe<number>
  /** Name of the owner; the uid as text where the host knows no name. */
  readonly owner?: Maybe<string>
  readonly group?: Maybe<string>
  /** Bytes. */
  readonly size?: Maybe<number>
  /** Lower-case hex SHA-1; of files, when hash or content was asked for. */
  readonly sha1?: Maybe<string>
  /** When content was asked for and the file is not larger than the limit. */
  readonly content?: Maybe<Content>
  /** Where a link points to, as written in it. */
  readonly target?: Maybe<string>
  /** Seconds since 1970. */
  readonly mtime?: Maybe<number>
  readonly atime?: Maybe<number>
  readonly ctime?: Maybe<number>
  readonly inode?: Maybe<number>
  readonly device?: Maybe<number>
  readonly links?: Maybe<number>
  /** What an entry of the type `other` is. */
  readonly special?: 'fifo' | 'socket' | 'character' | 'block'
  /** Only in wishes: what will be below a directory is known only after the run. */
  readonly below?: 'unknown'
  /** Path without links in its parents; with `follow`, without links at all. */
  readonly real: string
}

/** An account; `exists: false` has nothing else. */
export interface UserState {
  readonly exists: Maybe<boolean>
  readonly uid?: Maybe<number>
  readonly gid?: Maybe<number>
  /** Name of the primary group. */
  readonly group?: Maybe<string>
  readonly home?: Maybe<string>
  readonly shell?: Maybe<string>
  readonly comment?: Maybe<string>
  /** Only in wishes: the id is to be one of the system's. */
  readonly system?: boolean
  /** Supplementary groups, sorted. */
  readonly groups?: Maybe<readonly string[]>
  /** The password hash of /etc/shadow where the shell may read it. */
  readonly password?: Maybe<string>
}

/** A group; `exists: false` has nothing else. */
export interface GroupState {
  readonly exists: Maybe<boolean>
  readonly gid?: Maybe<number>
  readonly members?: Maybe<readonly string[]>
  /** Only in wishes: the id is to be one of the system's. */
  readonly system?: boolean
}

/** State of a kind that a module brings itself: attributes by name, compared one by one. */
export type OwnState = Readonly<Record<string, unknown>>

/** Who the shell is in which the task runs. */
export interface Session {
  readonly user: string
  readonly uid: number
  readonly group: string
  readonly gid: number
  readonly umask: number
  readonly home: string
  /** Where relative paths start: the home after a login, the working folder of the controller on `connection: local`. */
  readonly folder: string
}

/** What a module needs to know of the host. Data, so that the engine can batch it and answer from the forecast. */
export type Ask =
  | {
      readonly kind: 'path'
      readonly path: string
      /** `type`: only what is there, which costs the host nothing; `stat`: attributes; `hash`: SHA-1 too; `content`: the bytes too. */
      readonly need: 'type' | 'stat' | 'hash' | 'content'
      /** Look through a link at the end of the path. */
      readonly follow?: boolean
      /** Largest content in bytes; a larger file fails with `too-large`. Default 10 MiB. */
      readonly limit?: number
    }
  /** Every entry below a directory (not the directory itself). */
  | {
      readonly kind: 'tree'
      readonly path: string
      /** Tell what links point to in their place, and what is below it. */
      readonly follow?: boolean
      /** As for a path; a file that may not be read has no hash, and no content if all together exceed the limit. */
      readonly need: 'stat' | 'hash' | 'content'
      /** Largest sum of all contents in bytes. Default 10 MiB. */
      readonly limit?: number
      /** Levels below the directory, 1 for its own entries. Default: all. */
      readonly depth?: number | undefined
    }
  /** An account; with `need: 'existence'` only whether there is one, which often costs nothing. */
  | { readonly kind: 'user'; readonly name: string; readonly need?: 'existence' }
  | { readonly kind: 'group'; readonly name: string; readonly need?: 'existence' }
  /** A file of the controller (for `fetch`). */
  | { readonly kind: 'controller'; readonly path: string }
  | OwnAsk

/** A question of a kind of the module's own: shell text that only reads, and a function that reads its output. */
export interface OwnAsk {
  readonly kind: 'own'
  readonly key: Key
  /** Runs in a subshell; must not change the host. `$FILE_0`, `$FILE_1` … name the files listed in `files`. */
  readonly script: Script
  /** Files the script reads: in a dry run they are given as the forecast has them, without being written. */
  readonly files?: readonly string[]
  /**
   * In a real run, before the script of the first probe: brings up to date what the answer rests on (an index of packages).
   * It may write; what it brings is no change that anybody wished for.
   */
  readonly refresh?: Script | undefined
  /** What a dry run asks in place of `refresh` and `script`. */
  readonly foretell?: {
    /** May look further than `script`. Writes nothing but below `$ASIDE`, a folder in memory that is gone afterwards. */
    readonly script: Script
    /** Folders: what earlier tasks would have written below them is in `$ASIDE/foreseen`, what they would have removed in `$ASIDE/gone`. */
    readonly folders?: readonly string[]
    /** Those of these keys that earlier tasks would have changed are the words of `$FORESEEN`. */
    readonly keys?: readonly Key[]
  }
  /** True: no change of the task alters the answer, so it is not asked again after one. */
  readonly once?: boolean
  /** True: it is cheap and about files only, so that it may be asked ahead of time, with other tasks' questions. */
  readonly ahead?: boolean
  /** Turns the script's output into attributes; throws {@link Fail} when the host cannot answer. */
  read(output: ScriptOutput): OwnState
  /** States of other things that the same output tells, by their keys (the images that a project names). */
  further?(output: ScriptOutput): ReadonlyMap<Key, OwnState>
}

/** What a script printed and how it ended. */
export interface ScriptOutput {
  readonly stdout: string
  readonly stderr: string
  /** Exit status; 128 + n when a signal ended it. */
  readonly code: number
}

/** What was probed, with the forecast of a dry run laid over it. Asking what was not probed is a defect. */
export interface View {
  readonly session: Session
  path(path: string): PathState
  /** Whether this path was asked for by itself. */
  knows(path: string): boolean
  /** The folder that a path is in which was asked for, links followed; undefined where that was not told. */
  parent(key: Key): PathState | undefined
  /** Entries below a directory by path relative to it. */
  tree(path: string): ReadonlyMap<string, PathState>
  user(name: string): UserState
  group(name: string): GroupState
  own(key: Key): OwnState
  /** Whether one of these paths is still there, or, in a dry run, another that a shell pattern means. */
  present(paths: readonly string[], pattern: string): boolean
  /** In a dry run who has an id by then, null for nobody; undefined otherwise. */
  holder(kind: 'user' | 'group', id: number): string | null | undefined
  /** Accounts that earlier tasks of a dry run would have made, changed or removed, with what they would have set. */
  foreseenUsers(): ReadonlyMap<string, Partial<UserState>>
  /** In a dry run: whether an earlier task would have put a program of this name where programs are. */
  brought(program: string): boolean
  /** Undefined where there is no such file on the controller. */
  controller(path: string): Content | undefined
}

/** Attributes that should be; what is not named is left alone. */
export type Wished<State> = { readonly [Name in keyof State]?: State[Name] | typeof FRESH }

/**
 * The state that should be, by key. Empty: nothing to do. A wish for a path that does not exist is completed by
 * the engine with mode, owner and group as the host's umask and a setgid parent give them.
 */
export type Wish = ReadonlyMap<Key, Wished<PathState> | Wished<UserState> | Wished<GroupState> | OwnState>

/** What differs: the state found, the wish as completed by the engine, and the names of the attributes that differ. */
export interface Difference {
  readonly before: Readonly<Record<string, unknown>>
  readonly wished: Readonly<Record<string, unknown>>
  readonly names: readonly string[]
}

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

/** How the difference is made. */
export interface Converge {
  /** The script takes the host away (a restart); it may end with the connection, and the host is looked for until it is back. */
  readonly away?: Away
  /** Runs in a subshell with `set -e`; a status other than 0 fails the task unless the module has `result` say otherwise. */
  readonly script: Script
  /** Bytes the script reads with `input(n, content)`, in order. */
  readonly inputs?: readonly Content[]
  /** Files to write on the controller (for `fetch`). */
  readonly save?: readonly { readonly path: string; readonly content: Content; readonly mode?: number }[]
  /** True when the output is of interest while it runs. */
  readonly stream?: boolean
  /** True when a status other than 0 is for `result` to judge. */
  readonly judged?: boolean
  /**
   * True: where the script ends well, the files whose bytes differ hold what was wished, byte for byte, as it came from
   * `inputs`. Their size is looked at afterwards, and they are not read again.
   */
  readonly verbatim?: boolean
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

/** What `prepare` may use: the controller's side of a task on one host. */
export interface Controller {
  /** Path of a file as Ansible searches it: the role's folder, then the playbook's; fails with `file-not-found`. */
  find(path: string, folder: 'files' | 'templates' | 'vars'): string
  /** Whether a path that was found is a folder, and its permission bits. */
  entry(path: string): Promise<{ readonly folder: boolean; readonly mode: number }>
  /** Absolute path of a file to write: `~` is the home, a relative path starts at the playbook. */
  resolve(path: string): string
  /** A file of the controller, found like `find`; vault-encrypted files are decrypted unless `decrypt` is false. */
  content(path: string, folder: 'files' | 'templates' | 'vars', decrypt?: boolean): Promise<Content>
  /** A file of the controller, found like `find` in `files`, of which only what is asked for is read. */
  large(path: string): LargeFile
  /**
   * Renders a template found in `templates/`: Handlebars when named `.hbs`, otherwise Jinja with these options. `dest` is
   * what the template may say of where it goes.
   */
  render(path: string, options?: Readonly<Record<string, unknown>>, dest?: string): Promise<Maybe<string>>
  /** Value of an expression without braces. */
  evaluate(expression: string): Value
  /** Value of an expression for people to look at: a name that is not defined is a text that says so. */
  display(expression: string): Value
  /** Value of a variable, undefined when there is none. */
  variable(name: string): Value | undefined
  /** Asks whoever started the run; a hidden answer is a secret from then on. Undefined where nobody can be asked. */
  ask(question: string, hidden: boolean): Promise<string | undefined>
  /** Says something to whoever watches the run. */
  say(text: string, level: 'info' | 'warning'): void
  /** Name of the task. */
  readonly task: string
  /** Whether the host of the task is the controller itself (`connection: local`). */
  isLocal(): boolean
  /** A value as text, as `{{ }}` writes it. */
  text(value: Value): string
  /** JSON text as Ansible writes it (`{"a": 1}`, with blanks). */
  json(value: Value): string
  /** Name of the host the task is for. */
  readonly host: string
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

export { fromPlain, isUnknown, Unknown }
export type { Content, Dict, Maybe, Value }
