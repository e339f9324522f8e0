import { FplayError, type Problem } from '../errors.js'
import {
  fingerprint,
  keysOf,
  knownName,
  readKnownHosts,
  rememberKey,
  typeOf,
  verdictOn,
  type KnownKey,
  type Verdict,
} from './known-hosts.js'
import type { Login } from './login.js'

/** Signature algorithms of key types, where they are not named like the type. */
const ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
}
const TYPES = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa']

/** Checks the key a host shows during one login. */
export interface HostKeyCheck {
  /** Algorithms to offer: those of known keys first, so that the host shows a key that can be compared. */
  readonly algorithms: string[]
  /** True when the key may be trusted; otherwise `refusal` says why not. */
  accepts(key: Buffer): boolean
  refusal(): FplayError | undefined
}

/** The check of host keys that a login wants. */
export function hostKeyCheck(login: Login): HostKeyCheck {
  const known = login.checking === 'no' ? [] : readKnownHosts(login.knownHostsFiles)
  const listed = keysOf(known, knownName(login.knownAs, login.port))
  const types = [...TYPES].sort((a, b) => rank(listed, a) - rank(listed, b))
  let refusal: FplayError | undefined
  return {
    algorithms: types.flatMap((type) => ALGORITHMS[type] ?? [type]),
    accepts(key) {
      if (login.checking === 'no') return true
      const verdict = verdictOn(known, login.knownAs, login.port, key)
      if (verdict.kind === 'known') return true
      if (verdict.kind === 'unknown' && login.checking === 'accept-new') return remember(login, key)
      refusal = new FplayError([refused(login, key, verdict)])
      return false
    },
    refusal: () => refusal,
  }
}

function rank(listed: readonly KnownKey[], type: string): number {
  return listed.some((entry) => entry.type === type) ? 0 : 1
}

function remember(login: Login, key: Buffer): boolean {
  const [file] = login.knownHostsFiles
  if (file === undefined) return true
  try {
    rememberKey(file, knownName(login.knownAs, login.port), key)
  } catch (error) {
    throw new FplayError([
      {
        code: 'host-key',
        message: `the new host key cannot be added to ${file} (${(error as NodeJS.ErrnoException).code})`,
        host: login.host,
      },
    ])
  }
  return true
}

function refused(login: Login, key: Buffer, verdict: Exclude<Verdict, { kind: 'known' }>): Problem {
  const shown = `${typeOf(key)} ${fingerprint(key)}`
  const name = knownName(login.knownAs, login.port)
  if (verdict.kind === 'unknown') {
    const port = login.port === 22 ? '' : `-p ${login.port} `
    return {
      code: 'host-key',
      host: login.host,
      message: `the host key of ${name} is not known: ${shown}`,
      allowed: `looked in ${login.knownHostsFiles.join(', ')}`,
      cure:
        `compare the fingerprint with the host's, then add the key: ssh-keyscan ${port}${login.address} >> ` +
        `${login.knownHostsFiles[0] ?? '~/.ssh/known_hosts'}, or accept new keys with -o StrictHostKeyChecking=accept-new`,
    }
  }
  const { file, line, key: old } = verdict.entry
  const place = `${file}:${line}`
  if (verdict.kind === 'revoked') {
    return {
      code: 'host-key',
      host: login.host,
      message: `THE HOST KEY OF ${name} IS REVOKED in ${place}: ${shown}`,
    }
  }
  return {
    code: 'host-key',
    host: login.host,
    message:
      `THE HOST KEY OF ${name} HAS CHANGED: it shows ${shown}, but ${place} has ` +
      `${verdict.entry.type} ${fingerprint(old)}; somebody may be between you and the host`,
    cure: `if the host was made again, remove the old key: ssh-keygen -f ${file} -R '${name}'`,
  }
}
