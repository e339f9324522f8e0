import { FplayError } from '../errors.js'
import type { Problem } from '../errors.js'

/** How many problems are told at once; the rest would only hide the first ones. */
const MOST = 20

/** Collects what is wrong with a playbook, so that all of it is told together. */
export interface Problems {
  readonly list: readonly Problem[]
  add(problem: Problem): void
  /** What `work` returns, or undefined when it throws problems, which are then collected. */
  attempt<T>(work: () => T): T | undefined
  /** The same for work that takes time. */
  attemptLater<T>(work: () => Promise<T>): Promise<T | undefined>
  /** Throws what was collected, in the order of the files, at most 20. Does nothing when all is well. */
  raise(): void
}

/** An empty collection. */
export function collectProblems(): Problems {
  const list: Problem[] = []
  const seen = new Set<string>()
  const add = (problem: Problem): void => {
    const key = JSON.stringify([problem.place, problem.message])
    if (!seen.has(key)) list.push(problem)
    seen.add(key)
  }
  const collect = (error: unknown): undefined => {
    if (!(error instanceof FplayError)) throw error
    for (const problem of error.problems) add(problem)
    return undefined
  }
  return {
    list,
    add,
    attempt: (work) => {
      try {
        return work()
      } catch (error) {
        return collect(error)
      }
    },
    attemptLater: (work) => work().catch(collect),
    raise: () => {
      if (list.length) throw new FplayError(shortened(inOrder(list)))
    },
  }
}

/** By file, in the order in which files were met, then by line. */
function inOrder(list: readonly Problem[]): Problem[] {
  const files = [...new Set(list.map((problem) => problem.place?.file))]
  const rank = ({ place }: Problem): [number, number, number] => [
    files.indexOf(place?.file),
    place?.line ?? 0,
    place?.column ?? 0,
  ]
  return [...list].sort((a, b) => {
    const [left, right] = [rank(a), rank(b)]
    return left[0] - right[0] || left[1] - right[1] || left[2] - right[2]
  })
}

function shortened(list: readonly Problem[]): Problem[] {
  const first = list.slice(0, MOST)
  const last = first.at(-1)!
  const more = list.length - MOST
  return more > 0
    ? [
        ...first.slice(0, -1),
        { ...last, cure: `${last.cure ? `${last.cure}; ` : ''}${more} more problems follow` },
      ]
    : first
}
