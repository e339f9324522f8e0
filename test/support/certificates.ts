import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import {
  alternativeNames,
  authorityKey,
  basicConstraints,
  extendedKeyUsage,
  keyIdentifier,
  subjectKey,
} from '../../engine/module/x509/extensions.js'
import { makeCertificate } from '../../engine/module/x509/signed.js'

const DAY = 86_400_000

/** Somebody with a key and a name who may sign. */
export interface Signer {
  readonly name: string
  readonly key: KeyObject
}

/** What a certificate is, where it differs from one that is right for 10.0.0.1. */
export interface CertificateOf {
  readonly name?: string
  readonly key: KeyObject
  readonly by: Signer
  readonly addresses?: readonly string[]
  readonly uses?: readonly string[]
  readonly isCa?: boolean
  /** Days from now. */
  readonly from?: number
  readonly to?: number
}

/** A new key on an elliptic curve. */
export const newKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey

/** PEM text of a certificate. */
export function certificate({
  name = 'party',
  key,
  by,
  addresses = ['IP:10.0.0.1'],
  uses,
  isCa,
  from,
  to,
}: CertificateOf): string {
  return makeCertificate({
    subject: [['CN', name]],
    issuer: [['CN', by.name]],
    key: createPublicKey(key),
    signer: by.key,
    digest: 'sha256',
    notBefore: new Date(Date.now() + (from ?? -1) * DAY),
    notAfter: new Date(Date.now() + (to ?? 90) * DAY),
    extensions: [
      ...(isCa ? [basicConstraints(['CA:TRUE'], true)] : [alternativeNames(addresses, false)]),
      ...(uses ? [extendedKeyUsage(uses, false)] : []),
      subjectKey(keyIdentifier(key)),
      authorityKey(keyIdentifier(by.key)),
    ],
  })
}

/** PEM text of a key. */
export const pem = (key: KeyObject, type: 'pkcs8' | 'sec1' = 'pkcs8', passphrase?: string): string =>
  key
    .export({
      type,
      format: 'pem',
      ...(passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }),
    })
    .toString()
