import { openEnvelope, readEnvelope, sealEnvelope } from '../../vault-format.js'
import type { Entries } from '../entry.js'
import type { Item } from '../item.js'
import { EvalError, isUnset } from '../item.js'
import { optionalInt, wantText } from '../python/convert.js'
import { md5Crypt, randomSalt, shaCrypt } from '../python/crypt.js'
import { str } from '../python/render.js'

const KINDS: ReadonlyMap<string, { readonly kind: 'md5' | 'sha256' | 'sha512'; readonly saltSize: number }> =
  new Map([
    ['md5', { kind: 'md5', saltSize: 8 }],
    ['md5_crypt', { kind: 'md5', saltSize: 8 }],
    ['sha256', { kind: 'sha256', saltSize: 16 }],
    ['sha256_crypt', { kind: 'sha256', saltSize: 16 }],
    ['sha512', { kind: 'sha512', saltSize: 16 }],
    ['sha512_crypt', { kind: 'sha512', saltSize: 16 }],
  ])

/** What Ansible takes when a task does not say; more than half a million rounds take a second or two. */
const ROUNDS = { sha256: 535_000, sha512: 656_000 }

/** Hashes of this run: the same password and salt are often asked for once a host. */
const made = new Map<string, string>()

function remembered(kind: 'sha256' | 'sha512', password: string, salt: string, rounds: number): string {
  const key = JSON.stringify([kind, password, salt, rounds])
  const known = made.get(key) ?? shaCrypt(kind, password, salt, rounds)
  made.set(key, known)
  return known
}

function passwordHash(value: Item, [type, salt, saltSize, rounds, ident]: Item[]): Item {
  if (!isUnset(ident)) throw new EvalError('ident of password_hash is for blowfish only')
  return hashPassword(str(value), wantText(type, 'hashtype'), {
    salt: isUnset(salt) ? undefined : str(salt),
    saltSize: optionalInt(saltSize, 'salt_size'),
    rounds: optionalInt(rounds, 'rounds'),
  })
}

/** How a password is hashed; a salt that is not given is made at random. */
export interface Seasoning {
  readonly salt?: string | undefined
  readonly saltSize?: number | undefined
  readonly rounds?: number | undefined
}

/**
 * A password as /etc/shadow keeps it. `name` is a scheme by its name or by passlib's (`sha512_crypt`). Fails with an
 * EvalError that says what is allowed.
 */
export function hashPassword(password: string, name: string, { salt, saltSize, rounds }: Seasoning): string {
  const found = KINDS.get(name)
  if (!found) {
    const allowed = 'allowed: md5, sha256, sha512'
    if (name === 'blowfish' || name === 'bcrypt')
      throw new EvalError(`password_hash does not know "${name}"`, 'expression-failed', allowed)
    throw new EvalError(`there is no hashtype "${name}"`, 'expression-failed', allowed)
  }
  const seasoning = salt ?? randomSalt(Math.min(saltSize ?? found.saltSize, found.saltSize))
  const wrong = /[^./0-9A-Za-z]/.exec(seasoning)
  if (wrong)
    throw new EvalError(
      `a salt cannot have the character "${wrong[0]}"`,
      'expression-failed',
      'allowed: letters, digits, "." and "/"',
    )
  if (found.kind === 'md5') return md5Crypt(password, seasoning)
  return remembered(found.kind, password, seasoning, rounds ?? ROUNDS[found.kind])
}

function vault(value: Item, [secret, salt, id, wrapped]: Item[]): Item {
  if (wrapped === true)
    throw new EvalError('wrap_object of vault is not supported', 'expression-failed', 'leave it out')
  const seasoning = isUnset(salt) ? undefined : Buffer.from(str(salt!))
  const plain = Buffer.from(wantText(value, 'what vault encrypts'))
  return sealEnvelope(plain, wantText(secret, 'the secret of vault'), wantText(id, 'vaultid'), seasoning)
}

function unvault(value: Item, [secret]: Item[]): Item {
  const text = wantText(value, 'what unvault decrypts')
  if (!text.startsWith('$ANSIBLE_VAULT')) return text
  const envelope = readEnvelope(text)
  if (typeof envelope === 'string') throw new EvalError(envelope)
  const plain = openEnvelope(envelope, wantText(secret, 'the secret of unvault'))
  if (!plain) throw new EvalError('the secret of unvault does not open the value')
  return plain.toString('utf8')
}

/** Filters for passwords and encryption. */
export const CRYPT_FILTERS: Entries = [
  {
    name: 'password_hash',
    summary:
      'The password as /etc/shadow keeps it: sha512, sha256 or md5. Without a salt it differs every time.',
    signature: "hashtype='sha512', salt=None, salt_size=None, rounds=None, ident=None",
    run: passwordHash,
  },
  {
    name: 'vault',
    summary: 'The text as ansible-vault encrypts it with a secret.',
    signature: "secret, salt=None, vaultid='filter_default', wrap_object=False",
    run: vault,
  },
  {
    name: 'unvault',
    summary: 'The plain text of what vault encrypted; other text as it is.',
    signature: "secret, vaultid='filter_default'",
    run: unvault,
  },
]
