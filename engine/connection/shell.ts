import { becomeFailed, wantsTerminal, type Launch } from './become.js'
import { endJob } from './cancel.js'
import type { Channel, ChannelEnd } from './channel.js'
import { NotRun, type Link } from './connection.js'
import { FrameReader, type Mark } from './frames.js'
import { Running, type Job } from './job.js'
import { prelude, request } from './prelude.js'

/** A become-program wants a terminal; another shell may be tried on one. */
export class TerminalWanted extends Error {}

/** What is kept of the words before a shell is ready, for the message when it never is. */
const SAID_LIMIT = 4096
/** Milliseconds after which a shell that cannot be freed of a script is given up. */
const GIVE_UP = 10_000

/** Where a shell comes from. */
export interface Origin {
  readonly launch: Launch
  /** Random text that no output can hold by chance. */
  readonly nonce: string
  /** Makes the error for a shell that is gone, or (`started` false) could not be had. */
  lost(what: string, started: boolean): Error
  /** Opens another shell of the same user, from which signals may be sent. */
  aside(): Promise<Shell>
}

/**
 * One long-lived shell of one user on a host. Jobs may be handed over before earlier ones have ended; they are written
 * at once and run in order.
 */
export class Shell {
  /** Pid of the shell on the host. */
  pid: string | undefined
  /** Pid of the process beside it that looks after the connection; empty where there is none. */
  watch = ''
  /** Settles when the shell answers; rejects when it cannot be started. */
  readonly ready: Promise<void>
  private readonly jobs: Running[] = []
  private readonly held: Running[] = []
  private open = false
  private holding = false
  /** The shell on the host was told to pass over what it reads. */
  private stopped = false
  /** The last cancelling; they go one after the other. */
  private stopping: Promise<void> = Promise.resolve()
  private last = 0
  /** Of what was written last. */
  private link: Link | undefined
  private said = ''
  private asked = false
  private bytewise = false
  private ended: Error | undefined
  private settleReady!: (error?: Error) => void
  /** Lets go of who feeds the channel. */
  private fed: (() => void) | undefined

  constructor(
    private readonly channel: Channel,
    private readonly origin: Origin,
  ) {
    const { launch } = origin
    this.ready = new Promise((resolve, reject) => {
      this.settleReady = (error) => (error ? reject(error) : resolve())
    })
    this.ready.catch(() => undefined)
    this.listen('stdout', (mark) => this.outMark(mark))
    // A terminal has one stream for both; there the marks of stderr come behind those of stdout.
    if (launch.pty) channel.stderr.resume()
    else this.listen('stderr', (mark) => this.errMark(mark))
    channel.stdin.on('error', () => undefined)
    void channel.closed.then((end) => this.end(this.farewell(end)))
    // A terminal must first be told to leave bytes as they are.
    if (!launch.ask && !launch.pty) this.enter()
  }

  /** False when the shell is gone. */
  get alive(): boolean {
    return !this.ended
  }

  /** The job that runs now, or will next. */
  get current(): Running | undefined {
    return this.jobs.find((job) => !job.skipped)
  }

  /** Jobs that have not ended. */
  get pending(): readonly Running[] {
    return [...this.jobs, ...this.held]
  }

  /** Hands a job over. */
  run(job: Job): Running {
    const running = new Running(++this.last, job)
    if (this.ended) running.reject(this.ended)
    else if (this.open && !this.holding && !this.jobs.some((job) => job.skipped)) this.send(running)
    else this.held.push(running)
    return running
  }

  /** Writes bytes for a job that feeds on the channel; resolves when they were taken, and their memory may be used again. */
  async feed(bytes: Buffer): Promise<void> {
    if (this.ended) throw this.ended
    await new Promise<void>((resolve) => {
      this.fed = resolve
      this.channel.stdin.write(bytes, () => resolve())
    })
  }

  /**
   * Ends a job with everything it started and keeps the shell for the others; its reply then rejects with `reason`.
   * Resolves when nothing of it runs any more.
   */
  async cancel(job: Running, reason: Error): Promise<void> {
    if (job.settled || job.cancelled) return
    job.cancelled = reason
    this.hold()
    const stopping = this.stopping.then(() => this.stop(job))
    this.stopping = stopping
    await stopping
    job.reject(reason)
    if (this.stopping === stopping) this.resume()
  }

  private async stop(job: Running): Promise<void> {
    if (job.over || this.ended) return
    const late = setTimeout(() => this.destroy(job.cancelled!), GIVE_UP)
    this.stopped = true
    try {
      await endJob(this, job, this.origin.aside)
    } catch {
      this.destroy(job.cancelled!)
    } finally {
      clearTimeout(late)
    }
  }

  /** Writes nothing more until {@link resume}; what was cancelled before it was written is rejected. */
  private hold(): void {
    this.holding = true
    for (const job of this.held.filter((each) => each.cancelled)) {
      this.held.splice(this.held.indexOf(job), 1)
      job.reject(job.cancelled!)
    }
  }

  /** Goes on writing as soon as everything written before has ended or was skipped. */
  private resume(): void {
    this.holding = false
    this.goOn()
  }

  /** Lets the shell end after what it was given. */
  close(): void {
    this.channel.stdin.end()
  }

  /** Lets go of a shell that does not answer. */
  giveUp(): void {
    const { become } = this.origin.launch
    const said = this.said || 'it did not answer'
    this.destroy(
      become
        ? becomeFailed(become, said, 'ended')
        : this.origin.lost(`the login shell does not run commands: ${said.trim()}`, false),
    )
  }

  /** Lets go of the shell; what is pending rejects with the error. */
  destroy(error: Error): void {
    this.end(error)
    this.channel.destroy()
  }

  private listen(stream: 'stdout' | 'stderr', onMark: (mark: Mark) => void): void {
    const reader = new FrameReader(this.origin.nonce, (bytes) => this.take(stream, bytes), onMark)
    this.channel[stream].on('data', (chunk: Buffer) => reader.push(chunk))
  }

  private enter(): void {
    const { become, pty } = this.origin.launch
    const program = become?.executable ?? become?.method ?? ''
    this.channel.stdin.write(prelude(this.origin.nonce, pty ?? false, program.split('/').pop()))
    this.open = true
    this.goOn()
  }

  private send(job: Running): void {
    job.skipped = false
    const { feeds, link } = job.job
    const before = this.link
    this.link = link
    if (link?.behind && link.behind !== before) return job.reject(new NotRun())
    this.jobs.push(job)
    const name = feeds ? 'fplay_feed' : link?.behind ? 'fplay_then' : 'fplay_run'
    const { script, inputs = [] } = job.job
    const { bytes, tells } = request(name, job.number, script, inputs, this.bytewise)
    job.tells = tells || this.origin.launch.pty === true
    this.channel.stdin.write(bytes)
    this.beginNext()
  }

  /** The first of those that were written runs now, or as soon as it has arrived. */
  private beginNext(): void {
    const next = this.current
    if (next && !next.tells) next.begin(undefined)
  }

  private goOn(): void {
    if (this.holding || !this.open || this.ended || this.current) return
    const again = this.jobs.splice(0)
    if (again.length || this.stopped) this.channel.stdin.write('fplay_skip=\n')
    this.stopped = false
    for (const job of [...again, ...this.held.splice(0)]) this.send(job)
  }

  private take(stream: 'stdout' | 'stderr', bytes: Buffer): void {
    if (this.pid === undefined) this.converse(stream, bytes.toString('latin1'))
    else if (this.origin.launch.pty && this.current?.endOf('stdout')) this.current.take('stderr', bytes)
    else {
      const job = this.jobs.find((each) => !each.skipped && !each.endOf(stream))
      // What a program of an earlier script left in the background prints between scripts is nobody's, as far as that can be told.
      if (job && (stream === 'stderr' || !job.tells || job.pid)) job.take(stream, bytes)
    }
  }

  /** Before the shell answers: banners, and the become-program that may ask for a password. */
  private converse(stream: 'stdout' | 'stderr', text: string): void {
    if (stream === 'stderr' || this.origin.launch.become) this.said = (this.said + text).slice(-SAID_LIMIT)
    const { ask, become } = this.origin.launch
    if (!ask || !become || this.open || !ask.prompts(this.said)) return
    if (ask.password !== undefined && !this.asked) {
      this.asked = true
      this.said = ''
      this.channel.stdin.write(`${ask.password}\n`)
    } else this.destroy(becomeFailed(become, this.said, this.asked ? 'wrong-password' : 'no-password'))
  }

  private outMark(mark: Mark): void {
    const job = this.jobs.find((each) => each.number === mark.number)
    if (mark.kind === '=' && !this.open) this.enter()
    else if (mark.kind === '!') this.answered(mark)
    else if (mark.kind === '<') job?.begin(mark.word)
    else if (mark.word === '-') this.errMark(mark)
    else if (job?.streamEnded(mark.word)) this.finish(job)
  }

  private errMark(mark: Mark): void {
    // The streams travel on their own: this one may be ahead by whole scripts.
    const job = this.jobs.find((each) => each.number === mark.number)
    if (job?.streamEnded()) this.finish(job)
  }

  private answered(mark: Mark): void {
    const [kind, watch = ''] = mark.word.split(':')
    this.pid = String(mark.number)
    this.watch = watch
    this.bytewise = kind === 'bash'
    this.said = ''
    this.settleReady()
  }

  private finish(job: Running): void {
    if (job.finish()) this.jobs.splice(this.jobs.indexOf(job), 1)
    this.beginNext()
    this.goOn()
  }

  private farewell(end: ChannelEnd): Error {
    const how = end.signal
      ? `was ended by signal ${end.signal}`
      : `ended with status ${end.code ?? 'unknown'}`
    const { become } = this.origin.launch
    if (this.pid !== undefined) return this.origin.lost(`the shell ${how}`, true)
    if (become && !this.origin.launch.pty && wantsTerminal(this.said)) return new TerminalWanted(this.said)
    if (become) return becomeFailed(become, this.said, 'ended')
    const last = this.said.trim().split('\n').slice(-3).join(' / ')
    return this.origin.lost(`the shell did not start: it ${how}${last ? `: ${last}` : ''}`, false)
  }

  private end(error: Error): void {
    if (this.ended) return
    this.ended = error
    this.settleReady(error)
    this.fed?.()
    for (const job of [...this.jobs.splice(0), ...this.held.splice(0)]) job.reject(job.cancelled ?? error)
  }
}
