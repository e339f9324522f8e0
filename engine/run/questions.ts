import type { OwnQuestion } from './own-script.js'

/** A path to look at. Content implies hash. */
export interface PathAsk {
  readonly path: string
  readonly need: 'stat' | 'hash' | 'content'
  readonly follow: boolean
  /** Bytes; a larger file is hashed but not sent. */
  readonly limit: number
}

/** Everything below a folder. Content implies hash. */
export interface TreeAsk {
  readonly path: string
  readonly follow: boolean
  readonly need: 'stat' | 'hash' | 'content'
  /** Bytes; the contents of larger trees are not sent. */
  readonly limit: number
  /** Levels that are told; undefined for all. */
  readonly depth: number | undefined
}

/** All that one message asks, without duplicates. */
export interface Questions {
  readonly session: boolean
  readonly paths: readonly PathAsk[]
  readonly trees: readonly TreeAsk[]
  readonly users: readonly string[]
  readonly groups: readonly string[]
  /** Accounts and groups of which only is asked whether they exist. */
  readonly owners: readonly string[]
  readonly ownerGroups: readonly string[]
  /** A dry run foretells ids: all accounts and groups of the host. */
  readonly accounts: boolean
  readonly own: readonly OwnQuestion[]
}
