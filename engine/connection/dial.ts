import { spawn } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { FplayError } from '../errors.js'
import type { Login } from './login.js'

/** A way to a host's sshd: bytes in and out. */
export interface Line {
  readonly stream: Duplex
  /** Address as it was reached, for messages. */
  readonly address: string
}

/** A TCP connection to a host. Fails with `unreachable`. */
export async function dialTcp(login: Login): Promise<Line> {
  const { address, port, family } = login
  const socket = connect({ host: address, port, family, noDelay: true })
  try {
    await connected(socket, login.timeout)
  } catch (error) {
    socket.destroy()
    throw unreachable(
      login,
      tcpMessage(error as NodeJS.ErrnoException),
      cureOf(error as NodeJS.ErrnoException),
    )
  }
  return { stream: socket, address: socket.remoteAddress ?? address }
}

/** Seconds between two tries at most. */
const LONGEST_PAUSE = 30

/** Waits before dialling again where nobody answered so many times; pauses grow as Ansible's do: 0, 1, 3, 7 seconds and so on. */
export async function pauseAfter(failures: number): Promise<void> {
  await sleep(Math.min(2 ** (failures - 1) - 1, LONGEST_PAUSE) * 1000)
}

function connected(socket: Socket, timeout: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () => reject(Object.assign(new Error(`no answer within ${timeout / 1000} s`), { code: 'ETIMEDOUT' })),
      timeout,
    )
    socket.once('connect', () => (clearTimeout(late), resolve()))
    socket.once('error', (error) => (clearTimeout(late), reject(error)))
  })
}

const REASONS: Readonly<Record<string, readonly [string, string]>> = {
  ECONNREFUSED: ['the connection was refused', 'is sshd running there, and on this port (ansible_port)?'],
  ETIMEDOUT: ['there was no answer in time', 'is the host up, and does a firewall let the port through?'],
  EHOSTUNREACH: ['there is no way to the host', 'is the host up, and the address right (ansible_host)?'],
  ENETUNREACH: ['there is no way to its network', 'check the address (ansible_host) and the routes'],
  ENOTFOUND: ['the name is not known', 'set ansible_host to an address, or correct the name'],
  EAI_AGAIN: ['the name could not be looked up', 'set ansible_host to an address, or check DNS'],
}

function tcpMessage(error: NodeJS.ErrnoException): string {
  const code = codeOf(error)
  return REASONS[code]?.[0] ?? error.message
}

function cureOf(error: NodeJS.ErrnoException): string | undefined {
  return REASONS[codeOf(error)]?.[1]
}

/** Several addresses of one name fail together; the first tells. */
function codeOf(error: NodeJS.ErrnoException): string {
  const [first] = error instanceof AggregateError ? (error.errors as NodeJS.ErrnoException[]) : [error]
  return first?.code ?? ''
}

/** The error `unreachable`, with host, address, port and user. */
export function unreachable(login: Login, why: string, cure?: string): FplayError {
  return new FplayError([
    {
      code: 'unreachable',
      host: login.host,
      message: `cannot log in to ${login.user}@${login.address} port ${login.port}: ${why}`,
      cure,
    },
  ])
}

/** The input and output of a ProxyCommand. */
export function dialCommand(login: Login, command: string): Line {
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], { stdio: ['pipe', 'pipe', 'inherit'] })
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin })
  child.once('error', (error) => stream.destroy(error))
  stream.once('close', () => child.kill())
  return { stream, address: login.address }
}
