import type { KeyObject } from 'node:crypto'
import {
  defineModule,
  Fail,
  isUnknown,
  Unknown,
  type Ask,
  type Ran,
  type Returned,
  type View,
} from '../engine/module/contract.js'
import { inputAsks, inputsOf, type Inputs } from '../engine/module/x509/certificate-inputs.js'
import { CERTIFICATE, type CertificateParams } from '../engine/module/x509/certificate-params.js'
import {
  authorityKey,
  EXTENSION,
  keyIdentifier,
  sameExtensions,
  subjectKey,
  type Extension,
} from '../engine/module/x509/extensions.js'
import { sameName } from '../engine/module/x509/names.js'
import {
  pemAsks,
  pemBackup,
  pemConverge,
  pemText,
  pemVerdict,
  pemWish,
  type Verdict,
} from '../engine/module/x509/pem-file.js'
import {
  makeCertificate,
  momentText,
  parseMoment,
  readCertificate,
  sameKey,
  type Certificate,
} from '../engine/module/x509/signed.js'
import { backupsBrought } from '../engine/module/write.js'

/** The extensions of the request, and the identifiers of both keys. */
function extensionsOf(
  given: CertificateParams,
  { request, authority, signer }: Inputs,
): readonly Extension[] {
  const how = authority
    ? given.ownca_create_subject_key_identifier
    : given.selfsigned_create_subject_key_identifier
  const asked = request.extensions
  const has = asked.some(({ id }) => id === EXTENSION.subjectKey)
  const makes = how === 'always_create' || (how === 'create_if_not_provided' && !has)
  const namesAuthority = authority !== undefined && given.ownca_create_authority_key_identifier
  const kept = asked.filter(
    ({ id }) => !(makes && id === EXTENSION.subjectKey) && !(namesAuthority && id === EXTENSION.authorityKey),
  )
  return [
    ...kept,
    ...(makes ? [subjectKey(keyIdentifier(request.key))] : []),
    ...(namesAuthority ? [authorityKey(identifierOf(authority, signer))] : []),
  ]
}

/** The identifier that the authority has in its certificate, otherwise the one its key gives. */
function identifierOf({ extensions }: Certificate, signer: KeyObject): Buffer {
  const own = extensions.find(({ id }) => id === EXTENSION.subjectKey)
  return own ? own.value.subarray(2) : keyIdentifier(signer)
}

function timesOf(given: CertificateParams, now: Date): { readonly notBefore: Date; readonly notAfter: Date } {
  const [before, after] =
    given.provider === 'ownca'
      ? [given.ownca_not_before, given.ownca_not_after]
      : [given.selfsigned_not_before, given.selfsigned_not_after]
  return { notBefore: parseMoment(before, now), notAfter: parseMoment(after, now) }
}

function verdict(given: CertificateParams, before: View): Verdict {
  if (given.provider === undefined) throw new Fail('provider is missing', [], 'it is ownca or selfsigned')
  const inputs = inputsOf(given, before)
  const times = timesOf(given, new Date())
  if (times.notAfter < times.notBefore) throw new Fail('the certificate would end before it begins')
  return pemVerdict(given, before, (text) => {
    if (isUnknown(inputs))
      return new Unknown(`certificate that rests on ${inputs.why}`, [before.path(given.path).sha1])
    const found = readCertificate(text)
    return found && isAsWanted(found, given, inputs, times) ? 'keep' : 'make'
  })
}

function isAsWanted(
  found: Certificate,
  given: CertificateParams,
  inputs: Inputs,
  times: ReturnType<typeof timesOf>,
): boolean {
  const { request, authority, signer } = inputs
  const moment = (a: Date, b: Date): boolean => a.getTime() === b.getTime()
  return (
    sameKey(found.key, request.key) &&
    sameName(found.subject, request.subject) &&
    sameName(found.issuer, authority ? authority.subject : request.subject) &&
    sameExtensions(found.extensions, extensionsOf(given, inputs)) &&
    found.isSignedBy(signer) &&
    (given.ignore_timestamps ||
      (moment(found.notBefore, times.notBefore) && moment(found.notAfter, times.notAfter)))
  )
}

/** The text that was made, for the result. */
interface Made {
  text?: string
}

function make(given: CertificateParams, before: View, made: Made): string {
  const inputs = inputsOf(given, before)
  if (isUnknown(inputs)) throw new Fail(`depends on ${inputs.why}`)
  const { request, authority, signer } = inputs
  made.text = makeCertificate({
    subject: request.subject,
    key: request.key,
    extensions: extensionsOf(given, inputs),
    issuer: authority ? authority.subject : request.subject,
    signer,
    digest: authority ? given.ownca_digest : given.selfsigned_digest,
    ...timesOf(given, new Date()),
  })
  return made.text
}

function result(given: CertificateParams, before: View, ran: Ran, made: Made): Returned {
  const base = { filename: given.path, ...pemBackup(given, before, ran) }
  if (given.state === 'absent') return { values: base }
  const text =
    made.text ??
    (ran.kind === 'foreseen' ? new Unknown(`certificate in ${given.path}`) : pemText(given, before))
  const late = isUnknown(text) ? text : undefined
  const found = typeof text === 'string' ? readCertificate(text) : undefined
  return {
    values: {
      ...base,
      privatekey: given.privatekey_path ?? null,
      csr: given.csr_path ?? null,
      notBefore: late ?? (found && momentText(found.notBefore)),
      notAfter: late ?? (found && momentText(found.notAfter)),
      serial_number: late ?? (found && serialOf(found)),
      ...(given.provider === 'ownca'
        ? { ca_cert: given.ownca_path ?? null, ca_privatekey: given.ownca_privatekey_path ?? null }
        : {}),
      ...(given.return_content ? { certificate: text } : {}),
    },
  }
}

function serialOf({ serial }: Certificate): bigint {
  return BigInt(serial)
}

/** Sees to a certificate. */
export default defineModule({
  summary: 'Make a certificate, signed by itself or by an authority of your own, and keep it as it is wanted',
  description:
    'The certificate is made by fplay itself, where it runs, with keys that it reads from the host; the host needs no OpenSSL. It is made anew when its key, subject, issuer, extensions or signature are others than wanted, or when it cannot be read; its times count only without ignore_timestamps.',
  params: CERTIFICATE,
  rules: {
    exclusive: [
      ['csr_path', 'csr_content'],
      ['privatekey_path', 'privatekey_content'],
      ['ownca_path', 'ownca_content'],
      ['ownca_privatekey_path', 'ownca_privatekey_content'],
    ],
    requiredIf: [['state', 'present', ['provider']]],
  },
  returns: {
    filename: 'The file.',
    privatekey: 'File of the private key.',
    csr: 'File of the request.',
    notBefore: 'From when it counts.',
    notAfter: 'Until when it counts.',
    serial_number: 'Its number.',
    ca_cert: 'File of the certificate of the authority.',
    ca_privatekey: 'File of the private key of the authority.',
    backup_file: 'Where the old file was kept.',
    certificate: 'With return_content: the certificate.',
  },
  examples: `
- name: An authority for all parties
  x509_certificate:
    path: /etc/ssl/fate-ca.pem
    csr_path: /etc/ssl/fate-ca.csr
    privatekey_path: /etc/ssl/private/fate-ca.pem
    provider: selfsigned
- name: The certificate of this party
  x509_certificate:
    path: /etc/ssl/party.pem
    csr_path: /etc/ssl/party.csr
    provider: ownca
    ownca_path: /etc/ssl/fate-ca.pem
    ownca_privatekey_path: /etc/ssl/private/fate-ca.pem
    ownca_not_after: +825d
`,
  prepare: async (): Promise<Made> => ({}),
  probe: (given): readonly Ask[] => {
    if (given.state === 'absent') return pemAsks(given)
    return [...pemAsks(given), ...inputAsks(given)]
  },
  wanted: (given, before) => pemWish(given, before, () => verdict(given, before)),
  converge: (given, before, differing, made) =>
    pemConverge(given, before, differing, () => make(given, before, made)),
  brings: (given, _before, differing) => backupsBrought(given, differing),
  result: (given, before, _after, ran, made) => result(given, before, ran, made),
})
