import { posix } from 'node:path'
import { contentOf, TEXT_LIMIT, type Content } from '../../content.js'
import { attributeAsks, attributesScript } from '../attributes.js'
import {
  Fail,
  Unknown,
  type Ask,
  type Converge,
  type Difference,
  type Key,
  type ScriptOutput,
  type View,
  type Wish,
} from '../contract.js'
import { unpack, type HttpAnswer } from '../http-answer.js'
import { downloadFunctions, readDownload, UNPACK } from '../http-download.js'
import type { HttpRequest } from '../http-request.js'
import { placedScript, placedWish, type Bytes, type Placed } from '../placed.js'
import { Script, sh } from '../quote.js'
import { SCRATCH } from '../scratch.js'
import type { Local } from './body.js'
import type { Uri } from './params.js'

/** An answer whose body is kept in a file. */
export interface Kept {
  readonly answer: HttpAnswer
  /** The body; undefined where it is larger than {@link TEXT_LIMIT}, or did not come. */
  readonly content: Content | undefined
}

/** Values with a dest. */
export type WithDest = Uri & { readonly dest: string }

/** Whether the answer is kept in a file. */
export function hasDest(given: Uri): given is WithDest {
  return given.dest !== undefined
}

function placed(given: WithDest): Placed {
  return { ...given, backup: false, force: true, follow: true }
}

/** What must be known to keep an answer, beside the answer. */
export function destAsks({ dest, owner, group }: WithDest): readonly Ask[] {
  return [
    { kind: 'path', path: dest, need: 'hash', follow: true },
    { kind: 'path', path: posix.dirname(posix.normalize(dest)), need: 'stat', follow: true },
    ...attributeAsks({ owner, group }),
  ]
}

/** In a folder, the file by the name that the answer tells. */
export function fileAsks(given: WithDest, before: View, kept: Kept | undefined): readonly Ask[] {
  if (before.path(given.dest).type !== 'directory') return []
  const path = pathOf(given, before, kept)
  return path === undefined ? [] : [{ kind: 'path', path, need: 'hash', follow: true }]
}

/** Makes the request and tells head and body, as long as that is not too large. */
export function keptScript(request: HttpRequest): Script {
  return sh`E=$(date +%s)
${downloadFunctions({ kind: 'http', request })}
fplay_memory 5 </dev/null
{ fplay_get || echo "$?" >&5; } | head -c ${TEXT_LIMIT + 1} | base64
C=$(cat /dev/fd/5); fplay_told "\${C:-0}"
${TELL_TIME}`
}

const TELL_TIME = Script.trusted(`printf 'fplay-elapsed %s\\n' $(($(date +%s) - E)) >&2`)

/** Reads what {@link keptScript} or {@link keepScript} has printed. Throws Fail where the host lacks the means. */
export function readKept(
  { decompress }: Uri,
  request: HttpRequest,
  { stdout, stderr: said, code }: ScriptOutput,
): Kept {
  const [, stderr = said, seconds = '0'] = /^([^]*)fplay-elapsed (\d+)\n*$/.exec(said) ?? []
  const told = readDownload({ kind: 'http', request }, { stdout, stderr, code })
  const { headers, cookies, url, reason } = told
  const bytes = Buffer.from(told.before.replace(/\s/g, ''), 'base64')
  const isLarge = bytes.length > TEXT_LIMIT || told.after.includes('fplay-large')
  const length = headers.get('content-length')
  const hasBody = request.method !== 'HEAD' && told.status !== 304
  const isShort = !isLarge && hasBody && length !== undefined && Number(length) !== bytes.length
  const isCut = !isLarge && told.status !== undefined && told.status >= 0 && (told.isCut || isShort)
  const plain = decompress && !isLarge && !isCut ? unpack(bytes, told) : bytes
  const content = isLarge || !plain ? undefined : contentOf(plain)
  const base = { headers, cookies, url, elapsed: Number(seconds), body: content ? content.text() : '' }
  const wrong = isCut
    ? 'the connection ended too early'
    : plain
      ? undefined
      : 'the answer is not what gzip makes'
  return wrong !== undefined
    ? { answer: { ...base, status: -1, reason: wrong }, content: undefined }
    : { answer: { ...base, status: told.status ?? -1, reason }, content }
}

/** The path of the file; undefined where the answer must tell it first. */
export function pathOf(given: WithDest, before: View, kept: Kept | undefined): string | undefined {
  const { dest } = given
  if (before.path(dest).type !== 'directory') return dest
  return kept ? posix.join(dest, nameIn(kept.answer)) : undefined
}

function nameIn({ headers, url }: HttpAnswer): string {
  const disposition = headers.get('content-disposition') ?? ''
  const told = /;\s*filename\s*=\s*(?:"([^"]*)"|([^;\s]+))/i.exec(disposition)
  const path = new URL(url).pathname.replace(/\/+$/, '')
  const name = posix.basename(told ? (told[1] ?? told[2]!) : decoded(path.slice(path.lastIndexOf('/') + 1)))
  if (name === '' && !told) return 'index.html'
  if (!/^\.{0,2}$|\0/.test(name)) return name
  throw new Fail(`the server tells no name for the file: "${name}"`, [], 'name the file in dest')
}

function decoded(text: string): string {
  try {
    return posix.basename(decodeURIComponent(text))
  } catch {
    return text
  }
}

/** Why an answer cannot be returned as content: only the file can hold one so large. */
export function tooLarge(
  { return_content: isReturned, dest, url }: Uri,
  { answer, content }: Kept,
): Fail | undefined {
  if (dest === undefined || !isReturned || content !== undefined || answer.status < 0) return undefined
  return new Fail(
    `the answer of ${url} is larger than 10 MiB`,
    [],
    'leave out return_content; dest has the answer whole',
  )
}

/** The wish for the file. `kept`: the answer, where it is there before the run. */
export function destWish(given: WithDest, before: View, kept: Kept | undefined): Wish {
  const { dest, url } = given
  const path = pathOf(given, before, kept)
  if (path === undefined) {
    throw new Fail(
      `dest ${dest} is a folder, and the name of the file is known only after the request`,
      [`path:${dest}`],
      'name the file in dest',
    )
  }
  const parent = path === dest ? posix.dirname(posix.normalize(dest)) : dest
  const { type } = before.path(parent)
  if (dest.endsWith('/') && path === dest) throw noFolder(dest)
  if (type === 'absent') throw noFolder(parent)
  if (type === 'file') throw new Fail(`${parent} is not a folder`, [`path:${parent}`])
  return new Map([[`path:${path}` as Key, placedWish(placed(given), path, bytesOf(url, kept), before)!]])
}

function noFolder(path: string): Fail {
  return new Fail(`the folder ${path} does not exist`, [`path:${path}`], 'make it with file: state=directory')
}

function bytesOf(url: string, kept: Kept | undefined): Bytes {
  if (kept?.content) return { sha1: kept.content.sha1, size: kept.content.size, content: kept.content }
  const late = new Unknown(`content of ${url}`)
  return { sha1: late, size: late, content: late }
}

/** Writes what the answer of a question has brought, or makes the request and keeps what comes. */
export function destScript(
  given: WithDest,
  before: View,
  differing: ReadonlyMap<Key, Difference>,
  { request, inputs }: Local,
  kept: Kept | undefined,
): Converge {
  const [difference] = [...differing].flatMap(([key, found]) => (key.startsWith('path:') ? [found] : []))
  if (kept?.content) {
    const { content } = kept
    const script = placedScript(placed(given), { n: 0, content }, difference!, before)
    return { script, inputs: [content], verbatim: true }
  }
  return { script: keepScript(given, before, difference!, request), inputs, judged: true }
}

function keepScript(given: WithDest, before: View, difference: Difference, request: HttpRequest): Script {
  const { real, sha1 } = difference.before
  const codes = ` ${given.status_code.join(' ')} `
  const place = placedScript(
    placed(given),
    sh`cat -- "$D"/body`,
    { ...difference, names: [...difference.names, 'sha1'] },
    before,
  )
  return sh`${SCRATCH}
E=$(date +%s)
${downloadFunctions({ kind: 'http', request })}
C=0; (umask 077; fplay_get >"$D"/body) || C=$?
N=$(($(wc -c <"$D"/body)))
[ "$N" -gt ${TEXT_LIMIT} ] || base64 <"$D"/body
fplay_told "$C"
[ "$N" -le ${TEXT_LIMIT} ] || echo fplay-large
${TELL_TIME}
[ "$C" = 0 ] || exit 1
S=$(fplay_status)
case ${codes} in *" $S "*) ;; *) exit 1 ;; esac
${request.method === 'HEAD' ? sh`:` : LENGTH}
${given.decompress && request.method !== 'HEAD' ? UNPACK : sh`:`}
H=$(sha1sum <"$D"/body)
if [ "\${H%% *}" = ${typeof sha1 === 'string' ? sha1 : ''} ]; then
:; ${attributesScript(sh`${String(real)}`, difference.wished, difference.names, 'file')}
else
${place}
fi`
}

/** A connection by hand does not notice that it has ended too early. */
const LENGTH =
  Script.trusted(`L=$(sed -n 's/^ *[Cc]ontent-[Ll]ength: *\\([0-9]*\\).*/\\1/p' /dev/fd/9 | tail -n 1)
[ "$BY" != raw ] || [ -z "$L" ] || [ "$L" = "$N" ] || exit 1`)
