import { existsSync, realpathSync } from 'node:fs'
import type { Converge, Difference, Key } from '../module/contract.js'
import { pathId, type Answers } from './answers.js'
import type { PathAsk, Questions } from './questions.js'
import type { SectionOutput } from './sections.js'

/**
 * Speculative evaluation of a task that may go along in the message of an earlier one (together.ts): it is evaluated before its turn,
 * asks nothing of the host that is not known already, and hands over what it would send. Whatever cannot be known
 * before its turn makes it stay behind, before anything was done for it.
 */

/** What a task sends: its script, and what is asked afterwards. */
export interface Parcel {
  readonly step: Converge
  readonly differing: ReadonlyMap<Key, Difference>
  readonly questions: Questions
}

/** What came back: the output of the script is named `converge`. */
export interface Delivered {
  readonly outputs: ReadonlyMap<string, SectionOutput>
  /** What was asked: at least what the parcel asks. */
  readonly questions: Questions
}

/** A place that was looked at. */
export interface Look {
  readonly path: string
  /** Only what is there counts, neither its attributes nor what is in it. */
  readonly shallow: boolean
}

/** A task that may go along. */
export interface Successor {
  /** Evaluates it up to what it sends, and on once that was delivered. */
  run(speculation: Speculation): Promise<{ readonly end: string }>
  /** Keeps the result for its turn. */
  keep(): void
}

/** The task is to wait for its turn. No error of anybody. */
export class StaysBehind extends Error {}

/** One task as it is evaluated before its turn. */
export class Speculation {
  /** What it rests on. */
  readonly looks: Look[] = []
  /** It needs what only its turn can give. */
  refused = false
  /** What it sends; undefined when it has nothing to change. */
  parcel: Parcel | undefined
  /** Resolves when it has handed over what it sends. */
  readonly ready: Promise<void>
  #arrive!: () => void
  #deliver!: { resolve: (delivered: Delivered) => void; reject: (error: unknown) => void }

  constructor() {
    this.ready = new Promise((resolve) => (this.#arrive = resolve))
  }

  /** Lets the task wait for its turn, whatever the caller's caller makes of the error. */
  refuse(why: string): never {
    this.refused = true
    throw new StaysBehind(why)
  }

  /** Notes what it has looked at. */
  saw(asks: readonly PathAsk[], answers: Answers): void {
    this.looks.push(...looksOf(asks, answers))
  }

  /** Notes where it has looked for a file of the controller, which may be the host by another name. */
  sawFiles(places: readonly string[]): void {
    for (const path of places) {
      this.looks.push({ path, shallow: false })
      if (existsSync(path)) this.looks.push({ path: realpathSync(path), shallow: false })
    }
  }

  /** Hands over what it sends; rejects when it has to wait for its turn after all. */
  send(parcel: Parcel): Promise<Delivered> {
    this.parcel = parcel
    const delivered = new Promise<Delivered>((resolve, reject) => (this.#deliver = { resolve, reject }))
    this.#arrive()
    return delivered
  }

  /** Its message was answered. */
  deliver(delivered: Delivered): void {
    this.#deliver.resolve(delivered)
  }

  /** It was not sent, or not run. */
  leaveBehind(): void {
    this.#deliver?.reject(new StaysBehind('its turn comes'))
  }
}

/** The places that questions are about, as they are named and where they really are. */
export function looksOf(asks: readonly PathAsk[], answers: Answers): readonly Look[] {
  return asks.flatMap(({ path, follow, need }) => {
    const real = answers.paths.get(pathId(path, follow))?.state.real
    const shallow = need === 'type'
    return [path, ...(real === undefined || real === path ? [] : [real])].map((at) => ({ path: at, shallow }))
  })
}
