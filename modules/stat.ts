import { wholeState } from '../engine/module/attributes.js'
import { defineModule, isUnknown, type PathState } from '../engine/module/contract.js'
import { modeDigits, permissionFlags } from '../engine/module/mode.js'
import type { InferParams } from '../engine/module/params.js'
import { statMore, statMoreAsk, type StatWishes } from '../engine/module/stat-more.js'

const params = {
  path: { type: 'path', required: true, aliases: ['dest', 'name'], description: 'The entry.' },
  follow: { type: 'bool', default: false, description: 'Look through a link.' },
  get_checksum: { type: 'bool', default: true, description: 'Give the checksum of a file.' },
  checksum_algorithm: {
    type: 'str',
    default: 'sha1',
    choices: ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'],
    aliases: ['checksum', 'checksum_algo'],
    description: 'Kind of checksum; the host needs the program for it (md5sum, sha256sum …).',
  },
  get_mime: {
    type: 'bool',
    default: true,
    aliases: ['mime', 'mime_type', 'mime-type'],
    description: 'Give mimetype and charset; unknown where the host has no program file.',
  },
  get_attributes: {
    type: 'bool',
    default: true,
    aliases: ['attr', 'attributes'],
    description: 'Give the attributes of the file system; none where the host has no lsattr.',
  },
} as const

function wishesOf(given: InferParams<typeof params>): StatWishes {
  const { path, follow, get_mime: mime, get_attributes: attributes } = given
  return {
    path,
    follow,
    mime,
    attributes,
    algorithm: given.get_checksum ? given.checksum_algorithm : undefined,
  }
}

/** Tells what an entry of the file system is. */
export default defineModule({
  summary: 'Tell what an entry of the file system is',
  params,
  returns: {
    stat: 'What is there: exists, isreg, isdir, islnk, mode, uid, gid, pw_name, gr_name, size, checksum, mtime …',
  },
  examples: `
- stat: {path: /data/projects/fate/confs-10000}
  register: confs
`,
  probe: (given) => {
    const { path, follow } = given
    const wishes = wishesOf(given)
    const { algorithm } = wishes
    const need = algorithm === undefined ? 'stat' : 'hash'
    return [{ kind: 'path', path, follow, need }, statMoreAsk(wishes)]
  },
  result: (given, before) => {
    const found = wholeState(before.path(given.path))
    if (found.type === 'absent') return { values: { stat: { exists: false } } }
    return {
      values: { stat: { ...describe(given.path, found), ...statMore(wishesOf(given), found, before) } },
    }
  },
})

function describe(path: string, found: PathState): Readonly<Record<string, unknown>> {
  const { type, mode, uid, gid, owner, group, size, target, links } = found
  const is = (kind: string): unknown => (isUnknown(type) ? type : type === kind)
  return {
    exists: isUnknown(type) && !type.not.includes('absent') ? type : true,
    path,
    isreg: is('file'),
    isdir: is('directory'),
    islnk: is('link'),
    ...(target === undefined ? {} : { lnk_target: target, lnk_source: absoluteTarget(path, target) }),
    mode: modeDigits(mode),
    uid,
    gid,
    pw_name: owner,
    gr_name: group,
    size,
    inode: found.inode,
    dev: found.device,
    nlink: links,
    ...permissionFlags(mode),
  }
}

function absoluteTarget(path: string, target: PathState['target']): unknown {
  if (typeof target !== 'string' || target.startsWith('/')) return target
  return `${path.slice(0, path.lastIndexOf('/'))}/${target}`
}
