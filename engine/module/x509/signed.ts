import { createPublicKey, randomBytes, sign, verify, type KeyObject } from 'node:crypto'
import { Fail } from '../contract.js'
import {
  BadDer,
  bits,
  der,
  fromPem,
  integer,
  moment,
  oid,
  readAll,
  TAG,
  toPem,
  within,
  type Node,
} from './der.js'
import { encodeExtensions, publicBytes, publicOf, readExtensions, type Extension } from './extensions.js'
import { encodeName, readName, type NamePart } from './names.js'

/** A request for a certificate. */
export interface Request {
  readonly subject: readonly NamePart[]
  readonly extensions: readonly Extension[]
  readonly key: KeyObject
  /** Whether it is signed with its own key. */
  readonly isSigned: boolean
}

/** A certificate as far as it is compared. */
export interface Certificate {
  readonly subject: readonly NamePart[]
  readonly issuer: readonly NamePart[]
  readonly extensions: readonly Extension[]
  readonly key: KeyObject
  readonly notBefore: Date
  readonly notAfter: Date
  /** Decimal. */
  readonly serial: string
  /** Whether this key has signed it. */
  isSignedBy(key: KeyObject): boolean
}

/** Digests that a key may sign with. */
export const DIGESTS = ['sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const
const RSA: Readonly<Record<string, number>> = { sha1: 5, sha256: 11, sha384: 12, sha512: 13, sha224: 14 }
const ECDSA: Readonly<Record<string, string>> = {
  sha1: '1.2.840.10045.4.1', sha224: '1.2.840.10045.4.3.1', sha256: '1.2.840.10045.4.3.2', sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
} // prettier-ignore
const EDWARDS: Readonly<Record<string, string>> = { ed25519: '1.3.101.112', ed448: '1.3.101.113' }

/** How a key signs with a digest: the name of that, and the digest as OpenSSL wants it. */
function signing(
  key: KeyObject,
  digest: string,
): { readonly algorithm: Buffer; readonly hash: string | null } {
  const type = key.asymmetricKeyType ?? ''
  const edwards = EDWARDS[type]
  if (edwards !== undefined) return { algorithm: der(TAG.sequence, oid(edwards)), hash: null }
  if (type === 'ec') return { algorithm: der(TAG.sequence, oid(ECDSA[digest]!)), hash: digest }
  if (type !== 'rsa') throw new Fail(`a key of type ${type} cannot sign`)
  return {
    algorithm: der(TAG.sequence, oid(`1.2.840.113549.1.1.${RSA[digest]!}`), der(TAG.nothing)),
    hash: digest,
  }
}

/** What is signed, how, and the signature. */
function signed(body: Buffer, key: KeyObject, digest: string): Buffer {
  const { algorithm, hash } = signing(key, digest)
  return der(TAG.sequence, body, algorithm, bits(sign(hash, body, key)))
}

/** PEM text of a request for the key. */
export function makeRequest(
  wish: Pick<Request, 'subject' | 'extensions'>,
  key: KeyObject,
  digest: string,
): string {
  const { subject, extensions } = wish
  const attributes =
    extensions.length === 0
      ? []
      : [der(TAG.sequence, oid(EXTENSION_REQUEST), der(TAG.set, encodeExtensions(extensions)))]
  const body = der(
    TAG.sequence,
    integer(Buffer.from([0])),
    encodeName(subject),
    publicBytes(key),
    der(0xa0, ...attributes),
  )
  return toPem(signed(body, key, digest), 'CERTIFICATE REQUEST')
}

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14'

/** What a certificate is made of. */
export interface CertificateWish {
  readonly subject: readonly NamePart[]
  readonly key: KeyObject
  readonly extensions: readonly Extension[]
  readonly issuer: readonly NamePart[]
  readonly signer: KeyObject
  readonly digest: string
  readonly notBefore: Date
  readonly notAfter: Date
}

/** PEM text of a certificate. */
export function makeCertificate(wish: CertificateWish): string {
  const serial = randomBytes(20)
  serial[0]! = (serial[0]! & 0x7f) | 0x01
  const { algorithm } = signing(wish.signer, wish.digest)
  const body = der(
    TAG.sequence,
    der(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    encodeName(wish.issuer),
    der(TAG.sequence, moment(wish.notBefore), moment(wish.notAfter)),
    encodeName(wish.subject),
    publicBytes(wish.key),
    ...(wish.extensions.length === 0 ? [] : [der(0xa3, encodeExtensions(wish.extensions))]),
  )
  return toPem(signed(body, wish.signer, wish.digest), 'CERTIFICATE')
}

/** Reads a request; undefined for what is none. */
export function readRequest(text: string): Request | undefined {
  const bytes = fromPem(text, 'CERTIFICATE REQUEST') ?? fromPem(text, 'NEW CERTIFICATE REQUEST')
  return (
    bytes &&
    readable(() => {
      const [body, algorithm, signature] = within(readAll(bytes)[0], TAG.sequence)
      const [, subject, key, attributes] = within(body, TAG.sequence)
      const publicKey = createPublicKey({ key: key!.whole, format: 'der', type: 'spki' })
      return {
        subject: readName(subject!),
        extensions: attributes ? requested(attributes) : [],
        key: publicKey,
        isSigned: isSigned(body!, algorithm!, signature!, publicKey),
      }
    })
  )
}

function requested(attributes: Node): readonly Extension[] {
  return readAll(attributes.body).flatMap((attribute) => {
    const [kind, values] = within(attribute, TAG.sequence)
    return kind!.whole.equals(oid(EXTENSION_REQUEST)) ? within(values, TAG.set).flatMap(readExtensions) : []
  })
}

/** Reads a certificate; undefined for what is none. */
export function readCertificate(text: string): Certificate | undefined {
  const bytes = fromPem(text, 'CERTIFICATE')
  return (
    bytes &&
    readable(() => {
      const [body, algorithm, signature] = within(readAll(bytes)[0], TAG.sequence)
      const all = within(body, TAG.sequence)
      const [serial, , issuer, validity, subject, key] = all[0]!.tag === 0xa0 ? all.slice(1) : all
      const extensions = all.find(({ tag }) => tag === 0xa3)
      const [notBefore, notAfter] = within(validity, TAG.sequence)
      return {
        subject: readName(subject!),
        issuer: readName(issuer!),
        extensions: extensions ? readExtensions(readAll(extensions.body)[0]!) : [],
        key: createPublicKey({ key: key!.whole, format: 'der', type: 'spki' }),
        notBefore: readMoment(notBefore!),
        notAfter: readMoment(notAfter!),
        serial: BigInt(`0x${serial!.body.toString('hex')}`).toString(),
        isSignedBy: (signer) => isSigned(body!, algorithm!, signature!, signer),
      }
    })
  )
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof Fail) throw error
    if (error instanceof BadDer || error instanceof Error) return undefined
    throw error
  }
}

function isSigned(body: Node, algorithm: Node, signature: Node, key: KeyObject): boolean {
  return [...DIGESTS].some((digest) => {
    try {
      const { algorithm: own, hash } = signing(key, digest)
      return (
        own.equals(algorithm.whole) && verify(hash, body.whole, publicOf(key), signature.body.subarray(1))
      )
    } catch {
      return false // a kind of key that signs in other ways
    }
  })
}

function readMoment({ tag, body }: Node): Date {
  const text = body.toString('latin1')
  const digits = tag === TAG.utcTime ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits) ?? []
  if (year === undefined) throw new BadDer('a time cannot be read')
  return new Date(`${year}-${month!}-${day!}T${hour!}:${minute!}:${second!}Z`)
}

/** Whether two keys are the same, private or public. */
export function sameKey(a: KeyObject, b: KeyObject): boolean {
  return publicBytes(a).equals(publicBytes(b))
}

/** A moment as `20261231235959Z`. */
export function momentText(date: Date): string {
  return `${date.toISOString().replace(/[-:T]|\.\d+Z/g, '')}Z`
}

/** A moment from now, `+365d` or `-1h30m`, or as `20261231235959Z` and `2026-12-31 23:59:59`. */
export function parseMoment(text: string, now: Date): Date {
  const relative = /^([+-])(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?$/.exec(text)
  if (relative && text.length > 1) {
    const [, direction, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = relative
    const passed =
      (((Number(weeks) * 7 + Number(days)) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 +
      Number(seconds)
    return new Date(Math.floor(now.getTime() / 1000) * 1000 + (direction === '-' ? -1000 : 1000) * passed)
  }
  const absolute = /^(\d{4})-?(\d\d)-?(\d\d)[ T]?(?:(\d\d):?(\d\d)(?::?(\d\d))?)?Z?$/.exec(text)
  const [, year, month, day, hour = '00', minute = '00', second = '00'] = absolute ?? []
  const date = new Date(absolute ? `${year!}-${month!}-${day!}T${hour}:${minute}:${second}Z` : NaN)
  if (!Number.isNaN(date.getTime())) return date
  throw new Fail(`the time "${text}" cannot be read`, [], 'write it as +365d, +1w2d3h, or 20261231235959Z')
}
