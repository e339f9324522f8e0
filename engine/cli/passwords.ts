import type { Vault } from '../language/vault.js'
import { createVault } from '../language/vault.js'
import { readVaultPasswords } from '../language/vault-password.js'
import type { Secrets } from '../secrets.js'
import type { PlaybookOptions } from './options.js'
import type { Prompt } from './prompt.js'

/** Passwords for hosts, as asked for or read from files. */
export interface Passwords {
  readonly login?: string | undefined
  readonly become?: string | undefined
}

type VaultOptions = Pick<PlaybookOptions, 'vaultId' | 'vaultPasswordFile' | 'askVaultPass'>

/** The vault of the passwords that options name; every password is noted as secret. */
export async function openVault(options: VaultOptions, prompt: Prompt, secrets: Secrets): Promise<Vault> {
  const sources = [
    ...options.vaultId,
    ...options.vaultPasswordFile,
    ...(options.askVaultPass ? ['prompt'] : []),
  ]
  const passwords = await readVaultPasswords(sources, prompt.askHidden)
  for (const { password } of passwords) secrets.add(password)
  return createVault(passwords, secrets)
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
    : await fromFile(options.connectionPasswordFile, prompt)
  const method = (options.becomeMethod ?? 'BECOME').toUpperCase()
  const hint = login === undefined ? '' : ' [defaults to the SSH password]'
  const asked = options.askBecomePass
    ? await prompt.askHidden(`${method} password${hint}: `)
    : await fromFile(options.becomePasswordFile, prompt)
  const become = asked === '' ? login : asked
  for (const password of [login, become]) if (password) secrets.add(password)
  return { login, become }
}

/** A password file is read as a vault password file is: a text, or an executable that prints it. */
async function fromFile(file: string | undefined, prompt: Prompt): Promise<string | undefined> {
  if (file === undefined) return undefined
  const [read] = await readVaultPasswords([file], prompt.askHidden)
  return read?.password
}
