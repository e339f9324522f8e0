import { gunzipSync } from 'node:zlib'
import { contentOf, TEXT_LIMIT, type Content } from '../../content.js'
import type { OwnAsk } from '../contract.js'
import { downloadFunctions, readDownload, type Download, type Source } from '../http-download.js'
import { sh } from '../quote.js'
import type { WantedSum } from './checksum.js'

/** What a server says of the file, before it is got for good. */
export interface Look {
  /** Undefined: it was not asked, because what is to be done does not rest on it. */
  readonly download: Download | undefined
  /** In a dry run: the bytes, up to {@link TEXT_LIMIT}. */
  readonly content?: Content | undefined
}

export const LOOK = 'http:answer'

/** What decides whether a server must be asked. */
export interface LookWish {
  readonly source: Source
  readonly dest: string
  readonly force: boolean
  readonly decompress: boolean
  readonly sum: WantedSum | undefined
}

/**
 * Looks at the server. A run asks it only where the path of the file or the need for it rests on the answer: in a folder
 * the server chooses the name, and of a file that is there it may say that it has nothing newer; it drops the bytes.
 * A dry run gets as much as the run would, so that later tasks see the very file, but no more than {@link TEXT_LIMIT}.
 */
export function lookAsk(wish: LookWish): OwnAsk {
  const { source, dest, force, sum } = wish
  const conditional = !force && sum === undefined
  const get = downloadFunctions(source, conditional ? dest : undefined)
  const matters = conditional ? sh`[ -d ${dest} ] || [ -f ${dest} ]` : sh`[ -d ${dest} ]`
  return {
    kind: 'own',
    key: LOOK,
    once: true,
    script: sh`${matters} || exit 0
${get}
fplay_get | head -c 1 >/dev/null
fplay_told 0`,
    foretell: {
      script: sh`${get}
{ fplay_get || echo "$?" >"$ASIDE"/code; } | head -c ${TEXT_LIMIT + 1} | base64
fplay_told "$(cat "$ASIDE"/code 2>/dev/null || echo 0)"`,
    },
    read: (output) => ({ look: readLook(wish, output) }),
  }
}

function readLook(wish: LookWish, output: Parameters<typeof readDownload>[1]): Look {
  if (output.stdout === '' && output.code === 0) return { download: undefined }
  const download = readDownload(wish.source, output)
  const encoded = download.before.replace(/\s/g, '')
  if (encoded === '') return { download }
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.length > TEXT_LIMIT) return { download: { ...download, isCut: false } }
  // A connection by hand does not notice that it has ended too early.
  const told = download.headers.get('content-length')
  if (told !== undefined && Number(told) !== bytes.length) return { download: { ...download, isCut: true } }
  return {
    download,
    content: download.isCut ? undefined : contentOf(decoded(bytes, download, wish.decompress)),
  }
}

/** True for an answer that gzip has packed, though nobody asked for that. */
export function isPacked({ headers }: Download): boolean {
  return /^(?:x-)?gzip$/i.test(headers.get('content-encoding') ?? '')
}

function decoded(bytes: Buffer, download: Download, decompress: boolean): Buffer {
  return decompress && isPacked(download) ? gunzipSync(bytes) : bytes
}
