import { fail, suggest } from '../errors.js'
import type { SshOptions } from './ssh-config.js'
import { splitWords } from '../module/words.js'

/** What `-o` may name: keyword in OpenSSH's spelling. Those of the second list concern only what fplay does not have. */
const USED = [
  'AddressFamily',
  'Compression',
  'ConnectTimeout',
  'ForwardAgent',
  'HostKeyAlias',
  'HostName',
  'IdentitiesOnly',
  'IdentityAgent',
  'IdentityFile',
  'GlobalKnownHostsFile',
  'KbdInteractiveAuthentication',
  'PasswordAuthentication',
  'Port',
  'PreferredAuthentications',
  'ProxyCommand',
  'ProxyJump',
  'PubkeyAuthentication',
  'ServerAliveCountMax',
  'ServerAliveInterval',
  'StrictHostKeyChecking',
  'User',
  'UserKnownHostsFile',
] as const
const NEEDLESS = [
  'AddKeysToAgent',
  'BatchMode',
  'CheckHostIP',
  'ControlMaster',
  'ControlPath',
  'ControlPersist',
  'EscapeChar',
  'ForwardX11',
  'GSSAPIAuthentication',
  'GSSAPIDelegateCredentials',
  'LogLevel',
  'RequestTTY',
  'TCPKeepAlive',
  'UpdateHostKeys',
  'VerifyHostKeyDNS',
  'VisualHostKey',
] as const

const NAMES = new Map([...USED, ...NEEDLESS].map((name) => [name.toLowerCase(), name]))
/** Flags with a value, by the option they stand for. */
const FLAGS: Readonly<Record<string, string>> = {
  J: 'ProxyJump',
  i: 'IdentityFile',
  l: 'User',
  p: 'Port',
}
/** Flags without a value, with the option and value they stand for; undefined where fplay has nothing for them. */
const SWITCHES: Readonly<Record<string, readonly [string, string] | undefined>> = {
  '4': ['AddressFamily', 'inet'],
  '6': ['AddressFamily', 'inet6'],
  A: ['ForwardAgent', 'yes'],
  a: ['ForwardAgent', 'no'],
  C: ['Compression', 'yes'],
  q: undefined,
  T: undefined,
  t: undefined,
  v: undefined,
  x: undefined,
}

/**
 * Adds to `options` what arguments as for OpenSSH say, and returns the file of `-F`. Fails with `bad-option` for what
 * fplay does not know.
 */
export function readSshArgs(line: string, options: SshOptions): string | undefined {
  const words = splitWords(line)
  let file: string | undefined
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    for (let rest = word.slice(1), flag = rest[0]; flag !== undefined; rest = rest.slice(1), flag = rest[0]) {
      if (word.startsWith('-') && flag in SWITCHES) {
        const meant = SWITCHES[flag]
        if (meant) options.add(...meant)
        continue
      }
      if (!word.startsWith('-') || !(flag in FLAGS || flag === 'o' || flag === 'F')) unknownFlag(word)
      const value = rest.slice(1) || words.shift()
      if (value === undefined) {
        fail({ code: 'bad-option', message: `the ssh argument -${flag} has no value` })
      }
      if (flag === 'F') file = value
      else if (flag === 'o') readOption(value, options)
      else options.add(FLAGS[flag]!, value)
      break
    }
  }
  return file
}

function unknownFlag(word: string): never {
  return fail({
    code: 'bad-option',
    message: `the ssh argument ${word} is not known`,
    allowed: `known are -o -F ${[...Object.keys(FLAGS), ...Object.keys(SWITCHES)].map((flag) => `-${flag}`).join(' ')}`,
    cure: 'ansible_ssh_common_args and ansible_ssh_extra_args take these only',
  })
}

function readOption(text: string, options: SshOptions): void {
  const [, name, value] = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)([^]*?)\s*$/.exec(text) ?? []
  if (name === undefined || value === undefined) {
    fail({ code: 'bad-option', message: `the ssh option "${text}" is not of the form Name=value` })
  }
  if (!NAMES.has(name.toLowerCase())) {
    fail({
      code: 'bad-option',
      message: `the ssh option ${name} is not known`,
      allowed: suggest(name, NAMES.values()),
    })
  }
  options.add(name, name.toLowerCase() === 'proxycommand' ? value : value.replace(/^"(.*)"$/, '$1'))
}
