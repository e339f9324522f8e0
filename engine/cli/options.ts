import type { Options, OptionTable } from './option.js'

/**
 * Every option of every command, once: parsing, `--help` and the manual come from here. The names and meanings are
 * those of ansible-playbook and ansible-inventory.
 */
const COMMON = {
  help: { kind: 'flag', flags: ['-h', '--help'], about: 'show this help', section: 'Output' },
  version: { kind: 'flag', flags: ['--version'], about: 'show the version', section: 'Output' },
  inventory: {
    kind: 'list',
    flags: ['-i', '--inventory', '--inventory-file'],
    value: 'SOURCE',
    about: 'inventory: a file, a directory, an executable, or hosts with commas ("a,b,"); may be repeated',
    env: 'ANSIBLE_INVENTORY',
    section: 'What to run',
  },
  limit: {
    kind: 'list',
    flags: ['-l', '--limit'],
    value: 'PATTERN',
    about: 'only these hosts; @FILE reads patterns from a file',
    section: 'What to run',
  },
  extraVars: {
    kind: 'list',
    flags: ['-e', '--extra-vars'],
    value: 'VARS',
    about: 'variables that win over all others: key=value, JSON or YAML, or @FILE; may be repeated',
    section: 'What to run',
  },
  vaultId: {
    kind: 'list',
    flags: ['--vault-id'],
    value: '[LABEL@]SOURCE',
    about: 'a vault password: a file, an executable, or "prompt"; may be repeated',
    env: 'ANSIBLE_VAULT_IDENTITY_LIST',
    section: 'Secrets',
  },
  vaultPasswordFile: {
    kind: 'list',
    flags: ['--vault-password-file', '--vault-pass-file'],
    value: 'FILE',
    about: 'a file, or an executable, that has the vault password; may be repeated',
    env: 'ANSIBLE_VAULT_PASSWORD_FILE',
    section: 'Secrets',
  },
  askVaultPass: {
    kind: 'flag',
    flags: ['-J', '--ask-vault-pass', '--ask-vault-password'],
    about: 'ask for the vault password',
    env: 'ANSIBLE_ASK_VAULT_PASS',
    section: 'Secrets',
  },
  verbose: {
    kind: 'count',
    flags: ['-v', '--verbose'],
    about: 'tell more: -v results, -vv output of commands as it comes and where tasks stand',
    env: 'ANSIBLE_VERBOSITY',
    section: 'Output',
  },
  noColor: {
    kind: 'flag',
    flags: ['--no-color'],
    about: 'no colours (also: NO_COLOR)',
    env: 'ANSIBLE_NOCOLOR',
    section: 'Output',
  },
} as const satisfies OptionTable

/** Options of `fplay PLAYBOOK …`. */
export const PLAYBOOK_OPTIONS = {
  ...COMMON,
  tags: {
    kind: 'commas',
    flags: ['-t', '--tags'],
    value: 'TAGS',
    about: 'only tasks with one of these tags',
    env: 'ANSIBLE_RUN_TAGS',
    section: 'What to run',
  },
  skipTags: {
    kind: 'commas',
    flags: ['--skip-tags'],
    value: 'TAGS',
    about: 'not the tasks with one of these tags',
    env: 'ANSIBLE_SKIP_TAGS',
    section: 'What to run',
  },
  startAtTask: {
    kind: 'text',
    flags: ['--start-at-task'],
    value: 'NAME',
    about: 'begin at the first task of this name; * and ? match',
    section: 'What to run',
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
    env: 'ANSIBLE_DIFF_ALWAYS',
    section: 'How to run',
  },
  forks: {
    kind: 'number',
    flags: ['-f', '--forks'],
    value: 'N',
    about: 'hosts that work at once (default 5)',
    env: 'ANSIBLE_FORKS',
    section: 'How to run',
    least: 1,
  },
  step: { kind: 'flag', flags: ['--step'], about: 'ask before each task', section: 'How to run' },
  forceHandlers: {
    kind: 'flag',
    flags: ['--force-handlers'],
    about: 'run notified handlers also where a task has failed',
    env: 'ANSIBLE_FORCE_HANDLERS',
    section: 'How to run',
  },
  flushCache: {
    kind: 'flag',
    flags: ['--flush-cache'],
    about: 'forget facts that were kept from earlier runs',
    section: 'How to run',
  },
  user: {
    kind: 'text',
    flags: ['-u', '--user'],
    value: 'NAME',
    about: 'log in as this user',
    env: 'ANSIBLE_REMOTE_USER',
    section: 'Connection',
  },
  connection: {
    kind: 'text',
    flags: ['-c', '--connection'],
    value: 'KIND',
    about: 'how hosts are reached: ssh or local (default ssh)',
    env: 'ANSIBLE_TRANSPORT',
    section: 'Connection',
  },
  timeout: {
    kind: 'number',
    flags: ['-T', '--timeout'],
    value: 'SECONDS',
    about: 'how long to wait for a connection (default 10)',
    env: 'ANSIBLE_TIMEOUT',
    section: 'Connection',
    least: 1,
  },
  privateKey: {
    kind: 'text',
    flags: ['--private-key', '--key-file'],
    value: 'FILE',
    about: 'the private key to log in with',
    env: 'ANSIBLE_PRIVATE_KEY_FILE',
    section: 'Connection',
  },
  sshCommonArgs: {
    kind: 'text',
    flags: ['--ssh-common-args'],
    value: 'ARGS',
    about: 'options as ssh takes them (-o, -J, -F, …)',
    env: 'ANSIBLE_SSH_COMMON_ARGS',
    section: 'Connection',
  },
  sshExtraArgs: {
    kind: 'text',
    flags: ['--ssh-extra-args'],
    value: 'ARGS',
    about: 'more of the same',
    env: 'ANSIBLE_SSH_EXTRA_ARGS',
    section: 'Connection',
  },
  askPass: {
    kind: 'flag',
    flags: ['-k', '--ask-pass'],
    about: 'ask for the login password',
    env: 'ANSIBLE_ASK_PASS',
    section: 'Connection',
  },
  connectionPasswordFile: {
    kind: 'text',
    flags: ['--connection-password-file', '--conn-pass-file'],
    value: 'FILE',
    about: 'a file, or an executable, that has the login password',
    env: 'ANSIBLE_CONNECTION_PASSWORD_FILE',
    section: 'Connection',
  },
  become: {
    kind: 'flag',
    flags: ['-b', '--become'],
    about: 'run tasks as another user',
    env: 'ANSIBLE_BECOME',
    section: 'Privileges',
  },
  becomeUser: {
    kind: 'text',
    flags: ['--become-user'],
    value: 'NAME',
    about: 'as which user (default root)',
    env: 'ANSIBLE_BECOME_USER',
    section: 'Privileges',
  },
  becomeMethod: {
    kind: 'text',
    flags: ['--become-method'],
    value: 'METHOD',
    about: 'how: sudo or su (default sudo)',
    env: 'ANSIBLE_BECOME_METHOD',
    section: 'Privileges',
  },
  askBecomePass: {
    kind: 'flag',
    flags: ['-K', '--ask-become-pass'],
    about: 'ask for the password of sudo or su',
    env: 'ANSIBLE_BECOME_ASK_PASS',
    section: 'Privileges',
  },
  becomePasswordFile: {
    kind: 'text',
    flags: ['--become-password-file', '--become-pass-file'],
    value: 'FILE',
    about: 'a file, or an executable, that has that password',
    env: 'ANSIBLE_BECOME_PASSWORD_FILE',
    section: 'Privileges',
  },
  recapJson: {
    kind: 'text',
    flags: ['--recap-json'],
    value: 'FILE',
    about: 'write the recap as JSON at the end, however the run ends',
    env: 'FPLAY_RECAP',
    section: 'Output',
  },
  listHosts: {
    kind: 'flag',
    flags: ['--list-hosts'],
    about: 'list the hosts of each play',
    section: 'Only look',
  },
  listTasks: {
    kind: 'flag',
    flags: ['--list-tasks'],
    about: 'list the tasks that would run',
    section: 'Only look',
  },
  listTags: { kind: 'flag', flags: ['--list-tags'], about: 'list the tags', section: 'Only look' },
  syntaxCheck: {
    kind: 'flag',
    flags: ['--syntax-check'],
    about: 'check the playbooks and run nothing',
    section: 'Only look',
  },
} as const satisfies OptionTable

/** Options of `fplay inventory`. */
export const INVENTORY_OPTIONS = {
  ...COMMON,
  list: {
    kind: 'flag',
    flags: ['--list'],
    about: 'all groups and hosts with their variables',
    section: 'Only look',
  },
  graph: {
    kind: 'flag',
    flags: ['--graph'],
    about: 'groups and hosts as a tree, of all or of the group named',
    section: 'Only look',
  },
  host: {
    kind: 'text',
    flags: ['--host'],
    value: 'HOST',
    about: 'the variables of one host',
    section: 'Only look',
  },
  vars: { kind: 'flag', flags: ['--vars'], about: 'variables in the tree too', section: 'Output' },
  yaml: { kind: 'flag', flags: ['-y', '--yaml'], about: 'YAML instead of JSON', section: 'Output' },
} as const satisfies OptionTable

/** Options of `fplay doc`. */
export const DOC_OPTIONS = { help: COMMON.help } as const satisfies OptionTable

export type PlaybookOptions = Options<typeof PLAYBOOK_OPTIONS>
export type InventoryOptions = Options<typeof INVENTORY_OPTIONS>
