import { StringDecoder } from 'node:string_decoder'
import { NotRun, type Link, type OutputPiece, type Reply } from './connection.js'
import type { Input } from './prelude.js'

/** A script to run in a shell. */
export interface Job {
  readonly script: string
  readonly inputs?: readonly Input[] | undefined
  readonly link?: Link | undefined
  /** True: the script's input is the channel itself, for bytes that follow. Such a shell serves nobody else. */
  readonly feeds?: boolean | undefined
  readonly onOutput?: ((piece: OutputPiece) => void) | undefined
  /** Takes stdout as it arrives, in place of the reply. */
  readonly onStdout?: ((bytes: Buffer) => void) | undefined
}

/** A job on its way through a shell. */
export class Running {
  /** How it ended. */
  readonly reply: Promise<Reply>
  /** Settles when the script has begun on the host as far as can be told, or never will. */
  readonly begun: Promise<void>
  /** The script tells its beginning, and its pid then; of others is known only that all before them have ended. */
  tells = false
  /** Pid of the script on the host, where it tells that and has begun. */
  pid: string | undefined
  /** Set when it is not wanted any more: what the reply rejects with. */
  cancelled: Error | undefined
  /** The shell passed over it. */
  skipped = false
  /** Its reply is there. */
  settled = false
  /** The script has ended, or never will run. */
  over = false
  readonly ended: Promise<void>
  private code: string | undefined
  private errorsEnded = false
  private readonly stdout: Buffer[] = []
  private readonly stderr: Buffer[] = []
  private readonly decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') }
  private resolve!: (reply: Reply) => void
  private refuse!: (error: Error) => void
  private setBegun!: () => void
  private setOver!: () => void

  constructor(
    readonly number: number,
    readonly job: Job,
  ) {
    this.reply = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.refuse = reject
    })
    this.reply.catch(() => undefined)
    this.begun = new Promise((resolve) => (this.setBegun = resolve))
    this.ended = new Promise((resolve) => (this.setOver = resolve))
  }

  /** True when nothing more comes on the stream. */
  endOf(stream: 'stdout' | 'stderr'): boolean {
    return stream === 'stdout' ? this.code !== undefined : this.errorsEnded
  }

  begin(pid: string | undefined): void {
    this.pid = pid
    this.setBegun()
  }

  /** Takes bytes the script printed. */
  take(stream: 'stdout' | 'stderr', bytes: Buffer): void {
    if (stream === 'stdout' && this.job.onStdout) return this.job.onStdout(bytes)
    this[stream].push(bytes)
    if (this.job.onOutput) this.tell(stream, this.decoders[stream].write(bytes))
  }

  /** Notes that a stream ended (stdout with the exit status); true when both have. */
  streamEnded(code?: string): boolean {
    if (code === undefined) this.errorsEnded = true
    else this.code = code
    return this.errorsEnded && this.code !== undefined
  }

  /**
   * Ends it after both streams have; false when the shell skipped it although it is wanted. One that is being
   * cancelled is rejected by who cancels it, when nothing of it runs any more.
   */
  finish(): boolean {
    const skipped = this.code === 'skipped'
    if (skipped && !this.cancelled) {
      this.code = undefined
      this.errorsEnded = false
      this.skipped = true
      return false
    }
    this.over = true
    this.setBegun()
    this.setOver()
    if (this.cancelled) return true
    if (this.code === 'passed') {
      this.reject(new NotRun())
      return true
    }
    for (const stream of ['stdout', 'stderr'] as const) this.tell(stream, this.decoders[stream].end())
    this.settled = true
    const [stdout, stderr] = [Buffer.concat(this.stdout), Buffer.concat(this.stderr)]
    this.resolve({ stdout, stderr, code: Number(this.code) })
    return true
  }

  reject(error: Error): void {
    this.settled = this.over = true
    this.setBegun()
    this.setOver()
    this.refuse(error)
  }

  private tell(stream: 'stdout' | 'stderr', text: string): void {
    if (text) this.job.onOutput?.({ stream, text })
  }
}
