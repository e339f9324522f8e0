import PQueue from 'p-queue'
import type { Batch } from './context.js'
import { executeMeta } from './meta.js'
import { perform } from './perform.js'

/** Each host goes through the play at its own pace, up to `forks` of them at once. */
export async function free(batch: Batch): Promise<void> {
  const queue = new PQueue({ concurrency: batch.run.settings.forks })
  const ends = await Promise.allSettled(batch.hosts.map((host) => travel(batch, host, queue)))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}

/** A host keeps its place among those at work until it is through (`host_pinned`). */
export async function hostPinned(batch: Batch): Promise<void> {
  const queue = new PQueue({ concurrency: batch.run.settings.forks })
  const straight = { add: <T>(call: () => Promise<T>): Promise<T> => call() }
  const ends = await Promise.allSettled(
    batch.hosts.map((host) => queue.add(() => travel(batch, host, straight))),
  )
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}

async function travel(batch: Batch, host: string, queue: Pick<PQueue, 'add'>): Promise<void> {
  const walk = batch.walks.get(host)!
  while (!batch.run.interrupt.interrupted && !batch.run.unreachable.has(host)) {
    const step = walk.take()
    if (!step) return
    if (step.kind === 'flush') walk.flush()
    else if (step.module === 'meta') await executeMeta(batch, step, [host])
    else await queue.add(() => perform(batch, step, [host]))
  }
}
