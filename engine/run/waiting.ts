import { FplayError } from '../errors.js'
import { Fail, NotYet } from '../module/contract.js'
import type { Call } from './target.js'

/** The call, ended when this signal comes too. */
export function limited(call: Call, limit: AbortSignal): Call {
  return { ...call, signal: call.signal ? AbortSignal.any([call.signal, limit]) : limit }
}

/**
 * Makes of an error that says the host is away a state that passes; another error stays as it is.
 * @param limit    signal that ended the look when it took too long
 * @param elapsed  seconds that were waited so far
 */
export function whileAway(error: unknown, limit: AbortSignal, elapsed: number): unknown {
  const problems = error instanceof FplayError ? error.problems : []
  const away = problems.find(({ code }) => code === 'unreachable' || code === 'connection-lost')
  if (!away && !limit.aborted) return error
  const why = away?.message ?? 'the host did not answer in time'
  return new NotYet(`timed out waiting for connection: ${why}`, [], undefined, { elapsed })
}

/** Waits some seconds, unless the run is interrupted before. */
export function pause(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      reject(new Fail('interrupted'))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, seconds * 1000)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
