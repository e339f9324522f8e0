import { contentOf } from '../engine/content.js'
import { ATTRIBUTES, attributeAsks, attributeWish, attributesScript } from '../engine/module/attributes.js'
import {
  defineModule,
  Fail,
  FRESH,
  isUnknown,
  type Ask,
  type Difference,
  type Key,
  type PathState,
  type View,
  type Wish,
  type Wished,
} from '../engine/module/contract.js'
import { modeText } from '../engine/module/mode.js'
import type { InferParams } from '../engine/module/params.js'
import { join, sh, type Script } from '../engine/module/quote.js'
import { makeFolder } from '../engine/module/write.js'

const params = {
  path: { type: 'path', required: true, aliases: ['dest', 'name'], description: 'The entry to manage.' },
  state: {
    type: 'str',
    choices: ['absent', 'directory', 'file', 'hard', 'link', 'touch'],
    description:
      'What should be there. `file` only sets attributes of what exists; `touch` makes an empty file or renews its times. Default: `directory` with `recurse`, otherwise what is there.',
  },
  src: { type: 'str', description: 'What a link points to; for `hard` the file to share.' },
  recurse: {
    type: 'bool',
    default: false,
    description: 'Set the attributes of everything below a directory too.',
  },
  follow: { type: 'bool', default: true, description: 'Manage what a link points to instead of the link.' },
  force: {
    type: 'bool',
    default: false,
    description: 'Make a link where there is a file, or to something that is not there.',
  },
  access_time: { type: 'str', description: '`preserve`, or `now`; for `touch`.' },
  modification_time: { type: 'str', description: '`preserve`, or `now`; for `touch`.' },
  ...ATTRIBUTES,
} as const
type Params = InferParams<typeof params>

/** What a call is about, once the parameters and the present state are known. */
function stateWanted(given: Params): NonNullable<Params['state']> | undefined {
  return given.state ?? (given.recurse ? 'directory' : undefined)
}

/** A link is looked at itself when a link should be, or when it should go. */
function follows(given: Params): boolean {
  const state = stateWanted(given)
  return given.follow && state !== 'link' && state !== 'hard' && state !== 'absent'
}

function ancestors(path: string): string[] {
  const parts = path.split('/').filter(Boolean).slice(0, -1)
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}`)
}

function probe(given: Params): readonly Ask[] {
  const state = stateWanted(given)
  const makesParents = state === 'directory'
  return [
    { kind: 'path', path: given.path, need: state === 'touch' ? 'hash' : 'stat', follow: follows(given) },
    ...(makesParents ? ancestors(given.path) : []).map((path): Ask => ({
      kind: 'path',
      path,
      need: 'stat',
      follow: true,
    })),
    ...(given.recurse ? [{ kind: 'tree', path: given.path, need: 'stat' } as const] : []),
    ...(makesOne(state)
      ? [{ kind: 'path', path: parentOf(given.path), need: 'stat', follow: true } as const]
      : []),
    ...(state === 'hard' ? [{ kind: 'path', path: sourceOf(given), need: 'stat' } as const] : []),
    ...(state === 'link'
      ? [{ kind: 'path', path: linkGoal(given), need: 'stat', follow: true } as const]
      : []),
    ...attributeAsks(given),
  ]
}

/** States that make one entry in a folder that must be there. */
function makesOne(state: Params['state']): boolean {
  return state === 'hard' || state === 'link' || state === 'touch'
}

function parentOf(path: string): string {
  return path.slice(0, path.replace(/\/+$/, '').lastIndexOf('/')) || '/'
}

function refuseMissingFolder(given: Params, before: View, found: PathState): void {
  const folder = parentOf(given.path)
  const { type } = before.path(folder)
  if (found.type !== 'absent' || type === 'directory' || isUnknown(type)) return
  const what = type === 'absent' ? 'does not exist' : `is a ${type}`
  throw new Fail(`the folder ${folder} ${what}`, [`path:${folder}`], 'make it with state directory')
}

function sourceOf(given: Params): string {
  if (given.src === undefined) throw new Fail(`state ${given.state} needs src`)
  return given.src
}

/** Where a link leads, as an absolute path. */
function linkGoal(given: Params): string {
  const target = sourceOf(given)
  return target.startsWith('/') ? target : `${given.path.slice(0, given.path.lastIndexOf('/'))}/${target}`
}

function wanted(given: Params, before: View): Wish {
  const found = before.path(given.path)
  const state = stateWanted(given) ?? presentState(given, found)
  const key: Key = `path:${given.path}`
  if (state === 'absent') return new Map([[key, { type: 'absent' }]])
  if (makesOne(state)) refuseMissingFolder(given, before, found)
  if (stateWanted(given) === 'directory') return wantedDirectory(given, before, found)
  if (state === 'link') return wantedLink(given, before, found)
  if (state === 'hard') return wantedHardLink(given, before, found)
  if (state === 'touch') return new Map([[key, touchWish(given, before, found)]])
  const type = found.type === 'directory' ? 'directory' : 'file'
  if (found.type === 'absent') {
    throw new Fail(`${given.path} does not exist`, [key], 'use state touch or directory to create it')
  }
  return new Map([[key, attributeWish(given, before, found, type)]])
}

/** Without `state`, the attributes of what is there are managed; nothing there is an error, as with `file`. */
function presentState(given: Params, found: PathState): 'file' | 'directory' | 'link' {
  if (given.src !== undefined) return 'link'
  return found.type === 'directory' ? 'directory' : 'file'
}

function wantedDirectory(given: Params, before: View, found: PathState): Wish {
  const wish = new Map<Key, Wished<PathState>>()
  for (const ancestor of ancestors(given.path)) {
    const state = before.path(ancestor)
    if (state.type === 'absent') {
      wish.set(`path:${ancestor}`, { type: 'directory', ...attributeWish(given, before, state, 'directory') })
    } else if (state.type !== 'directory') {
      throw new Fail(`${ancestor} is a ${String(state.type)}, not a directory`, [`path:${ancestor}`])
    }
  }
  if (found.type !== 'absent' && found.type !== 'directory') {
    throw new Fail(
      `${given.path} is a ${String(found.type)}, not a directory`,
      [`path:${given.path}`],
      'remove it first',
    )
  }
  wish.set(`path:${given.path}`, { type: 'directory', ...attributeWish(given, before, found, 'directory') })
  if (given.recurse) {
    for (const [relative, state] of before.tree(given.path)) {
      const type = state.type === 'directory' ? 'directory' : state.type === 'link' ? 'link' : 'file'
      wish.set(`path:${given.path}/${relative}`, attributeWish(given, before, state, type))
    }
  }
  return wish
}

function wantedLink(given: Params, before: View, found: PathState): Wish {
  const key: Key = `path:${given.path}`
  const goal = before.path(linkGoal(given))
  if (goal.type === 'absent' && !given.force) {
    throw new Fail(
      `src ${sourceOf(given)} does not exist`,
      [`path:${linkGoal(given)}`],
      'use force to link all the same',
    )
  }
  if (found.type === 'file' && !given.force) {
    throw new Fail(`${given.path} is a file`, [key], 'use force to replace it by a link')
  }
  if (found.type === 'directory') {
    throw new Fail(`${given.path} is a directory`, [key], 'remove it first')
  }
  const { owner, group } = given
  return new Map([
    [
      key,
      { type: 'link', target: sourceOf(given), ...attributeWish({ owner, group }, before, found, 'link') },
    ],
  ])
}

function wantedHardLink(given: Params, before: View, found: PathState): Wish {
  const key: Key = `path:${given.path}`
  const source = before.path(sourceOf(given))
  if (source.type === 'absent')
    throw new Fail(`src ${sourceOf(given)} does not exist`, [`path:${sourceOf(given)}`])
  if (found.type !== 'absent' && found.inode !== source.inode && !given.force) {
    throw new Fail(`${given.path} exists`, [key], 'use force to replace it by a hard link')
  }
  const { mode, owner, group } = source
  return new Map([[key, { type: 'file', inode: source.inode, mode, owner, group } as Wished<PathState>]])
}

function touchWish(given: Params, before: View, found: PathState): Wished<PathState> {
  const type = found.type === 'directory' ? 'directory' : 'file'
  const attributes = attributeWish(given, before, found, type)
  const isNew = found.type === 'absent'
  const keeps = (time: string | undefined): boolean => time === 'preserve' && !isNew
  return {
    ...attributes,
    ...(isNew ? { type: 'file', sha1: EMPTY.sha1, size: 0, content: EMPTY } : {}),
    ...(keeps(given.modification_time) || isNew ? {} : { mtime: FRESH }),
    ...(keeps(given.access_time) || isNew ? {} : { atime: FRESH }),
  }
}

const EMPTY = contentOf('')

function converge(given: Params, before: View, differing: ReadonlyMap<Key, Difference>): { script: Script } {
  const state = stateWanted(given) ?? presentState(given, before.path(given.path))
  return {
    script: join([...differing.values()].map((difference) => entryScript(given, state, difference))),
  }
}

function entryScript(given: Params, state: string, difference: Difference): Script {
  const { before, wished, names } = difference
  const path = String(before['real'])
  const attributes = attributesScript(sh`${path}`, wished, names, wished['type'] ?? before['type'])
  if (state === 'absent') return sh`rm -rf -- ${path}`
  if (state === 'link' && (names.includes('type') || names.includes('target'))) {
    const clear = before['type'] === 'absent' ? sh`:` : sh`rm -f -- ${path}`
    return join([clear, sh`ln -s -- ${sourceOf(given)} ${path}`, attributes])
  }
  if (state === 'hard') return sh`ln -f -- ${sourceOf(given)} ${path}`
  if (state === 'touch') return join([touchScript(path, given, names), attributes])
  if (names.includes('type') && wished['type'] === 'directory') return join([makeFolder(path), attributes])
  return attributes
}

function touchScript(path: string, given: Params, names: readonly string[]): Script {
  if (names.includes('type')) return sh`: >${path}`
  const times = [...(names.includes('mtime') ? ['-m'] : []), ...(names.includes('atime') ? ['-a'] : [])]
  return times.length === 0 ? sh`:` : sh`touch ${times} -- ${given.path}`
}

/** Entries of the file system: directories, links, attributes, removal. */
export default defineModule({
  summary: 'Manage directories, links, attributes and removal of entries of the file system',
  params,
  returns: {
    path: 'The path that was managed.',
    dest: 'The same, for links and touched files.',
    state: 'What is there: file, directory, link, hard or absent.',
    mode: 'Permissions in octal.',
    owner: 'Name of the owner.',
    group: 'Name of the group.',
    uid: 'Id of the owner.',
    gid: 'Id of the group.',
    size: 'Bytes.',
    src: 'What a link points to.',
  },
  examples: `
- name: Make the deployment folder
  file: {path: /data/projects/fate, state: directory, owner: fate, group: docker, mode: "0750"}
- name: Remove a left-over
  file: {path: /tmp/old, state: absent}
`,
  probe,
  wanted,
  converge,
  result: (given, _before, after) => {
    const state = stateWanted(given)
    if (state === 'absent') return { values: { path: given.path, state: 'absent' } }
    const found = after.path(given.path)
    const link = state === 'link' || state === 'hard' ? { dest: given.path, src: given.src } : {}
    const touched = state === 'touch' ? { dest: given.path } : { path: given.path }
    return { values: { ...touched, ...link, ...describe(found, state) } }
  },
})

function describe(found: PathState, state: string | undefined): Readonly<Record<string, unknown>> {
  const { owner, group, uid, gid, size, mode, type } = found
  return { state: state === 'hard' ? 'hard' : type, mode: modeText(mode), owner, group, uid, gid, size }
}
