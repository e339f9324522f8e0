import { posix } from 'node:path'
import { isUnknown, Unknown } from '../../unknown.js'
import { Fail, type PathState, type View } from '../contract.js'
import type { Bytes, Placed } from '../placed.js'
import { digestOfBytes, foundDigest, listedDigest } from './checksum.js'
import { isPacked, LOOK, type Look } from './look.js'
import type { GetUrl, Local } from './params.js'

/** What the shared parts of placing a file are told. */
export function placed(given: GetUrl): Placed {
  return { ...given, force: true, follow: true }
}

/** The name that the URL tells. */
export function nameIn(url: string): string {
  const [, path = ''] = /^[^:]+:\/\/[^/?#]*([^?#]*)/.exec(url) ?? []
  return path.slice(path.lastIndexOf('/') + 1) || 'index.html'
}

/** The name that a file in a folder gets. */
function nameOf({ url }: GetUrl, { source }: Local, before: View): string {
  const { download } = before.own(LOOK)['look'] as Look
  if (!download || source.kind === 'file') return nameIn(url)
  const told = /^attachment; ?filename="?([^"]+)/i.exec(
    download.headers.get('content-disposition') ?? '',
  )?.[1]
  const name = told === undefined ? nameIn(download.url) : posix.basename(told)
  if (!/^\.{0,2}$/.test(name)) return name
  throw new Fail(`the server tells no name for the file: "${told!}"`, [], 'name the file in dest')
}

/** The path of the file. */
export function pathOf(given: GetUrl, local: Local, before: View): string {
  const { dest } = given
  const { type } = before.path(dest)
  if (type !== 'directory') {
    if (!dest.endsWith('/')) return dest
    throw new Fail(
      `Destination ${dest.replace(/\/+$/, '')} does not exist`,
      [`path:${dest}`],
      'make it with file: state=directory',
    )
  }
  return posix.join(dest, nameOf(given, local, before))
}

/** What is to be done: leave the file as it is, or get it and see, or get another than is there. */
export interface Plan {
  readonly path: string
  readonly found: PathState
  readonly get: 'no' | 'compare' | 'other'
  /** Why nothing is got. */
  readonly because?: 'checksum' | 'not newer'
}

export function planOf(given: GetUrl, before: View, local: Local): Plan {
  const path = pathOf(given, local, before)
  const found = before.path(path)
  const { sum } = local
  const isFolder = path !== given.dest
  if (found.type === 'absent') return { path, found, get: 'other' }
  if (found.type === 'directory' || found.type === 'other') {
    throw new Fail(`${path} is not a file`, [`path:${path}`], 'remove it first, or name another dest')
  }
  if (isFolder || given.force) return { path, found, get: 'compare' }
  if (sum) {
    const digest = foundDigest(sum.algorithm, path, before)
    if (isUnknown(digest)) return { path, found, get: 'compare' }
    return digest === digestWanted(given, local, before)
      ? { path, found, get: 'no', because: 'checksum' }
      : { path, found, get: 'other' }
  }
  return isCurrent(found, before)
    ? { path, found, get: 'no', because: 'not newer' }
    : { path, found, get: 'compare' }
}

/** The server has nothing newer, or will say so once an earlier task has made the file. */
function isCurrent({ mtime }: PathState, before: View): boolean {
  const { download } = before.own(LOOK)['look'] as Look
  if (!download) return false
  return (
    download.status === 304 ||
    (download.status === 200 && isUnknown(mtime) && download.headers.has('last-modified'))
  )
}

/** The digest that the file must have. */
export function digestWanted({ url }: GetUrl, { sum }: Local, before: View): string {
  if (sum!.digest !== undefined) return sum!.digest
  return listedDigest(
    before,
    nameIn(url),
    sum!.source!.kind === 'http' ? sum!.source!.request.url : sum!.source!.path,
  )
}

/** Throws Fail for an answer that has no file. */
export function refuseAnswer(
  given: GetUrl,
  path: string,
  { status, reason, isCut }: NonNullable<Look['download']>,
): void {
  if (status === 200 && isCut) throw failed(given, path, { status, reason: 'the connection ended too early' })
  if (status === undefined || status === 200 || status === 304) return
  throw failed(given, path, { status, reason })
}

/** As Ansible says it, with what the server said. */
export function failed(
  { url }: GetUrl,
  dest: string,
  { status, reason }: { status: number | undefined; reason: string },
): Fail {
  const base = { url, dest, elapsed: 0 }
  if (status === undefined || status < 0)
    return new Fail(`Request failed: ${reason}`, [LOOK], undefined, base)
  const response = `HTTP Error ${status}: ${reason}`
  return new Fail(`Request failed: ${response}`, [LOOK], undefined, {
    ...base,
    msg: 'Request failed',
    status_code: status,
    response,
  })
}

/** What the file will hold, as far as it can be known. */
export function bytesOf(given: GetUrl, plan: Plan, before: View, local: Local): Bytes {
  const { download, content } = before.own(LOOK)['look'] as Look
  const sum = local.sum && { algorithm: local.sum.algorithm, digest: digestWanted(given, local, before) }
  if (content) {
    const digest = sum && digestOfBytes(sum.algorithm, content.bytes())
    if (digest !== undefined && digest !== sum!.digest) throw otherSum(given, plan.path, sum!.digest, digest)
    return { sha1: content.sha1, size: content.size, content }
  }
  const length = download && !isPacked(download) ? download.headers.get('content-length') : undefined
  const size = length === undefined ? undefined : Number(length)
  const differs = plan.get === 'other' || (size !== undefined && size !== plan.found.size)
  const late = new Unknown(`content of ${given.url}`, differs ? [plan.found.sha1] : [])
  const sha1 = sum?.algorithm === 'sha1' ? sum.digest : late
  return { sha1, size: size ?? new Unknown(`size of ${given.url}`), content: late }
}

/** What was got is not what it must be. */
export function otherSum({ url }: GetUrl, dest: string, digest: string, other: string): Fail {
  return new Fail(
    `The checksum for ${dest} did not match ${digest}; it was ${other}.`,
    [LOOK],
    'see whether the task or the server is wrong; nothing was put in place',
    { url, dest, elapsed: 0 },
  )
}
