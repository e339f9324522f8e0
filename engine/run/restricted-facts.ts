/** Names by which variables say how a host is reached and what runs there; as Ansible has them, and fplay's own. */
const NAMES = new Set(
  [
    'connection', 'host', 'port', 'user', 'password', 'private_key_file', 'timeout', 'shell_type', 'shell_executable', 'pipelining',
    'module_compression', 'network_os', 'connection_user', 'become', 'facts', 'rsync_path', 'playbook_python', 'host_key_checking',
    'private_key_passphrase',
  ].map((name) => `ansible_${name}`),
) // prettier-ignore

const KINDS = /^ansible_(?:(?:become|ssh|local|paramiko|paramiko_ssh|sudo|su|docker)_|.*_interpreter$)/

/** Devices and keys of a host whose facts look like settings of a connection. */
const HARMLESS = /^ansible_ssh_host_key_|_(?:gw)?bridge$/

/**
 * Whether a fact of that name would say how hosts are reached or become another user. A host must not be able to, so
 * such a fact is no variable; in `ansible_facts` it is to be seen.
 */
export function isRestrictedFact(name: string): boolean {
  return NAMES.has(name) || (KINDS.test(name) && !HARMLESS.test(name))
}
