import { CHATTR, flagsScript, flagsWish } from './chattr.js'
import { Fail, type Ask, type Maybe, type PathState, type View, type Wished } from './contract.js'
import { modeText, parseMode } from './mode.js'
import type { ParamTable } from './params.js'
import { join, sh, type Script } from './quote.js'
import { labelScript, labelText, labelWish, SELINUX, type Label } from './selinux.js'
import { isUnknown, Unknown } from '../unknown.js'

/** The parameters that every module which makes an entry of the file system shares. */
export const ATTRIBUTES = {
  mode: {
    type: 'mode',
    description: 'Permissions: "0644", 0644, or symbolic ("u=rwX,g=rX,o="). Default: what the umask gives.',
  },
  owner: { type: 'str', description: 'Name or id of the owner.' },
  group: { type: 'str', description: 'Name or id of the group.' },
  ...CHATTR,
  ...SELINUX,
} as const satisfies ParamTable

/** What results tell of an entry. */
export const STAT_RETURNS = {
  size: 'Bytes.',
  mode: 'Permissions in octal.',
  owner: 'Name of the owner.',
  group: 'Name of the group.',
  uid: 'Id of the owner.',
  gid: 'Id of the group.',
} as const

/** What the results of these modules tell of the entry. */
export const ATTRIBUTE_RETURNS = {
  ...STAT_RETURNS,
  secontext: 'The SELinux label, where a part of it was given and the host has SELinux.',
} as const

/** Values of {@link ATTRIBUTES}. */
export interface Attributes extends Label {
  readonly mode?: Maybe<string | number> | undefined
  readonly owner?: string | undefined
  readonly group?: string | undefined
  readonly attributes?: string | undefined
}

/** Asks for the account and the group that are named, so that a missing one is foreseen. */
export function attributeAsks({ owner, group }: Attributes): readonly Ask[] {
  return [
    ...(owner !== undefined && !isId(owner)
      ? [{ kind: 'user', name: owner, need: 'existence' } as const]
      : []),
    ...(group !== undefined && !isId(group)
      ? [{ kind: 'group', name: group, need: 'existence' } as const]
      : []),
  ]
}

/**
 * What the parameters wish for an entry that is, or will be, of `type`. Fails when the owner or group does not
 * exist. Without a mode, what is there stays and what is new gets what the engine completes.
 */
export function attributeWish(
  params: Attributes,
  before: View,
  state: PathState,
  type: 'file' | 'directory' | 'link',
): Wished<PathState> {
  const { owner, group, mode } = params
  return {
    ...(mode === undefined || type === 'link' ? {} : { mode: modeOf(mode, before, state, type) }),
    ...ownerWish(owner, before),
    ...groupWish(group, before),
    ...labelWish(params, before, state),
    ...flagsWish(params.attributes, before, state, type),
  }
}

function modeOf(
  mode: Maybe<string | number>,
  before: View,
  state: PathState,
  type: 'file' | 'directory',
): Maybe<number> {
  if (isUnknown(mode)) return mode
  const { umask } = before.session
  const present = state.type === type ? state.mode : (type === 'directory' ? 0o777 : 0o666) & ~umask
  if (present === undefined || isUnknown(present)) return parseMode(mode, 0, type === 'directory', umask)
  return parseMode(mode, present, type === 'directory', umask)
}

function ownerWish(owner: string | undefined, before: View): Wished<PathState> {
  if (owner === undefined) return {}
  if (isId(owner)) return { uid: Number(owner) }
  if (before.user(owner).exists !== true) {
    throw new Fail(
      `chown failed: failed to look up user ${owner}`,
      [`user:${owner}`],
      'create it with the module user',
    )
  }
  return { owner }
}

function groupWish(group: string | undefined, before: View): Wished<PathState> {
  if (group === undefined) return {}
  if (isId(group)) return { gid: Number(group) }
  if (before.group(group).exists !== true) {
    throw new Fail(
      `chgrp failed: failed to look up group ${group}`,
      [`group:${group}`],
      'create it with the module group',
    )
  }
  return { group }
}

/** A wished state, as far as a script needs it. */
type Wishes = Readonly<Record<string, unknown>>

/** Sets `path` (quoted or a shell variable) to what is wished, for the named attributes only. */
export function attributesScript(
  path: Script,
  wished: Wishes,
  names: readonly string[],
  type: unknown,
): Script {
  const has = (name: string): boolean => names.includes(name) && wished[name] !== undefined
  const owner = has('owner') ? wished['owner'] : has('uid') ? wished['uid'] : ''
  const group = has('group') ? wished['group'] : has('gid') ? wished['gid'] : ''
  const who = group === '' ? String(owner) : `${String(owner)}:${String(group)}`
  return join([
    ...(who === '' ? [] : [sh`chown -h ${who} -- ${path}`]),
    // chown clears setuid bits, so the mode comes after it.
    ...(has('mode') && type !== 'link' ? [sh`chmod ${octal(wished['mode'] as number)} -- ${path}`] : []),
    ...labelScript(path, wished, names),
    // Last, since nothing else can be done to what is immutable. Nor is it unlocked before: that is another task.
    ...flagsScript(path, wished, names),
  ])
}

/** A mode as chmod takes it; five digits, so that chmod clears the special bits of a directory too. */
export function octal(mode: number): string {
  return mode.toString(8).padStart(5, '0')
}

const TOLD = [
  'mode', 'uid', 'gid', 'owner', 'group', 'size', 'sha1', 'inode', 'device', 'links', 'atime', 'mtime', 'ctime',
] as const // prettier-ignore

/** What a command would make has all that a file has, known after the run. */
export function wholeState(found: PathState): PathState {
  if (!isUnknown(found.type)) return found
  const late = TOLD.map((name) => [name, new Unknown(`${name} of ${found.real}`)] as const)
  return { ...(Object.fromEntries(late) as Partial<PathState>), ...found }
}

/** What results tell of an entry: state, owner, group, their ids, mode and size. */
export function pathInfo(found: PathState): Readonly<Record<string, unknown>> {
  const { type, owner, group, uid, gid, mode, size } = wholeState(found)
  return { state: type, owner, group, uid, gid, mode: modeText(mode), size, ...labelInfo(found) }
}

/** The label as results tell it, where it is known. */
export function labelInfo(found: PathState): Readonly<Record<string, unknown>> {
  const secontext = labelText(found)
  return secontext === undefined ? {} : { secontext }
}

function isId(name: string): boolean {
  return /^\d+$/.test(name)
}
