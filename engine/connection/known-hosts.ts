import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { appendFileSync, closeSync, fstatSync, mkdirSync, openSync, readFileSync, readSync } from 'node:fs'
import { dirname } from 'node:path'
import { matchesPatterns } from './ssh-config.js'

/** A line of a known_hosts file. */
export interface KnownKey {
  readonly file: string
  readonly line: number
  /** Patterns as written, separated by commas, or one hash. */
  readonly names: string
  readonly marker: 'revoked' | 'cert-authority' | undefined
  /** `ssh-ed25519`, … */
  readonly type: string
  readonly key: Buffer
}

/** What known_hosts files say of a key that a host shows. */
export type Verdict =
  | { readonly kind: 'known' }
  /** No line names the host. */
  | { readonly kind: 'unknown' }
  /** Lines name the host with other keys; the first of them. */
  | { readonly kind: 'changed' | 'revoked'; readonly entry: KnownKey }

/** Lines of known_hosts files; a file that cannot be read has none, what is no key line is passed over. */
export function readKnownHosts(files: readonly string[]): KnownKey[] {
  return files.flatMap((file) => {
    try {
      return parseKnownHosts(readFileSync(file, 'utf8'), file)
    } catch {
      return []
    }
  })
}

/** Lines of a known_hosts text. */
export function parseKnownHosts(text: string, file: string): KnownKey[] {
  const keys: KnownKey[] = []
  text.split('\n').forEach((line, index) => {
    const [, marker, names, type, base64] =
      /^\s*(?:@(revoked|cert-authority)\s+)?([^\s#@]\S*)\s+([a-z][\w.@-]+)\s+([A-Za-z0-9+/]+=*)(?:\s|$)/.exec(
        line,
      ) ?? []
    if (names === undefined || type === undefined || base64 === undefined) return
    keys.push({
      file,
      line: index + 1,
      names,
      marker: marker as KnownKey['marker'],
      type,
      key: Buffer.from(base64, 'base64'),
    })
  })
  return keys
}

/** The name under which known_hosts files list a host: `[name]:port` where the port is not 22. */
export function knownName(host: string, port: number): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`
}

/** Lines that name a host, certificate authorities left out: those are not supported. */
export function keysOf(known: readonly KnownKey[], name: string): KnownKey[] {
  return known.filter((entry) => entry.marker !== 'cert-authority' && names(entry, name))
}

function names(entry: KnownKey, name: string): boolean {
  if (!entry.names.startsWith('|1|')) return matchesPatterns(name, entry.names.split(','))
  const [, , salt, hash] = entry.names.split('|')
  const wanted = Buffer.from(hash ?? '', 'base64')
  const found = createHmac('sha1', Buffer.from(salt ?? '', 'base64'))
    .update(name)
    .digest()
  return wanted.length === found.length && timingSafeEqual(wanted, found)
}

/** What known_hosts lines say of a key. A port of its own may be listed, or the host without a port. */
export function verdictOn(known: readonly KnownKey[], host: string, port: number, key: Buffer): Verdict {
  const revoked = known.find((entry) => entry.marker === 'revoked' && entry.key.equals(key))
  if (revoked) return { kind: 'revoked', entry: revoked }
  const listed = keysOf(known, knownName(host, port)).filter((entry) => entry.marker === undefined)
  if (listed.some((entry) => entry.key.equals(key))) return { kind: 'known' }
  if (listed[0]) {
    const entry = listed.find((each) => each.type === typeOf(key)) ?? listed[0]
    return { kind: 'changed', entry }
  }
  if (port !== 22 && keysOf(known, host.toLowerCase()).some((entry) => entry.key.equals(key))) {
    return { kind: 'known' }
  }
  return { kind: 'unknown' }
}

/** Type of a key, as its bytes say it. */
export function typeOf(key: Buffer): string {
  return key.toString('latin1', 4, 4 + Math.min(64, key.readUInt32BE(0)))
}

/** `SHA256:…` as OpenSSH prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

/** Adds a line for a key, in one append, so that several processes may do so at once. */
export function rememberKey(file: string, name: string, key: Buffer): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const open = endsOpen(file) ? '\n' : ''
  appendFileSync(file, `${open}${name} ${typeOf(key)} ${key.toString('base64')}\n`, { mode: 0o600 })
}

/** True when the last line of a file lacks its newline. */
function endsOpen(file: string): boolean {
  try {
    const descriptor = openSync(file, 'r')
    try {
      const { size } = fstatSync(descriptor)
      const last = Buffer.alloc(1)
      return size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== 10
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return false
  }
}
