import { fail } from '../../errors.js'
import { readVaultPasswords } from '../../language/vault-password.js'
import type { VaultPassword } from '../../language/vault-password.js'
import type { Config } from '../config.js'
import { askNewVaultPassword, askVaultPassword, vaultSources } from '../passwords.js'
import type { VaultOptions } from '../passwords.js'
import type { Prompt } from '../prompt.js'

/** The passwords to open files with; a person is asked when none is named. */
export async function readingKeys(options: VaultOptions, prompt: Prompt): Promise<VaultPassword[]> {
  return readVaultPasswords(checked(orAsk(vaultSources(options))), (id) => askVaultPassword(id, prompt))
}

/** The password to encrypt with. Fails with `bad-option` when several are named and none is chosen. */
export async function writingKey(
  options: VaultOptions & { readonly encryptVaultId?: string | undefined },
  prompt: Prompt,
): Promise<VaultPassword> {
  const ask = (id: string): Promise<string> => askNewVaultPassword(id, prompt)
  const keys = await readVaultPasswords(checked(orAsk(vaultSources(options))), ask)
  if (keys.length > 1 && options.encryptVaultId === undefined) {
    const ids = keys.map(({ id }) => id).join(', ')
    fail({
      code: 'bad-option',
      message: `the vault ids ${ids} are given`,
      cure: 'say with --encrypt-vault-id which of them encrypts',
    })
  }
  return choose(keys, options.encryptVaultId)
}

/** The password that replaces the old one. */
export async function renewingKey(
  options: {
    readonly newVaultId?: string | undefined
    readonly newVaultPasswordFile?: string | undefined
    readonly encryptVaultId?: string | undefined
  },
  config: Config,
  prompt: Prompt,
): Promise<VaultPassword> {
  const { newVaultId, newVaultPasswordFile, encryptVaultId } = options
  if (newVaultId !== undefined && newVaultPasswordFile !== undefined)
    fail({ code: 'bad-option', message: '--new-vault-id and --new-vault-password-file exclude each other' })
  const sources = [
    ...(encryptVaultId === undefined ? [] : config.get('DEFAULT_VAULT_IDENTITY_LIST')!),
    ...(newVaultId === undefined ? [] : [newVaultId]),
    ...(newVaultPasswordFile === undefined ? [] : [`default@${newVaultPasswordFile}`]),
  ]
  const ask = (id: string): Promise<string> => askNewVaultPassword(id, prompt)
  return choose(await readVaultPasswords(checked(orAsk(sources)), ask), encryptVaultId)
}

function choose(keys: readonly VaultPassword[], id: string | undefined): VaultPassword {
  const chosen = id === undefined ? keys[0] : keys.find((key) => key.id === id)
  return (
    chosen ??
    fail({
      code: 'bad-option',
      message: `there is no password for the vault id "${id}"`,
      allowed: `given: ${keys.map((key) => key.id).join(', ')}`,
    })
  )
}

function orAsk(sources: readonly string[]): readonly string[] {
  return sources.length ? sources : ['prompt']
}

function checked(sources: readonly string[]): readonly string[] {
  const bad = sources.find((source) => source.slice(0, source.indexOf('@') + 1).includes(';'))
  if (bad === undefined) return sources
  return fail({ code: 'bad-option', message: `the vault id of ${bad} has a ";" in it`, allowed: 'none may' })
}
