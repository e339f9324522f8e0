import { PassThrough } from 'node:stream'
import type { Caller } from '../../engine/cli/caller.js'
import { runCommand } from '../../engine/cli/command.js'

/** How a call of fplay ended, with what it wrote. */
export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs fplay in this process, as from a pipe. */
export async function fplay(argv: readonly string[], env: Caller['env'] = {}, input = ''): Promise<Ended> {
  // All that is written has to fit: what does not would stay where read() does not see it.
  const whole = { highWaterMark: 1 << 26 }
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(whole), new PassThrough(whole)]
  stdin.end(input)
  const exit = (code: number): never => {
    throw new Error(`exit ${code}`)
  }
  const known = { FPLAY_CONFIG: '/dev/null', ...env }
  const code = await runCommand(argv, { env: known, stdin, stdout, stderr, onDefect: () => undefined, exit })
  const text = (stream: PassThrough): string => String(stream.read() ?? '')
  return { code, out: text(stdout), err: text(stderr) }
}
