import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  getCurves,
  getHashes,
  type KeyObject,
} from 'node:crypto'
import { Fail } from './contract.js'

/** Kinds of private keys, as `openssl_privatekey` calls them. */
export const KEY_TYPES = ['RSA', 'ECC', 'Ed25519', 'Ed448', 'X25519', 'X448'] as const
export type KeyType = (typeof KEY_TYPES)[number]

/** How a key is written: traditional PEM (`pkcs1`, of elliptic curves SEC 1), PKCS#8 PEM, or the bytes alone. */
export type KeyFormat = 'pkcs1' | 'pkcs8' | 'raw'

/** Which key is wanted. */
export interface KeyWish {
  readonly type: KeyType
  /** Bits of an RSA key. */
  readonly size: number
  readonly curve?: string | undefined
}

const NODE_TYPES: Readonly<Record<string, KeyType>> = {
  rsa: 'RSA', ec: 'ECC', ed25519: 'Ed25519', ed448: 'Ed448', x25519: 'X25519', x448: 'X448',
} // prettier-ignore

/** OpenSSL's names of curves that have another one at IANA. */
const CURVES: Readonly<Record<string, string>> = { secp256r1: 'prime256v1', secp192r1: 'prime192v1' }

/** The last arc of the kinds' object identifiers (1.3.101.n), and the bytes of their keys. */
const RAW: Readonly<Record<string, readonly [number, number]>> = {
  X25519: [0x6e, 32], X448: [0x6f, 56], Ed25519: [0x70, 32], Ed448: [0x71, 57],
} // prettier-ignore

/** Makes a key. Blocks while it does: some seconds for the largest RSA keys. */
export function makeKey({ type, size, curve }: KeyWish): KeyObject {
  if (type === 'RSA') return generateKeyPairSync('rsa', { modulusLength: size }).privateKey
  if (type !== 'ECC') return generateKeyPairSync(type.toLowerCase() as 'ed25519').privateKey
  const name = CURVES[curve!] ?? curve!
  if (!getCurves().includes(name)) throw new Fail(`this Node cannot make keys on the curve ${curve!}`)
  return generateKeyPairSync('ec', { namedCurve: name }).privateKey
}

/** The key as a file has it. Fails where a kind of key has no such format. */
export function writeKey(key: KeyObject, format: KeyFormat, passphrase: string | undefined): Buffer {
  const type = typeOf(key)
  if (format === 'raw') {
    if (RAW[type] === undefined || passphrase !== undefined) {
      throw new Fail(
        `a key of type ${type} cannot be written raw${passphrase === undefined ? '' : ' with a passphrase'}`,
      )
    }
    return Buffer.from(key.export({ format: 'jwk' }).d!, 'base64url')
  }
  const secret = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }
  if (format === 'pkcs8') return Buffer.from(key.export({ type: 'pkcs8', format: 'pem', ...secret }))
  if (type === 'RSA') return Buffer.from(key.export({ type: 'pkcs1', format: 'pem', ...secret }))
  if (type === 'ECC') return Buffer.from(key.export({ type: 'sec1', format: 'pem', ...secret }))
  throw new Fail(`a key of type ${type} has no format pkcs1`)
}

/** The format that is chosen for a kind of key. */
export function autoFormat(type: KeyType): KeyFormat {
  return type === 'RSA' || type === 'ECC' ? 'pkcs1' : 'pkcs8'
}

/** What a file holds: a key, or why it is not to be had. */
export type ReadKey =
  | { readonly kind: 'key'; readonly key: KeyObject; readonly format: KeyFormat }
  | { readonly kind: 'broken' }
  /** Protected by another passphrase, by one where none was given, or by none where one was given. */
  | { readonly kind: 'passphrase' }

/** Reads a file with a private key. */
export function readKey(bytes: Buffer, passphrase: string | undefined): ReadKey {
  const text = bytes.toString('latin1')
  const label = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----/.exec(text)?.[1]
  if (label === undefined) return readRaw(bytes)
  const format = label === 'PRIVATE KEY' || label === 'ENCRYPTED PRIVATE KEY' ? 'pkcs8' : 'pkcs1'
  const isEncrypted = label.startsWith('ENCRYPTED') || /^Proc-Type: 4,ENCRYPTED/m.test(text)
  if (isEncrypted !== (passphrase !== undefined)) return { kind: 'passphrase' }
  try {
    const key = createPrivateKey({
      key: bytes,
      format: 'pem',
      ...(passphrase === undefined ? {} : { passphrase }),
    })
    return { kind: 'key', key, format }
  } catch {
    return { kind: isEncrypted ? 'passphrase' : 'broken' }
  }
}

function readRaw(bytes: Buffer): ReadKey {
  // X25519 and Ed25519 keys are as long; the bytes alone do not tell, so the wish decides (see matches).
  const found = Object.entries(RAW).find(([, [, length]]) => length === bytes.length)
  return found ? { kind: 'key', key: fromRaw(bytes, found[0] as KeyType), format: 'raw' } : { kind: 'broken' }
}

function fromRaw(bytes: Buffer, type: KeyType): KeyObject {
  const [arc, length] = RAW[type]!
  const head = [0x30, 14 + length, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, arc, 4, length + 2, 4, length]
  return createPrivateKey({ key: Buffer.concat([Buffer.from(head), bytes]), format: 'der', type: 'pkcs8' })
}

/** True when a key is of the kind, size and curve that are wished for. */
export function matches(found: Extract<ReadKey, { kind: 'key' }>, wish: KeyWish): boolean {
  const { key, format } = found
  if (format === 'raw') return RAW[wish.type]?.[1] === RAW[typeOf(key)]![1]
  if (typeOf(key) !== wish.type) return false
  if (wish.type === 'RSA') return key.asymmetricKeyDetails?.modulusLength === wish.size
  if (wish.type !== 'ECC') return true
  return key.asymmetricKeyDetails?.namedCurve === (CURVES[wish.curve!] ?? wish.curve)
}

/** The kind of a key. Fails for kinds that the module does not make. */
export function typeOf(key: KeyObject): KeyType {
  const type = NODE_TYPES[key.asymmetricKeyType ?? '']
  if (type === undefined) throw new Fail(`a key of type ${key.asymmetricKeyType ?? 'none'} is not known`)
  return type
}

/** Bits of a key. */
export function sizeOf(key: KeyObject): number {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {}
  return bitsOf({ type: typeOf(key), size: modulusLength ?? 0, curve: namedCurve })
}

/** Bits that a key will have. */
export function bitsOf({ type, size, curve }: KeyWish): number {
  if (type === 'RSA') return size
  if (type === 'ECC') return Number(/\d{3}/.exec(curve ?? '')?.[0] ?? 0)
  return { Ed25519: 256, X25519: 256, Ed448: 456, X448: 448 }[type]
}

/** Hashes of the public key, by Python's names of the algorithms. */
export function fingerprints(key: KeyObject): Readonly<Record<string, string>> {
  const bytes = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const known = new Set(getHashes())
  const names = {
    md5: 'md5', sha1: 'sha1', sha224: 'sha224', sha256: 'sha256', sha384: 'sha384', sha512: 'sha512',
    sha3_224: 'sha3-224', sha3_256: 'sha3-256', sha3_384: 'sha3-384', sha3_512: 'sha3-512',
    blake2b: 'blake2b512', blake2s: 'blake2s256', shake_128: 'shake128', shake_256: 'shake256',
  } // prettier-ignore
  return Object.fromEntries(
    Object.entries(names)
      .filter(([, name]) => known.has(name))
      .map(([python, name]) => {
        const hash = name.startsWith('shake') ? createHash(name, { outputLength: 32 }) : createHash(name)
        return [python, hash.update(bytes).digest('hex').match(/../g)!.join(':')]
      }),
  )
}
