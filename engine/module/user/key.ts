import { posix } from 'node:path'
import { hasTool } from '../accounts.js'
import {
  Fail,
  FRESH,
  Unknown,
  type Ask,
  type Difference,
  type Key,
  type OwnState,
  type PathState,
  type View,
  type Wished,
} from '../contract.js'
import { sh, type Script } from '../quote.js'
import { homeOf } from './home.js'
import type { User } from './params.js'

/** Where the key of the account is or will be; undefined where none is wanted, or the home is not known. */
export function keyPath(given: User, before: View): string | undefined {
  const { generate_ssh_key: wanted, ssh_key_type: type, ssh_key_file: file = `.ssh/id_${type}` } = given
  const home = homeOf(given, before)
  if (!wanted || given.state === 'absent' || home === undefined) return undefined
  return file.startsWith('/') ? file : posix.join(home, file)
}

/** Asks for the key, its public half, and the folder that they are in. */
export function keyAsks(given: User, before: View): readonly Ask[] {
  const path = keyPath(given, before)
  if (path === undefined) return []
  return [
    { kind: 'path', path: posix.dirname(path), need: 'stat', follow: true },
    ...[path, `${path}.pub`].map((one): Ask => ({ kind: 'path', path: one, need: 'hash' })),
    {
      kind: 'own',
      key: `ssh-key:${path}`,
      script: sh`if [ -r ${path} ] || [ -r ${path}.pub ]; then ssh-keygen -l -f ${path} </dev/null 2>&1 || :; fi
echo; if [ -r ${path}.pub ]; then cat -- ${path}.pub; fi`,
      read: ({ stdout }) => {
        const [fingerprint = '', ...rest] = stdout.split('\n').filter(Boolean)
        return { fingerprint, public: rest.join('\n') }
      },
    },
  ]
}

/** Both halves of a key that is to be made, and their folder. A key that is there stays, but for `force`. */
export function keyWishes(
  given: User,
  group: PathState['group'],
  before: View,
): readonly [Key, Wished<PathState>][] {
  const path = keyPath(given, before)
  if (path === undefined || !isMade(given, path, before)) return []
  if (!hasTool('ssh-keygen', before)) {
    throw new Fail(
      'the host has no ssh-keygen',
      ['program:ssh-keygen'],
      'install openssh-client, or without it openssh-keygen',
    )
  }
  const folder = posix.dirname(path)
  const who = { owner: given.name, ...(group === undefined ? {} : { group }) }
  const half = (file: string, mode: number): [Key, Wished<PathState>] => {
    const isThere = before.path(file).type === 'file'
    return [
      `path:${file}`,
      { type: 'file', mode, ...who, sha1: isThere ? FRESH : new Unknown(`key of ${given.name}`) },
    ]
  }
  return [
    ...(before.path(folder).type === 'absent'
      ? [[`path:${folder}`, { type: 'directory', mode: 0o700, ...who }] as [Key, Wished<PathState>]]
      : []),
    half(path, 0o600),
    half(`${path}.pub`, 0o644),
  ]
}

function isMade({ force }: User, path: string, before: View): boolean {
  return force || [path, `${path}.pub`].every((file) => before.path(file).type === 'absent')
}

/** Makes the key when one is wished for. */
export function keyScript(given: User, before: View, differing: ReadonlyMap<Key, Difference>): Script {
  const path = keyPath(given, before)
  if (path === undefined || !differing.has(`path:${path}`)) return sh`:`
  const { name, ssh_key_type: type, ssh_key_bits: bits, ssh_key_comment: comment } = given
  const folder = posix.dirname(path)
  const size = bits === undefined || bits <= 0 ? [] : ['-b', bits]
  const own = sh`chown ${name}:"$(id -gn -- ${name})" --`
  return sh`if [ ! -d ${folder} ]; then mkdir -m 700 -- ${folder}; ${own} ${folder}; fi
rm -f -- ${path} ${path}.pub
C=${comment ?? ''}; if [ -z "$C" ]; then C="ansible-generated on $(hostname 2>/dev/null || uname -n)"; fi
ssh-keygen -q -t ${type} ${size} -C "$C" -N '' -f ${path} </dev/null >&2
${own} ${path} ${path}.pub; chmod 600 -- ${path}; chmod 644 -- ${path}.pub`
}

/** What ssh-keygen will tell of a key that is to be made. */
export function keyBrought(
  given: User,
  before: View,
  differing: ReadonlyMap<Key, Difference>,
): ReadonlyMap<Key, OwnState> {
  const path = keyPath(given, before)
  if (path === undefined || !differing.has(`path:${path}`)) return new Map()
  const late = (what: string): Unknown => new Unknown(`${what} of ${given.name}`)
  return new Map<Key, OwnState>([
    [`ssh-key:${path}`, { fingerprint: late('fingerprint of the key'), public: late('public key') }],
  ])
}

/** Values of the result that tell of the key. */
export function keyValues(given: User, before: View, after: View): Readonly<Record<string, unknown>> {
  const path = keyPath(given, before)
  if (path === undefined) return {}
  const { fingerprint, public: publicHalf } = after.own(`ssh-key:${path}`)
  return { ssh_fingerprint: fingerprint, ssh_key_file: path, ssh_public_key: publicHalf }
}
