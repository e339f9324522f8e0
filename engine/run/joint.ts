import { INLINE_LIMIT } from '../connection/session.js'
import { octal } from '../module/attributes.js'
import type { Content, Converge, Difference } from '../module/contract.js'
import { join, sh, Script } from '../module/quote.js'
import { partialOf, REMOVE_OLD } from '../module/write.js'
import type { Parcel } from './speculation.js'

/**
 * Making new files and folders of several tasks with few processes. What members of a message that stand together make is told by
 * what differs, so one script makes it all: each `install` gives many their owner and mode, each `mv` puts all of a folder
 * in place. It makes all or nothing: where anything fails it removes what it has made, and the members' own scripts run,
 * one by one. So it tells of no error, and nothing is there behind a member that failed.
 *
 * Files are filled in a stage, a private folder beside where they go. The shell enters it, and all names are taken from
 * there: whoever owns the folder around cannot lead them elsewhere. The stage is named as the partial file of the last of them,
 * which is not in its place as long as there is a stage: the run that makes it removes what a cut has left.
 */

/** One new file or folder. */
interface Made {
  /** `empty`: a file that is made where it goes, as `touch` does. */
  readonly kind: 'folder' | 'file' | 'empty'
  readonly path: string
  readonly mode: string
  readonly owner: string
  readonly group: string
  /** What a file is to hold: the n-th input of the message, from 1. */
  readonly input?: { readonly n: number; readonly size: number }
}

/** Files of one folder, owner and mode. */
interface Group {
  readonly files: readonly Made[]
  readonly stage: string
}

/** Letters of all paths that one script may name; they are arguments of one process. */
const MOST_LETTERS = 100_000
/** Bytes of a name on the file systems of Linux. */
const MOST_BYTES = 255

/**
 * What each member's own script is left out for, where it ends with 0; undefined for those that stay by themselves.
 * @param inputs  those of the message before these members
 */
export function jointly(parcels: readonly Parcel[], inputs = 0): readonly (Script | undefined)[] {
  const told: (Script | undefined)[] = []
  let before = inputs
  let run: Made[][] = []
  const end = (): void => {
    const all = run.flat()
    const script = pays(run) ? jointScript(all) : undefined
    run.forEach((_, n) => told.push(script && (n === 0 ? script : sh`[ -n "$fplay_j" ]`)))
    run = []
  }
  for (const parcel of parcels) {
    const made = madeBy(parcel, before)
    before += parcel.step.inputs?.length ?? 0
    if (made) run.push(made)
    else {
      end()
      told.push(undefined)
    }
  }
  end()
  return told
}

/** What a step makes; undefined where it does anything else. */
function madeBy({ step, differing }: Parcel, before: number): Made[] | undefined {
  if (!step.plain) return undefined
  const made = [...differing].map(([key, difference]) =>
    key.startsWith('path:') ? entryOf(difference, step, before) : undefined,
  )
  return made.every((one) => one !== undefined) && made.length > 0 ? made : undefined
}

/** What is told of an entry that is made in the plain way. */
const PLAIN = new Set(['type', 'mode', 'owner', 'uid', 'group', 'gid', 'sha1', 'size', 'content'])

function entryOf({ before, wished }: Difference, { inputs = [] }: Converge, first: number): Made | undefined {
  const { type, mode, owner = wished['uid'], group = wished['gid'], content, size } = wished
  const isPlain = Object.entries(wished).every(([name, value]) => value === undefined || PLAIN.has(name))
  const known = [owner, group].every((who) => typeof who === 'string' || typeof who === 'number')
  if (before['type'] !== 'absent' || !isPlain || !known || typeof mode !== 'number') return undefined
  const made = { path: String(before['real']), mode: octal(mode), owner: String(owner), group: String(group) }
  if (type === 'directory') return { ...made, kind: 'folder' }
  if (type !== 'file' || size === undefined) return undefined
  if (inputs.length === 0) return size === 0 ? { ...made, kind: 'empty' } : undefined
  const n = inputs.indexOf(content as Content)
  // A special bit may be lost when the owner is given; what has travelled as a file is moved.
  const inline = n >= 0 && inputs[n]!.size <= INLINE_LIMIT && mode <= 0o777 && hasPartial(made)
  return inline ? { ...made, kind: 'file', input: { n: first + n + 1, size: inputs[n]!.size } } : undefined
}

/** By itself, a file of a longer name fails: its partial file cannot be made. */
function hasPartial({ path }: Pick<Made, 'path'>): boolean {
  return Buffer.byteLength(partialOf(path).slice(folderOf(path).length + 1)) <= MOST_BYTES
}

/** Whether it starts fewer processes than the members' own scripts. */
function pays(run: readonly (readonly Made[])[]): boolean {
  const all = run.flat()
  const letters = all.reduce((sum, { path }) => sum + path.length, 0)
  const own = all.reduce((sum, { kind }) => sum + (kind === 'folder' ? 1 : 2), run.length)
  const staged = groupsOf(all).length
  const joint = foldersOf(all).length + 2 * emptiesOf(all).length + 2 * staged + (staged > 0 ? 2 : 0) + 1
  return joint < own && letters <= MOST_LETTERS
}

/** Folders in their order, since one may be in another: those in a row that are alike at once. */
function foldersOf(all: readonly Made[]): readonly (readonly Made[])[] {
  const rows: Made[][] = []
  for (const one of all.filter(({ kind }) => kind === 'folder')) {
    const row = rows.at(-1)
    if (row && likeness(row[0]!) === likeness(one)) row.push(one)
    else rows.push([one])
  }
  return rows
}

function emptiesOf(all: readonly Made[]): readonly (readonly Made[])[] {
  const empties = all.filter(({ kind }) => kind === 'empty')
  return grouped(empties, likeness)
}

function groupsOf(all: readonly Made[]): readonly Group[] {
  const files = all.filter(({ kind }) => kind === 'file')
  const groups = grouped(files, (one) => `${folderOf(one.path)}\0${likeness(one)}`)
  return groups.map((files) => ({ files, stage: partialOf(files.at(-1)!.path) }))
}

function grouped(all: readonly Made[], keyOf: (one: Made) => string): readonly (readonly Made[])[] {
  const groups = new Map<string, Made[]>()
  for (const one of all) {
    const group = groups.get(keyOf(one))
    if (group) group.push(one)
    else groups.set(keyOf(one), [one])
  }
  return [...groups.values()]
}

function likeness({ mode, owner, group }: Made): string {
  return JSON.stringify([mode, owner, group])
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}

function nameOf({ path }: Made): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/**
 * - `fplay_free` tells whether nothing is at the paths, and removes what a cut has left beside them.
 * - `fplay_in STAGE` enters a stage of ours. `fplay_all` calls a function for each, with what follows.
 * - `fplay_own MODE OWNER GROUP PATH…` gives what is there owner and mode, `fplay_folders` makes folders with them.
 * - `fplay_fill STAGE MODE OWNER GROUP NAME…` makes the files in it anew, with owner and mode.
 * - `fplay_put`, with the same words, puts them in place, and `fplay_back` removes those that it has put there.
 */
const FUNCTIONS = Script.trusted(`fplay_free() {
  for P do
    if fplay_e "$P"; then return 1; fi
    T=\${P%/*}/.\${P##*/}.fplay-part
    ${REMOVE_OLD.text}
  done
}
fplay_in() { cd -P -- "$1" && [ "$PWD" = "$1" ] && [ -O . ] && [ -O .new ] && [ ! -L .new ]; }
fplay_fill() {
  fplay_in "$1" || return
  M=$2 O=$3 G=$4; shift 4
  if command -v install; then install -m "$M" -o "$O" -g "$G" -- "$@" .new
  else mv -- "$@" .new && cd .new && fplay_own "$M" "$O" "$G" "$@"; fi
}
fplay_own() {
  M=$1 O=$2 G=$3; shift 3
  chown -h "$O:$G" -- "$@" && chmod "$M" -- "$@"
}
fplay_folders() {
  if command -v install; then
    M=$1 O=$2 G=$3; shift 3
    install -d -m "$M" -o "$O" -g "$G" -- "$@"
    return
  fi
  (shift 3; mkdir -- "$@") && fplay_own "$@"
}
fplay_put() {
  fplay_in "$1" && cd .new || return
  shift 4
  mv -f -- "$@" ../../ || return
  [ ! -e /sys/fs/selinux/enforce ] || (cd ../../ && restorecon -- "$@") || :
}
fplay_back() {
  fplay_in "$1" && cd .new || return 0
  shift 4
  for P do fplay_e "$P" || rm -f -- "../../$P"; done
}`)

/** Makes all of it, and then sets `$fplay_j`; the shell itself runs it before the first member. */
function jointScript(all: readonly Made[]): Script {
  const groups = groupsOf(all)
  const folders = foldersOf(all).flat()
  const stages = groups.map(({ stage }) => stage)
  const staged = groups.map(({ stage, files }) => sh`"$1" ${stage} ${whoOf(files[0]!)} ${files.map(nameOf)}`)
  const steps = [
    ...foldersOf(all).map(makeFolders),
    ...emptiesOf(all).map(makeEmpties),
    ...(groups.length > 0 ? [sh`umask 077`, makeStages(stages), ...groups.map(writeAll), place(stages)] : []),
  ]
  const undo = [
    sh`[ -z "$V" ] || fplay_all fplay_back`,
    sh`cd /; rm -rf -- ${stages} "$@"`,
    ...(folders.length > 0 ? [sh`rmdir -- ${folders.map(({ path }) => path).reverse()}`] : []),
  ]
  return sh`fplay_j=; [ -z "$fplay_q" ] && ( ${FUNCTIONS}
fplay_all() { ${staged.length > 0 ? join(staged, ' &&\n') : sh`:`}; }
set -C; set --; V=
fplay_free ${all.map(({ path }) => path)} || exit 1
${join(steps, ' &&\n')} && exit
${join(undo)}
exit 1
) >/dev/null 2>&1 && fplay_j=1`
}

function whoOf({ mode, owner, group }: Made): readonly string[] {
  return [mode, owner, group]
}

function makeFolders(row: readonly Made[]): Script {
  return sh`fplay_folders ${whoOf(row[0]!)} ${row.map(({ path }) => path)}`
}

/** `$@` has those that were made. */
function makeEmpties(alike: readonly Made[]): Script {
  const paths = alike.map(({ path }) => path)
  return sh`for P in ${paths}; do { :; } >"$P" || { P=; break; }; set -- "$@" "$P"; done && [ -n "$P" ] &&
fplay_own ${whoOf(alike[0]!)} ${paths}`
}

function makeStages(stages: readonly string[]): Script {
  return sh`mkdir -m 700 -- ${stages.flatMap((stage) => [stage, `${stage}/.new`])}`
}

/** What has begun to put them in place goes on to its end: a stage without the last of them would stay. */
function place(stages: readonly string[]): Script {
  return sh`fplay_all fplay_fill && trap '' HUP INT TERM && V=1 && fplay_all fplay_put && cd / && rm -rf -- ${stages}`
}

function writeAll({ stage, files }: Group): Script {
  const writes = files.map((one) => sh`fplay_input ${one.input!.n} ${one.input!.size} >${nameOf(one)}`)
  return join([sh`fplay_in ${stage}`, ...writes], ' &&\n')
}
