import type { OwnQuestion } from './own-script.js'

/** A path to look at. With the content the hash is known. */
export interface PathAsk {
  readonly path: string
  /** `type` only with `follow`. */
  readonly need: 'type' | 'stat' | 'hash' | 'content'
  readonly follow: boolean
  /** Bytes; a larger file is not sent. */
  readonly limit: number
  /** The hash is needed also where the content is not sent. */
  readonly hashed?: boolean
}

/** How much a path was asked, from little to much. */
export function rankOf({ need }: Pick<PathAsk, 'need'>): number {
  return ['type', 'stat', 'hash', 'content'].indexOf(need)
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
  /** Those of the users whose supplementary groups are wanted. */
  readonly memberships: readonly string[]
  /** Ids of which is asked who has them. */
  readonly ids: readonly { readonly kind: 'user' | 'group'; readonly id: number }[]
  /** Accounts and groups of which only is asked whether they exist. */
  readonly owners: readonly string[]
  readonly ownerGroups: readonly string[]
  /** A dry run foretells ids: all accounts and groups of the host. */
  readonly accounts: boolean
  readonly own: readonly OwnQuestion[]
  /** The attributes of the file system too, of paths and trees. */
  readonly flags: boolean
  /** The SELinux labels too, and with `policy` what the policy has for the paths. */
  readonly labels: 'no' | 'label' | 'policy'
}

/** Whether no question names anything; what is asked of the answers to others does not count. */
export function namesNothing(questions: Questions): boolean {
  const { paths, trees, users, groups, memberships, ids, owners, ownerGroups, own } = questions
  const lists = [paths, trees, users, groups, memberships, ids, owners, ownerGroups, own]
  return lists.every(({ length }) => length === 0)
}

/** Nothing is asked. */
export const NO_QUESTIONS: Questions = {
  session: false,
  paths: [],
  trees: [],
  users: [],
  groups: [],
  memberships: [],
  ids: [],
  owners: [],
  ownerGroups: [],
  accounts: false,
  own: [],
  flags: false,
  labels: 'no',
}
