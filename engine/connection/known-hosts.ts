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

/** Lines of known_hosts files, found by the name they are for. */
export interface KnownHosts {
  readonly revoked: readonly KnownKey[]
  /** Lines that name a host, in their order; certificate authorities left out: those are not supported. */
  keysOf(name: string): readonly KnownKey[]
}

/** What was read last. Every host of a run asks, and nearly always for the same files. */
let last:
  { readonly files: readonly string[]; readonly texts: readonly Buffer[]; known: KnownHosts } | undefined

/** What known_hosts files say now; a file that cannot be read has no lines, what is no key line is passed over. */
export function readKnownHosts(files: readonly string[]): KnownHosts {
  const texts = files.map(bytesOf)
  if (
    last?.files.join('\n') !== files.join('\n') ||
    !texts.every((text, i) => text.equals(last!.texts[i]!))
  ) {
    const lines = texts.flatMap((text, i) => parseKnownHosts(text.toString(), files[i]!))
    last = { files, texts, known: knownHosts(lines) }
  }
  return last.known
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    return Buffer.alloc(0)
  }
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

/** Lines by the name they are for. Most name hosts plainly; only patterns and hashes have to be tried one by one. */
export function knownHosts(lines: readonly KnownKey[]): KnownHosts {
  const keys = lines.filter(({ marker }) => marker !== 'cert-authority')
  const plain = new Map<string, KnownKey[]>()
  const patterns: KnownKey[] = []
  let hashed: KnownKey[] = []
  for (const key of keys) {
    if (key.names.startsWith('|1|')) hashed.push(key)
    else if (/[*?!]/.test(key.names)) patterns.push(key)
    else for (const name of new Set(key.names.toLowerCase().split(','))) addTo(plain, name, key)
  }
  const found = new Map<string, readonly KnownKey[]>()
  const find = (name: string): KnownKey[] => {
    const unhashed = new Set(hashed.filter((key) => isHashOf(key.names, name)))
    // A hash is that of one name: no other host needs to try it.
    hashed = hashed.filter((key) => !unhashed.has(key))
    const like = patterns.filter((key) => matchesPatterns(name, key.names.split(',')))
    return [...(plain.get(name) ?? []), ...like, ...unhashed].sort(
      (a, b) => keys.indexOf(a) - keys.indexOf(b),
    )
  }
  return {
    revoked: keys.filter(({ marker }) => marker === 'revoked'),
    keysOf: (name) => found.get(name) ?? found.set(name, find(name)).get(name)!,
  }
}

function addTo(map: Map<string, KnownKey[]>, name: string, key: KnownKey): void {
  const known = map.get(name)
  if (known) known.push(key)
  else map.set(name, [key])
}

function isHashOf(names: string, name: string): boolean {
  const [, , salt, hash] = names.split('|')
  const wanted = Buffer.from(hash ?? '', 'base64')
  const found = createHmac('sha1', Buffer.from(salt ?? '', 'base64'))
    .update(name)
    .digest()
  return wanted.length === found.length && timingSafeEqual(wanted, found)
}

/** What known_hosts lines say of a key. A port of its own may be listed, or the host without a port. */
export function verdictOn(known: KnownHosts, host: string, port: number, key: Buffer): Verdict {
  const revoked = known.revoked.find((entry) => entry.key.equals(key))
  if (revoked) return { kind: 'revoked', entry: revoked }
  const listed = known.keysOf(knownName(host, port)).filter((entry) => entry.marker === undefined)
  if (listed.some((entry) => entry.key.equals(key))) return { kind: 'known' }
  if (listed[0]) {
    const entry = listed.find((each) => each.type === typeOf(key)) ?? listed[0]
    return { kind: 'changed', entry }
  }
  if (port !== 22 && known.keysOf(host.toLowerCase()).some((entry) => entry.key.equals(key))) {
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
