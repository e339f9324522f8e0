import type { InferParams, ParamTable } from '../params.js'
import { PEM_FILE } from './pem-file.js'
import { DIGESTS } from './signed.js'

const IDENTIFIERS = ['create_if_not_provided', 'always_create', 'never_create'] as const
/** Parameters of `x509_certificate`. */
export const CERTIFICATE = {
  ...PEM_FILE,
  provider: { type: 'str', choices: ['ownca', 'selfsigned'], description: 'Who signs: an authority of your own, or the key itself.' },
  csr_path: { type: 'path', description: 'File of the host with the request that tells subject and extensions.' },
  csr_content: { type: 'str', description: 'The request.' },
  privatekey_path: { type: 'path', description: 'File of the host with the private key of the certificate.' },
  privatekey_content: { type: 'str', secret: true, description: 'The private key of the certificate.' },
  privatekey_passphrase: { type: 'str', secret: true, description: 'Passphrase of the private key.' },
  ignore_timestamps: { type: 'bool', default: true, description: 'Leave a certificate with other times as it is.' },
  selfsigned_digest: { type: 'str', default: 'sha256', choices: DIGESTS, description: 'Digest of the signature.' },
  selfsigned_version: { type: 'int', default: 3, choices: [3], description: 'Version of the certificate.' },
  selfsigned_not_before: { type: 'str', default: '+0s', aliases: ['selfsigned_notBefore'], description: 'From when it counts, `+0s` from now, or `20260101000000Z`.' },
  selfsigned_not_after: { type: 'str', default: '+3650d', aliases: ['selfsigned_notAfter'], description: 'Until when it counts.' },
  selfsigned_create_subject_key_identifier: { type: 'str', default: 'create_if_not_provided', choices: IDENTIFIERS, description: 'Whether an identifier is made of the public key.' },
  ownca_path: { type: 'path', description: 'File of the host with the certificate of the authority.' },
  ownca_content: { type: 'str', description: 'The certificate of the authority.' },
  ownca_privatekey_path: { type: 'path', description: 'File of the host with the private key of the authority.' },
  ownca_privatekey_content: { type: 'str', secret: true, description: 'The private key of the authority.' },
  ownca_privatekey_passphrase: { type: 'str', secret: true, description: 'Passphrase of the private key of the authority.' },
  ownca_digest: { type: 'str', default: 'sha256', choices: DIGESTS, description: 'Digest of the signature.' },
  ownca_version: { type: 'int', default: 3, choices: [3], description: 'Version of the certificate.' },
  ownca_not_before: { type: 'str', default: '+0s', description: 'From when it counts.' },
  ownca_not_after: { type: 'str', default: '+3650d', description: 'Until when it counts.' },
  ownca_create_subject_key_identifier: { type: 'str', default: 'create_if_not_provided', choices: IDENTIFIERS, description: 'Whether an identifier is made of the public key.' },
  ownca_create_authority_key_identifier: { type: 'bool', default: true, description: 'Name the key of the authority in the certificate.' },
} as const satisfies ParamTable // prettier-ignore
export type CertificateParams = InferParams<typeof CERTIFICATE>
