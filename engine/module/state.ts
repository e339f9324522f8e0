import type { Content } from '../content.js'
import type { Maybe } from '../unknown.js'

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
  /** Whether an attribute of the file system is set, by its letter in lsattr (`+i`); where that was asked. */
  readonly [flag: `+${string}`]: Maybe<boolean> | undefined
  /** Why nothing is known of these attributes: the host has no lsattr and chattr, or the file system has none. */
  readonly flagless?: 'program' | 'file system'
  /** The SELinux label, where that was asked and the host has SELinux; the level where it has levels. */
  readonly seuser?: Maybe<string>
  readonly serole?: Maybe<string>
  readonly setype?: Maybe<string>
  readonly selevel?: Maybe<string>
  /** The label that the policy has for this path. */
  readonly policy?: string
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
  /** Supplementary groups, sorted; where they were asked for. */
  readonly groups?: Maybe<readonly string[]>
  /** The password hash of /etc/shadow where the shell may read it. */
  readonly password?: Maybe<string>
  /** Day since 1970 on which the account ends, empty for never; from there too. */
  readonly expires?: Maybe<string>
  /** Days before the password may, and after it must be changed. */
  readonly minimum?: Maybe<number>
  readonly maximum?: Maybe<number>
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
