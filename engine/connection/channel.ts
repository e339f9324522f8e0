import type { Duplex, Readable, Writable } from 'node:stream'

/** How a program on the host ended. */
export interface ChannelEnd {
  readonly code: number | undefined
  /** `TERM`, `KILL` …, when a signal ended it. */
  readonly signal: string | undefined
}

/** A program running on the host, with its three streams. */
export interface Channel {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Settles after the last byte of output was delivered. Never rejects. */
  readonly closed: Promise<ChannelEnd>
  /** Lets go at once. */
  destroy(): void
}

/** A login on a host: starts programs and opens TCP streams there. */
export interface Transport {
  /** Account of the login. */
  readonly user: string
  /** Runs a command line in the login shell of the account. With `pty`, stderr arrives in stdout. */
  spawn(command: string, options?: { readonly pty?: boolean }): Promise<Channel>
  tcp(address: string, port: number): Promise<Duplex>
  /** Why the connection is gone; undefined while it stands. */
  broken(): string | undefined
  close(): Promise<void>
}
