import { isDeepStrictEqual } from 'node:util'

/** A line of an `authorized_keys` file, or a key that should be one. */
export interface KeyLine {
  /** What makes two lines the same: the key itself, or the whole line where it has none. */
  readonly id: string
  /** Undefined for a comment, an empty line and what else is no key. */
  readonly type: string | undefined
  readonly options: KeyOptions
  readonly comment: string
}

/** Options in front of a key, in order; a name may come more than once. Undefined: the option has no value. */
export type KeyOptions = readonly (readonly [string, string | undefined])[]

const PLAIN = ['ssh-ed25519', 'ssh-rsa', 'ssh-dss', 'ssh-xmss', 'rsa-sha2-256', 'rsa-sha2-512']
const CURVES = ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521']
const TOKENS = ['sk-ssh-ed25519', 'sk-ecdsa-sha2-nistp256', 'webauthn-sk-ecdsa-sha2-nistp256']

/** Types of keys as OpenSSH writes them. */
const TYPES = new Set([
  ...PLAIN.filter((type) => type !== 'ssh-xmss'),
  ...CURVES,
  'ssh-xmss@openssh.com',
  ...TOKENS.map((type) => `${type}@openssh.com`),
  ...[...PLAIN, ...CURVES, ...TOKENS.slice(0, 2)].map((type) => `${type}-cert-v01@openssh.com`),
])

/** What is between double quotes, where `\"` is none of them. */
const QUOTED = /"(?:\\"|[^"])*"/.source

/** Options as they stand in front of a key: commas separate them, except between quotes. */
export function parseOptions(text: string): KeyOptions {
  const parts = text.match(new RegExp(`(?:${QUOTED}|'[^']*'|[^,])+`, 'g')) ?? []
  return parts.map((part) => {
    const at = part.indexOf('=')
    return at < 0 ? [part, undefined] : [part.slice(0, at), part.slice(at + 1)]
  })
}

const BEHIND_OPTIONS = new RegExp(`^(?<options>(?:${QUOTED}|[^\\s"])+)\\s+(?<rest>\\S.*)$`, 's')
const KEY = /^(?<type>\S+)\s+(?<id>\S+)\s*(?<comment>.*)$/s

/** Takes a key apart; undefined for what is none. */
export function parseKey(text: string): KeyLine | undefined {
  const line = text.replaceAll('\\#', '#').trim()
  if (/^#(?:\s|$)/.test(line)) return undefined
  const { options, rest } = BEHIND_OPTIONS.exec(line)?.groups ?? {}
  return keyIn(line, '') ?? (rest === undefined ? undefined : keyIn(rest, options!)) ?? keyAnywhere(line)
}

function keyIn(text: string, options: string): KeyLine | undefined {
  const { type, id, comment } = KEY.exec(text)?.groups ?? {}
  if (type === undefined || !TYPES.has(type)) return undefined
  return { id: id!, type, options: parseOptions(options), comment: plainBlanks(comment!) }
}

/** A comment with one blank wherever it has some: so Ansible writes them. */
function plainBlanks(comment: string): string {
  return comment.replace(/\s+/g, ' ')
}

/** A key behind options with blanks that no quotes are around. */
function keyAnywhere(line: string): KeyLine | undefined {
  const words = line.split(/\s+/)
  const at = words.findIndex((word) => TYPES.has(word))
  return at < 0 ? undefined : keyIn(words.slice(at).join(' '), words.slice(0, at).join(' '))
}

/** What should become of a file of keys. */
export interface KeyWish {
  readonly keys: readonly KeyLine[]
  readonly state: 'present' | 'absent'
  /** No other line may stay. */
  readonly exclusive: boolean
}

interface Ranked {
  readonly line: KeyLine
  readonly rank: number
}

/** The text with the keys put in or taken out; undefined when it is as it should be. */
export function mergeKeys(text: string, { keys, state, exclusive }: KeyWish): string | undefined {
  const lines = new Map<string, Ranked>()
  for (const [rank, raw] of (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).entries()) {
    const line = parseKey(raw) ?? { id: raw, type: undefined, options: [], comment: '' }
    lines.set(line.id, { line, rank })
  }
  const start = lines.size
  let changed = false
  for (const [rank, key] of keys.entries()) {
    const found = lines.get(key.id)
    if (state === 'absent') changed = lines.delete(key.id) || changed
    else if (found === undefined || !isSame(found.line, key)) {
      lines.delete(key.id)
      lines.set(key.id, { line: key, rank: start + rank })
      changed = true
    }
  }
  const wanted = new Set(keys.map(({ id }) => id))
  const others = state === 'present' && exclusive ? [...lines.keys()].filter((id) => !wanted.has(id)) : []
  for (const id of others) lines.delete(id)
  if (!changed && others.length === 0) return undefined
  return [...lines.values()]
    .sort((a, b) => a.rank - b.rank)
    .map(({ line }) => formatLine(line))
    .join('')
}

/** The order of options does not count, that of values of the same option does; nor do blanks of comments. */
function isSame(a: KeyLine, b: KeyLine): boolean {
  const comments = plainBlanks(a.comment) === plainBlanks(b.comment)
  return a.type === b.type && comments && isDeepStrictEqual(byName(a), byName(b))
}

function byName({ options }: KeyLine): ReadonlyMap<string, readonly (string | undefined)[]> {
  const values = new Map<string, (string | undefined)[]>()
  for (const [name, value] of options) values.set(name, [...(values.get(name) ?? []), value])
  return values
}

function formatLine({ id, type, options, comment }: KeyLine): string {
  if (type === undefined) return id
  const words = options.map(([name, value]) => (value === undefined ? name : `${name}=${value}`))
  return `${words.length === 0 ? '' : `${words.join(',')} `}${type} ${id} ${comment}\n`
}
