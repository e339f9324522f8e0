import { createPrivateKey, X509Certificate } from 'node:crypto'
import { defineModule, Fail } from 'fplay/module/contract.js'

const DAY = 86_400_000
/** A certificate that ends sooner than this is worth a word. */
const SOON = 30
/** What a certificate may be used for, where it says so: OSX is asked by others, and asks them. */
const USES = { '1.3.6.1.5.5.7.3.1': 'serverAuth', '1.3.6.1.5.5.7.3.2': 'clientAuth' }
const ANY_USE = '2.5.29.37.0'

/** The certificates of a PEM text, in its order; what is wrong with it goes to `faults`. */
function certificatesOf(path, text, faults) {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0)
    faults.push(`${path} holds no certificate: it has to be PEM, with "BEGIN CERTIFICATE"`)
  return blocks.flatMap((block) => {
    try {
      return [new X509Certificate(block)]
    } catch {
      faults.push(`${path} holds a certificate that cannot be read: it is damaged; bring the file again`)
      return []
    }
  })
}

/** The key; undefined when OSX cannot read it, which goes to `faults`. */
function keyOf(path, text, faults) {
  const refuse = (what, cure) => void faults.push(`${path} ${what}: ${cure}`)
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(text))
    return refuse(
      'has a passphrase, and OSX cannot ask for it',
      `openssl pkcs8 -topk8 -nocrypt -in ${path} -out FILE`,
    )
  if (/-----BEGIN \w+ PRIVATE KEY-----/.test(text))
    return refuse('is no key in PKCS 8', `openssl pkcs8 -topk8 -nocrypt -in ${path} -out FILE`)
  try {
    return createPrivateKey(text)
  } catch {
    return refuse('holds no private key', 'it has to be PEM, with "BEGIN PRIVATE KEY"')
  }
}

/** The certificates from the leaf to the one that a CA of `trusted` has signed, that CA behind them; or why there is no such way. */
function chainOf([leaf, ...between], trusted) {
  const chain = [leaf]
  for (;;) {
    const last = chain.at(-1)
    if (trusted.some((one) => one.raw.equals(last.raw))) return { chain }
    const signs = (one) => last.checkIssued(one) && last.verify(one.publicKey)
    const anchor = trusted.find(signs)
    if (anchor) return { chain: [...chain, anchor] }
    const next = between.find((one) => signs(one) && !chain.includes(one))
    if (!next) return { chain, missing: named(last.issuer) }
    chain.push(next)
  }
}

/** A distinguished name on one line. */
function named(name) {
  return name.split('\n').join(', ')
}

function dateFaults(path, one, now) {
  const [from, to] = [Date.parse(one.validFrom), Date.parse(one.validTo)]
  if (now < from)
    return [
      `${path}: the certificate of ${named(one.subject)} counts only from ${one.validFrom} on: wait, or set the clocks`,
    ]
  if (now > to)
    return [`${path}: the certificate of ${named(one.subject)} ended at ${one.validTo}: have a new one made`]
  return []
}

/** What keeps other parties, or OSX itself, from taking these files; empty when all is well. */
function faultsOf({ certificate, key, ca, address }, now) {
  const faults = []
  const own = certificatesOf(certificate.path, certificate.text, faults)
  const trusted = certificatesOf(ca.path, ca.text, faults)
  const secret = keyOf(key.path, key.text, faults)
  const [leaf] = own
  if (faults.length > 0 || leaf === undefined) return { faults, ends: undefined }
  if (!leaf.checkPrivateKey(secret))
    faults.push(
      `${key.path} is not the key of ${certificate.path}: bring the two that belong together; the first certificate of the file has to be the party's own`,
    )
  const isAddress = /^[\d.]+$/.test(address)
  const isNamed = isAddress ? leaf.checkIP(address) : leaf.checkHost(address, { subject: 'never' })
  if (isNamed === undefined)
    faults.push(
      `${certificate.path} is not for ${address}, at which the others call this OSX: have one made with the subjectAltName ${isAddress ? 'IP' : 'DNS'}:${address}; it has ${leaf.subjectAltName ?? 'none'}`,
    )
  const uses = leaf.keyUsage
  const lacks = Object.keys(USES).filter((use) => uses && !uses.includes(use) && !uses.includes(ANY_USE))
  if (lacks.length > 0)
    faults.push(
      `${certificate.path} may not be used for ${lacks.map((use) => USES[use]).join(' and ')}: have one made with the extendedKeyUsage serverAuth and clientAuth`,
    )
  const { chain, missing } = chainOf(own, trusted)
  if (missing !== undefined)
    faults.push(
      `${certificate.path} is not signed by a CA of ${ca.path} (${trusted.map((one) => named(one.subject)).join('; ')}): ${missing} has signed it; put that CA into ${ca.path}, or, where others signed in between, their certificates behind the party's own`,
    )
  const isOfOurs = (one) => own.some((mine) => mine.raw.equals(one.raw))
  faults.push(...chain.flatMap((one) => dateFaults(isOfOurs(one) ? certificate.path : ca.path, one, now)))
  return { faults, ends: Math.min(...chain.map((one) => Date.parse(one.validTo))) }
}

export default defineModule({
  summary: 'Check the certificate of an OSX before it travels',
  description:
    'Whether the key belongs to the certificate, whether the given CA has signed it, from when to when it counts, and whether it is for the address at which others call it. Nothing is contacted or changed.',
  params: {
    certificate: {
      type: 'str',
      required: true,
      description: 'PEM file of this machine, with what signed it up to the CA.',
    },
    key: {
      type: 'str',
      required: true,
      description: 'PEM file with its key in PKCS 8; may be encrypted with a vault.',
    },
    ca: { type: 'str', required: true, description: 'PEM file with the CAs that are trusted.' },
    address: { type: 'str', required: true, description: 'IPv4 address or name at which others call it.' },
  },
  returns: {},
  examples: `
- osx_certificates:
    certificate: certs/10000.pem
    key: certs/10000.key
    ca: certs/ca.pem
    address: 192.168.7.1
`,
  prepare: async ({ certificate, key, ca, address }, controller) => {
    const read = async (path) => ({ path, text: (await controller.content(path, 'files')).text() })
    const files = { certificate: await read(certificate), key: await read(key), ca: await read(ca), address }
    const now = Date.now()
    const { faults, ends } = faultsOf(files, now)
    const days = Math.floor((ends - now) / DAY)
    if (faults.length === 0 && days < SOON)
      controller.say(
        `${certificate}, or what signed it, ends in ${days} days: have a new one made`,
        'warning',
      )
    return faults
  },
  wanted: ({ address: _ }, _before, faults) => {
    if (faults.length > 0) throw new Fail(faults.join('\n'), [])
    return new Map()
  },
})
