import { createHmac } from 'node:crypto'

/** A line of a `known_hosts` file. */
export interface KnownHost {
  /** `@cert-authority` or `@revoked`. */
  readonly marker: string | undefined
  /** Names and patterns with commas between, or one hashed name. */
  readonly hosts: string
  readonly type: string
  readonly key: string
}

/** Takes a line apart; undefined for comments and what is no key. */
export function parseKnownHost(line: string): KnownHost | undefined {
  const words = line.trim().split(/\s+/)
  const marker = words[0]!.startsWith('@') ? words.shift() : undefined
  const [hosts, type, key] = words
  if (hosts === undefined || hosts.startsWith('#') || type === undefined || key === undefined)
    return undefined
  return isKey(type, key) ? { marker, hosts, type, key } : undefined
}

/** The blob of a key begins with its type. */
function isKey(type: string, key: string): boolean {
  const bytes = Buffer.from(key, 'base64')
  if (bytes.length < 5 || !/^[A-Za-z0-9+/]+=*$/.test(key)) return false
  return bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString('latin1') === type
}

/** Whether the line is about this host (in small letters, with a port as `[host]:port`). */
export function isAbout({ hosts }: KnownHost, host: string): boolean {
  const [, salt, hash] = /^\|1\|([^|]+)\|(.+)$/.exec(hosts) ?? []
  if (salt !== undefined) return hashOf(host, Buffer.from(salt, 'base64')) === hash
  const patterns = hosts.split(',')
  if (patterns.some((pattern) => pattern.startsWith('!') && isLike(host, pattern.slice(1)))) return false
  return patterns.some((pattern) => isLike(host, pattern))
}

function isLike(host: string, pattern: string): boolean {
  const source = pattern.toLowerCase().replace(/[\\^$.*+?()[\]{}|/-]/g, (char) => {
    if (char === '*') return '.*'
    return char === '?' ? '.' : `\\${char}`
  })
  return new RegExp(`^${source}$`).test(host)
}

function hashOf(host: string, salt: Buffer): string {
  return createHmac('sha1', salt).update(host).digest('base64')
}

/** The hashed form of a name, as OpenSSH writes it. */
export function hashedHost(host: string, salt: Buffer): string {
  return `|1|${salt.toString('base64')}|${hashOf(host, salt)}`
}
