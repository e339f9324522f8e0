import type { Content } from '../content.js'
import { octal } from './attributes.js'
import type { Difference, Key, OwnState, PathState, Session } from './contract.js'
import { join, sh, Script } from './quote.js'
import { flagsScript } from './chattr.js'
import { labelScript } from './selinux.js'
import { splitWords } from './words.js'

/** How a file is put in place. */
export interface WriteOptions {
  /** Command words with `%s` for the new file; a status other than 0 keeps the old one. */
  readonly validate?: string | undefined
  /** Keep the old file beside the new one; the script prints `backup: PATH`. */
  readonly backup?: boolean | undefined
  /** Write into the old file where it cannot be replaced (one that is mounted, say). */
  readonly unsafe_writes?: boolean | undefined
}

/** The parameter of {@link WriteOptions}. */
export const UNSAFE_WRITES = {
  type: 'bool',
  default: false,
  description: 'Write into a file that cannot be replaced, such as one mounted into a container.',
} as const

/** The n-th input of a step (from 0, see `Converge.inputs`), where a file is to hold it and nothing else. */
export interface Sent {
  readonly n: number
  readonly content: Content
}

/** Reads the n-th input of a step (from 0, see `Converge.inputs`) onto standard output; the shell counts from 1. */
export function input(n: number, content: Content): Script {
  return sh`fplay_input ${n + 1} ${content.size}`
}

/**
 * Writes the output of `source`, or an input, to `path`: beside it, flushed, then renamed over it. A connection cut in the middle
 * leaves the old file. It has its owner and mode before there is anything in it to be read. What is not wished stays
 * as it was.
 */
export function writeFile(
  path: string,
  source: Script | Sent,
  difference: Difference,
  session: Session,
  options: WriteOptions = {},
): Script {
  const partial = partialOf(path)
  const { who, mode } = wholeState(difference, session)
  // What a shell may not write it gets the mode of afterwards; so does what loses special bits by being written.
  const first = (mode & 0o777) | (session.uid === 0 ? 0 : 0o600)
  return join([
    sh`T=${partial}
${REMOVE_OLD}
${makeFilled(source, octal(first), who.words)}
${who.inherits ? sh`if [ -g ${folderOf(path)} ]; then chgrp -- ${session.gid} "$T"; fi` : sh`:`}`,
    ...(first === mode ? [] : [sh`chmod ${octal(mode)} -- "$T"`]),
    ...(options.validate === undefined ? [] : [validateScript(options.validate, partial)]),
    // What is new may be flushed with others behind it (engine/run/together.ts): nothing can be lost where nothing was.
    difference.before['type'] === 'absent'
      ? sh`[ -n "$fplay_later" ] || sync "$T" 2>/dev/null || :`
      : sh`[ -n "$fplay_new" ] || sync "$T" 2>/dev/null || :`,
    ...(options.backup === true && difference.before['type'] === 'file' ? [backupScript(path)] : []),
    ...(difference.before['type'] === 'file' ? [sh`fplay_label "$T" ${path}`] : []),
    // Over a link to a folder, mv would go into the folder.
    ...(difference.before['type'] === 'link' ? [sh`rm -f -- ${path}`] : []),
    options.unsafe_writes
      ? sh`mv -f -- "$T" ${path} 2>/dev/null || { cat -- "$T" >${path}; rm -f -- "$T"; }`
      : sh`mv -f -- "$T" ${path} || { rm -f -- "$T"; exit 1; }`,
    ...(difference.before['type'] === 'file' ? [] : [sh`fplay_label ${path}`]),
    // What is new has neither the label nor the attributes of what it replaces.
    ...labelScript(sh`${path}`, difference.wished),
    ...flagsScript(sh`${path}`, difference.wished),
  ])
}

/** Makes `$T` with what it is to hold. */
function makeFilled(source: Script | Sent, mode: string, words: readonly string[]): Script {
  if (source instanceof Script) {
    return sh`fplay_make f ${mode} "$T" ${words}; fplay_open "$T"; ${source} >&3; exec 3>&-`
  }
  return sh`fplay_place ${source.n + 1} ${source.content.size} ${mode} "$T" ${words}`
}

/** Removes what an earlier run has left in `$T`; without a process where there is nothing. */
export const REMOVE_OLD = sh`if [ -e "$T" ] || [ -L "$T" ]; then rm -rf -- "$T"; fi`

/**
 * Makes a folder as wished; one that another run makes at the same moment will do too. Its attributes of the file system
 * are left to {@link folderFlags}: nothing can be put into a folder that is immutable.
 */
export function makeFolder({ before, wished }: Difference): Script {
  const { owner, uid, group, gid, mode } = wished as Record<string, string | number | undefined>
  const words = ownerWords(owner ?? uid, group ?? gid)
  const path = String(before['real'])
  const make = sh`fplay_make d ${octal((mode as number | undefined) ?? 0o755)} ${path} ${words}`
  return join([make, ...labelScript(sh`${path}`, wished)])
}

/** Gives folders that were made the attributes that are wished for them, the inner ones first. */
export function folderFlags(differing: ReadonlyMap<Key, Difference>): readonly Script[] {
  return [...differing.values()]
    .filter(({ wished, names }) => wished['type'] === 'directory' && names.includes('type'))
    .reverse()
    .flatMap(({ before, wished }) => flagsScript(sh`${String(before['real'])}`, wished))
}

function ownerWords(owner: string | number | undefined, group: string | number | undefined): string[] {
  return [
    ...(owner === undefined ? [] : ['-o', String(owner)]),
    ...(group === undefined ? [] : ['-g', String(group)]),
  ]
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

/** Name of the file a write is prepared in; the next run removes one that a cut left behind. */
export function partialOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return `${path.slice(0, slash + 1)}.${path.slice(slash + 1)}.fplay-part`
}

/** Mode and owner of a new file, as far as it does not have them by itself. */
interface Whole {
  readonly mode: number
  readonly who: {
    readonly words: readonly string[]
    /** The group is the session's own, unless the folder gives another. */
    readonly inherits: boolean
  }
}

/** The rename brings a new inode: what the old file had and the wish does not name must be set again. */
function wholeState({ before, wished }: Difference, session: Session): Whole {
  const old = before as unknown as PathState
  const kept = old.type === 'file' ? { mode: old.mode, uid: old.uid, gid: old.gid } : {}
  const all = { ...kept, ...wished } as Record<string, string | number | undefined>
  const owner = wished['owner'] === undefined ? all['uid'] : all['owner']
  const group = wished['group'] === undefined ? all['gid'] : all['group']
  const ours = owner === session.user || owner === session.uid
  const inherits = group === session.group || group === session.gid
  return {
    mode: (all['mode'] as number | undefined) ?? 0o600,
    who: { words: ownerWords(ours ? undefined : owner, inherits ? undefined : group), inherits },
  }
}

function validateScript(command: string, partial: string): Script {
  const words = splitWords(command).map((part) => part.replaceAll('%s', partial))
  return sh`${words} >&2 || { echo ${`failed to validate: ${command}`} >&2; rm -f -- "$T"; exit 1; }`
}

function backupScript(path: string): Script {
  return sh`B=${path}.$$.$(date +%Y-%m-%d@%H:%M:%S)~; cp -p -- ${path} "$B"; printf 'backup: %s\\n' "$B"`
}

/** Where a dry run says that the old file is kept: the process and the time are known only in the run. */
export function foreseenBackup(path: string): string {
  return `${path}.0.0000-00-00@00:00:00~`
}

/** What is kept of the files that are replaced, for later tasks of a dry run. */
export function backupsBrought(
  { backup }: WriteOptions,
  differing: ReadonlyMap<Key, Difference>,
): ReadonlyMap<Key, OwnState> {
  if (!backup) return new Map()
  return new Map(
    [...differing.values()]
      .filter(
        ({ before, wished, names }) =>
          before['type'] === 'file' && wished['type'] === 'file' && names.includes('sha1'),
      )
      .map(({ before }): [Key, OwnState] => {
        const path = foreseenBackup(String(before['real']))
        return [`path:${path}`, { ...before, real: path }]
      }),
  )
}

/** The path that {@link writeFile} kept the old file under, from what the script printed. */
export function backupOf(stdout: string): string | undefined {
  return /^backup: (.*)$/m.exec(stdout)?.[1]
}
