import type { KeyObject } from 'node:crypto'
import { isUnknown, type Unknown } from '../../unknown.js'
import { Fail, type Ask, type View } from '../contract.js'
import type { CertificateParams } from './certificate-params.js'
import { sourceAsks, sourceKey, sourceText, type Source } from './inputs.js'
import { readCertificate, readRequest, sameKey, type Certificate, type Request } from './signed.js'

const csrOf = ({ csr_path: path, csr_content: content }: CertificateParams): Source => ({
  path,
  content,
  what: 'the request',
})
const keyOf = ({ privatekey_path: path, privatekey_content: content }: CertificateParams): Source => ({
  path,
  content,
  what: 'the private key',
})
const caOf = ({ ownca_path: path, ownca_content: content }: CertificateParams): Source => ({
  path,
  content,
  what: 'the certificate of the authority',
})
const caKeyOf = ({
  ownca_privatekey_path: path,
  ownca_privatekey_content: content,
}: CertificateParams): Source => ({
  path,
  content,
  what: 'the private key of the authority',
})

/** Everything the certificate is made of. */
export interface Inputs {
  readonly request: Pick<Request, 'subject' | 'extensions' | 'key'>
  /** Whose signature it gets. */
  readonly signer: KeyObject
  /** Undefined: it signs itself. */
  readonly authority: Certificate | undefined
}

/** Reads what is given; Unknown where an earlier task of a dry run makes some of it. */
export function inputsOf(given: CertificateParams, before: View): Inputs | Unknown {
  const own = given.provider === 'ownca'
  const key = sourceKey(keyOf(given), given.privatekey_passphrase, before)
  const request = requestOf(given, key, before)
  const authority = own ? authorityOf(given, before) : undefined
  const signer = own ? sourceKey(caKeyOf(given), given.ownca_privatekey_passphrase, before) : key
  if (signer === undefined) {
    throw new Fail(
      own
        ? 'ownca_privatekey_path or ownca_privatekey_content is missing'
        : 'privatekey_path or privatekey_content is missing',
    )
  }
  for (const input of [key, request, authority, signer]) if (isUnknown(input)) return input
  const known = { request, signer, authority } as Inputs
  if (key && !isUnknown(key) && !sameKey(known.request.key, key)) {
    throw new Fail(
      'the private key is not that of the request',
      [],
      'make the request anew, or name the other key',
    )
  }
  if (known.authority && !sameKey(known.authority.key, known.signer)) {
    throw new Fail('the private key of the authority is not that of its certificate')
  }
  return known
}

function requestOf(
  given: CertificateParams,
  key: KeyObject | Unknown | undefined,
  before: View,
): Inputs['request'] | Unknown {
  const text = sourceText(csrOf(given), before)
  if (isUnknown(text)) return text
  if (text === undefined) {
    if (given.provider === 'ownca') throw new Fail('csr_path or csr_content is missing')
    if (key === undefined) throw new Fail('privatekey_path or privatekey_content is missing')
    return isUnknown(key) ? key : { subject: [], extensions: [], key }
  }
  const request = readRequest(text)
  if (!request) throw new Fail(`the request ${given.csr_path ?? ''} cannot be read`)
  if (!request.isSigned) throw new Fail(`the request ${given.csr_path ?? ''} is not signed with its own key`)
  return request
}

function authorityOf(given: CertificateParams, before: View): Certificate | Unknown {
  const text = sourceText(caOf(given), before)
  if (text === undefined) throw new Fail('ownca_path or ownca_content is missing')
  if (isUnknown(text)) return text
  const found = readCertificate(text)
  if (found) return found
  throw new Fail(`the certificate of the authority ${given.ownca_path ?? ''} cannot be read`)
}

/** Asks for all files that the certificate is made of. */
export function inputAsks(given: CertificateParams): readonly Ask[] {
  const sources = [
    csrOf(given),
    keyOf(given),
    ...(given.provider === 'ownca' ? [caOf(given), caKeyOf(given)] : []),
  ]
  return sources.flatMap(sourceAsks)
}
