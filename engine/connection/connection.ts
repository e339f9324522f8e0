import type { Duplex } from 'node:stream'
import type { Content } from '../content.js'

/** Who runs a script: absent for the login user. */
export interface Become {
  /** Account to become, by name. */
  readonly user: string
  readonly method: 'sudo' | 'su'
  /** Password of `sudo` (the login user's) or `su` (the target's); asked for only when the host asks. */
  readonly password?: string | undefined
  /** Extra flags of the program (`-H -S -n` are the engine's). */
  readonly flags?: string | undefined
  /** Program in place of `sudo` or `su`. */
  readonly executable?: string | undefined
}

/** A piece of output while a command runs. */
export interface OutputPiece {
  readonly stream: 'stdout' | 'stderr'
  readonly text: string
}

/** How a script is run. */
export interface RunOptions {
  readonly become?: Become | undefined
  /** Bytes the script reads in this order with the shell function `fplay_input N SIZE` (see prelude.ts). */
  readonly inputs?: readonly Content[] | undefined
  /** Called with output as it arrives; the whole output is in the reply all the same. */
  readonly onOutput?: ((piece: OutputPiece) => void) | undefined
  /** Called while inputs travel. */
  readonly onProgress?: ((sent: number, total: number) => void) | undefined
  /** Ends the script on the host (with everything it started) and rejects. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds after which the script is ended on the host and the run rejects. */
  readonly timeout?: number | undefined
  /** The script's place in a row of scripts. */
  readonly link?: Link | undefined
  /** Scripts of different lanes run side by side, each lane in a shell of its own; default 0. */
  readonly lane?: number | undefined
}

/**
 * One script of a row that is written to a shell at once. It is run only if the one behind which it stands was the last
 * of that shell and ended with status 0; otherwise it rejects with {@link NotRun}.
 */
export interface Link {
  readonly behind?: Link | undefined
}

/** A script of a row was passed over. No error of anybody. */
export class NotRun extends Error {}

/** What a script printed, byte for byte, and how it ended. */
export interface Reply {
  readonly stdout: Buffer
  readonly stderr: Buffer
  /** Exit status; 128 + n when a signal ended it. */
  readonly code: number
}

/** Counts of one connection, for the recap and the tests of round trips. */
export interface ConnectionCounts {
  /** Connections opened (1, or 2 after `reset`). */
  connections: number
  /** Messages sent that waited for an answer: scripts, shells opened, transfers. */
  roundTrips: number
}

/**
 * The way to one host: one login, one persistent shell per become-user. Errors are {@link FplayError} with the
 * codes `unreachable`, `host-key`, `become-failed`, `connection-lost`.
 */
export interface Connection {
  readonly counts: ConnectionCounts
  /** Connects and logs in; `run` does so by itself. */
  open(): Promise<void>
  /** Runs POSIX sh text in the persistent shell of the wanted user, in a subshell: one write and one read. */
  run(script: string, options?: RunOptions): Promise<Reply>
  /** Sends a large content to a file of the host, resuming a partial one; the file appears whole or not at all. */
  upload(content: Content, path: string, options?: Pick<RunOptions, 'onProgress' | 'signal'>): Promise<void>
  /** Reads a file of the host from its byte `from` on, and hands over the bytes as they come. */
  download(
    path: string,
    from: number,
    take: (bytes: Buffer) => void,
    options?: Pick<RunOptions, 'become' | 'signal'>,
  ): Promise<void>
  /** A TCP stream from the host to an address, as the host reaches it. */
  tcp(address: string, port: number): Promise<Duplex>
  /** Ends what still runs on the host, closes shells and the connection. Never rejects. */
  close(): Promise<void>
}

/** What is needed to reach a host, after all variables, options and ~/.ssh/config are settled. */
export interface ConnectionSettings {
  /** Name in the inventory. */
  readonly name: string
  readonly kind: 'ssh' | 'local'
  /** Address or name to connect to (`ansible_host`). */
  readonly address: string
  readonly port?: number | undefined
  readonly user?: string | undefined
  readonly password?: string | undefined
  /** Path of a private key (`ansible_ssh_private_key_file`, `--private-key`). */
  readonly privateKeyFile?: string | undefined
  readonly passphrase?: string | undefined
  /** Options as given to OpenSSH (`ansible_ssh_common_args`, `ansible_ssh_extra_args`): -o Key=value, -J, -i, -p, -F. */
  readonly sshArgs?: string | undefined
  /** `yes` checks against known_hosts; `accept-new` adds unknown keys; `no` does not check. */
  readonly hostKeyChecking: 'yes' | 'accept-new' | 'no'
  /** Files of known host keys; default ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts. */
  readonly knownHostsFiles?: readonly string[] | undefined
  /** Seconds to wait for the connection; default 10. */
  readonly timeout: number
  /** How often a host that does not answer is dialled again; default 0. */
  readonly retries?: number | undefined
  /** Shell of the host; default `/bin/sh` (`ansible_shell_executable`). */
  readonly shell?: string | undefined
}
