import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { Fail } from '../contract.js'
import { der, integer, oid, oidText, readAll, TAG, within, type Node } from './der.js'
import { encodeAlternative } from './names.js'

/** An extension of a certificate or a request. */
export interface Extension {
  readonly id: string
  readonly critical: boolean
  /** Its value in DER. */
  readonly value: Buffer
}

/** Identifiers of the extensions that are made here. */
export const EXTENSION = {
  subjectKey: '2.5.29.14', keyUsage: '2.5.29.15', alternativeNames: '2.5.29.17', basicConstraints: '2.5.29.19',
  authorityKey: '2.5.29.35', extendedKeyUsage: '2.5.29.37', mustStaple: '1.3.6.1.5.5.7.1.24',
} as const // prettier-ignore

const KEY_USAGES = [
  ['digitalSignature', 'Digital Signature'], ['nonRepudiation', 'Non Repudiation', 'contentCommitment', 'Content Commitment'],
  ['keyEncipherment', 'Key Encipherment'], ['dataEncipherment', 'Data Encipherment'], ['keyAgreement', 'Key Agreement'],
  ['keyCertSign', 'Certificate Sign'], ['cRLSign', 'CRL Sign'], ['encipherOnly', 'Encipher Only'],
  ['decipherOnly', 'Decipher Only'],
] // prettier-ignore

const EXTENDED_USAGES: Readonly<Record<string, string>> = {
  serverAuth: '1.3.6.1.5.5.7.3.1', 'TLS Web Server Authentication': '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2', 'TLS Web Client Authentication': '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3', 'Code Signing': '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4', 'E-mail Protection': '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8', 'Time Stamping': '1.3.6.1.5.5.7.3.8',
  OCSPSigning: '1.3.6.1.5.5.7.3.9', 'OCSP Signing': '1.3.6.1.5.5.7.3.9',
  anyExtendedKeyUsage: '2.5.29.37.0', 'Any Extended Key Usage': '2.5.29.37.0',
} // prettier-ignore

/** What the key may be used for. */
export function keyUsage(names: readonly string[], critical: boolean): Extension {
  const set = names.map((name) => {
    const at = KEY_USAGES.findIndex((usage) => usage.includes(name))
    if (at >= 0) return at
    throw new Fail(
      `key_usage "${name}" is not known`,
      [],
      `allowed: ${KEY_USAGES.map(([first]) => first).join(', ')}`,
    )
  })
  const last = Math.max(...set)
  const bytes = Buffer.alloc(Math.floor(last / 8) + 1)
  for (const bit of set) bytes[bit >> 3]! |= 0x80 >> (bit & 7)
  return { id: EXTENSION.keyUsage, critical, value: der(TAG.bits, Buffer.from([7 - (last & 7)]), bytes) }
}

/** Who may use the key for what. */
export function extendedKeyUsage(names: readonly string[], critical: boolean): Extension {
  const ids = names.map((name) => {
    const id = EXTENDED_USAGES[name] ?? (/^[0-2](?:\.\d+)+$/.test(name) ? name : undefined)
    if (id !== undefined) return oid(id)
    throw new Fail(
      `extended_key_usage "${name}" is not known`,
      [],
      'name one that OpenSSL knows, or its object identifier',
    )
  })
  return { id: EXTENSION.extendedKeyUsage, critical, value: der(TAG.sequence, ...ids) }
}

/** Whether it is an authority, from `CA:TRUE` and `pathlen:N`. */
export function basicConstraints(words: readonly string[], critical: boolean): Extension {
  const ca = words.some((word) => /^CA:TRUE$/i.test(word))
  const length = words.map((word) => /^pathlen:(\d+)$/i.exec(word)?.[1]).find((n) => n !== undefined)
  const odd = words.find((word) => !/^(?:CA:(?:TRUE|FALSE)|pathlen:\d+)$/i.test(word))
  if (odd !== undefined) throw new Fail(`basic_constraints "${odd}" is not CA:TRUE, CA:FALSE or pathlen:N`)
  return {
    id: EXTENSION.basicConstraints,
    critical,
    value: der(
      TAG.sequence,
      ...(ca ? [der(TAG.boolean, Buffer.from([0xff]))] : []),
      ...(length === undefined ? [] : [integer(Buffer.from([Number(length)]))]),
    ),
  }
}

/** Other names of the subject. */
export function alternativeNames(names: readonly string[], critical: boolean): Extension {
  return {
    id: EXTENSION.alternativeNames,
    critical,
    value: der(TAG.sequence, ...names.map(encodeAlternative)),
  }
}

/** That a server must bring proof that the certificate is not revoked. */
export function mustStaple(critical: boolean): Extension {
  return { id: EXTENSION.mustStaple, critical, value: der(TAG.sequence, integer(Buffer.from([5]))) }
}

/** The public half of a key. */
export function publicOf(key: KeyObject): KeyObject {
  return key.type === 'private' ? createPublicKey(key) : key
}

/** The public half with its kind, in DER. */
export function publicBytes(key: KeyObject): Buffer {
  return publicOf(key).export({ type: 'spki', format: 'der' })
}

/** Bytes by which a key is known: SHA-1 of it without its kind. */
export function keyIdentifier(key: KeyObject): Buffer {
  const [, value] = within(readAll(publicBytes(key))[0], TAG.sequence)
  return createHash('sha1').update(value!.body.subarray(1)).digest()
}

export function subjectKey(identifier: Buffer): Extension {
  return { id: EXTENSION.subjectKey, critical: false, value: der(TAG.octets, identifier) }
}

export function authorityKey(identifier: Buffer): Extension {
  return { id: EXTENSION.authorityKey, critical: false, value: der(TAG.sequence, der(0x80, identifier)) }
}

/** The bytes of an identifier that is written `00:11:22`. */
export function identifierBytes(text: string, name: string): Buffer {
  if (/^[0-9a-f]{2}(?::[0-9a-f]{2})*$/i.test(text)) return Buffer.from(text.replaceAll(':', ''), 'hex')
  throw new Fail(`${name} "${text}" is not pairs of hexadecimal digits with colons between`)
}

/** Extensions as they stand in a certificate or a request. */
export function encodeExtensions(list: readonly Extension[]): Buffer {
  return der(
    TAG.sequence,
    ...list.map(({ id, critical, value }) =>
      der(
        TAG.sequence,
        oid(id),
        ...(critical ? [der(TAG.boolean, Buffer.from([0xff]))] : []),
        der(TAG.octets, value),
      ),
    ),
  )
}

export function readExtensions(node: Node): readonly Extension[] {
  return within(node, TAG.sequence).map((one) => {
    const parts = within(one, TAG.sequence)
    return {
      id: oidText(parts[0]!),
      critical: parts[1]?.tag === TAG.boolean && parts[1].body[0] !== 0,
      value: parts.at(-1)!.body,
    }
  })
}

/** Whether two sets of extensions say the same; the order does not count, neither of them nor of alternative names. */
export function sameExtensions(a: readonly Extension[], b: readonly Extension[]): boolean {
  const text = (list: readonly Extension[]): string => list.map(canonical).sort().join('\n')
  return text(a) === text(b)
}

function canonical({ id, critical, value }: Extension): string {
  const names =
    id === EXTENSION.alternativeNames
      ? within(readAll(value)[0], TAG.sequence)
          .map(({ whole }) => whole.toString('hex'))
          .sort()
          .join()
      : value.toString('hex')
  return `${id} ${critical} ${names}`
}
