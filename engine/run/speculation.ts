import { existsSync, realpathSync } from 'node:fs'
import type { Link } from '../connection/connection.js'
import type { TaskInfo } from '../events.js'
import type { Ask, Converge, Difference, Key } from '../module/contract.js'
import type { Script } from '../module/quote.js'
import { SETTINGS_FILES } from './account-lines.js'
import { pathId, type Answers } from './answers.js'
import { emptyForecast, isForetold, parentOf, prefixes, type Forecast } from './forecast.js'
import type { PathAsk, Questions } from './questions.js'
import type { SectionOutput } from './sections.js'

/**
 * Speculative evaluation of a task that may go along in the message of an earlier one (together.ts): it is evaluated
 * before its turn, asks nothing of the host that is not known already, takes what those before it in the message will
 * have made as made (resting.ts), and hands over what it would send. Whatever cannot be known before its turn makes
 * it stay behind, before anything was done for it.
 */

/** What a task sends: its script, and what is asked afterwards. */
export interface Parcel {
  readonly step: Converge
  readonly differing: ReadonlyMap<Key, Difference>
  readonly questions: Questions
  /** Lays what it makes over a forecast, for those behind it in the message. */
  readonly foretell: (forecast: Forecast) => void
  /** The step is taken only where the condition holds; otherwise these questions are answered in its place. */
  readonly guard?: { readonly condition: Script; readonly questions: Questions }
  /** Sends it by itself, at its place in a row of scripts. */
  readonly inRow?: (link: Link) => Promise<Delivered>
}

/** What came back: the output of the script is named `converge`; there is none where the condition did not hold. */
export interface Delivered {
  readonly outputs: ReadonlyMap<string, SectionOutput>
  /** What was asked: at least what the parcel asks. */
  readonly questions: Questions
  /** When its script began, where that was behind another. */
  readonly started?: Date
}

/** A place that was looked at. */
export interface Look {
  readonly path: string
  /** Only what is there counts, neither its attributes nor what is in it. */
  readonly shallow: boolean
  /** Nothing is there, nor the folder it would be in: where that is may depend on a link that is not there yet. */
  readonly lost?: boolean
  /** An answer of the module's own rests on it. */
  readonly rested?: boolean
}

/** A task, or an item of a loop, that may go along. */
export interface Successor {
  /** What is registered between now and its turn, so that it cannot be known before. */
  readonly pending: ReadonlySet<string>
  /** Whether something behind it may go along as well. */
  readonly leads: boolean
  /** Evaluates it up to what it sends, and on once that was delivered and its turn has come. */
  run(speculation: Speculation): Promise<{ readonly end: string }>
  /** Keeps the result for its turn. */
  keep(speculation: Speculation): void
}

/** The task is to wait for its turn. No error of anybody. */
export class StaysBehind extends Error {}

/** One task as it is evaluated before its turn. */
export class Speculation {
  /** Places of the host that it has looked at. */
  readonly looks: Look[] = []
  /** Places of the controller, which may be the host by another name. */
  readonly sources: Look[] = []
  /** It has found something as those before it in the message will have made it. */
  resting = false
  /** It needs what only its turn can give. */
  refused = false
  /** What it sends; undefined when it has nothing to change. */
  parcel: Parcel | undefined
  /** Resolves when it has handed over what it sends, or found nothing to do: false when it failed. */
  readonly ready: Promise<boolean>
  /** Its turn has come: all that it may know is known. */
  begun = false
  #arrive!: (good: boolean) => void
  #deliver!: { resolve: (delivered: Delivered) => void; reject: (error: unknown) => void }
  readonly #turn: Promise<void>
  #info: TaskInfo | undefined
  readonly #told: ((info: TaskInfo) => void)[] = []
  #begin!: () => void

  /**
   * @param pending  names of variables that are set between now and its turn
   * @param forecast  what those before it in the message will have made
   * @param inRow  commands go before it, of which nobody can tell what they change
   */
  constructor(
    readonly pending: ReadonlySet<string> = new Set(),
    readonly forecast: Forecast = emptyForecast(),
    readonly inRow = false,
  ) {
    this.ready = new Promise((resolve) => (this.#arrive = resolve))
    this.#turn = new Promise((resolve) => (this.#begin = resolve))
  }

  /** Its turn has come, under this name. */
  begin(info: TaskInfo): void {
    this.#info = info
    this.begun = true
    for (const action of this.#told.splice(0)) action(info)
    this.#begin()
  }

  /** Waits for its turn, with what came of the call: what follows is evaluated as if nothing had been done before it. */
  async turn(end: string): Promise<void> {
    this.#arrive(end === 'ok' || end === 'skipped')
    await this.#turn
  }

  /** Lets the task wait for its turn, whatever the caller's caller makes of the error. */
  refuse(why: string): never {
    this.refused = true
    throw new StaysBehind(why)
  }

  /** Notes what it has looked at. */
  saw(looks: readonly Look[]): void {
    this.looks.push(...looks)
  }

  /** Notes where it has looked for a file of the controller, which may be the host by another name. */
  sawFiles(places: readonly string[]): void {
    for (const path of places) {
      this.sources.push({ path, shallow: false })
      if (existsSync(path)) this.sources.push({ path: realpathSync(path), shallow: false })
    }
  }

  /** Hands over what it sends; rejects when it has to wait for its turn after all. */
  send(parcel: Parcel): Promise<Delivered> {
    this.parcel = parcel
    const delivered = new Promise<Delivered>((resolve, reject) => (this.#deliver = { resolve, reject }))
    this.#arrive(true)
    return delivered
  }

  /** Its message was answered. */
  deliver(delivered: Delivered): void {
    this.#deliver.resolve(delivered)
  }

  /** It was not sent, or not run; or it was, and the connection failed. */
  leaveBehind(error: unknown = new StaysBehind('its turn comes')): void {
    this.#deliver?.reject(error)
  }

  /** Tells something in its turn. */
  tell(action: (info: TaskInfo) => void): void {
    if (this.#info) action(this.#info)
    else this.#told.push(action)
  }
}

/** What comes of a task's, or item's, evaluation before its turn. */
export class Kept<Result> {
  readonly #speculation: Speculation
  readonly #result: Promise<Result>

  constructor(speculation: Speculation, result: Promise<Result>) {
    this.#speculation = speculation
    this.#result = result
    // It may fail long before anybody asks.
    result.catch(() => undefined)
  }

  /** Its turn has come: the result, or undefined when it was left behind. */
  async take(info: TaskInfo): Promise<Result | undefined> {
    this.#speculation.begin(info)
    try {
      return await this.#result
    } catch (error) {
      if (error instanceof StaysBehind) return undefined
      throw error
    }
  }
}

/** The places that questions are about, as they are named and where they really are, and what answers rest on. */
export function looksOf(
  asks: readonly Ask[],
  paths: readonly PathAsk[],
  answers: Answers,
  forecast: Forecast,
): readonly Look[] {
  const rested = asks.flatMap((ask): readonly string[] => {
    if (ask.kind === 'own') return ask.rests ?? []
    return ask.kind === 'user' && ask.need !== 'existence' ? SETTINGS_FILES : []
  })
  return [
    ...rested.map((path) => ({ path, shallow: false, rested: true })),
    ...paths.flatMap(({ path, follow, need }) => {
      const { type, real = path } = answers.paths.get(pathId(path, follow))?.state ?? {}
      const shallow = need === 'type'
      const lost = type === 'absent' && !isForetold(forecast, real) && isLost(path, answers)
      return [path, ...(real === path ? [] : [real])].map((at) => ({ path: at, shallow, lost }))
    }),
  ]
}

/** Unless a folder on the way was looked at, which is there, and what comes next is not, be it a link. */
function isLost(path: string, { paths }: Answers): boolean {
  return !prefixes(path).some((prefix) => {
    const found = [true, false].map((follow) => paths.get(pathId(prefix, follow)))
    const missing = found.some((answer) => answer?.state.type === 'absent' && !answer.dangling)
    return missing && paths.get(pathId(parentOf(prefix), true))?.state.type === 'directory'
  })
}
