import { setMaxListeners } from 'node:events'
import { FplayError } from '../errors.js'

/** Lets a run be stopped from outside, as Ctrl-C does. */
export interface Interrupt {
  readonly signal: AbortSignal
  /** True once the run is to end. */
  readonly interrupted: boolean
  /** Ends the run: scripts on the hosts are ended, no task begins any more. */
  stop(): void
}

/** An interrupt that nobody has used yet. */
export function createInterrupt(): Interrupt {
  const controller = new AbortController()
  // Each script that runs on a host listens: more than ten are no leak.
  setMaxListeners(0, controller.signal)
  return {
    signal: controller.signal,
    get interrupted() {
      return controller.signal.aborted
    },
    stop: () => controller.abort(interruption()),
  }
}

/** The error that ends what was running when the user interrupted. */
export function interruption(): FplayError {
  return new FplayError([{ code: 'interrupted', message: 'the run was interrupted' }])
}

/** Waits, unless the run is interrupted before: then it rejects. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(interruption())
    const stop = (): void => {
      clearTimeout(timer)
      reject(interruption())
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, milliseconds)
    signal.addEventListener('abort', stop, { once: true })
  })
}

/**
 * Calls `first` at the first Ctrl-C (or SIGTERM, SIGHUP) and `second` at any further one, until the returned function
 * is called.
 */
export function onInterrupt(first: () => void, second: () => void): () => void {
  let calls = 0
  const handle = (): void => (++calls === 1 ? first() : second())
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, handle)
  return () => {
    for (const signal of signals) process.off(signal, handle)
  }
}
