import type { KeyObject } from 'node:crypto'
import {
  defineModule,
  Fail,
  isTrue,
  isUnknown,
  Unknown,
  type Ask,
  type Dict,
  type Ran,
  type Returned,
  type View,
} from '../engine/module/contract.js'
import type { InferParams } from '../engine/module/params.js'
import {
  alternativeNames,
  authorityKey,
  basicConstraints,
  extendedKeyUsage,
  identifierBytes,
  keyIdentifier,
  keyUsage,
  mustStaple,
  sameExtensions,
  subjectKey,
  type Extension,
} from '../engine/module/x509/extensions.js'
import { sourceAsks, sourceKey, type Source } from '../engine/module/x509/inputs.js'
import { encodeName, longNames, sameName, type NamePart } from '../engine/module/x509/names.js'
import {
  pemAsks,
  pemBackup,
  PEM_FILE,
  pemConverge,
  pemText,
  pemVerdict,
  pemWish,
  type Verdict,
} from '../engine/module/x509/pem-file.js'
import { DIGESTS, makeRequest, readRequest, sameKey } from '../engine/module/x509/signed.js'
import { backupsBrought } from '../engine/module/write.js'

const params = {
  ...PEM_FILE,
  privatekey_path: { type: 'path', description: 'File of the host with the private key.' },
  privatekey_content: { type: 'str', secret: true, description: 'The private key.' },
  privatekey_passphrase: { type: 'str', secret: true, description: 'Passphrase of the private key.' },
  digest: { type: 'str', default: 'sha256', choices: DIGESTS, description: 'Digest of the signature.' },
  version: { type: 'int', default: 1, choices: [1], description: 'Version of the request.' },
  subject: { type: 'dict', description: 'Further parts of the subject by their names; a list gives several of a kind.' },
  country_name: { type: 'str', aliases: ['C', 'countryName'], description: 'Country of the subject, two letters.' },
  state_or_province_name: { type: 'str', aliases: ['ST', 'stateOrProvinceName'], description: 'State or province of the subject.' },
  locality_name: { type: 'str', aliases: ['L', 'localityName'], description: 'Town of the subject.' },
  organization_name: { type: 'str', aliases: ['O', 'organizationName'], description: 'Organisation of the subject.' },
  organizational_unit_name: { type: 'str', aliases: ['OU', 'organizationalUnitName'], description: 'Unit of the organisation.' },
  common_name: { type: 'str', aliases: ['CN', 'commonName'], description: 'Common name of the subject.' },
  email_address: { type: 'str', aliases: ['E', 'emailAddress'], description: 'Email address of the subject.' },
  subject_alt_name: {
    type: 'list',
    elements: 'str',
    aliases: ['subjectAltName'],
    description: 'Other names: `DNS:`, `IP:`, `email:`, `URI:` or `RID:` and the name.',
  },
  subject_alt_name_critical: { type: 'bool', default: false, aliases: ['subjectAltName_critical'], description: 'Whoever does not understand the other names must refuse the certificate.' },
  use_common_name_for_san: { type: 'bool', default: true, aliases: ['useCommonNameForSAN'], description: 'Without other names, take the common name for one.' },
  key_usage: { type: 'list', elements: 'str', aliases: ['keyUsage'], description: 'What the key may be used for, such as digitalSignature, keyEncipherment, keyCertSign.' },
  key_usage_critical: { type: 'bool', default: false, aliases: ['keyUsage_critical'], description: 'Whoever does not understand the usage must refuse the certificate.' },
  extended_key_usage: { type: 'list', elements: 'str', aliases: ['extKeyUsage', 'extendedKeyUsage'], description: 'For whom, such as serverAuth, clientAuth, or an object identifier.' },
  extended_key_usage_critical: { type: 'bool', default: false, aliases: ['extKeyUsage_critical', 'extendedKeyUsage_critical'], description: 'Whoever does not understand it must refuse the certificate.' },
  basic_constraints: { type: 'list', elements: 'str', aliases: ['basicConstraints'], description: 'Of an authority `CA:TRUE` and `pathlen:N`, otherwise `CA:FALSE`.' },
  basic_constraints_critical: { type: 'bool', default: false, aliases: ['basicConstraints_critical'], description: 'Whoever does not understand it must refuse the certificate.' },
  ocsp_must_staple: { type: 'bool', default: false, aliases: ['ocspMustStaple'], description: 'The server must bring proof that the certificate is not revoked.' },
  ocsp_must_staple_critical: { type: 'bool', default: false, aliases: ['ocspMustStaple_critical'], description: 'Whoever does not understand that must refuse the certificate.' },
  create_subject_key_identifier: { type: 'bool', default: false, description: 'Put in an identifier made of the public key.' },
  subject_key_identifier: { type: 'str', description: 'Identifier of the key, pairs of hexadecimal digits with colons between.' },
  authority_key_identifier: { type: 'str', description: 'Identifier of the key of the authority, written so too.' },
} as const // prettier-ignore
type Params = InferParams<typeof params>

function keySource({ privatekey_path: path, privatekey_content: content }: Params): Source {
  return { path, content, what: 'the private key' }
}

function keyOf(given: Params, before: View): KeyObject | Unknown {
  const key = sourceKey(keySource(given), given.privatekey_passphrase, before)
  if (key !== undefined) return key
  throw new Fail('privatekey_path or privatekey_content is missing')
}

function subjectOf(given: Params): readonly NamePart[] {
  const single: readonly (readonly [string, string | undefined])[] = [
    ['countryName', given.country_name], ['stateOrProvinceName', given.state_or_province_name],
    ['localityName', given.locality_name], ['organizationName', given.organization_name],
    ['organizationalUnitName', given.organizational_unit_name], ['commonName', given.common_name],
    ['emailAddress', given.email_address],
  ] // prettier-ignore
  const named = single.flatMap(([kind, value]): NamePart[] =>
    value === undefined || value === '' ? [] : [[kind, value]],
  )
  const more = [...((given.subject ?? new Map()) as Dict)].flatMap(([kind, value]): NamePart[] =>
    (Array.isArray(value) ? value : [value])
      .filter(isTrue)
      .map((one): NamePart => [String(kind), String(one)]),
  )
  return longNames([...named, ...more])
}

function namesOf(given: Params): readonly string[] {
  const { subject_alt_name: names, common_name: name } = given
  if (names !== undefined && names.length > 0) return names.map(String)
  return given.use_common_name_for_san && name !== undefined && name !== '' ? [`DNS:${name}`] : []
}

function extensionsOf(given: Params, key: KeyObject | undefined): readonly Extension[] {
  const { key_usage: usage = [], extended_key_usage: extended = [], basic_constraints: basic = [] } = given
  const names = namesOf(given)
  const own = given.subject_key_identifier
  const identifier =
    own !== undefined
      ? identifierBytes(own, 'subject_key_identifier')
      : given.create_subject_key_identifier && key
        ? keyIdentifier(key)
        : undefined
  const authority = given.authority_key_identifier
  return [
    ...(names.length > 0 ? [alternativeNames(names, given.subject_alt_name_critical)] : []),
    ...(usage.length > 0 ? [keyUsage(usage.map(String), given.key_usage_critical)] : []),
    ...(extended.length > 0
      ? [extendedKeyUsage(extended.map(String), given.extended_key_usage_critical)]
      : []),
    ...(basic.length > 0 ? [basicConstraints(basic.map(String), given.basic_constraints_critical)] : []),
    ...(given.ocsp_must_staple ? [mustStaple(given.ocsp_must_staple_critical)] : []),
    ...(identifier ? [subjectKey(identifier)] : []),
    ...(authority === undefined
      ? []
      : [authorityKey(identifierBytes(authority, 'authority_key_identifier'))]),
  ]
}

function verdict(given: Params, before: View): Verdict {
  const key = keyOf(given, before)
  const subject = subjectOf(given)
  // What cannot be is told before anything is looked at.
  encodeName(subject)
  const extensions = extensionsOf(given, isUnknown(key) ? undefined : key)
  return pemVerdict(given, before, (text) => {
    const found = readRequest(text)
    if (isUnknown(key))
      return new Unknown(`request for a key that ${key.why} tells`, [before.path(given.path).sha1])
    if (!found?.isSigned || !sameKey(found.key, key)) return 'make'
    return sameName(found.subject, subject) && sameExtensions(found.extensions, extensions) ? 'keep' : 'make'
  })
}

/** The text that was made, for the result. */
interface Made {
  text?: string
}

function make(given: Params, before: View, made: Made): string {
  const key = keyOf(given, before) as KeyObject
  made.text = makeRequest(
    { subject: subjectOf(given), extensions: extensionsOf(given, key) },
    key,
    given.digest,
  )
  return made.text
}

function result(given: Params, before: View, ran: Ran, made: Made): Returned {
  const base = {
    filename: given.path,
    privatekey: given.privatekey_path ?? null,
    ...pemBackup(given, before, ran),
  }
  if (given.state === 'absent') return { values: base }
  const names = namesOf(given)
  const text =
    made.text ?? (ran.kind === 'foreseen' ? new Unknown(`request in ${given.path}`) : pemText(given, before))
  const list = (value: readonly unknown[] | undefined): unknown => (value && value.length > 0 ? value : null)
  return {
    values: {
      ...base,
      subject: subjectOf(given),
      subjectAltName: list(names),
      keyUsage: list(given.key_usage),
      extendedKeyUsage: list(given.extended_key_usage),
      basicConstraints: list(given.basic_constraints),
      ocspMustStaple: given.ocsp_must_staple,
      ...(given.return_content ? { csr: text } : {}),
    },
  }
}

/** Sees to a request for a certificate. */
export default defineModule({
  summary: 'Make a request for a certificate (CSR), and keep it as it is wanted',
  description:
    'The request is made by fplay itself, where it runs; the host needs no OpenSSL. It is made anew when its subject, its extensions or its key are others than wanted, or when it cannot be read.',
  params,
  rules: { exclusive: [['privatekey_path', 'privatekey_content']] },
  returns: {
    filename: 'The file.',
    privatekey: 'File of the private key.',
    subject: 'Parts of the subject, pairs of kind and value.',
    subjectAltName: 'Other names.',
    keyUsage: 'What the key may be used for.',
    extendedKeyUsage: 'For whom.',
    basicConstraints: 'Whether it is an authority.',
    ocspMustStaple: 'Whether the server must bring proof.',
    backup_file: 'Where the old file was kept.',
    csr: 'With return_content: the request.',
  },
  examples: `
- openssl_csr:
    path: /etc/ssl/party.csr
    privatekey_path: /etc/ssl/private/party.pem
    common_name: party-9999.example.com
    subject_alt_name: ["DNS:party-9999.example.com", "IP:192.168.7.1"]
    key_usage: [digitalSignature, keyEncipherment]
    extended_key_usage: [serverAuth, clientAuth]
`,
  prepare: async (): Promise<Made> => ({}),
  probe: (given): readonly Ask[] => [
    ...pemAsks(given),
    ...(given.state === 'absent' ? [] : sourceAsks(keySource(given))),
  ],
  wanted: (given, before) => pemWish(given, before, () => verdict(given, before)),
  converge: (given, before, differing, made) =>
    pemConverge(given, before, differing, () => make(given, before, made)),
  brings: (given, _before, differing) => backupsBrought(given, differing),
  result: (given, before, _after, ran, made) => result(given, before, ran, made),
})
