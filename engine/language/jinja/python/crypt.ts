import { hash as digestOf, randomInt } from 'node:crypto'
import { EvalError } from '../item.js'

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A salt of so many characters that nobody can foresee. */
export function randomSalt(length: number): string {
  return Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]!).join('')
}

const NOTHING = Buffer.alloc(0)

function hash(algorithm: string, ...parts: readonly Buffer[]): Buffer {
  return digestOf(algorithm, Buffer.concat(parts), 'buffer')
}

/** Bytes in crypt's base 64: groups of up to three bytes, the lowest six bits first. */
function encode(digest: Buffer, groups: readonly (readonly number[])[]): string {
  return groups
    .map((group) => {
      let value = group.reduce((sum, index) => sum * 256 + digest[index]!, 0)
      return Array.from({ length: group.length + 1 }, () => {
        const char = ALPHABET[value % 64]!
        value = Math.floor(value / 64)
        return char
      }).join('')
    })
    .join('')
}

interface ShaKind {
  readonly algorithm: 'sha256' | 'sha512'
  readonly prefix: string
  readonly groups: readonly (readonly number[])[]
}

/** Which bytes of the digest make each group of characters; the three columns turn from group to group. */
function shaGroups(size: number, turn: 1 | 2): number[][] {
  const third = Math.floor(size / 3)
  const groups = Array.from({ length: third }, (_, row) => {
    const columns = [row, row + third, row + 2 * third]
    const shift = (row * turn) % 3
    return [...columns.slice(shift), ...columns.slice(0, shift)]
  })
  return [...groups, size === 64 ? [63] : [31, 30]]
}

const SHA256: ShaKind = { algorithm: 'sha256', prefix: '$5$', groups: shaGroups(32, 2) }
const SHA512: ShaKind = { algorithm: 'sha512', prefix: '$6$', groups: shaGroups(64, 1) }

/** SHA-crypt, as glibc's crypt(3) has it in /etc/shadow. */
export function shaCrypt(kind: 'sha256' | 'sha512', password: string, salt: string, rounds: number): string {
  const { algorithm, prefix, groups } = kind === 'sha256' ? SHA256 : SHA512
  if (rounds < 1000 || rounds > 999_999_999) {
    throw new EvalError('rounds must be between 1000 and 999999999')
  }
  const key = Buffer.from(password, 'utf8')
  const salted = Buffer.from(salt.slice(0, 16), 'latin1')
  let digest = startDigest(algorithm, key, salted)
  const p = stretch(hash(algorithm, ...Array.from(key, () => key)), key.length)
  const s = stretch(hash(algorithm, ...Array.from({ length: 16 + digest[0]! }, () => salted)), salted.length)
  for (let i = 0; i < rounds; i++) {
    digest = hash(algorithm, i % 2 ? p : digest, i % 3 ? s : NOTHING, i % 7 ? p : NOTHING, i % 2 ? digest : p)
  }
  // 5000 is what crypt(3) takes when the hash does not say.
  const written = rounds === 5000 ? '' : `rounds=${rounds}$`
  return `${prefix}${written}${salt.slice(0, 16)}$${encode(digest, groups)}`
}

function startDigest(algorithm: string, key: Buffer, salt: Buffer): Buffer {
  const alternate = hash(algorithm, key, salt, key)
  const parts: Buffer[] = [key, salt, stretch(alternate, key.length)]
  for (let length = key.length; length > 0; length >>= 1) parts.push(length & 1 ? alternate : key)
  return hash(algorithm, ...parts)
}

function stretch(digest: Buffer, length: number): Buffer {
  return Buffer.alloc(length, digest)
}

const MD5_GROUPS = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5], [11]]

/** MD5-crypt (`$1$`), for systems that know nothing better. */
export function md5Crypt(password: string, salt: string): string {
  const key = Buffer.from(password, 'utf8')
  const salted = Buffer.from(salt.slice(0, 8), 'latin1')
  const alternate = hash('md5', key, salted, key)
  const parts: Buffer[] = [key, Buffer.from('$1$'), salted, stretch(alternate, key.length)]
  for (let length = key.length; length > 0; length >>= 1)
    parts.push(length & 1 ? Buffer.alloc(1) : key.subarray(0, 1))
  let digest = hash('md5', ...parts)
  for (let i = 0; i < 1000; i++) {
    digest = hash(
      'md5',
      i % 2 ? key : digest,
      i % 3 ? salted : NOTHING,
      i % 7 ? key : NOTHING,
      i % 2 ? digest : key,
    )
  }
  return `$1$${salt.slice(0, 8)}$${encode(digest, MD5_GROUPS)}`
}
