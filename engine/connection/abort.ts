/** What is awaited, or at once the reason when it is not wanted any more. What was begun goes on by itself. */
export function unlessAborted<T>(
  awaited: Promise<T>,
  signal: AbortSignal | undefined,
  reason: (signal: AbortSignal) => Error,
): Promise<T> {
  if (!signal) return awaited
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(reason(signal))
    const done = (): void => signal.removeEventListener('abort', stop)
    signal.addEventListener('abort', stop, { once: true })
    awaited.then((value) => (signal.aborted ? stop() : resolve(value)), reject).finally(done)
    if (signal.aborted) stop()
  })
}
