import { ATTRIBUTES } from '../attributes.js'
import { Fail } from '../contract.js'
import type { Source } from '../http-download.js'
import { HTTP, requestOf } from '../http-params.js'
import type { InferParams, ParamTable } from '../params.js'
import { UNSAFE_WRITES } from '../write.js'
import { parseChecksum, type WantedSum } from './checksum.js'

/** Parameters of `get_url`. */
export const GET_URL = {
  url: { type: 'str', required: true, description: 'The http, https or file URL.' },
  dest: {
    type: 'path',
    required: true,
    description: 'Where it goes; in a folder it has the name that the server tells, otherwise that of the URL.',
  },
  force: {
    type: 'bool',
    default: false,
    description: 'Get it each time. Without it, a file that is there is got again only if the server has a newer one, or if it has not the checksum.',
  },
  checksum: {
    type: 'str',
    description: 'ALGORITHM:DIGEST that the file must have, or ALGORITHM:URL of a file that tells it; md5, sha1, sha224, sha256, sha384 or sha512.',
  },
  backup: { type: 'bool', default: false, description: 'Keep the old file beside the new one.' },
  decompress: { type: 'bool', default: true, description: 'Unpack what the server has packed with gzip for the way.' },
  timeout: { type: 'int', default: 10, description: 'Seconds to wait for the connection, and for each byte.' },
  tmp_dest: { type: 'path', description: 'Folder of the host where the file is until it is whole; default one of the user.' },
  url_username: { type: 'str', aliases: ['username'], description: 'User for basic or digest authentication.' },
  ...HTTP,
  ...ATTRIBUTES,
  unsafe_writes: UNSAFE_WRITES,
} as const satisfies ParamTable // prettier-ignore
export type GetUrl = InferParams<typeof GET_URL>

/** What the parameters mean. */
export interface Local {
  readonly source: Source
  readonly sum: WantedSum | undefined
}

export async function prepare(given: GetUrl): Promise<Local> {
  const source = sourceOf(given, given.url)
  const { checksum } = given
  return {
    source,
    sum:
      checksum === undefined || checksum === ''
        ? undefined
        : parseChecksum(checksum, (url) => sourceOf(given, url)),
  }
}

function sourceOf(given: GetUrl, url: string): Source {
  if (/^file:/.test(url)) {
    const path = URL.canParse(url) ? decodeURIComponent(new URL(url).pathname) : ''
    if (path.startsWith('/') && new URL(url).host === '') return { kind: 'file', path }
    throw new Fail(`"${url}" names no file of the host`, [], 'write file:///PATH')
  }
  return {
    kind: 'http',
    request: { ...requestOf({ ...given, url: ascii(url) }), method: 'GET', redirects: true },
  }
}

/** A URL in the letters that HTTP knows; what is escaped already stays. */
function ascii(url: string): string {
  return url.replace(/[^\x21-\x7e]+/g, encodeURIComponent)
}
