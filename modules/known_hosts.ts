import { randomBytes } from 'node:crypto'
import { posix } from 'node:path'
import { defineModule, Fail, isUnknown, type View } from '../engine/module/contract.js'
import {
  editedAsks,
  editedConverge,
  editedWish,
  linesOf,
  type Edit,
  type Edited,
} from '../engine/module/edited.js'
import { hashedHost, isAbout, parseKnownHost, type KnownHost } from '../engine/module/known-host-lines.js'
import type { InferParams } from '../engine/module/params.js'

const params = {
  name: {
    type: 'str',
    required: true,
    aliases: ['host'],
    description: 'The host, in small letters from then on; with a port as [host]:port.',
  },
  key: {
    type: 'str',
    description: 'The line of the file: names of the host, type and key. Needed for state present.',
  },
  path: { type: 'path', default: '~/.ssh/known_hosts', description: 'The file. Its folder must exist.' },
  hash_host: { type: 'bool', default: false, description: 'Write the name as a hash.' },
  state: {
    type: 'str',
    default: 'present',
    choices: ['absent', 'present'],
    description: 'Whether the key should be there; absent without a key means no key of the host.',
  },
} as const
type Params = InferParams<typeof params>

/** A line that should be there, or should not. */
interface Local {
  readonly host: string
  /** Text that is added; undefined when none is given. */
  readonly text: string | undefined
  readonly key: KnownHost | undefined
}

const PROBLEM = 'Host parameter does not match hashed host field in supplied key'

function localOf({ name, key: given, hash_host: hash, state }: Params): Local {
  const host = name.toLowerCase()
  if (!given) {
    if (state === 'present') throw new Fail('No key specified when adding a host', [], 'give key')
    return { host, text: undefined, key: undefined }
  }
  if (/\S\s*,/.test(host)) {
    throw new Fail('Comma separated list of names is not supported', [], 'give one name')
  }
  const key = parseKnownHost(given)
  if (!key || !isAbout(key, host))
    throw new Fail(PROBLEM, [], 'let key begin with the name, then type and key')
  if (!hash) return { host, text: given.endsWith('\n') ? given : `${given}\n`, key }
  const hosts = hashedHost(host, randomBytes(20))
  const words = given.trim().split(/\s+/)
  words[key.marker === undefined ? 0 : 1] = hosts
  return { host, text: `${words.join(' ')}\n`, key: { ...key, hosts } }
}

function edited({ path }: Params): Edited {
  return { path, backup: false, create: true }
}

function edit({ state }: Params, { host, text: added, key }: Local, text: string | undefined): Edit {
  const lines = linesOf(text ?? '')
  const known = lines.map(parseKnownHost)
  const about = known.flatMap((line, at) => (line && isAbout(line, host) ? [{ line, at }] : []))
  if (!key) {
    const gone = new Set(about.filter(({ line }) => line.marker === undefined).map(({ at }) => at))
    return changed(gone.size > 0, without(lines, gone))
  }
  const same = about.find(({ line }) => isSame(line, key) || line.type === key.type)
  const rest = same ? without(lines, new Set([same.at])) : lines
  if (state === 'absent') return changed(same !== undefined, rest)
  if (same && isSame(same.line, key)) return changed(false, lines)
  const last = rest.at(-1)
  const ended = last === undefined || last.endsWith('\n') ? rest : [...rest.slice(0, -1), `${last}\n`]
  return changed(true, [...ended, added!])
}

/** A hashed name stays as it is hashed. */
function isSame(found: KnownHost, key: KnownHost): boolean {
  const hashed = found.hosts.startsWith('|1|') && key.hosts.startsWith('|1|')
  const { marker, hosts, type } = key
  return (
    found.marker === marker &&
    (hashed || found.hosts === hosts) &&
    found.type === type &&
    found.key === key.key
  )
}

function without(lines: readonly string[], gone: ReadonlySet<number>): readonly string[] {
  return lines.filter((_, i) => !gone.has(i))
}

function changed(is: boolean, lines: readonly string[]): Edit {
  return { text: is ? lines.join('') : undefined, msg: '' }
}

function refuseMissingFolder({ path }: Params, before: View): void {
  const folder = posix.dirname(path)
  if (folder === '/') return
  const { type } = before.path(folder)
  if (type === 'directory' || isUnknown(type)) return
  throw new Fail(
    `the folder ${folder} does not exist`,
    [`path:${folder}`],
    'make it with file: state=directory',
  )
}

/** Sees to the keys of hosts that SSH knows. */
export default defineModule({
  summary: 'Put keys of hosts into a known_hosts file, or remove them',
  description: 'The host needs no ssh-keygen.',
  params,
  returns: {
    name: 'As given.',
    key: 'As given.',
    path: 'The file.',
    hash_host: 'As given.',
    state: 'As given.',
  },
  examples: `
- name: Know the other party
  known_hosts:
    name: 192.168.7.2
    key: 192.168.7.2 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEjcFvE5bkCqHzT7zXvT3vO0y9cJm2gkP4mTdXbXK0cV
`,
  prepare: async (given) => localOf(given),
  probe: (given) => editedAsks(edited(given)),
  wanted: (given, before, local) => {
    const wish = editedWish(edited(given), before, (text) => edit(given, local, text))
    if (wish.size > 0) refuseMissingFolder(given, before)
    return wish
  },
  converge: (given, before, differing) => editedConverge(edited(given), before, differing),
  result: ({ name, key = null, path, hash_host, state }) => ({
    values: { name, key, path, hash_host, state },
  }),
})
