import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { ACCOUNT } from '../../engine/connection/account-script.js'
import { reading } from '../../engine/connection/download.js'
import { LOOK } from '../../engine/connection/look-script.js'
import { MAKE } from '../../engine/connection/make-script.js'
import type { Connection, Reply, RunOptions } from '../../engine/connection/connection.js'

/**
 * A connection for tests of the envelope and of modules: each script runs in a fresh shell of this machine, with
 * inputs on its standard input. It keeps what was sent, so that round trips and scripts can be looked at.
 */
export interface ShellConnection extends Connection {
  readonly sent: string[]
}

const PRELUDE = `
LC_ALL=C; export LC_ALL
${LOOK}${ACCOUNT}${MAKE}
fplay_input() { [ "$1" -ge 1 ] || return 1; dd bs=65536 count="$2" iflag=fullblock,count_bytes 2>/dev/null; }
`

/** @param shell  program and arguments of the shell, `['sh']` or `['busybox', 'sh']` */
export function shellConnection(shell: readonly string[] = ['sh']): ShellConnection {
  const sent: string[] = []
  const counts = { connections: 1, roundTrips: 0 }
  const refuse = (): never => {
    throw new Error('not part of this test connection')
  }
  return {
    sent,
    counts,
    open: async () => {},
    run: async (script: string, options: RunOptions = {}): Promise<Reply> => {
      sent.push(script)
      counts.roundTrips++
      const [program, ...args] = shell
      const child = spawn(program!, [...args, '-c', PRELUDE + script])
      const stdout: Buffer[] = []
      const stderr: Buffer[] = []
      child.stdout.on('data', (chunk: Buffer) => {
        stdout.push(chunk)
        options.onOutput?.({ stream: 'stdout', text: chunk.toString('utf8') })
      })
      child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
      child.stdin.on('error', () => {})
      for (const content of options.inputs ?? []) child.stdin.write(content.bytes())
      child.stdin.end()
      const [code] = (await once(child, 'close')) as [number]
      return { stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr), code }
    },
    upload: refuse,
    download: async (path, from, take) => {
      const child = spawn(shell[0]!, [...shell.slice(1), '-c', reading(path, from)])
      child.stdout.on('data', take)
      await once(child, 'close')
    },
    tcp: refuse,
    close: async () => {},
  }
}
