import { fail } from '../errors.js'
import type { Vault } from '../language/vault.js'
import { createVault } from '../language/vault.js'
import { readPasswordFile, readVaultPasswords } from '../language/vault-password.js'
import type { Secrets } from '../secrets.js'
import type { PlaybookOptions } from './options.js'
import type { Prompt } from './prompt.js'

/** Passwords for hosts, as asked for or read from files. */
export interface Passwords {
  readonly login?: string | undefined
  readonly become?: string | undefined
}

/** Options that name vault passwords. */
export type VaultOptions = Pick<PlaybookOptions, 'vaultId' | 'vaultPasswordFile' | 'askVaultPass'>

/** The vault of the passwords that options name; every password is noted as secret. */
export async function openVault(options: VaultOptions, prompt: Prompt, secrets: Secrets): Promise<Vault> {
  const passwords = await readVaultPasswords(vaultSources(options), (id) => askVaultPassword(id, prompt))
  for (const { password } of passwords) secrets.add(password)
  return createVault(passwords, secrets)
}

/** The sources of vault passwords as `label@source`; a password file has no label of its own, whatever its name is. */
export function vaultSources(options: VaultOptions): string[] {
  return [
    ...options.vaultId,
    ...options.vaultPasswordFile.map((file) => `default@${file}`),
    ...(options.askVaultPass ? ['prompt'] : []),
  ]
}

/** Asks for the password with this id. */
export function askVaultPassword(id: string, prompt: Prompt): Promise<string> {
  return prompt.askHidden(id === 'default' ? 'Vault password: ' : `Vault password (${id}): `)
}

/** Asks for a new password, twice. Fails with `bad-option` when the answers differ. */
export async function askNewVaultPassword(id: string, prompt: Prompt): Promise<string> {
  const label = id === 'default' ? 'ault password: ' : `ault password (${id}): `
  const first = await prompt.askHidden(`New V${label}`)
  if ((await prompt.askHidden(`Confirm new v${label}`)) === first) return first
  return fail({ code: 'bad-option', message: 'the two passwords differ' })
}

type PasswordOptions = Pick<
  PlaybookOptions,
  'askPass' | 'connectionPasswordFile' | 'askBecomePass' | 'becomePasswordFile' | 'becomeMethod'
>

/** Asks for -k and -K, or reads their files. An empty answer to the second means the first, as in Ansible. */
export async function readPasswords(
  options: PasswordOptions,
  prompt: Prompt,
  secrets: Secrets,
): Promise<Passwords> {
  const login = options.askPass
    ? await prompt.askHidden('SSH password: ')
    : fromFile(options.connectionPasswordFile)
  const method = (options.becomeMethod ?? 'BECOME').toUpperCase()
  const hint = login === undefined ? '' : ' [defaults to the SSH password]'
  const asked = options.askBecomePass
    ? await prompt.askHidden(`${method} password${hint}: `)
    : fromFile(options.becomePasswordFile)
  const become = asked === '' ? login : asked
  for (const password of [login, become]) if (password) secrets.add(password)
  return { login, become }
}

function fromFile(file: string | undefined): string | undefined {
  return file === undefined ? undefined : readPasswordFile(file)
}
