import { FplayError, type Problem } from '../errors.js'
import {
  fingerprint,
  knownHosts,
  knownName,
  readKnownHosts,
  rememberKey,
  typeOf,
  verdictOn,
  type KnownHosts,
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
  /** True when a key was shown. */
  seen(): boolean
  refusal(): FplayError | undefined
}

/** The check of host keys that a login wants. */
export function hostKeyCheck(login: Login): HostKeyCheck {
  const known = login.checking === 'no' ? knownHosts([]) : readKnownHosts(login.knownHostsFiles)
  const listed = known.keysOf(knownName(login.knownAs, login.port))
  const types = [...TYPES].sort((a, b) => rank(listed, a) - rank(listed, b))
  let refusal: FplayError | undefined
  let seen = false
  return {
    algorithms: types.flatMap((type) => ALGORITHMS[type] ?? [type]),
    accepts(key) {
      seen = true
      refusal = login.checking === 'no' ? undefined : judge(login, known, key)
      return !refusal
    },
    seen: () => seen,
    refusal: () => refusal,
  }
}

function rank(listed: readonly KnownKey[], type: string): number {
  return listed.some((entry) => entry.type === type) ? 0 : 1
}

/** Why a key is not trusted; undefined when it is, or was not known before and may be added. */
function judge(login: Login, known: KnownHosts, key: Buffer): FplayError | undefined {
  const verdict = verdictOn(known, login.knownAs, login.port, key)
  if (verdict.kind === 'known') return undefined
  const [file] = login.knownHostsFiles
  if (verdict.kind !== 'unknown' || login.checking !== 'accept-new' || file === undefined) {
    return new FplayError([refused(login, key, verdict)])
  }
  try {
    rememberKey(file, knownName(login.knownAs, login.port), key)
    return undefined
  } catch (error) {
    const message = `the new host key cannot be added to ${file} (${(error as NodeJS.ErrnoException).code})`
    return new FplayError([{ code: 'host-key', message, host: login.host }])
  }
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
        `${login.knownHostsFiles[0] ?? '~/.ssh/known_hosts'}, or accept new keys: ANSIBLE_HOST_KEY_CHECKING=accept-new`,
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
