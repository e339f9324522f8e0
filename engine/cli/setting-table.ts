import type { SettingSpec } from './setting-spec.js'

/** Settings that fplay reads. */
export const SETTINGS = {
  ANSIBLE_FORCE_COLOR: { kind: 'boolean', env: ['ANSIBLE_FORCE_COLOR'], keys: ['defaults.force_color'] },
  ANSIBLE_NOCOLOR: { kind: 'boolean', env: ['ANSIBLE_NOCOLOR'], keys: ['defaults.nocolor'] },
  ANY_ERRORS_FATAL: {
    kind: 'boolean',
    env: ['ANSIBLE_ANY_ERRORS_FATAL'],
    keys: ['defaults.any_errors_fatal'],
  },
  BECOME_PASSWORD_FILE: {
    kind: 'path',
    env: ['ANSIBLE_BECOME_PASSWORD_FILE'],
    keys: ['defaults.become_password_file'],
  },
  CACHE_PLUGIN: {
    kind: 'text',
    env: ['ANSIBLE_CACHE_PLUGIN'],
    keys: ['defaults.fact_caching'],
    default: 'memory',
    choices: ['memory', 'jsonfile', 'ansible.builtin.memory', 'ansible.builtin.jsonfile'],
  },
  CACHE_PLUGIN_CONNECTION: {
    kind: 'path',
    env: ['ANSIBLE_CACHE_PLUGIN_CONNECTION'],
    keys: ['defaults.fact_caching_connection'],
  },
  CACHE_PLUGIN_PREFIX: {
    kind: 'text',
    env: ['ANSIBLE_CACHE_PLUGIN_PREFIX'],
    keys: ['defaults.fact_caching_prefix'],
    default: '',
  },
  CACHE_PLUGIN_TIMEOUT: {
    kind: 'integer',
    env: ['ANSIBLE_CACHE_PLUGIN_TIMEOUT'],
    keys: ['defaults.fact_caching_timeout'],
    default: 86_400,
  },
  CALLBACK_RESULT_FORMAT: {
    kind: 'text',
    env: ['ANSIBLE_CALLBACK_RESULT_FORMAT'],
    keys: ['defaults.callback_result_format'],
    default: 'json',
    choices: ['json', 'yaml'],
  },
  CONNECTION_PASSWORD_FILE: {
    kind: 'path',
    env: ['ANSIBLE_CONNECTION_PASSWORD_FILE'],
    keys: ['defaults.connection_password_file'],
  },
  DEFAULT_ASK_PASS: { kind: 'boolean', env: ['ANSIBLE_ASK_PASS'], keys: ['defaults.ask_pass'] },
  DEFAULT_ASK_VAULT_PASS: {
    kind: 'boolean',
    env: ['ANSIBLE_ASK_VAULT_PASS'],
    keys: ['defaults.ask_vault_pass'],
  },
  DEFAULT_BECOME: { kind: 'boolean', env: ['ANSIBLE_BECOME'], keys: ['privilege_escalation.become'] },
  DEFAULT_BECOME_ASK_PASS: {
    kind: 'boolean',
    env: ['ANSIBLE_BECOME_ASK_PASS'],
    keys: ['privilege_escalation.become_ask_pass'],
  },
  DEFAULT_BECOME_EXE: {
    kind: 'text',
    env: ['ANSIBLE_BECOME_EXE'],
    keys: ['privilege_escalation.become_exe'],
  },
  DEFAULT_BECOME_FLAGS: {
    kind: 'text',
    env: ['ANSIBLE_BECOME_FLAGS'],
    keys: ['privilege_escalation.become_flags'],
  },
  DEFAULT_BECOME_METHOD: {
    kind: 'text',
    env: ['ANSIBLE_BECOME_METHOD'],
    keys: ['privilege_escalation.become_method'],
    default: 'sudo',
    choices: ['sudo', 'su', 'ansible.builtin.sudo', 'ansible.builtin.su'],
  },
  DEFAULT_BECOME_USER: {
    kind: 'text',
    env: ['ANSIBLE_BECOME_USER'],
    keys: ['privilege_escalation.become_user'],
    default: 'root',
  },
  DEFAULT_EXECUTABLE: { kind: 'text', env: ['ANSIBLE_EXECUTABLE'], keys: ['defaults.executable'] },
  DEFAULT_FACT_PATH: { kind: 'text', env: ['ANSIBLE_FACT_PATH'], keys: ['defaults.fact_path'] },
  DEFAULT_FORCE_HANDLERS: {
    kind: 'boolean',
    env: ['ANSIBLE_FORCE_HANDLERS'],
    keys: ['defaults.force_handlers'],
  },
  DEFAULT_FORKS: {
    kind: 'integer',
    env: ['ANSIBLE_FORKS'],
    keys: ['defaults.forks'],
    default: 5,
    least: 1,
  },
  DEFAULT_GATHERING: {
    kind: 'text',
    env: ['ANSIBLE_GATHERING'],
    keys: ['defaults.gathering'],
    default: 'implicit',
    choices: ['implicit', 'smart', 'explicit'],
  },
  DEFAULT_GATHER_SUBSET: { kind: 'list', env: ['ANSIBLE_GATHER_SUBSET'], keys: ['defaults.gather_subset'] },
  DEFAULT_GATHER_TIMEOUT: {
    kind: 'integer',
    env: ['ANSIBLE_GATHER_TIMEOUT'],
    keys: ['defaults.gather_timeout'],
  },
  DEFAULT_HASH_BEHAVIOUR: {
    kind: 'text',
    env: ['ANSIBLE_HASH_BEHAVIOUR'],
    keys: ['defaults.hash_behaviour'],
    default: 'replace',
    choices: ['replace'],
  },
  DEFAULT_HOST_LIST: {
    kind: 'sources',
    env: ['ANSIBLE_INVENTORY'],
    keys: ['defaults.inventory'],
    default: ['/etc/ansible/hosts'],
  },
  DEFAULT_LOG_PATH: { kind: 'path', env: ['ANSIBLE_LOG_PATH'], keys: ['defaults.log_path'] },
  DEFAULT_MANAGED_STR: { kind: 'text', keys: ['defaults.ansible_managed'], default: 'Ansible managed' },
  DEFAULT_MODULE_ARGS: { kind: 'text', env: ['ANSIBLE_MODULE_ARGS'], keys: ['defaults.module_args'] },
  DEFAULT_MODULE_NAME: { kind: 'text', keys: ['defaults.module_name'], default: 'command' },
  DEFAULT_NO_LOG: { kind: 'boolean', env: ['ANSIBLE_NO_LOG'], keys: ['defaults.no_log'] },
  DEFAULT_POLL_INTERVAL: {
    kind: 'integer',
    env: ['ANSIBLE_POLL_INTERVAL'],
    keys: ['defaults.poll_interval'],
    default: 15,
  },
  DEFAULT_PRIVATE_KEY_FILE: {
    kind: 'path',
    env: ['ANSIBLE_PRIVATE_KEY_FILE'],
    keys: ['defaults.private_key_file'],
  },
  DEFAULT_MODULE_PATH: {
    kind: 'paths',
    env: ['ANSIBLE_LIBRARY'],
    keys: ['defaults.library'],
    default: ['~/.ansible/plugins/modules', '/usr/share/ansible/plugins/modules'],
  },
  DEFAULT_REMOTE_PORT: {
    kind: 'integer',
    env: ['ANSIBLE_REMOTE_PORT'],
    keys: ['defaults.remote_port'],
    least: 1,
  },
  DEFAULT_REMOTE_USER: { kind: 'text', env: ['ANSIBLE_REMOTE_USER'], keys: ['defaults.remote_user'] },
  DEFAULT_ROLES_PATH: {
    kind: 'paths',
    env: ['ANSIBLE_ROLES_PATH'],
    keys: ['defaults.roles_path'],
    default: ['~/.ansible/roles', '/usr/share/ansible/roles', '/etc/ansible/roles'],
  },
  DEFAULT_STRATEGY: {
    kind: 'text',
    env: ['ANSIBLE_STRATEGY'],
    keys: ['defaults.strategy'],
    default: 'linear',
    choices: [
      'linear', 'free', 'host_pinned', 'ansible.builtin.linear', 'ansible.builtin.free', 'ansible.builtin.host_pinned',
    ], // prettier-ignore
  },
  DEFAULT_TIMEOUT: {
    kind: 'integer',
    env: ['ANSIBLE_TIMEOUT', 'ANSIBLE_SSH_TIMEOUT'],
    keys: ['defaults.timeout', 'ssh_connection.timeout'],
    default: 10,
    least: 1,
  },
  DEFAULT_TRANSPORT: {
    kind: 'text',
    env: ['ANSIBLE_TRANSPORT'],
    keys: ['defaults.transport'],
    default: 'smart',
  },
  DEFAULT_VAULT_ENCRYPT_IDENTITY: {
    kind: 'text',
    env: ['ANSIBLE_VAULT_ENCRYPT_IDENTITY'],
    keys: ['defaults.vault_encrypt_identity'],
  },
  DEFAULT_VAULT_IDENTITY_LIST: {
    kind: 'list',
    env: ['ANSIBLE_VAULT_IDENTITY_LIST'],
    keys: ['defaults.vault_identity_list'],
    default: [],
  },
  DEFAULT_VAULT_PASSWORD_FILE: {
    kind: 'path',
    env: ['ANSIBLE_VAULT_PASSWORD_FILE'],
    keys: ['defaults.vault_password_file'],
  },
  DEFAULT_VERBOSITY: {
    kind: 'integer',
    env: ['ANSIBLE_VERBOSITY'],
    keys: ['defaults.verbosity'],
    default: 0,
  },
  DIFF_ALWAYS: { kind: 'boolean', env: ['ANSIBLE_DIFF_ALWAYS'], keys: ['diff.always'] },
  DIFF_CONTEXT: { kind: 'integer', env: ['ANSIBLE_DIFF_CONTEXT'], keys: ['diff.context'], default: 3 },
  DISPLAY_OK_HOSTS: {
    kind: 'boolean',
    env: ['ANSIBLE_DISPLAY_OK_HOSTS'],
    keys: ['defaults.display_ok_hosts'],
    default: true,
  },
  DISPLAY_SKIPPED_HOSTS: {
    kind: 'boolean',
    env: ['ANSIBLE_DISPLAY_SKIPPED_HOSTS'],
    keys: ['defaults.display_skipped_hosts'],
    default: true,
  },
  HOST_KEY_CHECKING: {
    kind: 'text',
    env: ['ANSIBLE_HOST_KEY_CHECKING', 'ANSIBLE_SSH_HOST_KEY_CHECKING'],
    keys: ['defaults.host_key_checking', 'ssh_connection.host_key_checking'],
    default: 'yes',
    choices: ['yes', 'no', 'accept-new'],
  },
  INVENTORY_IGNORE_EXTS: {
    kind: 'list',
    env: ['ANSIBLE_INVENTORY_IGNORE'],
    keys: ['defaults.inventory_ignore_extensions', 'inventory.ignore_extensions'],
  },
  INVENTORY_IGNORE_PATTERNS: {
    kind: 'list',
    env: ['ANSIBLE_INVENTORY_IGNORE_REGEX'],
    keys: ['defaults.inventory_ignore_patterns', 'inventory.ignore_patterns'],
  },
  RETRY_FILES_ENABLED: {
    kind: 'boolean',
    env: ['ANSIBLE_RETRY_FILES_ENABLED'],
    keys: ['defaults.retry_files_enabled'],
  },
  RETRY_FILES_SAVE_PATH: {
    kind: 'path',
    env: ['ANSIBLE_RETRY_FILES_SAVE_PATH'],
    keys: ['defaults.retry_files_save_path'],
  },
  SSH_ARGS: { kind: 'text', env: ['ANSIBLE_SSH_ARGS'], keys: ['ssh_connection.ssh_args'] },
  SSH_COMMON_ARGS: {
    kind: 'text',
    env: ['ANSIBLE_SSH_COMMON_ARGS'],
    keys: ['ssh_connection.ssh_common_args'],
  },
  SSH_EXTRA_ARGS: {
    kind: 'text',
    env: ['ANSIBLE_SSH_EXTRA_ARGS'],
    keys: ['ssh_connection.ssh_extra_args'],
  },
  SSH_RETRIES: {
    kind: 'integer',
    env: ['ANSIBLE_SSH_RETRIES'],
    keys: ['connection.retries', 'ssh_connection.retries'],
    default: 0,
  },
  TAGS_RUN: { kind: 'list', env: ['ANSIBLE_RUN_TAGS'], keys: ['tags.run'], default: [] },
  TAGS_SKIP: { kind: 'list', env: ['ANSIBLE_SKIP_TAGS'], keys: ['tags.skip'], default: [] },
  TASK_TIMEOUT: {
    kind: 'integer',
    env: ['ANSIBLE_TASK_TIMEOUT'],
    keys: ['defaults.task_timeout'],
    default: 0,
  },
  FPLAY_KNOWN_HOSTS_FILE: {
    kind: 'paths',
    env: ['FPLAY_KNOWN_HOSTS_FILE'],
    keys: ['fplay.known_hosts_file'],
  },
  FPLAY_LOCK_TIMEOUT: {
    kind: 'integer',
    env: ['FPLAY_LOCK_TIMEOUT'],
    keys: ['fplay.lock_timeout'],
    default: 60,
  },
  FPLAY_RECAP: { kind: 'path', env: ['FPLAY_RECAP'], keys: ['fplay.recap'] },
  FPLAY_REPORT: { kind: 'list', env: ['FPLAY_REPORT'], keys: ['fplay.report'], default: [] },
} as const satisfies Readonly<Record<string, SettingSpec>>

export type SettingName = keyof typeof SETTINGS

/** What a setting's value is. */
export type SettingValue<Name extends SettingName> = (typeof SETTINGS)[Name]['kind'] extends 'boolean'
  ? boolean
  : (typeof SETTINGS)[Name]['kind'] extends 'integer'
    ? number
    : (typeof SETTINGS)[Name]['kind'] extends 'list' | 'paths' | 'sources'
      ? readonly string[]
      : string
