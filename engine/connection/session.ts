import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Duplex } from 'node:stream'
import type { Content } from '../content.js'
import { FplayError, type ErrorCode } from '../errors.js'
import { unlessAborted } from './abort.js'
import { launchOf } from './become.js'
import type { Transport } from './channel.js'
import type {
  Become,
  Connection,
  ConnectionCounts,
  ConnectionSettings,
  Reply,
  RunOptions,
} from './connection.js'
import { reading, refuseUnread } from './download.js'
import type { Job, Running } from './job.js'
import type { Input } from './prelude.js'
import { Shell, TerminalWanted } from './shell.js'
import { upload, type Destination } from './upload.js'

/** Inputs above this many bytes travel as a file of their own, with progress and resume. */
export const INLINE_LIMIT = 1024 * 1024
/** Milliseconds that closing waits for scripts to be ended. */
const CLOSING = 5000
/** Milliseconds that becoming another user may take; a wrong password costs some seconds. */
const BECOMING = 15_000

type Own = Pick<RunOptions, 'onProgress' | 'signal'>

/**
 * The {@link Connection} over any transport: shells by become-user, cancelling, transfers. A connection that broke is
 * made again by the next call.
 *
 * @param dial  logs in
 */
export class Session implements Connection {
  readonly counts: ConnectionCounts = { connections: 0, roundTrips: 0 }
  private dialled: Promise<Transport> | undefined
  /** The login, once it is there. */
  private standing: Transport | undefined
  private readonly shells = new Map<string, Promise<Shell>>()
  private readonly turns = new Map<string, Promise<unknown>>()
  /** Become-users whose program wants a terminal. */
  private readonly terminals = new Set<string>()

  constructor(
    private readonly settings: ConnectionSettings,
    private readonly dial: () => Promise<Transport>,
  ) {}

  async open(): Promise<void> {
    await this.transport()
  }

  async run(script: string, options: RunOptions = {}): Promise<Reply> {
    const key = laneKey(options)
    const before = this.turns.get(key)
    const send = async (): Promise<Job> => {
      const { onOutput, link } = options
      const job = { script, inputs: await this.inputs(options), onOutput, link }
      await before
      return job
    }
    // Handed over in the order of the calls, although inputs may have to travel first.
    const handed = send().then((job) => this.start(job, options))
    this.turns.set(
      key,
      handed.catch(() => undefined),
    )
    const { shell, running } = await handed
    try {
      return await this.follow(shell, running, options)
    } catch (error) {
      if (!(error instanceof TerminalWanted)) throw error
      this.terminals.add(keyOf(options.become))
      return this.run(script, options)
    }
  }

  async upload(content: Content, path: string, options: Own = {}): Promise<void> {
    await this.send(content, { path }, options)
  }

  async download(
    path: string,
    from: number,
    take: (bytes: Buffer) => void,
    options: Pick<RunOptions, 'become' | 'signal'> = {},
  ): Promise<void> {
    await this.aside(options, async (shell) => {
      this.counts.roundTrips++
      const onStdout = (bytes: Buffer): void => {
        try {
          take(bytes)
        } catch (error) {
          shell.destroy(error as Error)
        }
      }
      refuseUnread(path, await shell.run({ script: reading(path, from), onStdout }).reply)
    })
  }

  async tcp(address: string, port: number): Promise<Duplex> {
    const transport = await this.transport()
    this.counts.roundTrips++
    return transport.tcp(address, port)
  }

  async close(): Promise<void> {
    const { dialled, standing } = this
    if (!dialled) return
    if (!standing) {
      // Nobody waits for a host that has not answered yet.
      this.dialled = undefined
      void dialled.then((transport) => transport.close()).catch(() => undefined)
      return
    }
    const shells = await Promise.all([...this.shells.values()].map((shell) => shell.catch(() => undefined)))
    const reason = this.error('interrupted', 'the connection was closed while a script ran')
    const ending = shells.flatMap((shell) => shell?.pending.map((job) => shell.cancel(job, reason)) ?? [])
    if (ending.length)
      await Promise.race([Promise.allSettled(ending), sleep(CLOSING, undefined, { ref: false })])
    this.dialled = this.standing = undefined
    this.shells.clear()
    await standing.close().catch(() => undefined)
  }

  /** Hands a job to the shell of the wanted user. */
  private async start(job: Job, options: RunOptions): Promise<{ shell: Shell; running: Running }> {
    const shell = await unlessAborted(this.shell(options), options.signal, (signal) => this.reasonOf(signal))
    this.counts.roundTrips++
    return { shell, running: shell.run(job) }
  }

  /** The reply of a job, which is ended when it takes too long or is not wanted any more. */
  private async follow(shell: Shell, running: Running, options: RunOptions): Promise<Reply> {
    const { signal, timeout } = options
    const onAbort = (): void => void shell.cancel(running, this.reasonOf(signal!))
    const onTimeout = (): void => void shell.cancel(running, this.tooLong(timeout!))
    let timer: NodeJS.Timeout | undefined
    if (signal?.aborted) onAbort()
    signal?.addEventListener('abort', onAbort)
    if (timeout !== undefined) {
      void running.begun.then(() => {
        if (!running.settled) timer = setTimeout(onTimeout, timeout)
      })
    }
    try {
      return await running.reply
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** What a script reads: small contents travel with it, large ones before it, as the user who will read them. */
  private async inputs(options: RunOptions): Promise<readonly Input[]> {
    const inputs: Input[] = []
    for (const content of options.inputs ?? []) {
      if (content.size <= INLINE_LIMIT) inputs.push({ bytes: content.bytes() })
      else inputs.push({ file: await this.send(content, 'kept', options) })
    }
    return inputs
  }

  private async send(content: Content, to: Destination, options: RunOptions): Promise<string> {
    return await this.aside(options, (shell) => {
      this.counts.roundTrips += 2
      return upload(shell, content, to, options.onProgress)
    })
  }

  /** Does something by a shell of its own, which is let go where it is not wanted any more. */
  private async aside<T>(
    options: Pick<RunOptions, 'become' | 'signal'>,
    action: (shell: Shell) => Promise<T>,
  ): Promise<T> {
    const { become, signal } = options
    if (signal?.aborted) throw this.reasonOf(signal)
    const shell = await this.openShell(become)
    const onAbort = (): void => shell.destroy(this.reasonOf(signal!))
    signal?.addEventListener('abort', onAbort)
    try {
      return await action(shell)
    } catch (error) {
      if (!(error instanceof TerminalWanted)) throw error
      this.terminals.add(keyOf(become))
      return await this.aside(options, action)
    } finally {
      signal?.removeEventListener('abort', onAbort)
      shell.close()
    }
  }

  /** The login, made again when it broke. */
  private async transport(): Promise<Transport> {
    const before = this.dialled
    const standing = await before?.catch(() => undefined)
    if (standing && standing.broken() === undefined) return standing
    if (before && this.dialled === before) {
      this.dialled = this.standing = undefined
      this.shells.clear()
    }
    return (this.dialled ??= this.logIn())
  }

  private async logIn(): Promise<Transport> {
    const transport = await this.dial()
    this.counts.connections++
    this.standing = transport
    return transport
  }

  private async shell(options: RunOptions): Promise<Shell> {
    const key = laneKey(options)
    const cached = this.shells.get(key)
    const standing = await cached?.catch(() => undefined)
    if (standing?.alive) return standing
    if (this.shells.get(key) === cached) this.shells.set(key, this.openShell(options.become))
    return this.shells.get(key)!
  }

  private async openShell(become: Become | undefined): Promise<Shell> {
    const transport = await this.transport()
    const wanted = become && become.user !== transport.user ? become : undefined
    const nonce = randomBytes(16).toString('hex')
    const pty = wanted !== undefined && this.terminals.has(keyOf(become))
    const launch = launchOf(wanted, this.settings.shell ?? '/bin/sh', nonce, pty)
    this.counts.roundTrips++
    const channel = await transport.spawn(launch.command, { pty })
    const shell = new Shell(channel, {
      launch,
      nonce,
      lost: (what, started) =>
        this.error(started ? 'connection-lost' : 'unreachable', this.broken(transport) ?? what),
      aside: () => this.openShell(become),
    })
    const late = setTimeout(() => shell.giveUp(), wanted ? BECOMING : this.settings.timeout * 1000)
    void shell.ready.catch(() => undefined).then(() => clearTimeout(late))
    return shell
  }

  private broken(transport: Transport): string | undefined {
    const why = transport.broken()
    return why && `the connection broke: ${why}`
  }

  private reasonOf(signal: AbortSignal): Error {
    const { reason } = signal as { reason: unknown }
    return reason instanceof FplayError
      ? reason
      : this.error('interrupted', 'the script was ended on request')
  }

  private tooLong(timeout: number): FplayError {
    return this.error('task-failed', `the script was ended after ${timeout / 1000} s`)
  }

  private error(code: ErrorCode, message: string): FplayError {
    return new FplayError([{ code, message, host: this.settings.name }])
  }
}

/** One shell for each of these. */
function laneKey({ become, lane = 0 }: RunOptions): string {
  return `${lane} ${keyOf(become)}`
}

function keyOf(become: Become | undefined): string {
  return JSON.stringify([become?.method, become?.user, become?.flags, become?.executable, become?.password])
}
