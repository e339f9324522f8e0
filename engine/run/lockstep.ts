import type { Step } from './walk.js'

/**
 * The one order in which the hosts of a linear play go through its steps, so that all hosts that share a step take
 * it together. The order goes round: after cleared errors a step may be due that lies behind.
 */
export class Lockstep {
  #steps: Step[]
  /** Index behind the step chosen last. */
  #at = 0

  /** @param steps  every step of the play in the order in which it is written */
  constructor(steps: readonly Step[]) {
    this.#steps = [...steps]
  }

  /** The first of the pending steps, from the one chosen last onwards; undefined when none is pending. */
  choose(pending: ReadonlySet<Step>): Step | undefined {
    const { length } = this.#steps
    for (let i = 0; i < length; i++) {
      const index = (this.#at + i) % length
      const step = this.#steps[index]!
      if (!pending.has(step)) continue
      this.#at = index + 1
      return step
    }
    return undefined
  }

  /** Puts steps behind the one chosen last: what was included by it. */
  insert(steps: readonly Step[]): void {
    this.#steps.splice(this.#at, 0, ...steps)
  }

  /** Goes back to the beginning, as each flush of handlers does. */
  rewind(): void {
    this.#at = 0
  }
}
