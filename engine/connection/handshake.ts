import { setTimeout as sleep } from 'node:timers/promises'
import { NodeSSH } from 'node-ssh'
import ssh2 from 'ssh2'
import type { Client, ConnectConfig } from 'ssh2'
import { authenticator, type Authenticator } from './auth.js'
import { pauseAfter, unreachable, type Line } from './dial.js'
import { hostKeyCheck, type HostKeyCheck } from './host-keys.js'
import { LoginLimit } from './login-limit.js'
import type { Login } from './login.js'
import { reusePackets } from './packets.js'

/** Logins that a busy sshd drops (MaxStartups) are tried again so often. */
const TRIES = 8
/** Milliseconds before the second try; twice as many before each further one. */
const PAUSE = 150
/** Milliseconds that logging in may take after the host has shown its key. */
const LOGIN_TIME = 60_000

const limit = new LoginLimit()

/**
 * Logs in on lines that `dial` makes. Fails with `unreachable` or `host-key`.
 * @param retries  so often it is dialled again where nobody answers
 */
export async function logIn(login: Login, dial: () => Promise<Line>, retries: number): Promise<Client> {
  let unanswered = 0
  let dropped = 0
  for (;;) {
    try {
      return await limit.run(() => attempt(login, dial), isDropped)
    } catch (error) {
      // Pauses are no logins: others go on meanwhile.
      if (error instanceof Unanswered) {
        if (++unanswered > retries) throw error.cause
        await pauseAfter(unanswered)
      } else if (isDropped(error)) {
        if (++dropped === TRIES) throw tooMany(login, error)
        await sleep(PAUSE * 2 ** (dropped - 1) * (0.75 + Math.random() / 2))
      } else throw error
    }
  }
}

function tooMany(login: Login, { message }: Dropped): Error {
  return unreachable(
    login,
    `the host closed the connection before it said anything, ${TRIES} times (${message})`,
    'raise MaxStartups in its sshd_config, or use fewer --forks',
  )
}

/** Nobody answered; why is its cause. */
class Unanswered extends Error {}

async function attempt(login: Login, dial: () => Promise<Line>): Promise<Client> {
  const line = await dial().catch((cause: unknown) => {
    throw new Unanswered('', { cause })
  })
  try {
    return await handshake(login, line)
  } catch (error) {
    line.stream.destroy()
    throw error
  }
}

function isDropped(error: unknown): error is Dropped {
  return error instanceof Dropped
}

type AuthHandler = NonNullable<Extract<ConnectConfig['authHandler'], (...all: never[]) => unknown>>
type SshError = Error & { readonly level?: string }

/** The host hung up before it showed its key, as sshd does when too many logins are under way. */
class Dropped extends Error {}

async function handshake(login: Login, line: Line): Promise<Client> {
  const keys = hostKeyCheck(login)
  const auth = authenticator(login, ssh2)
  const ssh = new NodeSSH()
  const connecting = ssh.connect(configOf(login, line, keys, auth))
  const client = ssh.connection!
  client.on('error', () => undefined)
  // Where ssh2 takes a host for OpenSSH, it has it prove all its keys after the login, for those who would save them:
  // a signature a key on the host. This one is proven and looked up already.
  client.once('handshake', () => ((client as unknown as { _remoteVer: string })._remoteVer = ''))
  const silent = new Error('no answer in time')
  const late = setTimeout(() => keys.seen() || line.stream.destroy(silent), login.timeout)
  try {
    await connecting
    reusePackets(client, line.stream)
    return client
  } catch (error) {
    client.destroy()
    throw keys.refusal() ?? loginFailed(login, error as SshError, keys.seen(), auth)
  } finally {
    clearTimeout(late)
  }
}

function configOf(login: Login, line: Line, keys: HostKeyCheck, auth: Authenticator) {
  const { agent, forwardAgent } = login
  return {
    sock: line.stream as never, // any duplex stream will do, the type asks for a socket's
    host: login.address,
    port: login.port,
    username: login.user,
    readyTimeout: login.timeout + LOGIN_TIME,
    keepaliveInterval: login.alive.interval,
    keepaliveCountMax: login.alive.count,
    algorithms: {
      serverHostKey: keys.algorithms as never, // the names are ssh2's own
      compress: login.compression ? ['zlib@openssh.com' as const, 'none' as const] : ['none' as const],
    },
    ...(forwardAgent && agent !== undefined ? { agent, agentForward: true } : {}),
    authHandler: (...[offered, , next]: Parameters<AuthHandler>) => next(auth.next(offered) as never), // false ends it
    hostVerifier: (key: Buffer) => keys.accepts(key),
  }
}

function loginFailed(login: Login, error: SshError, shown: boolean, auth: Authenticator): Error {
  const why = error.message
  if (!shown && /no answer in time/.test(why)) {
    return unreachable(
      login,
      `nothing was said within ${login.timeout / 1000} s`,
      'is it sshd that listens there?',
    )
  }
  if (!shown && /before handshake|ECONNRESET|EPIPE|No response|closed/i.test(why)) return new Dropped(why)
  if (error.level !== 'client-authentication' && !/authentication fail/i.test(why)) {
    return unreachable(login, why)
  }
  const tried = auth.tried.length ? `tried ${auth.tried.join(', ')}` : 'there was nothing to try'
  return unreachable(
    login,
    `the login was refused; ${[tried, ...auth.notes].join('; ')}`,
    'give a key (ansible_ssh_private_key_file, --private-key, ssh-add) or a password (-k, ansible_password) that the host accepts, and check the user (ansible_user, -u)',
  )
}
