import { isUtf8 } from 'node:buffer'
import { posix } from 'node:path'
import { contentOf } from '../engine/content.js'
import { attributesScript, pathInfo } from '../engine/module/attributes.js'
import { mergeKeys, parseKey, parseOptions, type KeyLine } from '../engine/module/authorized-keys.js'
import {
  defineModule,
  Fail,
  isUnknown,
  Unknown,
  type Ask,
  type Content,
  type Difference,
  type Key,
  type Maybe,
  type PathState,
  type UserState,
  type View,
  type Wish,
  type Wished,
} from '../engine/module/contract.js'
import { readAnswer, type HttpAnswer } from '../engine/module/http-answer.js'
import { requestScript, type HttpRequest } from '../engine/module/http-request.js'
import type { InferParams } from '../engine/module/params.js'
import { join, sh, type Script } from '../engine/module/quote.js'
import { input, makeFolder, writeFile } from '../engine/module/write.js'
import { foldersAbove } from '../engine/module/folders-above.js'

const params = {
  user: { type: 'str', required: true, description: 'The account that may log in with the key.' },
  key: {
    type: 'str',
    required: true,
    description: 'The public keys, a line each, or an http or https URL that the host reads them from.',
  },
  state: {
    type: 'str',
    default: 'present',
    choices: ['absent', 'present'],
    description: 'Whether the keys should be there.',
  },
  exclusive: { type: 'bool', default: false, description: 'Remove all other keys.' },
  key_options: { type: 'str', description: 'Options in front of the key, such as from="192.168.7.0/24".' },
  comment: { type: 'str', description: 'Comment behind the key, in place of its own.' },
  path: { type: 'path', description: 'The file of keys. Default: ~/.ssh/authorized_keys of the account.' },
  manage_dir: {
    type: 'bool',
    default: true,
    description: 'Make the folder of the file, and give it to the account alone, when the file is written.',
  },
  follow: { type: 'bool', default: false, description: 'Write to what a link points to.' },
  validate_certs: {
    type: 'bool',
    default: true,
    description: 'Refuse a URL whose certificate cannot be trusted.',
  },
} as const
type Params = InferParams<typeof params>

const FETCHED: Key = 'http:keys'

/** The request for the keys; undefined where they are given. */
function requestOf({ key, validate_certs: verify }: Params): HttpRequest | undefined {
  if (!key.startsWith('http')) return undefined
  if (!URL.canParse(key))
    throw new Fail(`Error getting key from: ${key}`, [], 'give a key, or an http or https URL')
  const headers = [['User-Agent', 'ansible-httpget']] as const
  return {
    url: key,
    method: 'GET',
    headers,
    unasked: false,
    redirects: true,
    verify,
    proxy: true,
    timeout: 10,
  }
}

function probe(given: Params): readonly Ask[] {
  const request = requestOf(given)
  if (request === undefined) keysOf(given, given.key)
  const fetched: Ask[] = request
    ? [
        {
          kind: 'own',
          key: FETCHED,
          script: requestScript(request),
          read: (output) => ({ answer: readAnswer(request, output) }),
        },
      ]
    : []
  return [{ kind: 'user', name: given.user }, ...fileAsks(given, likelyFile(given)), ...fetched]
}

/** Where the file most likely is, so that one round trip does. */
function likelyFile({ user, path }: Params): string {
  return path ?? (user === 'root' ? '/root/.ssh/authorized_keys' : `/home/${user}/.ssh/authorized_keys`)
}

function fileAsks({ follow }: Params, path: string): readonly Ask[] {
  const folders = foldersAbove(path).map((folder): Ask => ({
    kind: 'path',
    path: folder,
    need: 'stat',
    follow: true,
  }))
  return [...folders, { kind: 'path', path, need: 'content', follow }]
}

/** The file where it really is, and where a link leads that is read, but not written to. */
function more(given: Params, before: View): readonly Ask[] {
  const path = fileOf(given, before)
  if (path === undefined) return []
  if (path !== likelyFile(given)) return [...fileAsks(given, path), ...goalAsks(given, path, before)]
  return goalAsks(given, path, before)
}

function goalAsks({ follow }: Params, path: string, before: View): readonly Ask[] {
  if (follow || !before.knows(path)) return []
  const { type, target } = before.path(path)
  if (type !== 'link' || typeof target !== 'string') return []
  return [{ kind: 'path', path: posix.resolve(posix.dirname(path), target), need: 'content', follow: true }]
}

/** Undefined where there is no such account, or its home is known only after the run. */
function fileOf({ user, path }: Params, before: View): string | undefined {
  const { home } = before.user(user)
  if (path !== undefined) return path
  return typeof home === 'string' ? posix.join(home, '.ssh/authorized_keys') : undefined
}

/** The keys in a text; empty lines and comments are passed over. */
function keysOf({ key_options: options, comment }: Params, text: string): readonly KeyLine[] {
  const lines = text.split(/\r\n|[\r\n]/).filter((line) => line !== '' && !line.startsWith('#'))
  return lines.map((line) => {
    const key = parseKey(line)
    if (!key) throw new Fail(`invalid key specified: ${line}`, [], 'give a public key: its type and the key')
    return {
      ...key,
      ...(options === undefined ? {} : { options: parseOptions(options) }),
      ...(comment === undefined ? {} : { comment }),
    }
  })
}

function wantedKeys(given: Params, before: View): readonly KeyLine[] {
  if (!requestOf(given)) return keysOf(given, given.key)
  const { status, body } = before.own(FETCHED)['answer'] as HttpAnswer
  if (status !== 200) throw new Fail(`Error getting key from: ${given.key}`)
  return keysOf(given, body)
}

function wanted(given: Params, before: View): Wish {
  const account = before.user(given.user)
  if (account.exists === false) {
    throw new Fail(
      `Failed to lookup user ${given.user}`,
      [`user:${given.user}`],
      'create it with the module user',
    )
  }
  const keys = wantedKeys(given, before)
  const path = fileOf(given, before)
  if (path === undefined) throw new Fail(`the home of ${given.user} is not known`, [`user:${given.user}`])
  const content = merged(given, keys, contentAt(given, path, before))
  if (content === undefined) return new Map()
  const bytes = isUnknown(content) ? { sha1: content } : { sha1: content.sha1, size: content.size, content }
  const file: Wished<PathState> = { type: 'file', mode: 0o600, ...ownerOf(account, given.user), ...bytes }
  return new Map<Key, Wished<PathState>>([
    ...folderWishes(given, path, account, before),
    [`path:${path}`, file],
  ])
}

/** The file as it should be; undefined when it is so. */
function merged(
  given: Params,
  keys: readonly KeyLine[],
  found: Maybe<Content> | undefined,
): Maybe<Content> | undefined {
  if (isUnknown(found)) return found
  const bytes = found?.bytes() ?? Buffer.alloc(0)
  const encoding = isUtf8(bytes) ? 'utf8' : 'latin1'
  const text = mergeKeys(bytes.toString(encoding), { keys, state: given.state, exclusive: given.exclusive })
  return text === undefined ? undefined : contentOf(Buffer.from(text, encoding))
}

/** What is in the file, through a link too; undefined where there is none. */
function contentAt(given: Params, path: string, before: View): Maybe<Content> | undefined {
  const found = before.path(path)
  if (found.type === 'directory') throw new Fail(`${path} is a directory`, [`path:${path}`])
  const [goal] = goalAsks(given, path, before)
  const state = goal?.kind === 'path' ? before.path(goal.path) : found
  if (state.type === 'absent' || state.type === 'directory') return undefined
  return state.content ?? new Unknown(`content of ${path}`)
}

function ownerOf({ uid, gid, group }: UserState, name: string): Wished<PathState> {
  const ids = typeof uid === 'number' && typeof gid === 'number'
  return ids ? { uid, gid } : { owner: name, ...(typeof group === 'string' ? { group } : {}) }
}

/** The folder of the file belongs to the account alone; without manage_dir, folders are made as the umask has it. */
function folderWishes(
  { manage_dir: manages, user }: Params,
  path: string,
  account: UserState,
  before: View,
): readonly [Key, Wished<PathState>][] {
  const above = foldersAbove(path)
  const wrong = above.find((folder) => ['file', 'other'].includes(String(before.path(folder).type)))
  if (wrong !== undefined) throw new Fail(`${wrong} is not a folder`, [`path:${wrong}`])
  const missing = above.filter((folder) => before.path(folder).type === 'absent')
  if (!manages) return missing.map((folder) => [`path:${folder}`, { type: 'directory' }])
  const own = above.at(-1)
  if (own === undefined) return []
  const [first] = missing
  if (first !== undefined && first !== own) {
    throw new Fail(
      `Failed to create directory ${own}: ${first} does not exist`,
      [`path:${first}`],
      'make it with file: state=directory, or use manage_dir: false',
    )
  }
  return [[`path:${own}`, { type: 'directory', mode: 0o700, ...ownerOf(account, user) }]]
}

function converge(
  _given: Params,
  before: View,
  differing: ReadonlyMap<Key, Difference>,
): { script: Script; inputs: readonly Content[] } {
  const inputs: Content[] = []
  const scripts = [...differing.values()].map((difference): Script => {
    const { wished, names } = difference
    const path = String(difference.before['real'])
    if (wished['type'] === 'directory') {
      return names.includes('type')
        ? makeFolder(difference)
        : attributesScript(sh`${path}`, wished, names, 'directory')
    }
    const content = wished['content'] as Content
    inputs.push(content)
    return writeFile(path, input(0, content), difference, before.session)
  })
  return { script: join(scripts), inputs }
}

/** Lets accounts log in with SSH keys. */
export default defineModule({
  summary: 'Put SSH public keys into the authorized_keys of an account, or remove them',
  params,
  returns: {
    keyfile: 'The file of keys.',
    user: 'As given.',
    key: 'As given.',
    state:
      'As given; with path that of the file, of which owner, group, uid, gid, mode and size are told too.',
    exclusive: 'As given.',
    key_options: 'As given.',
    comment: 'As given.',
    path: 'As given.',
    manage_dir: 'As given.',
    follow: 'As given.',
    validate_certs: 'As given.',
  },
  examples: `
- name: Let the operator in, and nobody else
  authorized_key:
    user: fate
    key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEjcFvE5bkCqHzT7zXvT3vO0y9cJm2gkP4mTdXbXK0cV operator
    exclusive: true
`,
  probe,
  more,
  wanted,
  converge,
  result: (given, before, after) => {
    const { user, key, state, exclusive, manage_dir, follow, validate_certs } = given
    const { key_options = null, comment = null, path = null } = given
    const keyfile = fileOf(given, before) ?? new Unknown(`home of ${user}`)
    const named = {
      user,
      key,
      state,
      exclusive,
      key_options,
      comment,
      path,
      manage_dir,
      follow,
      validate_certs,
    }
    const file = path === null || isUnknown(keyfile) ? undefined : after.path(keyfile)
    return { values: { ...named, ...(file && file.type !== 'absent' ? pathInfo(file) : {}), keyfile } }
  },
})
