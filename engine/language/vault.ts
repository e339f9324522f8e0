import { fail } from '../errors.js'
import type { Place } from '../errors.js'
import type { Secrets } from '../secrets.js'
import { openEnvelope, readEnvelope, sealEnvelope } from './vault-format.js'
import type { VaultPassword } from './vault-password.js'

/** What decrypts `!vault` values and whole encrypted files. */
export interface VaultReader {
  /** The plain text. `place` is where the ciphertext stands. Fails with `vault-password` or `vault-format`. */
  decrypt(ciphertext: string, place: Place): string
  /** Where decrypted values are noted, so that they are never shown. */
  readonly secrets: Secrets
}

/** The vault passwords of a run. */
export interface Vault extends VaultReader {
  /** The plain bytes, for files that are no text. Fails as `decrypt` does. */
  decryptBytes(ciphertext: string, place: Place): Buffer
  /** Whether there is a password at all. */
  readonly canEncrypt: boolean
  /** A vault text under the password with this id, or the first one. Fails with `vault-password`. */
  encrypt(plain: string | Buffer, id?: string): string
}

const CURE = 'use --ask-vault-pass, --vault-password-file or --vault-id'

/**
 * A vault of these passwords, of which any may open a value; the one with the value's own id is tried first.
 */
export function createVault(passwords: readonly VaultPassword[], secrets: Secrets): Vault {
  const decryptBytes = (ciphertext: string, place: Place): Buffer => open(passwords, ciphertext, place)
  return {
    secrets,
    canEncrypt: passwords.length > 0,
    decryptBytes,
    decrypt: (ciphertext, place) => decryptBytes(ciphertext, place).toString('utf8'),
    encrypt(plain, id) {
      const chosen = id === undefined ? passwords[0] : passwords.find((password) => password.id === id)
      if (chosen) return sealEnvelope(Buffer.from(plain), chosen.password, chosen.id)
      const message =
        id === undefined ? 'no vault password was given' : `there is no vault password with the id "${id}"`
      return fail({ code: 'vault-password', message, cure: CURE })
    },
  }
}

/** True for the text of a file that is encrypted as a whole. */
export function isVaultText(text: string): boolean {
  return text.startsWith('$ANSIBLE_VAULT;')
}

/** Decrypts a vault text; without a reader it fails with `vault-password`. */
export function decryptVault(ciphertext: string, place: Place, vault: VaultReader | undefined): string {
  return vault ? vault.decrypt(ciphertext, place) : open([], ciphertext, place).toString('utf8')
}

/** Decrypts one `!vault` value and notes it as secret. Fails as {@link decryptVault} does. */
export function decryptSecret(ciphertext: string, place: Place, vault: VaultReader | undefined): string {
  const text = decryptVault(ciphertext, place, vault)
  vault?.secrets.add(text)
  return text
}

function open(passwords: readonly VaultPassword[], ciphertext: string, place: Place): Buffer {
  return openVaultText(passwords, ciphertext, place).plain
}

/** A vault text that was opened. */
export interface Opened {
  readonly plain: Buffer
  /** The password that opened it. */
  readonly used: VaultPassword
  /** The id in its header. */
  readonly id: string | undefined
}

/** Opens a vault text with the first password that does; fails with `vault-password` or `vault-format`. */
export function openVaultText(passwords: readonly VaultPassword[], ciphertext: string, place: Place): Opened {
  const envelope = readEnvelope(ciphertext)
  if (typeof envelope === 'string') {
    return fail({ code: 'vault-format', place, message: envelope, cure: 'encrypt the value again' })
  }
  const matching = passwords.filter(({ id }) => id === envelope.id)
  const others = passwords.filter(({ id }) => id !== envelope.id)
  for (const used of [...matching, ...others]) {
    const plain = openEnvelope(envelope, used.password)
    if (plain) return { plain, used, id: envelope.id }
  }
  const own = envelope.id ? ` with the vault id "${envelope.id}"` : ''
  const tried = passwords.map(({ id }) => `"${id}"`).join(', ')
  return fail({
    code: 'vault-password',
    place,
    message: tried
      ? `the value is encrypted${own} and none of the vault passwords opens it; tried: ${tried}`
      : `the value is encrypted${own} and no vault password was given`,
    cure: CURE,
  })
}
