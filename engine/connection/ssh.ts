import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Duplex } from 'node:stream'
import type { Client, ClientChannel } from 'ssh2'
import type { FplayError } from '../errors.js'
import type { Channel, ChannelEnd, Transport } from './channel.js'
import type { ConnectionSettings } from './connection.js'
import { dialCommand, dialTcp, unreachable, type Line } from './dial.js'
import { logIn } from './handshake.js'
import { loginOf, type Login } from './login.js'
import { tcpFailed } from './tcp.js'

/** Milliseconds a host has to say goodbye. */
const GOODBYE = 1000

/** Logs in over SSH, through other hosts where the settings say so. */
export async function sshTransport(settings: ConnectionSettings): Promise<Transport> {
  const login = loginOf(settings)
  const way = await wayTo(login, settings)
  try {
    return transportOf(await logIn(login, way.dial, settings.retries ?? 0), login, way.close)
  } catch (error) {
    await way.close()
    throw error
  }
}

/** How sshd is reached, and what has to be closed after. */
interface Way {
  dial(): Promise<Line>
  close(): Promise<void>
}

async function wayTo(login: Login, settings: ConnectionSettings): Promise<Way> {
  const { proxyCommand } = login
  const close = async (): Promise<void> => undefined
  if (proxyCommand !== undefined) return { dial: async () => dialCommand(login, proxyCommand), close }
  if (!login.jumps.length) return { dial: () => dialTcp(login), close }
  const last = login.jumps.at(-1)!
  const before = login.jumps.slice(0, -1)
  const gate = await sshTransport(jumpSettings(settings, login, last, before.map(jumpText).join(',')))
  const dial = async (): Promise<Line> => {
    try {
      return { stream: await gate.tcp(login.address, login.port), address: login.address }
    } catch (error) {
      throw unreachable(login, `through ${last.address}: ${(error as FplayError).problems[0]!.message}`)
    }
  }
  return { dial, close: () => gate.close() }
}

function jumpText({ user, address, port }: Login['jumps'][number]): string {
  return `${user === undefined ? '' : `${user}@`}[${address}]${port === undefined ? '' : `:${port}`}`
}

/** A host on the way has its own user, keys and options from ssh_config, as with OpenSSH. */
function jumpSettings(
  settings: ConnectionSettings,
  login: Login,
  jump: Login['jumps'][number],
  through: string,
): ConnectionSettings {
  const config = login.configFile === undefined ? '' : `-F '${login.configFile}'`
  return {
    name: settings.name,
    kind: 'ssh',
    address: jump.address,
    port: jump.port,
    user: jump.user,
    hostKeyChecking: settings.hostKeyChecking,
    knownHostsFiles: settings.knownHostsFiles,
    timeout: settings.timeout,
    retries: settings.retries,
    sshArgs: `${config} ${through && `-J '${through}'`}`,
  }
}

function transportOf(client: Client, login: Login, closeWay: () => Promise<void>): Transport {
  let broken: string | undefined
  client.on('error', (error) => (broken ??= error.message))
  client.on('end', () => (broken ??= 'the host ended it'))
  client.on('close', () => {
    broken ??= 'it was closed'
    void closeWay()
  })
  return {
    user: login.user,
    broken: () => broken,
    spawn: (command, options = {}) => exec(client, login, command, options.pty ?? false),
    tcp: (address, port) => forward(client, address, port),
    close: async () => {
      const closed = broken === undefined ? once(client, 'close') : undefined
      client.end()
      await Promise.race([closed, sleep(GOODBYE, undefined, { ref: false })])
      client.destroy()
      await closeWay()
    },
  }
}

function forward(client: Client, address: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, address, port, (error, channel) => {
      if (!error) return resolve(channel)
      try {
        tcpFailed(
          address,
          port,
          (error as Error & { reason?: number }).reason === 1 ? 'prohibited' : error.message,
        )
      } catch (problem) {
        reject(problem as Error)
      }
    })
  })
}

/** A terminal that echoes nothing; the rest is `stty`'s work once a shell runs there. */
const TERMINAL = { term: 'dumb', modes: { ECHO: 0 } } as never // ssh2 fills in the size

/** What ssh2 says when the server closes a fresh channel, or declines, in place of starting the command. */
const UNANSWERED = 'Unable to exec'

/**
 * Starts a command. dropbear at times closes a fresh channel unanswered while another one ends, so that is tried again:
 * nothing has been started then.
 */
async function exec(client: Client, login: Login, command: string, pty: boolean): Promise<Channel> {
  for (let left = 4; ; left--) {
    const started = await start(client, command, pty)
    if (!(started instanceof Error)) return channelOf(started)
    if (left === 0 || started.message !== UNANSWERED) {
      throw unreachable(
        login,
        `no shell could be opened there: ${started.message}`,
        'raise MaxSessions in its sshd_config, and see that the account may run commands',
      )
    }
    await sleep(50)
  }
}

function start(client: Client, command: string, pty: boolean): Promise<ClientChannel | Error> {
  return new Promise((resolve) => {
    try {
      client.exec(command, pty ? { pty: TERMINAL } : {}, (error, stream) => resolve(error ?? stream))
    } catch (error) {
      resolve(error as Error) // the connection broke meanwhile
    }
  })
}

function channelOf(stream: ClientChannel): Channel {
  let end: ChannelEnd = { code: undefined, signal: undefined }
  stream.on('exit', (code: number | null, signal?: string) => {
    end = { code: code ?? undefined, signal: signal?.replace(/^SIG/, '') }
  })
  return {
    stdin: stream,
    stdout: stream,
    stderr: stream.stderr,
    closed: new Promise((resolve) => stream.once('close', () => resolve(end))),
    destroy: () => {
      stream.close()
    },
  }
}
