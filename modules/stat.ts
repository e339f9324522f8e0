import { defineModule, Unknown, type OwnAsk, type PathState, type View } from '../engine/module/contract.js'
import { sh } from '../engine/module/quote.js'
import { isUnknown } from '../engine/unknown.js'

/** Tells what an entry of the file system is. */
export default defineModule({
  summary: 'Tell what an entry of the file system is',
  params: {
    path: { type: 'path', required: true, aliases: ['dest', 'name'], description: 'The entry.' },
    follow: { type: 'bool', default: false, description: 'Look through a link.' },
    get_checksum: { type: 'bool', default: true, description: 'Give the checksum of a file.' },
    checksum_algorithm: {
      type: 'str',
      default: 'sha1',
      choices: ['sha1'],
      aliases: ['checksum', 'checksum_algo'],
      description: 'Kind of checksum.',
    },
  },
  returns: {
    stat: 'What is there: exists, isreg, isdir, islnk, mode, uid, gid, pw_name, gr_name, size, checksum, mtime …',
  },
  examples: `
- stat: {path: /data/projects/fate/confs-10000}
  register: confs
`,
  probe: ({ path, follow, get_checksum: hash }) => [
    { kind: 'path', path, follow, need: hash ? 'hash' : 'stat' },
    accessAsk(path),
  ],
  result: ({ path, get_checksum: hash }, before) => {
    const found = before.path(path)
    if (found.type === 'absent') return { values: { stat: { exists: false } } }
    return { values: { stat: { ...describe(path, found, hash), ...accessOf(path, found, before) } } }
  },
})

/** What the user of the task may do with the entry; only the host's own tests know (ACLs, read-only mounts). */
function accessAsk(path: string): OwnAsk {
  return {
    kind: 'own',
    key: `access:${path}`,
    script: sh`[ -e ${path} ] || exit 0; printf a
[ ! -r ${path} ] || printf r; [ ! -w ${path} ] || printf w; [ ! -x ${path} ] || printf x`,
    read: ({ stdout }) => ({ letters: stdout.trim() }),
  }
}

/** An entry that only the forecast has: root may do all that its mode allows to anybody. */
function accessOf(path: string, { mode }: PathState, before: View): Readonly<Record<string, unknown>> {
  const letters = String(before.own(`access:${path}`)['letters'])
  const foreseen = letters === ''
  const may = (letter: string): unknown => {
    if (!foreseen) return letters.includes(letter)
    if (before.session.uid !== 0 || typeof mode !== 'number') return new Unknown(`access to ${path}`)
    return letter === 'x' ? (mode & 0o111) !== 0 : true
  }
  return { readable: may('r'), writeable: may('w'), executable: may('x') }
}

function describe(path: string, found: PathState, hash: boolean): Readonly<Record<string, unknown>> {
  const { type, mode, uid, gid, owner, group, size, sha1, target, links } = found
  const is = (kind: string): unknown => (isUnknown(type) ? type : type === kind)
  const bit = (mask: number): unknown => (typeof mode === 'number' ? (mode & mask) !== 0 : mode)
  return {
    exists: true,
    path,
    isreg: is('file'),
    isdir: is('directory'),
    islnk: is('link'),
    ...(target === undefined ? {} : { lnk_target: target, lnk_source: absoluteTarget(path, target) }),
    mode: typeof mode === 'number' ? mode.toString(8).padStart(4, '0') : mode,
    uid,
    gid,
    pw_name: owner,
    gr_name: group,
    size,
    inode: found.inode,
    dev: found.device,
    nlink: links,
    atime: found.atime,
    mtime: found.mtime,
    ctime: found.ctime,
    ...(hash && sha1 !== undefined ? { checksum: sha1 } : {}),
    ...permissions(bit),
  }
}

function permissions(bit: (mask: number) => unknown): Readonly<Record<string, unknown>> {
  const who = { usr: 6, grp: 3, oth: 0 }
  const bits = Object.entries(who).flatMap(([name, shift]) => [
    [`r${name}`, bit(4 << shift)],
    [`w${name}`, bit(2 << shift)],
    [`x${name}`, bit(1 << shift)],
  ])
  return { ...Object.fromEntries(bits), isuid: bit(0o4000), isgid: bit(0o2000) }
}

function absoluteTarget(path: string, target: PathState['target']): unknown {
  if (typeof target !== 'string' || target.startsWith('/')) return target
  return `${path.slice(0, path.lastIndexOf('/'))}/${target}`
}
