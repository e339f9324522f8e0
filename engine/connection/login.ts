import { existsSync } from 'node:fs'
import { homedir, hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { fail } from '../errors.js'
import type { ConnectionSettings } from './connection.js'
import { readSshArgs } from './ssh-args.js'
import { expandHome, expandTokens, readSshConfig, SshOptions } from './ssh-config.js'
import { splitWords } from '../module/words.js'

/** How a login goes, after settings, ssh arguments and ssh_config are settled. */
export interface Login {
  /** Name of the host in the inventory, for messages. */
  readonly host: string
  readonly address: string
  readonly port: number
  readonly user: string
  /** 4 or 6; 0: either. */
  readonly family: 0 | 4 | 6
  /** Milliseconds until the host must have answered. */
  readonly timeout: number
  /** Name under which known_hosts files list the host. */
  readonly knownAs: string
  readonly checking: 'yes' | 'accept-new' | 'no'
  /** The first is the one that new keys are added to. */
  readonly knownHostsFiles: readonly string[]
  /** Private keys the user named; the others are the defaults. */
  readonly keyFiles: readonly { readonly path: string; readonly named: boolean }[]
  readonly agent: string | undefined
  /** The agent may be asked for the named keys only. */
  readonly identitiesOnly: boolean
  readonly password: string | undefined
  readonly passphrase: string | undefined
  /** Ways to log in that are allowed, in order. */
  readonly methods: readonly Method[]
  /** Hosts to go through, in order. */
  readonly jumps: readonly Jump[]
  readonly proxyCommand: string | undefined
  readonly compression: boolean
  readonly forwardAgent: boolean
  /** Milliseconds between signs of life that are asked for, and how many may be missed. */
  readonly alive: { readonly interval: number; readonly count: number }
  /** `-F FILE` of the ssh arguments. */
  readonly configFile: string | undefined
}

export type Method = 'publickey' | 'keyboard-interactive' | 'password'

/** A host on the way. */
export interface Jump {
  readonly address: string
  readonly user: string | undefined
  readonly port: number | undefined
}

const METHODS: readonly Method[] = ['publickey', 'keyboard-interactive', 'password']
const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa']

/** Settles how to log in. Explicit settings come first, then ssh arguments, then ~/.ssh/config, as with OpenSSH. */
export function loginOf(settings: ConnectionSettings): Login {
  const options = new SshOptions()
  const configFile = settings.sshArgs === undefined ? undefined : readSshArgs(settings.sshArgs, options)
  readConfigs(configFile, settings.address, options)
  const address = expandTokens(options.get('hostname') ?? settings.address, {
    h: settings.address,
    n: settings.address,
  })
  const port = settings.port ?? numberOf(options, 'port', 22)
  const user = settings.user ?? options.get('user') ?? userInfo().username
  const tokens = tokensFor(settings.address, address, port, user, options)
  const path = (text: string): string => expandHome(expandTokens(text, tokens))
  const family = options.get('addressfamily')
  return {
    host: settings.name,
    address,
    port,
    user,
    family: family === 'inet' ? 4 : family === 'inet6' ? 6 : 0,
    timeout: numberOf(options, 'connecttimeout', settings.timeout) * 1000,
    knownAs: options.get('hostkeyalias') ?? address,
    checking: checkingOf(settings, options),
    knownHostsFiles: knownHostsFiles(settings, options).map(path),
    ...keysFor(settings, options, path),
    password: settings.password,
    passphrase: settings.passphrase,
    methods: methodsOf(options),
    ...proxyOf(options, tokens),
    compression: isYes(options.get('compression')),
    forwardAgent: isYes(options.get('forwardagent')),
    alive: {
      interval: numberOf(options, 'serveraliveinterval', 15) * 1000,
      count: numberOf(options, 'serveralivecountmax', 3),
    },
    configFile,
  }
}

function readConfigs(named: string | undefined, alias: string, options: SshOptions): void {
  if (named === 'none') return
  if (named !== undefined) return readSshConfig(expandHome(named), alias, options, false)
  readSshConfig(join(homedir(), '.ssh', 'config'), alias, options, true)
  readSshConfig('/etc/ssh/ssh_config', alias, options, true)
}

function tokensFor(
  alias: string,
  address: string,
  port: number,
  user: string,
  options: SshOptions,
): Record<string, string> {
  const { username, uid } = userInfo()
  return {
    h: address,
    n: alias,
    p: String(port),
    r: user,
    u: username,
    i: String(uid),
    d: homedir(),
    l: hostname(),
    L: hostname().split('.')[0]!,
    k: options.get('hostkeyalias') ?? alias,
    j: options.get('proxyjump') ?? '',
  }
}

function numberOf(options: SshOptions, keyword: string, otherwise: number): number {
  const text = options.get(keyword)
  if (text === undefined || text === 'none') return otherwise
  if (/^\d+$/.test(text)) return Number(text)
  return fail({
    code: 'bad-option',
    message: `the ssh option ${keyword} is "${text}"`,
    allowed: 'a whole number',
  })
}

function isYes(text: string | undefined): boolean {
  return text?.toLowerCase() === 'yes'
}

function checkingOf(settings: ConnectionSettings, options: SshOptions): Login['checking'] {
  if (settings.hostKeyChecking !== 'yes') return settings.hostKeyChecking
  const text = options.get('stricthostkeychecking')?.toLowerCase()
  if (text === 'no' || text === 'off') return 'no'
  return text === 'accept-new' ? 'accept-new' : 'yes'
}

function knownHostsFiles(settings: ConnectionSettings, options: SshOptions): readonly string[] {
  if (settings.knownHostsFiles) return settings.knownHostsFiles
  const user = options.get('userknownhostsfile') ?? '~/.ssh/known_hosts ~/.ssh/known_hosts2'
  const all = options.get('globalknownhostsfile') ?? '/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2'
  return [user, all].flatMap(splitWords)
}

function keysFor(
  settings: ConnectionSettings,
  options: SshOptions,
  path: (text: string) => string,
): Pick<Login, 'keyFiles' | 'agent' | 'identitiesOnly'> {
  const named = settings.privateKeyFile !== undefined ? [expandHome(settings.privateKeyFile)] : []
  if (named[0] !== undefined && !existsSync(named[0])) {
    fail({
      code: 'file-not-found',
      message: `the private key ${named[0]} does not exist`,
      host: settings.name,
    })
  }
  const configured = options.all('identityfile').filter((file) => file !== 'none')
  const files = [...named, ...configured.map(path)]
  const defaults = DEFAULT_KEYS.map((name) => join(homedir(), '.ssh', name))
  const agent = options.get('identityagent')
  return {
    keyFiles: files.length
      ? files.map((file) => ({ path: file, named: true }))
      : defaults.map((file) => ({ path: file, named: false })),
    agent:
      agent === undefined || agent === 'SSH_AUTH_SOCK' ? process.env['SSH_AUTH_SOCK'] : agentOf(agent, path),
    identitiesOnly: isYes(options.get('identitiesonly')),
  }
}

function agentOf(text: string, path: (text: string) => string): string | undefined {
  if (text === 'none') return undefined
  return text.startsWith('$') ? process.env[text.slice(1).replace(/[{}]/g, '')] : path(text)
}

function methodsOf(options: SshOptions): readonly Method[] {
  const off = (keyword: string): boolean => options.get(keyword)?.toLowerCase() === 'no'
  const refused = new Set<Method>()
  if (off('pubkeyauthentication')) refused.add('publickey')
  if (off('passwordauthentication')) refused.add('password')
  if (off('kbdinteractiveauthentication')) refused.add('keyboard-interactive')
  const preferred = options.get('preferredauthentications')?.split(',')
  const order = preferred
    ? (preferred.filter((name) => METHODS.includes(name as Method)) as Method[])
    : METHODS
  return order.filter((method) => !refused.has(method))
}

function proxyOf(
  options: SshOptions,
  tokens: Readonly<Record<string, string>>,
): Pick<Login, 'jumps' | 'proxyCommand'> {
  const jump = options.get('proxyjump')
  const command = options.get('proxycommand')
  if (jump !== undefined && jump !== 'none')
    return { jumps: jump.split(',').map(jumpOf), proxyCommand: undefined }
  const proxyCommand = command === undefined || command === 'none' ? undefined : expandTokens(command, tokens)
  return { jumps: [], proxyCommand }
}

/** `[user@]host[:port]` or `ssh://…`. */
function jumpOf(text: string): Jump {
  const [, user, bracketed, plain, port] =
    /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:]+|[0-9a-fA-F:]+))(?::(\d+))?$/.exec(text.trim()) ?? []
  const address = bracketed ?? plain
  if (address !== undefined) return { address, user, port: port === undefined ? undefined : Number(port) }
  return fail({
    code: 'bad-option',
    message: `ProxyJump "${text}" is not understood`,
    allowed: '[user@]host[:port]',
  })
}
