import { flagsScript } from '../engine/module/chattr.js'
import { attributesScript, ATTRIBUTE_RETURNS, labelInfo, wholeState } from '../engine/module/attributes.js'
import {
  defineModule,
  isUnknown,
  type Converge,
  type Difference,
  type Key,
  type PathState,
  type View,
} from '../engine/module/contract.js'
import { ENTRY, parentOf, stateWanted, type Entry } from '../engine/module/entry/params.js'
import { timesScript } from '../engine/module/entry/times.js'
import { entryBrings } from '../engine/module/entry/hard-link.js'
import { entryAsks, entryWish, moreEntryAsks } from '../engine/module/entry/wish.js'
import { modeText } from '../engine/module/mode.js'
import { join, sh, type Script } from '../engine/module/quote.js'
import { makeFolder } from '../engine/module/write.js'

function converge(given: Entry, before: View, differing: ReadonlyMap<Key, Difference>): Converge {
  const script = join([...differing.values()].map((difference) => entryScript(given, difference, before)))
  return { script, verbatim: true, plain: true }
}

function entryScript(given: Entry, difference: Difference, view: View): Script {
  const { before, wished, names } = difference
  const path = String(before['real'])
  const type = wished['type'] ?? before['type']
  const has = (...of: string[]): boolean => of.some((name) => names.includes(name))
  const times = timesScript(sh`${path}`, given, names, type === 'link')
  if (has('type') && wished['type'] === 'directory')
    return join([makeFolder(difference), ...flagsScript(sh`${path}`, wished), times])
  const make = has('type', 'target', 'inode') ? makeScript(given, path, before, wished) : sh`:`
  const made = wished['type'] === 'link' && has('type', 'target')
  const left = made ? ownersOfLink(given, wished, view) : names
  return join([make, attributesScript(sh`${path}`, wished, left, type), times])
}

/** Names of the wished owner and group that a new link does not have by itself. */
function ownersOfLink(given: Entry, wished: State, { session, path }: View): readonly string[] {
  const { mode } = path(parentOf(given.path))
  const inherits = typeof mode === 'number' && (mode & 0o2000) !== 0
  const own: State = { owner: session.user, uid: session.uid }
  const ours: State = inherits ? own : { ...own, group: session.group, gid: session.gid }
  return ['owner', 'uid', 'group', 'gid'].filter(
    (name) => wished[name] !== undefined && wished[name] !== ours[name],
  )
}

type State = Readonly<Record<string, unknown>>

function makeScript(given: Entry, path: string, before: State, wished: State): Script {
  if (wished['type'] === 'absent') return sh`rm -rf -- ${path}`
  if (stateWanted(given) === 'hard') {
    return join([
      ...(before['type'] === 'directory' ? [sh`rmdir -- ${path}`] : []),
      sh`ln -f -- ${given.src!} ${path}`,
    ])
  }
  if (wished['type'] === 'link') {
    const clear =
      before['type'] === 'absent'
        ? sh`:`
        : before['type'] === 'directory'
          ? sh`rmdir -- ${path}`
          : sh`rm -f -- ${path}`
    return join([clear, sh`ln -s -- ${String(wished['target'])} ${path}`])
  }
  return sh`: >${path}`
}

/** Entries of the file system: directories, links, attributes, removal. */
export default defineModule({
  summary: 'Manage directories, links, attributes and removal of entries of the file system',
  params: ENTRY,
  returns: {
    path: 'The path that was managed.',
    dest: 'The same, for links and touched files.',
    state: 'What is there: file, directory, link, hard or absent.',
    ...ATTRIBUTE_RETURNS,
    src: 'What a link points to.',
  },
  examples: `
- name: Make the deployment folder
  file: {path: /data/projects/fate, state: directory, owner: fate, group: docker, mode: "0750"}
- name: Remove a left-over
  file: {path: /tmp/old, state: absent}
`,
  probe: entryAsks,
  more: moreEntryAsks,
  wanted: entryWish,
  brings: entryBrings,
  converge,
  result: (given, _before, after) => {
    const state = stateWanted(given)
    if (state === 'absent') return { values: { path: given.path, state: 'absent' } }
    const found = after.path(given.path)
    const path = given.follow && state === 'directory' ? found.real : given.path
    const link = state === 'link' || state === 'hard' ? { src: given.src ?? found.target } : {}
    const named = state === 'touch' || state === 'link' || state === 'hard' ? { dest: given.path } : { path }
    return { values: { ...named, ...link, ...describe(found, state) } }
  },
})

function describe(found: PathState, state: string | undefined): Readonly<Record<string, unknown>> {
  const { owner, group, uid, gid, size, mode, type, links } = wholeState(found)
  const shared = type === 'file' && typeof links === 'number' && links > 1
  const there = state === 'hard' || shared ? 'hard' : isUnknown(type) || type !== 'other' ? type : 'file'
  return { state: there, mode: modeText(mode), owner, group, uid, gid, size, ...labelInfo(found) }
}
