import type { Content } from '../content.js'
import type { Script } from './quote.js'
import type { GroupState, Key, OwnState, PathState, Session, UserState } from './state.js'

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
      /** True: only what a dry run foretells rests on it (`brings`), so that a run does not ask. */
      readonly foretells?: boolean
    }
  /**
   * An account; with `need: 'existence'` only whether there is one, which often costs nothing, with `groups` its supplementary
   * groups too. With `id` also who has that id.
   */
  | {
      readonly kind: 'user'
      readonly name: string
      readonly need?: 'existence' | 'groups'
      readonly id?: number | undefined
    }
  | {
      readonly kind: 'group'
      readonly name: string
      readonly need?: 'existence'
      readonly id?: number | undefined
    }
  /** A file of the controller (for `fetch`). */
  | { readonly kind: 'controller'; readonly path: string }
  | OwnAsk

/** A question of a kind of the module's own: shell text that only reads, and a function that reads its output. */
export interface OwnAsk {
  readonly kind: 'own'
  readonly key: Key
  /** Runs in a subshell, unless it is `bare`; must not change the host. `$FILE_0`, `$FILE_1` … name the files listed in `files`. */
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
    /** Paths that it looks at: what earlier tasks would have written there is in `$ASIDE/foreseen`, what they would have removed is named in `$ASIDE/gone`. */
    readonly looksAt?: (path: string) => boolean
    /** Those of these keys that earlier tasks would have changed are the words of `$FORESEEN`. */
    readonly keys?: readonly Key[]
  }
  /** True: no change of the task alters the answer, so it is not asked again after one. */
  readonly once?: boolean
  /** True: it is cheap and about files only, so that it may be asked ahead of time, with other tasks' questions. */
  readonly ahead?: boolean
  /** True: the script starts no process, goes nowhere, ends nothing and needs no variable kept: it runs in no subshell. */
  readonly bare?: boolean
  /**
   * Files and folders whose change alters the answer. With it, a change of anything else alters no more of the answer
   * than the module asks of the view besides (`brought`), so that the task may go along with
   * others that change files or make accounts.
   */
  readonly rests?: readonly string[]
  /** Turns the script's output into attributes; throws `Fail` when the host cannot answer. */
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
  /** Whether a question of the module's own with this key was asked. */
  told(key: Key): boolean
  /** The folder that a path is in which was asked for, links followed; undefined where that was not told. */
  parent(key: Key): PathState | undefined
  /** Entries below a directory by path relative to it. */
  tree(path: string): ReadonlyMap<string, PathState>
  user(name: string): UserState
  group(name: string): GroupState
  own(key: Key): OwnState
  /** Whether one of these paths is still there, or, in a dry run, another that a shell pattern means. */
  present(paths: readonly string[], pattern: string): boolean
  /** Who has an id that was asked about, in a dry run by then; null for nobody, undefined where that was not asked. */
  holder(kind: 'user' | 'group', id: number): string | null | undefined
  /** Settings of /etc/login.defs and /etc/default/useradd for new accounts by name, where an account was asked about. */
  settings(): Readonly<Record<string, string>>
  /** Accounts that earlier tasks of a dry run would have made, changed or removed, with what they would have set. */
  foreseenUsers(): ReadonlyMap<string, Partial<UserState>>
  /** In a dry run: whether an earlier task would have put a program of this name where programs are. */
  brought(program: string): boolean
  /** Undefined where there is no such file on the controller. */
  controller(path: string): Content | undefined
}
