import { EvalError } from '../item.js'

/** The parts of a URL, as Python's urlsplit has them. */
export interface UrlParts {
  readonly scheme: string
  readonly netloc: string
  readonly path: string
  readonly query: string
  readonly fragment: string
}

/** Splits a URL; undefined when its brackets do not match. */
export function splitUrl(text: string): UrlParts | undefined {
  const clean = text.replace(/^[\0-\x20]+/, '').replace(/[\t\r\n]/g, '')
  const schemeMatch = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(clean)
  const scheme = schemeMatch ? schemeMatch[1]!.toLowerCase() : ''
  const rest = schemeMatch ? clean.slice(schemeMatch[0].length) : clean
  const [, authority, below = ''] = /^(\/\/[^/?#]*)?([\s\S]*)$/.exec(rest)!
  const netloc = authority?.slice(2) ?? ''
  if (netloc.includes('[') !== netloc.includes(']')) return undefined
  const [, path = '', query = '', fragment = ''] = /^([^?#]*)(?:\?([^#]*))?(?:#([\s\S]*))?$/.exec(below)!
  return { scheme, netloc, path, query, fragment }
}

/** The user, password, host and port that the network part of a URL names. */
export function splitNetloc(netloc: string): {
  username: string | null
  password: string | null
  hostname: string | null
  port: number | null
} {
  const at = netloc.lastIndexOf('@')
  const [user, host] = at < 0 ? [undefined, netloc] : [netloc.slice(0, at), netloc.slice(at + 1)]
  const colon = user?.indexOf(':') ?? -1
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(host)
  const port = match?.[3] ? Number(match[3]) : null
  if (port !== null && !(Number.isInteger(port) && port <= 65535))
    throw new EvalError(`"${netloc}" has no valid port`)
  return {
    username: user === undefined ? null : colon < 0 ? user : user.slice(0, colon),
    password: user === undefined || colon < 0 ? null : user.slice(colon + 1),
    hostname: (match?.[1] ?? match?.[2] ?? '').toLowerCase() || null,
    port,
  }
}

const UNQUOTED = /[A-Za-z0-9_.~-]/

/** Percent-encoding as Python's quote does it; characters of `safe` stay. */
export function quoteUrl(text: string, safe = '/'): string {
  return [...Buffer.from(text, 'utf8')]
    .map((byte) => {
      const char = String.fromCharCode(byte)
      if (byte < 0x80 && (UNQUOTED.test(char) || safe.includes(char))) return char
      return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}

/** The text that percent-encoding stands for; a plus is a space. */
export function unquoteUrl(text: string): string {
  const bytes: Buffer[] = []
  for (const [whole, hex] of text.replace(/\+/g, ' ').matchAll(/%([\da-fA-F]{2})|[^%]+|%/g)) {
    bytes.push(hex ? Buffer.from(hex, 'hex') : Buffer.from(whole, 'utf8'))
  }
  return Buffer.concat(bytes).toString('utf8')
}
