import { setTimeout as sleep } from 'node:timers/promises'
import type { Reply } from './connection.js'
import type { Job, Running } from './job.js'

/** What ending a job needs of a shell. */
interface EndingShell {
  readonly pid: string | undefined
  readonly watch: string
  readonly ready: Promise<void>
  run(job: Job): { readonly reply: Promise<Reply> }
  destroy(error: Error): void
}

/** Milliseconds between two looks for a script that is about to begin. */
const AGAIN = 50

/** Ends a job of a shell on the host: it will not begin, or it and everything it started is gone. */
export async function endJob(
  shell: EndingShell,
  job: Running,
  aside: () => Promise<EndingShell>,
): Promise<void> {
  await shell.ready
  const other = await aside()
  try {
    await other.run({ script: `kill -USR1 ${shell.pid}` }).reply
    await job.begun
    // All before it have ended: what the shell has started is this script, if it has come to it.
    const top = job.pid ?? `:${shell.watch}`
    while (!job.over) {
      await other.run({ script: `fplay_end ${shell.pid} ${top} session` }).reply
      await Promise.race([job.ended, sleep(AGAIN, undefined, { ref: false })])
    }
  } finally {
    other.destroy(new Error('no longer needed'))
  }
}
