import { createHash } from 'node:crypto'
import { Fail, type OwnAsk, type ScriptOutput, type View } from '../contract.js'
import { downloadFunctions, readDownload, type Source } from '../http-download.js'
import { Script, sh } from '../quote.js'

const ALGORITHMS = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512']

/** Which checksum a file must have: told by the task, or by a file that is still to be read. */
export interface WantedSum {
  readonly algorithm: string
  /** Lower-case hex; undefined where {@link source} tells it. */
  readonly digest?: string
  readonly source?: Source
}

/** Reads `ALGORITHM:HEX` or `ALGORITHM:URL`. */
export function parseChecksum(text: string, sourceOf: (url: string) => Source): WantedSum {
  const [, algorithm, rest] = /^([^:]*):(.*)$/s.exec(text) ?? []
  if (algorithm === undefined) {
    throw new Fail('The checksum parameter has to be in format <algorithm>:<checksum>')
  }
  if (!ALGORITHMS.includes(algorithm)) {
    throw new Fail(`checksum "${text}" is not ALGORITHM:DIGEST with one of ${ALGORITHMS.join(', ')}`)
  }
  if (/^(?:https?|ftp|file):\//.test(rest!)) return { algorithm, source: sourceOf(rest!) }
  return { algorithm, digest: digestOf(rest!) }
}

/** Blanks and what else is no letter or figure (a copied zero-width space) do not count. */
function digestOf(text: string): string {
  const digest = text.replace(/\W+/g, '').toLowerCase()
  if (!/^[0-9a-f]+$/.test(digest)) throw new Fail(`the checksum "${text}" is not hexadecimal`)
  return digest
}

/** The key under which the file of checksums is asked for. */
const LIST = 'http:checksums' as const

/** Asks the host for the file of checksums. */
export function listAsk(source: Source): OwnAsk {
  return {
    kind: 'own',
    key: LIST,
    once: true,
    script: sh`${downloadFunctions(source)}
C=0; fplay_get || C=$?; fplay_told "$C"`,
    read: (output: ScriptOutput) => ({ download: readDownload(source, output) }),
  }
}

/** The digest that the file of checksums has for a file of this name. */
export function listedDigest(before: View, name: string, url: string): string {
  const download = before.own(LIST)['download'] as ReturnType<typeof readDownload>
  if (download.isCut || (download.status ?? 200) !== 200) {
    throw new Fail(`the checksums of ${url} cannot be had: ${download.reason}`, [LIST])
  }
  return digestIn(download.before, name, url)
}

/** A file that is one word is the digest; otherwise a line names digest and file, as sha256sum prints them. */
export function digestIn(text: string, name: string, url: string): string {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''))
  if (lines.at(-1) === '') lines.pop()
  if (lines.length === 1 && /^\s*\S+\s*$/.test(lines[0]!)) return digestOf(lines[0]!)
  for (const line of lines) {
    const [, digest, file] = /^(\S+) [ *]?(.*)$/.exec(line) ?? []
    if (file !== undefined && file.replace(/^[./]+/, '') === name) return digestOf(digest!)
  }
  throw new Fail(`there is no checksum for "${name}" in ${url}`)
}

/** Key of the digest of a file that is there. */
function digestKey(algorithm: string, path: string): `digest:${string}` {
  return `digest:${algorithm}:${path}`
}

/** Asks for the digest of a file; that it is SHA-1 is known without asking. */
export function digestAsks(algorithm: string | undefined, path: string): readonly OwnAsk[] {
  if (algorithm === undefined || algorithm === 'sha1') return []
  return [
    {
      kind: 'own',
      key: digestKey(algorithm, path),
      once: true,
      files: [path],
      script: sh`if [ -f "$FILE_0" ]; then ${sumProgram(algorithm)} <"$FILE_0"; fi`,
      read: ({ stdout }) => ({ digest: stdout.split(' ')[0] }),
    },
  ]
}

/** Digest of a file as {@link digestAsks} found it; undefined where there is none. */
export function foundDigest(algorithm: string, path: string, before: View): unknown {
  const found = before.path(path)
  if (algorithm === 'sha1') return found.sha1
  // What an earlier task of a dry run makes has this digest only once it is made, unless its bytes are known.
  if (typeof found.sha1 !== 'string' || found.type !== 'file') return found.sha1
  return before.own(digestKey(algorithm, path))['digest']
}

/** The program that prints the digest of its input. */
export function sumProgram(algorithm: string): Script {
  const name = Script.trusted(`${algorithm}sum`)
  return sh`{ command -v ${name} >/dev/null || { echo ${`the host has no ${name.text}; install coreutils`} >&2; exit 1; }; ${name}; }`
}

/** Digest of bytes that the controller has. */
export function digestOfBytes(algorithm: string, bytes: Buffer): string {
  return createHash(algorithm).update(bytes).digest('hex')
}
