import type { OptionTable } from './option.js'

/** Of every command. */
export const HELP = {
  help: { kind: 'flag', flags: ['-h', '--help'], about: 'show this help', section: 'Output' },
  version: { kind: 'flag', flags: ['--version'], about: 'show the version', section: 'Output' },
} as const satisfies OptionTable

/** Which hosts there are, and which of them are meant. */
export const SOURCES = {
  inventory: {
    kind: 'list',
    flags: ['-i', '--inventory', '--inventory-file'],
    value: 'SOURCE',
    about: 'inventory: a file, a directory, an executable, or hosts with commas ("a,b,"); may be repeated',
    setting: 'DEFAULT_HOST_LIST',
    section: 'What to run',
  },
  limit: {
    kind: 'list',
    flags: ['-l', '--limit'],
    value: 'PATTERN',
    about: 'only these hosts; @FILE reads patterns from a file',
    section: 'What to run',
  },
} as const satisfies OptionTable

/** Variables from the command line. */
export const EXTRA_VARS = {
  extraVars: {
    kind: 'list',
    flags: ['-e', '--extra-vars'],
    value: 'VARS',
    about: 'variables that win over all others: key=value, JSON or YAML, or @FILE; may be repeated',
    section: 'What to run',
  },
} as const satisfies OptionTable

/** Where vault passwords come from. */
export const VAULT_PASSWORDS = {
  vaultId: {
    kind: 'list',
    flags: ['--vault-id'],
    value: '[LABEL@]SOURCE',
    about: 'a vault password: a file, an executable, or "prompt"; may be repeated',
    setting: 'DEFAULT_VAULT_IDENTITY_LIST',
    joins: 'before',
    section: 'Secrets',
  },
  vaultPasswordFile: {
    kind: 'list',
    flags: ['--vault-password-file', '--vault-pass-file'],
    value: 'FILE',
    about: 'a file, or an executable, that has the vault password; may be repeated',
    setting: 'DEFAULT_VAULT_PASSWORD_FILE',
    joins: 'after',
    section: 'Secrets',
  },
  askVaultPass: {
    kind: 'flag',
    flags: ['-J', '--ask-vault-pass', '--ask-vault-password'],
    about: 'ask for the vault password',
    setting: 'DEFAULT_ASK_VAULT_PASS',
    section: 'Secrets',
  },
} as const satisfies OptionTable

/** How much is told, and how. */
export const LOOK = {
  verbose: {
    kind: 'count',
    flags: ['-v', '--verbose'],
    about: 'tell more: -v results, -vv output of commands as it comes and where tasks stand',
    setting: 'DEFAULT_VERBOSITY',
    section: 'Output',
  },
  noColor: {
    kind: 'flag',
    flags: ['--no-color'],
    about: 'no colours (also: NO_COLOR)',
    setting: 'ANSIBLE_NOCOLOR',
    section: 'Output',
  },
} as const satisfies OptionTable

/** How tasks are run. */
export const RUNNING = {
  modulePath: {
    kind: 'list',
    flags: ['-M', '--module-path'],
    value: 'FOLDERS',
    about: 'folders with modules of your own, with colons between; may be repeated',
    section: 'How to run',
  },
  check: {
    kind: 'flag',
    flags: ['-C', '--check'],
    about: 'change nothing; predict what would change',
    section: 'How to run',
  },
  diff: {
    kind: 'flag',
    flags: ['-D', '--diff'],
    about: 'show differences in files and settings; goes well with --check',
    setting: 'DIFF_ALWAYS',
    section: 'How to run',
  },
  forks: {
    kind: 'number',
    flags: ['-f', '--forks'],
    value: 'N',
    about: 'hosts that work at once (default 5)',
    setting: 'DEFAULT_FORKS',
    section: 'How to run',
    least: 1,
  },
} as const satisfies OptionTable

/** How hosts are reached. */
export const CONNECTION = {
  user: {
    kind: 'text',
    flags: ['-u', '--user'],
    value: 'NAME',
    about: 'log in as this user',
    setting: 'DEFAULT_REMOTE_USER',
    section: 'Connection',
  },
  connection: {
    kind: 'text',
    flags: ['-c', '--connection'],
    value: 'KIND',
    about: 'how hosts are reached: ssh or local (default ssh)',
    setting: 'DEFAULT_TRANSPORT',
    section: 'Connection',
  },
  timeout: {
    kind: 'number',
    flags: ['-T', '--timeout'],
    value: 'SECONDS',
    about: 'how long to wait for a connection (default 10)',
    setting: 'DEFAULT_TIMEOUT',
    section: 'Connection',
    least: 1,
  },
  privateKey: {
    kind: 'text',
    flags: ['--private-key', '--key-file'],
    value: 'FILE',
    about: 'the private key to log in with',
    setting: 'DEFAULT_PRIVATE_KEY_FILE',
    section: 'Connection',
  },
  sshCommonArgs: {
    kind: 'text',
    flags: ['--ssh-common-args'],
    value: 'ARGS',
    about: 'options as ssh takes them (-o, -J, -F, …)',
    setting: 'SSH_COMMON_ARGS',
    section: 'Connection',
  },
  sshExtraArgs: {
    kind: 'text',
    flags: ['--ssh-extra-args'],
    value: 'ARGS',
    about: 'more of the same',
    setting: 'SSH_EXTRA_ARGS',
    section: 'Connection',
  },
  askPass: {
    kind: 'flag',
    flags: ['-k', '--ask-pass'],
    about: 'ask for the login password',
    setting: 'DEFAULT_ASK_PASS',
    section: 'Connection',
  },
  connectionPasswordFile: {
    kind: 'text',
    flags: ['--connection-password-file', '--conn-pass-file'],
    value: 'FILE',
    about: 'a file, or an executable, that has the login password',
    setting: 'CONNECTION_PASSWORD_FILE',
    section: 'Connection',
  },
} as const satisfies OptionTable

/** As whom tasks run. */
export const PRIVILEGES = {
  become: {
    kind: 'flag',
    flags: ['-b', '--become'],
    about: 'run tasks as another user',
    setting: 'DEFAULT_BECOME',
    section: 'Privileges',
  },
  becomeUser: {
    kind: 'text',
    flags: ['--become-user'],
    value: 'NAME',
    about: 'as which user (default root)',
    setting: 'DEFAULT_BECOME_USER',
    section: 'Privileges',
  },
  becomeMethod: {
    kind: 'text',
    flags: ['--become-method'],
    value: 'METHOD',
    about: 'how: sudo or su (default sudo)',
    setting: 'DEFAULT_BECOME_METHOD',
    section: 'Privileges',
  },
  askBecomePass: {
    kind: 'flag',
    flags: ['-K', '--ask-become-pass'],
    about: 'ask for the password of sudo or su',
    setting: 'DEFAULT_BECOME_ASK_PASS',
    section: 'Privileges',
  },
  becomePasswordFile: {
    kind: 'text',
    flags: ['--become-password-file', '--become-pass-file'],
    value: 'FILE',
    about: 'a file, or an executable, that has that password',
    setting: 'BECOME_PASSWORD_FILE',
    section: 'Privileges',
  },
} as const satisfies OptionTable

/** Where a run is told. */
export const REPORT = {
  report: {
    kind: 'list',
    flags: ['--report'],
    value: 'KIND[=FILE]',
    about: 'plain, live, json, junit or log, to the output or to a file; may be repeated',
    setting: 'FPLAY_REPORT',
    section: 'Output',
  },
  recapJson: {
    kind: 'text',
    flags: ['--recap-json'],
    value: 'FILE',
    about: 'write the recap as JSON at the end, however the run ends',
    setting: 'FPLAY_RECAP',
    section: 'Output',
  },
} as const satisfies OptionTable
