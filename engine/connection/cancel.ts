import type { Reply } from './connection.js'
import type { Job, Running } from './job.js'

/** What ending a job needs of a shell. */
interface EndingShell {
  readonly pid: string | undefined
  readonly ready: Promise<void>
  run(job: Job): { readonly reply: Promise<Reply> }
  destroy(error: Error): void
}

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
    if (job.over || job.pid === undefined) return
    await other.run({ script: `fplay_end ${shell.pid} ${job.pid} session` }).reply
    await job.ended
  } finally {
    other.destroy(new Error('no longer needed'))
  }
}
