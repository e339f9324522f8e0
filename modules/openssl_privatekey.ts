import { posix } from 'node:path'
import type { KeyObject } from 'node:crypto'
import { contentOf } from '../engine/content.js'
import { isUnknown, Unknown } from '../engine/unknown.js'
import { ATTRIBUTES, attributesScript, attributeWish } from '../engine/module/attributes.js'
import {
  defineModule,
  Fail,
  FRESH,
  type Converge,
  type Difference,
  type Key,
  type Ran,
  type Returned,
  type View,
  type Wish,
} from '../engine/module/contract.js'
import type { InferParams } from '../engine/module/params.js'
import { sh } from '../engine/module/quote.js'
import {
  autoFormat,
  bitsOf,
  fingerprints,
  KEY_TYPES,
  makeKey,
  matches,
  readKey,
  sizeOf,
  typeOf,
  writeKey,
  type KeyFormat,
  type ReadKey,
} from '../engine/module/private-key.js'
import { pemAsks, pemBackup, pemRemoval } from '../engine/module/x509/pem-file.js'
import { backupsBrought, input, writeFile } from '../engine/module/write.js'

const params = {
  path: { type: 'path', required: true, description: 'The file of the key, on the host.' },
  state: { type: 'str', default: 'present', choices: ['present', 'absent'], description: 'Whether it is there.' },
  type: { type: 'str', default: 'RSA', choices: KEY_TYPES, description: 'Kind of the key.' },
  size: { type: 'int', default: 4096, description: 'Bits of an RSA key.' },
  curve: {
    type: 'str',
    choices: [
      'secp224r1', 'secp256k1', 'secp256r1', 'secp384r1', 'secp521r1', 'secp192r1', 'brainpoolP256r1', 'brainpoolP384r1',
      'brainpoolP512r1', 'sect163k1', 'sect163r2', 'sect233k1', 'sect233r1', 'sect283k1', 'sect283r1', 'sect409k1',
      'sect409r1', 'sect571k1', 'sect571r1',
    ],
    description: 'Curve of an ECC key.',
  },
  passphrase: { type: 'str', secret: true, description: 'Passphrase that protects the file.' },
  cipher: { type: 'str', choices: ['auto'], description: 'Cipher of the protection: AES with 256 bits, always.' },
  format: {
    type: 'str',
    default: 'auto_ignore',
    choices: ['pkcs1', 'pkcs8', 'raw', 'auto', 'auto_ignore'],
    description: 'How it is written: `auto` is pkcs1 for RSA and ECC, pkcs8 for others; `auto_ignore` lets a key of another format be.',
  },
  format_mismatch: {
    type: 'str',
    default: 'regenerate',
    choices: ['regenerate', 'convert'],
    description: 'What is done with a key that differs in its format only.',
  },
  regenerate: {
    type: 'str',
    default: 'full_idempotence',
    choices: ['never', 'fail', 'partial_idempotence', 'full_idempotence', 'always'],
    description:
      'When a key that is there is replaced: `never` (a key that cannot be read is a failure), `fail` when it would have to be, `partial_idempotence` when it is another than wanted, `full_idempotence` also when it cannot be read or has another passphrase, `always`.',
  },
  force: { type: 'bool', default: false, description: 'The same as `regenerate: always`.' },
  backup: { type: 'bool', default: false, description: 'Keep the old file beside the new one.' },
  ...ATTRIBUTES,
} as const // prettier-ignore
type Params = InferParams<typeof params>

/** What a task keeps: the key that it made. */
interface Made {
  key?: KeyObject
}

/** What is to be done with the file. */
type Plan = { readonly kind: 'keep' | 'make' } | { readonly kind: 'convert'; readonly key: KeyObject }

function planOf(given: Params, before: View): Plan {
  const found = before.path(given.path)
  if (found.type === 'absent' || given.force || given.regenerate === 'always') return { kind: 'make' }
  if (found.type !== 'file')
    throw new Fail(`${given.path} is no file`, [`path:${given.path}`], 'remove it first')
  // An earlier task of the dry run makes it; what it makes is taken for what is wanted.
  if (found.content === undefined || isUnknown(found.content)) return { kind: 'keep' }
  return planFor(given, readKey(found.content.bytes(), given.passphrase))
}

function planFor(given: Params, found: ReadKey): Plan {
  const { path, regenerate } = given
  if (found.kind !== 'key') {
    const what = found.kind === 'broken' ? 'is no private key' : 'has another passphrase than the one given'
    if (regenerate === 'full_idempotence') return { kind: 'make' }
    throw new Fail(
      `${path} ${what}`,
      [`path:${path}`],
      'remove it, or let regenerate be full_idempotence or always',
    )
  }
  const isOther = !matches(found, given)
  const isWritten = given.format === 'auto_ignore' || found.format === formatOf(given)
  if (!isOther && isWritten) return { kind: 'keep' }
  if (!isOther && given.format_mismatch === 'convert') return { kind: 'convert', key: found.key }
  if (regenerate === 'never') return { kind: 'keep' }
  if (regenerate === 'fail') {
    const what = isOther ? 'is a key of another type, size or curve' : `is written as ${found.format}`
    throw new Fail(
      `${path} ${what}`,
      [`path:${path}`],
      'change the task, or let regenerate be full_idempotence',
    )
  }
  return { kind: 'make' }
}

function formatOf({ format, type }: Params): KeyFormat {
  return format === 'auto' || format === 'auto_ignore' ? autoFormat(type) : format
}

function wanted(given: Params, before: View): Wish {
  const { path } = given
  const key: Key = `path:${path}`
  const found = before.path(path)
  if (given.state === 'absent') return new Map([[key, { type: 'absent' }]])
  const folder = posix.dirname(path)
  if (before.path(folder).type !== 'directory' && !isUnknown(before.path(folder).type)) {
    throw new Fail(
      `the folder ${folder} does not exist`,
      [`path:${folder}`],
      'make it with file: state=directory',
    )
  }
  const attributes = attributeWish(given, before, found, 'file')
  if (planOf(given, before).kind === 'keep') return new Map([[key, { type: 'file', ...attributes }]])
  const mode = given.mode === undefined && found.type === 'absent' ? { mode: 0o600 } : {}
  return new Map([[key, { type: 'file', sha1: FRESH, ...mode, ...attributes }]])
}

function converge(
  given: Params,
  before: View,
  differing: ReadonlyMap<Key, Difference>,
  made: Made,
): Converge {
  const [difference] = [...differing.values()]
  const { wished, names } = difference!
  const { real } = before.path(given.path)
  if (wished['type'] === 'absent') return { script: pemRemoval(given, real) }
  if (!names.includes('sha1')) return { script: attributesScript(sh`${real}`, wished, names, 'file') }
  const plan = planOf(given, before)
  made.key = plan.kind === 'convert' ? plan.key : makeKey(given)
  const content = contentOf(writeKey(made.key, formatOf(given), given.passphrase))
  return { script: writeFile(real, input(0, content), difference!, before.session, given), inputs: [content] }
}

function result(given: Params, before: View, ran: Ran, made: Made): Returned {
  const { path } = given
  const found = before.path(path)
  const backup = pemBackup(given, before, ran)
  if (given.state === 'absent') return { values: { filename: path, ...backup } }
  const key = made.key ?? keyIn(given, before)
  const known = key && (ran.kind !== 'foreseen' || planOf(given, before).kind !== 'make') ? key : undefined
  const late = new Unknown(`fingerprint of ${path}`)
  const type = known ? typeOf(known) : given.type
  const curve = type === 'ECC' && given.curve !== undefined ? { curve: given.curve } : {}
  const size = known ? sizeOf(known) : bitsOf(given)
  const fingerprint = known
    ? fingerprints(known)
    : found.type === 'file' && ran.kind === 'nothing'
      ? undefined
      : late
  return { values: { filename: path, type, size, ...curve, fingerprint, ...backup } }
}

function keyIn({ path, passphrase }: Params, before: View): KeyObject | undefined {
  const { content } = before.path(path)
  if (content === undefined || isUnknown(content)) return undefined
  const found = readKey(content.bytes(), passphrase)
  return found.kind === 'key' ? found.key : undefined
}

/** Sees to a private key on the host. */
export default defineModule({
  summary: 'Make a private key, and keep it as it is wanted',
  description:
    'The key is made by fplay itself, where it runs, and travels to the host; the host needs no OpenSSL. A new file is for its owner only (0600). Neither old nor new keys are shown in diffs and results.',
  params,
  rules: { requiredIf: [['type', 'ECC', ['curve']]], requiredBy: { cipher: ['passphrase'] } },
  returns: {
    filename: 'The file.',
    type: 'Kind of the key.',
    size: 'Its bits.',
    curve: 'Its curve, of ECC.',
    fingerprint: 'Hashes of the public key, by algorithm.',
    backup_file: 'Where the old file was kept.',
  },
  examples: `
- openssl_privatekey: {path: /etc/ssl/private/party.pem, type: ECC, curve: secp384r1}
`,
  prepare: async (): Promise<Made> => ({}),
  probe: pemAsks,
  wanted,
  converge,
  brings: (given, _before, differing) => backupsBrought(given, differing),
  result: (given, before, _after, ran, made) => result(given, before, ran, made),
})
