import type { Options, OptionTable } from '../option.js'
import { HELP, VAULT_PASSWORDS } from '../option-groups.js'

const BASE = { help: HELP.help, ...VAULT_PASSWORDS } as const

const OUTPUT = {
  output: {
    kind: 'text',
    flags: ['--output'],
    value: 'FILE',
    about: 'write to this file instead; - is the output',
    section: 'Output',
  },
} as const

const ENCRYPTING = {
  encryptVaultId: {
    kind: 'text',
    flags: ['--encrypt-vault-id'],
    value: 'LABEL',
    about: 'the vault id to encrypt with, when several are given',
    setting: 'DEFAULT_VAULT_ENCRYPT_IDENTITY',
    section: 'Secrets',
  },
} as const

const REKEYING = {
  newVaultId: {
    kind: 'text',
    flags: ['--new-vault-id'],
    value: '[LABEL@]SOURCE',
    about: 'the new password, and its vault id',
    section: 'Secrets',
  },
  newVaultPasswordFile: {
    kind: 'text',
    flags: ['--new-vault-password-file'],
    value: 'FILE',
    about: 'a file, or an executable, that has the new password',
    section: 'Secrets',
  },
} as const

const STRINGS = {
  promptForString: {
    kind: 'flag',
    flags: ['-p', '--prompt'],
    about: 'ask for the text to encrypt',
    section: 'What to run',
  },
  showInput: {
    kind: 'flag',
    flags: ['--show-input'],
    about: 'show what is typed at that question',
    section: 'What to run',
  },
  name: {
    kind: 'list',
    flags: ['-n', '--name'],
    value: 'NAME',
    about: 'name of the variable; one for each text, in order',
    section: 'Output',
  },
  stdinName: {
    kind: 'text',
    flags: ['--stdin-name'],
    value: 'NAME',
    about: 'name of the variable whose text is read from the input',
    section: 'Output',
  },
} as const

/** Options of each action of `fplay vault`: those of ansible-vault. */
export const VAULT_OPTIONS = {
  create: { ...BASE, ...ENCRYPTING },
  decrypt: { ...BASE, ...OUTPUT },
  edit: { ...BASE },
  encrypt: { ...BASE, ...OUTPUT, ...ENCRYPTING },
  'encrypt-string': { ...BASE, ...OUTPUT, ...ENCRYPTING, ...STRINGS },
  rekey: { ...BASE, ...ENCRYPTING, ...REKEYING },
  view: { ...BASE },
} as const satisfies Readonly<Record<string, OptionTable>>

export type VaultAction = keyof typeof VAULT_OPTIONS

/** Options of all actions; an action has its own only. */
export type VaultOptionsGiven = Options<typeof BASE> &
  Partial<Options<typeof OUTPUT & typeof ENCRYPTING & typeof REKEYING & typeof STRINGS>>

/** What each action does, for its help. */
export const VAULT_ABOUT: Readonly<
  Record<VaultAction, { readonly operands: string; readonly about: string }>
> = {
  create: { operands: 'FILE', about: 'Opens an editor on a new file, and encrypts it when the editor ends.' },
  decrypt: { operands: '[FILE…]', about: 'Decrypts files in place, or the input.' },
  edit: { operands: 'FILE…', about: 'Opens an editor on the plain text of encrypted files.' },
  encrypt: { operands: '[FILE…]', about: 'Encrypts files in place, or the input.' },
  'encrypt-string': { operands: '[TEXT…]', about: 'Encrypts texts to be pasted into YAML as !vault values.' },
  rekey: { operands: 'FILE…', about: 'Encrypts files anew with another password.' },
  view: { operands: 'FILE…', about: 'Shows the plain text of encrypted files.' },
}
