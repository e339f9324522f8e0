import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Become, ConnectionSettings } from '../connection/connection.js'
import { fail } from '../errors.js'
import { inherit } from '../play/inherit.js'
import type { Inherited } from '../play/inherit.js'
import type { Value } from '../language/value.js'
import type { Turn } from './context.js'
import { keyword, text, toBoolean } from './evaluate.js'

/** How the host of a turn is reached: its variables first, then keywords, then the command line and environment. */
export function connectionSettings(turn: Turn): ConnectionSettings {
  const { connection: options } = turn.batch.run.settings
  const kind = connectionKind(turn)
  return {
    name: turn.host,
    kind,
    address: variable(turn, 'ansible_host', 'ansible_ssh_host') ?? turn.host,
    port: portOf(turn),
    user: variable(turn, 'ansible_user', 'ansible_ssh_user') ?? word(turn, 'remoteUser') ?? options.user,
    password:
      secret(turn, 'ansible_password', 'ansible_ssh_password', 'ansible_ssh_pass') ?? options.password,
    privateKeyFile: home(
      variable(turn, 'ansible_private_key_file', 'ansible_ssh_private_key_file') ?? options.privateKeyFile,
    ),
    passphrase: secret(turn, 'ansible_ssh_private_key_passphrase', 'ansible_private_key_passphrase'),
    sshArgs: sshArgs(turn),
    hostKeyChecking: hostKeyChecking(turn),
    knownHostsFiles: options.knownHostsFiles,
    timeout: amount(turn, ['ansible_timeout', 'ansible_ssh_timeout'], options.timeout ?? 10),
    retries: amount(turn, ['ansible_ssh_retries'], options.retries ?? 0),
    shell: variable(turn, 'ansible_shell_executable') ?? options.shell,
  }
}

/** As whom the task runs; undefined for the user of the connection. */
export function becomeOf(turn: Turn): Become | undefined {
  const { connection: options } = turn.batch.run.settings
  const wanted = becomeWanted(turn) ?? options.become
  if (!wanted) return undefined
  const method =
    variable(turn, 'ansible_become_method') ?? word(turn, 'becomeMethod') ?? options.becomeMethod ?? 'sudo'
  if (method !== 'sudo' && method !== 'su') {
    return fail({
      code: 'bad-keyword',
      message: `become_method is "${method}"`,
      place: inherit(turn.task, 'becomeMethod')?.place,
      host: turn.host,
      allowed: 'allowed: sudo, su',
    })
  }
  return {
    user: variable(turn, 'ansible_become_user') ?? word(turn, 'becomeUser') ?? options.becomeUser ?? 'root',
    method,
    password:
      secret(turn, 'ansible_become_password', 'ansible_become_pass', `ansible_${method}_pass`) ??
      options.becomePassword,
    flags:
      variable(turn, 'ansible_become_flags', `ansible_${method}_flags`) ??
      word(turn, 'becomeFlags') ??
      options.becomeFlags,
    executable:
      variable(turn, 'ansible_become_exe', `ansible_${method}_exe`) ??
      word(turn, 'becomeExe') ??
      options.becomeExe,
  }
}

function becomeWanted(turn: Turn): boolean | undefined {
  const given = turn.scope.lookup('ansible_become') ?? keyword(turn.task, 'become', turn.scope)
  return given === undefined ? undefined : toBoolean(given, 'become', inherit(turn.task, 'become')?.place)
}

/** Kinds of connection by the names Ansible has for them. */
const KINDS: Readonly<Record<string, ConnectionSettings['kind']>> = {
  ssh: 'ssh',
  smart: 'ssh',
  paramiko: 'ssh',
  paramiko_ssh: 'ssh',
  'ansible.builtin.ssh': 'ssh',
  local: 'local',
  'ansible.builtin.local': 'local',
}

function connectionKind(turn: Turn): ConnectionSettings['kind'] {
  const named =
    variable(turn, 'ansible_connection') ??
    word(turn, 'connection') ??
    turn.batch.run.settings.connection.connection ??
    'ssh'
  const kind = Object.hasOwn(KINDS, named) ? KINDS[named] : undefined
  return (
    kind ??
    fail({
      code: 'bad-keyword',
      message: `connection is "${named}"`,
      place: inherit(turn.task, 'connection')?.place,
      host: turn.host,
      allowed: 'allowed: ssh, local',
    })
  )
}

function portOf(turn: Turn): number | undefined {
  const port = variable(turn, 'ansible_port', 'ansible_ssh_port') ?? word(turn, 'port')
  if (port === undefined) return turn.batch.run.settings.connection.port
  const number = Number(port)
  if (Number.isInteger(number) && number > 0 && number < 65536) return number
  return fail({
    code: 'bad-keyword',
    message: `the port is "${port}"`,
    host: turn.host,
    allowed: 'allowed: 1 to 65535',
  })
}

function amount(turn: Turn, names: readonly string[], otherwise: number): number {
  const given = variable(turn, ...names)
  if (given === undefined) return otherwise
  const number = Number(given)
  if (Number.isFinite(number) && number >= 0) return number
  return fail({
    code: 'bad-keyword',
    message: `${names[0]} is "${given}"`,
    host: turn.host,
    allowed: 'allowed: a number from 0',
  })
}

function sshArgs(turn: Turn): string | undefined {
  const { connection: options } = turn.batch.run.settings
  const parts = [
    variable(turn, 'ansible_ssh_args') ?? options.sshArgs,
    variable(turn, 'ansible_ssh_common_args') ?? options.sshCommonArgs,
    variable(turn, 'ansible_ssh_extra_args') ?? options.sshExtraArgs,
  ].filter(Boolean)
  return parts.length ? parts.join(' ') : undefined
}

function hostKeyChecking(turn: Turn): ConnectionSettings['hostKeyChecking'] {
  const given =
    turn.scope.lookup('ansible_host_key_checking') ??
    turn.scope.lookup('ansible_ssh_host_key_checking') ??
    turn.batch.run.settings.connection.hostKeyChecking ??
    true
  if (given === 'accept-new') return 'accept-new'
  return toBoolean(given, 'ansible_host_key_checking') ? 'yes' : 'no'
}

/** The first of these variables that has a value, as text. */
function variable(turn: Turn, ...names: string[]): string | undefined {
  for (const name of names) {
    const value = present(turn.scope.lookup(name))
    if (value !== undefined) return value
  }
  return undefined
}

/** A variable that is never shown. */
function secret(turn: Turn, ...names: string[]): string | undefined {
  const value = variable(turn, ...names)
  if (value !== undefined) turn.batch.run.secrets.add(value)
  return value
}

function word(turn: Turn, name: Inherited): string | undefined {
  return present(keyword(turn.task, name, turn.scope))
}

function present(value: Value | undefined): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : text(value)
}

function home(path: string | undefined): string | undefined {
  return path?.startsWith('~/') ? join(homedir(), path.slice(2)) : path
}

/** The user fplay runs as, for the lock and for people. */
export function controllerUser(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run as a uid without a name.
    return 'somebody'
  }
}
