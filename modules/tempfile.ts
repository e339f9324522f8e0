import { randomInt } from 'node:crypto'
import { posix } from 'node:path'
import { contentOf } from '../engine/content.js'
import {
  defineModule,
  Fail,
  isUnknown,
  type Ask,
  type Key,
  type PathState,
  type View,
  type Wish,
} from '../engine/module/contract.js'
import { STAT_RETURNS } from '../engine/module/attributes.js'
import type { InferParams } from '../engine/module/params.js'
import { constant, sh } from '../engine/module/quote.js'

const params = {
  state: {
    type: 'str',
    default: 'file',
    choices: ['file', 'directory'],
    description: 'What is made.',
  },
  path: {
    type: 'path',
    description: 'Folder it is made in. Default: the one of the host for temporary files.',
  },
  prefix: { type: 'str', default: 'ansible.', description: 'How its name begins.' },
  suffix: { type: 'str', default: '', description: 'How its name ends.' },
} as const
type Params = InferParams<typeof params>

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789_'
const FOLDER: Key = 'tempfile:folder'
/** Where temporary files go unless the environment of the host says otherwise. */
const USUAL = '/tmp'
const EMPTY = contentOf('')

/** The name is made up here, so that a dry run has one too. */
function chosenName({ prefix, suffix }: Params): string {
  const middle = Array.from({ length: 8 }, () => LETTERS[randomInt(LETTERS.length)])
  return prefix + middle.join('') + suffix
}

function probe({ path }: Params, name: string): readonly Ask[] {
  if (path !== undefined) return asksIn(path, name)
  const folder: Ask = {
    kind: 'own',
    key: FOLDER,
    script: constant`for D in "$TMPDIR" "$TEMP" "$TMP" /tmp /var/tmp /usr/tmp "$PWD"; do
  if [ -d "$D" ] && [ -w "$D" ]; then printf '%s' "$D"; break; fi
done`,
    read: ({ stdout }) => ({ path: stdout }),
  }
  return [folder, ...asksIn(USUAL, name)]
}

function asksIn(folder: string, name: string): readonly Ask[] {
  const path = posix.join(folder, name)
  return [
    { kind: 'path', path, need: 'hash' },
    { kind: 'path', path: posix.dirname(path), need: 'stat', follow: true },
  ]
}

function folderOf({ path }: Params, before: View): string {
  return path ?? String(before.own(FOLDER)['path'])
}

function wanted(given: Params, before: View, name: string): Wish {
  if (folderOf(given, before) === '')
    throw new Fail('the host has no folder for temporary files', [], 'give a path')
  const path = posix.join(folderOf(given, before), name)
  const folder = posix.dirname(path)
  const { type, mode } = before.path(folder)
  if (type !== 'directory' && !isUnknown(type)) {
    const what = type === 'absent' ? '[Errno 2] No such file or directory' : '[Errno 20] Not a directory'
    throw new Fail(`${what}: '${path}'`, [`path:${folder}`], `make ${folder} with file: state=directory`)
  }
  const setgid = typeof mode === 'number' ? mode & 0o2000 : 0
  const wish =
    given.state === 'file'
      ? { type: 'file', mode: 0o600, sha1: EMPTY.sha1, size: 0, content: EMPTY }
      : { type: 'directory', mode: 0o700 | setgid }
  return new Map<Key, Partial<PathState>>([[`path:${path}`, wish as Partial<PathState>]])
}

/** Makes a temporary file or folder. */
export default defineModule({
  summary: 'Make a file or folder with a name that nothing else has',
  description: 'It stays until somebody removes it. A dry run makes up a name like the one of the run.',
  params,
  returns: {
    path: 'Its path.',
    state: 'file or directory.',
    ...STAT_RETURNS,
    mode: 'Permissions in octal: 0600, or 0700 of a folder.',
  },
  examples: `
- tempfile: {state: directory, suffix: .images}
  register: folder
- unarchive: {src: images.tar, dest: "{{ folder.path }}"}
- file: {path: "{{ folder.path }}", state: absent}
`,
  prepare: async (given) => chosenName(given),
  probe,
  more: (given, before, name) => asksIn(folderOf(given, before) || USUAL, name),
  wanted,
  converge: (given, before, _differing, name) => {
    const path = posix.join(folderOf(given, before), name)
    return {
      script: given.state === 'file' ? sh`umask 077; set -C; : >${path}` : sh`umask 077; mkdir -- ${path}`,
    }
  },
  result: (given, before, after, _ran, name) => {
    const path = posix.join(folderOf(given, before), name)
    const { owner, group, uid, gid, mode, size } = after.path(path)
    const octal = typeof mode === 'number' ? mode.toString(8).padStart(4, '0') : mode
    return { values: { path, state: given.state, mode: octal, owner, group, uid, gid, size } }
  },
  unproven: () => 'the run will make up another name',
})
