import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds; a test that still waits has failed by its own timeout before. */
const LONGEST = 240_000

/** Waits until it is so. It gives up some time after the test has, so that nothing goes on looking for ever. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + LONGEST
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error('it never came')
    await sleep(50)
  }
}
