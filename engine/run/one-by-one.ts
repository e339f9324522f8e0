let before: Promise<unknown> = Promise.resolve()

/**
 * Works something out for a host when that is done for those that came before: what is to be sent to the first is written,
 * and it is at work, while the next is worked out. Only for what waits for no host.
 */
export function oneByOne<T>(work: () => Promise<T>): Promise<T> {
  const done = before.then(work)
  before = done.then(
    () => immediate(),
    () => undefined,
  )
  return done
}

/** Lets what waits for the result come to its end, and answers of hosts be read. */
const immediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
