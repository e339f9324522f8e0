import type { SettingName } from './setting-table.js'
import { SETTINGS } from './setting-table.js'

/** A setting that Ansible has and fplay does not follow. */
export interface Unfollowed {
  readonly name: string
  readonly keys: readonly string[]
  readonly env: readonly string[]
  readonly why: string
  /** True: whoever sets it expects what does not happen, and is told in every run. */
  readonly said: boolean
  /** The value that changes nothing, because fplay always does so. */
  readonly always: string | undefined
}

/** Names, keys and variables (`-`: none), with the value that fplay always has. */
const GROUPS: readonly { readonly why: string; readonly said: boolean; readonly rows: string }[] = [
  {
    why: 'hosts need no Python, and no files are left on them',
    said: false,
    rows: `
      ANSIBLE_PIPELINING defaults.pipelining,connection.pipelining ANSIBLE_PIPELINING
      INTERPRETER_PYTHON defaults.interpreter_python ANSIBLE_PYTHON_INTERPRETER
      DEFAULT_KEEP_REMOTE_FILES defaults.keep_remote_files ANSIBLE_KEEP_REMOTE_FILES
      DEFAULT_LOCAL_TMP defaults.local_tmp ANSIBLE_LOCAL_TEMP
      DEFAULT_MODULE_COMPRESSION defaults.module_compression -
      DEFAULT_NO_TARGET_SYSLOG defaults.no_target_syslog ANSIBLE_NO_TARGET_SYSLOG
      DEFAULT_SYSLOG_FACILITY defaults.syslog_facility ANSIBLE_SYSLOG_FACILITY
      PYTHON_MODULE_RLIMIT_NOFILE defaults.python_module_rlimit_nofile ANSIBLE_PYTHON_MODULE_RLIMIT_NOFILE
      REMOTE_TMP defaults.remote_tmp ANSIBLE_REMOTE_TEMP,ANSIBLE_REMOTE_TMP
      SYSTEM_TMPDIRS defaults.system_tmpdirs ANSIBLE_SYSTEM_TMPDIRS
      WORLD_READABLE_TEMP defaults.allow_world_readable_tmpfiles ANSIBLE_SHELL_ALLOW_WORLD_READABLE_TEMP
    `,
  },
  {
    why: 'fplay speaks SSH itself, over one connection a host',
    said: false,
    rows: `
      SSH_PIPELINING ssh_connection.pipelining ANSIBLE_SSH_PIPELINING
      SSH_CONTROL_PATH ssh_connection.control_path ANSIBLE_SSH_CONTROL_PATH
      SSH_CONTROL_PATH_DIR ssh_connection.control_path_dir ANSIBLE_SSH_CONTROL_PATH_DIR
      SFTP_EXECUTABLE ssh_connection.sftp_executable ANSIBLE_SFTP_EXECUTABLE
      SCP_EXECUTABLE ssh_connection.scp_executable ANSIBLE_SCP_EXECUTABLE
      SFTP_BATCH_MODE ssh_connection.sftp_batch_mode ANSIBLE_SFTP_BATCH_MODE
      SSH_TRANSFER_METHOD ssh_connection.transfer_method ANSIBLE_SSH_TRANSFER_METHOD
      SCP_IF_SSH ssh_connection.scp_if_ssh ANSIBLE_SCP_IF_SSH
      SSH_USETTY ssh_connection.usetty ANSIBLE_SSH_USETTY
      SSHPASS_PROMPT ssh_connection.sshpass_prompt ANSIBLE_SSHPASS_PROMPT
      PARAMIKO_HOST_KEY_AUTO_ADD paramiko_connection.host_key_auto_add ANSIBLE_PARAMIKO_HOST_KEY_AUTO_ADD
      PARAMIKO_LOOK_FOR_KEYS paramiko_connection.look_for_keys ANSIBLE_PARAMIKO_LOOK_FOR_KEYS
      USE_PERSISTENT_CONNECTIONS defaults.use_persistent_connections ANSIBLE_USE_PERSISTENT_CONNECTIONS
      PERSISTENT_CONTROL_PATH_DIR persistent_connection.control_path_dir ANSIBLE_PERSISTENT_CONTROL_PATH_DIR
      PERSISTENT_CONNECT_TIMEOUT persistent_connection.connect_timeout ANSIBLE_PERSISTENT_CONNECT_TIMEOUT
      PERSISTENT_CONNECT_RETRY_TIMEOUT persistent_connection.connect_retry_timeout ANSIBLE_PERSISTENT_CONNECT_RETRY_TIMEOUT
      PERSISTENT_COMMAND_TIMEOUT persistent_connection.command_timeout ANSIBLE_PERSISTENT_COMMAND_TIMEOUT
      AGNOSTIC_BECOME_PROMPT privilege_escalation.agnostic_become_prompt ANSIBLE_AGNOSTIC_BECOME_PROMPT
    `,
  },
  {
    why: 'fplay has colours and views of its own',
    said: false,
    rows: `
      ANSIBLE_COW_SELECTION defaults.cow_selection ANSIBLE_COW_SELECTION
      ANSIBLE_COW_ACCEPTLIST defaults.cow_whitelist,defaults.cowsay_enabled_stencils ANSIBLE_COW_WHITELIST,ANSIBLE_COW_ACCEPTLIST
      ANSIBLE_NOCOWS defaults.nocows ANSIBLE_NOCOWS
      ANSIBLE_COW_PATH defaults.cowpath ANSIBLE_COW_PATH
      COLOR_CHANGED colors.changed ANSIBLE_COLOR_CHANGED
      COLOR_CONSOLE_PROMPT colors.console_prompt ANSIBLE_COLOR_CONSOLE_PROMPT
      COLOR_DEBUG colors.debug ANSIBLE_COLOR_DEBUG
      COLOR_DEPRECATE colors.deprecate ANSIBLE_COLOR_DEPRECATE
      COLOR_DIFF_ADD colors.diff_add ANSIBLE_COLOR_DIFF_ADD
      COLOR_DIFF_LINES colors.diff_lines ANSIBLE_COLOR_DIFF_LINES
      COLOR_DIFF_REMOVE colors.diff_remove ANSIBLE_COLOR_DIFF_REMOVE
      COLOR_ERROR colors.error ANSIBLE_COLOR_ERROR
      COLOR_HIGHLIGHT colors.highlight ANSIBLE_COLOR_HIGHLIGHT
      COLOR_OK colors.ok ANSIBLE_COLOR_OK
      COLOR_SKIP colors.skip ANSIBLE_COLOR_SKIP
      COLOR_UNREACHABLE colors.unreachable ANSIBLE_COLOR_UNREACHABLE
      COLOR_VERBOSE colors.verbose ANSIBLE_COLOR_VERBOSE
      COLOR_WARN colors.warn ANSIBLE_COLOR_WARN
      DISPLAY_FAILED_STDERR defaults.display_failed_stderr ANSIBLE_DISPLAY_FAILED_STDERR
      SHOW_PER_HOST_START defaults.show_per_host_start ANSIBLE_SHOW_PER_HOST_START
      SHOW_TASK_PATH_ON_FAILURE defaults.show_task_path_on_failure ANSIBLE_SHOW_TASK_PATH_ON_FAILURE
      CHECK_MODE_MARKERS defaults.check_mode_markers ANSIBLE_CHECK_MODE_MARKERS
      CALLBACK_FORMAT_PRETTY defaults.callback_format_pretty ANSIBLE_CALLBACK_FORMAT_PRETTY
      VERBOSE_TO_STDERR defaults.verbose_to_stderr ANSIBLE_VERBOSE_TO_STDERR
    `,
  },
  {
    why: 'fplay gives no such warning, or makes it an error',
    said: false,
    rows: `
      ACTION_WARNINGS defaults.action_warnings ANSIBLE_ACTION_WARNINGS
      LOCALHOST_WARNING defaults.localhost_warning ANSIBLE_LOCALHOST_WARNING
      INVENTORY_UNPARSED_WARNING inventory.inventory_unparsed_warning ANSIBLE_INVENTORY_UNPARSED_WARNING
      DEPRECATION_WARNINGS defaults.deprecation_warnings ANSIBLE_DEPRECATION_WARNINGS
      DEVEL_WARNING defaults.devel_warning ANSIBLE_DEVEL_WARNING
      SYSTEM_WARNINGS defaults.system_warnings ANSIBLE_SYSTEM_WARNINGS
      JINJA2_NATIVE_WARNING defaults.jinja2_native_warning ANSIBLE_JINJA2_NATIVE_WARNING
      STRING_CONVERSION_ACTION defaults.string_conversion_action ANSIBLE_STRING_CONVERSION_ACTION
      INVENTORY_UNPARSED_IS_FAILED inventory.unparsed_is_failed ANSIBLE_INVENTORY_UNPARSED_FAILED
      INVENTORY_ANY_UNPARSED_IS_FAILED inventory.any_unparsed_is_failed ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED
      HOST_PATTERN_MISMATCH inventory.host_pattern_mismatch ANSIBLE_HOST_PATTERN_MISMATCH
      VALIDATE_ACTION_GROUP_METADATA defaults.validate_action_group_metadata ANSIBLE_VALIDATE_ACTION_GROUP_METADATA
    `,
  },
  {
    why: 'what fplay has is built in: it uses no collections',
    said: false,
    rows: `
      GALAXY_IGNORE_CERTS galaxy.ignore_certs ANSIBLE_GALAXY_IGNORE
      GALAXY_ROLE_SKELETON galaxy.role_skeleton ANSIBLE_GALAXY_ROLE_SKELETON
      GALAXY_ROLE_SKELETON_IGNORE galaxy.role_skeleton_ignore ANSIBLE_GALAXY_ROLE_SKELETON_IGNORE
      GALAXY_COLLECTION_SKELETON galaxy.collection_skeleton ANSIBLE_GALAXY_COLLECTION_SKELETON
      GALAXY_COLLECTION_SKELETON_IGNORE galaxy.collection_skeleton_ignore ANSIBLE_GALAXY_COLLECTION_SKELETON_IGNORE
      GALAXY_SERVER galaxy.server ANSIBLE_GALAXY_SERVER
      GALAXY_SERVER_LIST galaxy.server_list ANSIBLE_GALAXY_SERVER_LIST
      GALAXY_TOKEN_PATH galaxy.token_path ANSIBLE_GALAXY_TOKEN_PATH
      GALAXY_DISPLAY_PROGRESS galaxy.display_progress ANSIBLE_GALAXY_DISPLAY_PROGRESS
      GALAXY_CACHE_DIR galaxy.cache_dir ANSIBLE_GALAXY_CACHE_DIR
      GALAXY_DISABLE_GPG_VERIFY galaxy.disable_gpg_verify ANSIBLE_GALAXY_DISABLE_GPG_VERIFY
      GALAXY_GPG_KEYRING galaxy.gpg_keyring ANSIBLE_GALAXY_GPG_KEYRING
      GALAXY_IGNORE_INVALID_SIGNATURE_STATUS_CODES galaxy.ignore_signature_status_codes ANSIBLE_GALAXY_IGNORE_SIGNATURE_STATUS_CODES
      GALAXY_REQUIRED_VALID_SIGNATURE_COUNT galaxy.required_valid_signature_count ANSIBLE_GALAXY_REQUIRED_VALID_SIGNATURE_COUNT
      COLLECTIONS_PATHS defaults.collections_paths,defaults.collections_path ANSIBLE_COLLECTIONS_PATHS,ANSIBLE_COLLECTIONS_PATH
      COLLECTIONS_SCAN_SYS_PATH defaults.collections_scan_sys_path ANSIBLE_COLLECTIONS_SCAN_SYS_PATH
      COLLECTIONS_ON_ANSIBLE_VERSION_MISMATCH defaults.collections_on_ansible_version_mismatch ANSIBLE_COLLECTIONS_ON_ANSIBLE_VERSION_MISMATCH
    `,
  },
  {
    why: 'fplay manages no network or Windows devices',
    said: false,
    rows: `
      DEFAULT_CLICONF_PLUGIN_PATH defaults.cliconf_plugins ANSIBLE_CLICONF_PLUGINS
      DEFAULT_HTTPAPI_PLUGIN_PATH defaults.httpapi_plugins ANSIBLE_HTTPAPI_PLUGINS
      DEFAULT_NETCONF_PLUGIN_PATH defaults.netconf_plugins ANSIBLE_NETCONF_PLUGINS
      DEFAULT_TERMINAL_PLUGIN_PATH defaults.terminal_plugins ANSIBLE_TERMINAL_PLUGINS
      NETWORK_GROUP_MODULES defaults.network_group_modules ANSIBLE_NETWORK_GROUP_MODULES
      NETCONF_SSH_CONFIG netconf_connection.ssh_config ANSIBLE_NETCONF_SSH_CONFIG
      WIN_ASYNC_STARTUP_TIMEOUT defaults.win_async_startup_timeout ANSIBLE_WIN_ASYNC_STARTUP_TIMEOUT
    `,
  },
  {
    why: 'it concerns the inside of Ansible',
    said: false,
    rows: `
      ANSIBLE_HOME defaults.home ANSIBLE_HOME
      ANSIBLE_CONNECTION_PATH persistent_connection.ansible_connection_path ANSIBLE_CONNECTION_PATH
      COVERAGE_REMOTE_OUTPUT - _ANSIBLE_COVERAGE_REMOTE_OUTPUT
      COVERAGE_REMOTE_PATHS - _ANSIBLE_COVERAGE_REMOTE_PATH_FILTER
      DEFAULT_DEBUG defaults.debug ANSIBLE_DEBUG
      DEFAULT_INTERNAL_POLL_INTERVAL defaults.internal_poll_interval -
      DOCSITE_ROOT_URL defaults.docsite_root_url -
      DOC_FRAGMENT_PLUGIN_PATH defaults.doc_fragment_plugins ANSIBLE_DOC_FRAGMENT_PLUGINS
      OLD_PLUGIN_CACHE_CLEARING defaults.old_plugin_cache_clear ANSIBLE_OLD_PLUGIN_CACHE_CLEAR
      RUN_VARS_PLUGINS defaults.run_vars_plugins ANSIBLE_RUN_VARS_PLUGINS
      VARS_PLUGIN_STAGE vars_host_group_vars.stage ANSIBLE_VARS_PLUGIN_STAGE
      WORKER_SHUTDOWN_POLL_COUNT - ANSIBLE_WORKER_SHUTDOWN_POLL_COUNT
      WORKER_SHUTDOWN_POLL_DELAY - ANSIBLE_WORKER_SHUTDOWN_POLL_DELAY
      MODULE_IGNORE_EXTS defaults.module_ignore_exts ANSIBLE_MODULE_IGNORE_EXTS
    `,
  },
  {
    why: 'a string that is one expression always has the type of its value',
    said: false,
    rows: `
      DEFAULT_JINJA2_NATIVE defaults.jinja2_native ANSIBLE_JINJA2_NATIVE
      STRING_TYPE_FILTERS jinja2.dont_type_filters ANSIBLE_STRING_TYPE_FILTERS
    `,
  },
  {
    why: 'plugins of Ansible are Python and cannot be loaded',
    said: true,
    rows: `
      DEFAULT_ACTION_PLUGIN_PATH defaults.action_plugins ANSIBLE_ACTION_PLUGINS
      BECOME_PLUGIN_PATH defaults.become_plugins ANSIBLE_BECOME_PLUGINS
      DEFAULT_CACHE_PLUGIN_PATH defaults.cache_plugins ANSIBLE_CACHE_PLUGINS
      DEFAULT_CALLBACK_PLUGIN_PATH defaults.callback_plugins ANSIBLE_CALLBACK_PLUGINS
      CALLBACKS_ENABLED defaults.callback_whitelist,defaults.callbacks_enabled ANSIBLE_CALLBACK_WHITELIST,ANSIBLE_CALLBACKS_ENABLED
      DEFAULT_CONNECTION_PLUGIN_PATH defaults.connection_plugins ANSIBLE_CONNECTION_PLUGINS
      DEFAULT_FILTER_PLUGIN_PATH defaults.filter_plugins ANSIBLE_FILTER_PLUGINS
      DEFAULT_INVENTORY_PLUGIN_PATH defaults.inventory_plugins ANSIBLE_INVENTORY_PLUGINS
      DEFAULT_JINJA2_EXTENSIONS defaults.jinja2_extensions ANSIBLE_JINJA2_EXTENSIONS
      DEFAULT_LOAD_CALLBACK_PLUGINS defaults.bin_ansible_callbacks ANSIBLE_LOAD_CALLBACK_PLUGINS
      DEFAULT_LOOKUP_PLUGIN_PATH defaults.lookup_plugins ANSIBLE_LOOKUP_PLUGINS
      DEFAULT_MODULE_UTILS_PATH defaults.module_utils ANSIBLE_MODULE_UTILS
      DEFAULT_STRATEGY_PLUGIN_PATH defaults.strategy_plugins ANSIBLE_STRATEGY_PLUGINS
      DEFAULT_TEST_PLUGIN_PATH defaults.test_plugins ANSIBLE_TEST_PLUGINS
      DEFAULT_VARS_PLUGIN_PATH defaults.vars_plugins ANSIBLE_VARS_PLUGINS
      FACTS_MODULES defaults.facts_modules ANSIBLE_FACTS_MODULES
      PLUGIN_FILTERS_CFG defaults.plugin_filters_cfg -
      VARIABLE_PLUGINS_ENABLED defaults.vars_plugins_enabled ANSIBLE_VARS_ENABLED
    `,
  },
  {
    why: 'fplay speaks SSH itself; use ssh_common_args',
    said: true,
    rows: `
      SSH_EXECUTABLE ssh_connection.ssh_executable ANSIBLE_SSH_EXECUTABLE
      SCP_EXTRA_ARGS ssh_connection.scp_extra_args ANSIBLE_SCP_EXTRA_ARGS
      SFTP_EXTRA_ARGS ssh_connection.sftp_extra_args ANSIBLE_SFTP_EXTRA_ARGS
      PKCS11_PROVIDER ssh_connection.pkcs11_provider ANSIBLE_PKCS11_PROVIDER
      PARAMIKO_PROXY_COMMAND paramiko_connection.proxy_command ANSIBLE_PARAMIKO_PROXY_COMMAND
    `,
  },
  {
    why: 'use ansible_become_user and its kin, or [privilege_escalation]',
    said: true,
    rows: `
      SUDO_USER sudo_become_plugin.user ANSIBLE_SUDO_USER
      SUDO_EXE sudo_become_plugin.executable ANSIBLE_SUDO_EXE
      SUDO_FLAGS sudo_become_plugin.flags ANSIBLE_SUDO_FLAGS
      SU_USER su_become_plugin.user ANSIBLE_SU_USER
      SU_EXE su_become_plugin.executable ANSIBLE_SU_EXE
      SU_FLAGS su_become_plugin.flags ANSIBLE_SU_FLAGS
      SU_PROMPT_L10N su_become_plugin.localized_prompts ANSIBLE_SU_PROMPT_L10N
    `,
  },
  {
    why: 'fplay always does it one way',
    said: true,
    rows: `
      BECOME_ALLOW_SAME_USER privilege_escalation.become_allow_same_user ANSIBLE_BECOME_ALLOW_SAME_USER false
      DEFAULT_ALLOW_UNSAFE_LOOKUPS defaults.allow_unsafe_lookups - false
      DEFAULT_PRIVATE_ROLE_VARS defaults.private_role_vars ANSIBLE_PRIVATE_ROLE_VARS false
      DEFAULT_STDOUT_CALLBACK defaults.stdout_callback ANSIBLE_STDOUT_CALLBACK default
      DEFAULT_UNDEFINED_VAR_BEHAVIOR defaults.error_on_undefined_vars ANSIBLE_ERROR_ON_UNDEFINED_VARS true
      DEFAULT_VAULT_ID_MATCH defaults.vault_id_match ANSIBLE_VAULT_ID_MATCH false
      DEFAULT_VAULT_IDENTITY defaults.vault_identity ANSIBLE_VAULT_IDENTITY default
      DISPLAY_ARGS_TO_STDOUT defaults.display_args_to_stdout ANSIBLE_DISPLAY_ARGS_TO_STDOUT false
      ENABLE_TASK_DEBUGGER defaults.enable_task_debugger ANSIBLE_ENABLE_TASK_DEBUGGER false
      ERROR_ON_MISSING_HANDLER defaults.error_on_missing_handler ANSIBLE_ERROR_ON_MISSING_HANDLER true
      INJECT_FACTS_AS_VARS defaults.inject_facts_as_vars ANSIBLE_INJECT_FACT_VARS true
      INVALID_TASK_ATTRIBUTE_FAILED defaults.invalid_task_attribute_failed ANSIBLE_INVALID_TASK_ATTRIBUTE_FAILED true
      INVENTORY_CACHE_ENABLED inventory.cache ANSIBLE_INVENTORY_CACHE false
      INVENTORY_EXPORT inventory.export ANSIBLE_INVENTORY_EXPORT false
      PLAYBOOK_VARS_ROOT defaults.playbook_vars_root ANSIBLE_PLAYBOOK_VARS_ROOT top
      SHOW_CUSTOM_STATS defaults.show_custom_stats ANSIBLE_SHOW_CUSTOM_STATS false
      TRANSFORM_INVALID_GROUP_CHARS defaults.force_valid_group_names ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS never
      DEFAULT_SU defaults.su ANSIBLE_SU false
    `,
  },
  {
    why: 'not built',
    said: true,
    rows: `
      DEFAULT_LIBVIRT_LXC_NOSECLABEL selinux.libvirt_lxc_noseclabel ANSIBLE_LIBVIRT_LXC_NOSECLABEL
      DEFAULT_LOG_FILTER defaults.log_filter ANSIBLE_LOG_FILTER
      DEFAULT_NULL_REPRESENTATION defaults.null_representation ANSIBLE_NULL_REPRESENTATION
      DEFAULT_SELINUX_SPECIAL_FS selinux.special_context_filesystems ANSIBLE_SELINUX_SPECIAL_FS
      TASK_DEBUGGER_IGNORE_ERRORS defaults.task_debugger_ignore_errors ANSIBLE_TASK_DEBUGGER_IGNORE_ERRORS
      DUPLICATE_YAML_DICT_KEY defaults.duplicate_dict_key ANSIBLE_DUPLICATE_YAML_DICT_KEY
      INVENTORY_CACHE_PLUGIN inventory.cache_plugin ANSIBLE_INVENTORY_CACHE_PLUGIN
      INVENTORY_CACHE_PLUGIN_CONNECTION inventory.cache_connection ANSIBLE_INVENTORY_CACHE_CONNECTION
      INVENTORY_CACHE_PLUGIN_PREFIX inventory.cache_prefix ANSIBLE_INVENTORY_CACHE_PLUGIN_PREFIX
      INVENTORY_CACHE_TIMEOUT inventory.cache_timeout ANSIBLE_INVENTORY_CACHE_TIMEOUT
      INVENTORY_ENABLED inventory.enable_plugins ANSIBLE_INVENTORY_ENABLED
      MAX_FILE_SIZE_FOR_DIFF defaults.max_diff_size ANSIBLE_MAX_DIFF_SIZE
      PLAYBOOK_DIR defaults.playbook_dir ANSIBLE_PLAYBOOK_DIR
      VARIABLE_PRECEDENCE defaults.precedence ANSIBLE_PRECEDENCE
      YAML_FILENAME_EXTENSIONS defaults.yaml_valid_extensions ANSIBLE_YAML_FILENAME_EXT
      ASYNC_DIR defaults.async_dir ANSIBLE_ASYNC_DIR
    `,
  },
]

/** All of them. */
export const UNFOLLOWED: readonly Unfollowed[] = GROUPS.flatMap(({ why, said, rows }) =>
  rows
    .trim()
    .split('\n')
    .map((row) => readRow(row.trim(), why, said)),
)

function readRow(row: string, why: string, said: boolean): Unfollowed {
  const [name, keys, env, ...always] = row.split(' ') as [string, string, string, ...string[]]
  const list = (text: string): string[] => (text === '-' ? [] : text.split(','))
  return { name, keys: list(keys), env: list(env), why, said, always: always.join(' ') || undefined }
}

/** Every key that Ansible or fplay has, as `section.key`. */
export function knownKeys(): string[] {
  const followed = (Object.keys(SETTINGS) as SettingName[]).flatMap((name) => [...SETTINGS[name].keys])
  return [...followed, ...UNFOLLOWED.flatMap(({ keys }) => keys)]
}
