import { createHash } from 'node:crypto'
import { isUnknown, Unknown, type Maybe } from '../unknown.js'
import { flagNames, lettersOf } from './chattr.js'
import { Fail, type OwnAsk, type PathState, type View } from './contract.js'
import { Script, sh } from './quote.js'

/** What `stat` is asked for beside the attributes of a path. */
export interface StatWishes {
  readonly path: string
  readonly follow: boolean
  /** Kind of checksum; undefined for none. */
  readonly algorithm: string | undefined
  readonly mime: boolean
  readonly attributes: boolean
}

type Values = Readonly<Record<string, unknown>>

/**
 * What only the host's own tools know of an entry: what the user of the task may do with it (ACLs, read-only mounts),
 * special files, blocks, fractions of times, other checksums than SHA-1, kind of content, attributes of the file system.
 */
export function statMoreAsk(wishes: StatWishes): OwnAsk {
  const { path, follow, algorithm, mime, attributes } = wishes
  const status = follow ? sh`stat -L` : sh`stat`
  const sum = Script.trusted(`${algorithm ?? ''}sum`)
  return {
    kind: 'own',
    ahead: true,
    key: `stat:${path}`,
    script: sh`P=${path}; [ -e "$P" ] || [ -L "$P" ] || exit 0
printf 'tests ='; for T in e r w x; do ! test -$T "$P" || printf %s $T; done
${follow ? sh`false` : sh`[ -L "$P" ]`} || for T in b c p S; do ! test -$T "$P" || printf %s $T; done
printf '\\nblocks %s\\n' "$(${status} -c '%o %b %t %T' -- "$P")"
printf 'times %s\\n' "$(${status} -c '%.9X %.9Y %.9Z' -- "$P" 2>/dev/null)"
${algorithm === undefined || algorithm === 'sha1' ? sh`:` : sh`[ ! -f "$P" ] || [ ! -r "$P" ] || printf 'sum %s\\n' "$(${sum} <"$P")"`}
${mime ? sh`! command -v file >/dev/null 2>&1 || printf 'mime %s\\n' "$(file -b --mime-type --mime-encoding -- "$P")"` : sh`:`}
${attributes ? sh`! command -v lsattr >/dev/null 2>&1 || printf 'attributes %s\\n' "$(lsattr -vd -- "$P" 2>/dev/null)"` : sh`:`}`,
    read: ({ stdout }) => {
      const lines = stdout.split('\n').filter(Boolean)
      return Object.fromEntries(
        lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]),
      )
    },
  }
}

/** The values of {@link statMoreAsk}; of what a dry run foresees, as far as they can be told. */
export function statMore(wishes: StatWishes, found: PathState, before: View): Values {
  const said = before.own(`stat:${wishes.path}`) as Readonly<Record<string, string | undefined>>
  const foreseen = said['tests'] === undefined || isUnknown(found.ctime)
  return {
    ...accessOf(wishes.path, found, said, before),
    ...specialOf(found, said),
    ...(foreseen ? late(wishes.path, ['block_size', 'blocks', 'device_type']) : blocksOf(said['blocks'])),
    ...timesOf(found, said['times']),
    ...checksumOf(wishes, found, said['sum'], foreseen),
    ...(wishes.mime
      ? foreseen
        ? late(wishes.path, ['mimetype', 'charset'])
        : mimeOf(said['mime'], said['tests'])
      : {}),
    ...(wishes.attributes ? attributesOf(wishes.path, found, said['attributes'], foreseen) : {}),
  }
}

function late(path: string, names: readonly string[]): Values {
  return Object.fromEntries(names.map((name) => [name, new Unknown(`${name} of ${path}`)]))
}

/** An entry that only the forecast has: root may do all that its mode allows to anybody. */
function accessOf(
  path: string,
  { mode }: PathState,
  { tests }: Readonly<Record<string, string | undefined>>,
  before: View,
): Values {
  const may = (letter: string): unknown => {
    if (tests !== undefined) return tests.includes(letter)
    if (before.session.uid !== 0 || typeof mode !== 'number') return new Unknown(`access to ${path}`)
    return letter === 'x' ? (mode & 0o111) !== 0 : true
  }
  return { readable: may('r'), writeable: may('w'), executable: may('x') }
}

function specialOf(
  { type }: PathState,
  { tests = '' }: Readonly<Record<string, string | undefined>>,
): Values {
  const is = (letter: string): unknown =>
    isUnknown(type) ? type : type === 'other' && tests.includes(letter)
  return { isblk: is('b'), ischr: is('c'), isfifo: is('p'), issock: is('S') }
}

function blocksOf(text = ''): Values {
  const [size, blocks, major = '0', minor = '0'] = text.split(' ')
  const [a, b] = [parseInt(major, 16), parseInt(minor, 16)]
  return {
    block_size: Number(size),
    blocks: Number(blocks),
    device_type: (b & 0xff) | (a << 8) | ((b & ~0xff) << 12),
  }
}

/** Times with fractions where the host's `stat` has them. */
function timesOf(found: PathState, text = ''): Values {
  const parts = text.split(' ')
  const exact = (name: 'atime' | 'mtime' | 'ctime', at: number): unknown => {
    const whole = found[name]
    const part = /^\d+\.\d{9}$/.test(parts[at] ?? '') ? Number(parts[at]) : undefined
    return part !== undefined && whole === Math.floor(part) ? part : whole
  }
  return { atime: exact('atime', 0), mtime: exact('mtime', 1), ctime: exact('ctime', 2) }
}

function checksumOf(
  { path, algorithm }: StatWishes,
  found: PathState,
  sum: string | undefined,
  foreseen: boolean,
): Values {
  if (algorithm === undefined || (!isUnknown(found.type) && found.type !== 'file')) return {}
  if (algorithm === 'sha1') return found.sha1 === undefined ? {} : { checksum: found.sha1 }
  const { content } = found
  const known: Maybe<string> =
    content === undefined || isUnknown(content)
      ? new Unknown(`checksum of ${path}`)
      : createHash(algorithm).update(content.bytes()).digest('hex')
  if (!foreseen && sum === '') {
    throw new Fail(`the host has no ${algorithm}sum`, [`program:${algorithm}sum`], 'install coreutils')
  }
  return { checksum: foreseen ? known : sum?.split(' ')[0] }
}

function mimeOf(text: string | undefined, tests = ''): Values {
  const match = /^([^;]+); *charset=(\S+)$/.exec(text ?? '')
  if (!match || !tests.includes('e')) return { mimetype: 'unknown', charset: 'unknown' }
  return { mimetype: match[1], charset: match[2] }
}

/** Of what a dry run foresees, only attributes that were changed are told, not those that something new gets. */
function attributesOf(path: string, found: PathState, text = '', foreseen: boolean): Values {
  const [version, flags = ''] = /^(\d+) +(\S+) /.exec(text.trimStart())?.slice(1) ?? []
  if (foreseen && (version === undefined || found['+e'] === undefined)) {
    return late(path, ['attributes', 'attr_flags', 'version'])
  }
  const letters = foreseen ? lettersOf({ ...found }) : flags.replaceAll('-', '')
  const own = isUnknown(found.inode) ? new Unknown(`version of ${path}`) : (version ?? null)
  return { attributes: flagNames(letters), attr_flags: letters, version: own }
}
