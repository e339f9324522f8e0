import { fail } from '../errors.js'
import type { Place } from '../errors.js'

/** What decrypts `!vault` values and whole encrypted files; vault.ts makes one. */
export interface VaultReader {
  /** The plain text. `place` is where the ciphertext stands. Fails with `vault-password` or `vault-format`. */
  decrypt(ciphertext: string, place: Place): string
}

/** Decrypts a vault text; without a reader it fails with `vault-password`. */
export function decryptVault(ciphertext: string, place: Place, vault: VaultReader | undefined): string {
  if (vault) return vault.decrypt(ciphertext, place)
  return fail({
    code: 'vault-password',
    place,
    message: 'the value is encrypted and no vault password was given',
    cure: 'use --ask-vault-pass or --vault-password-file',
  })
}
