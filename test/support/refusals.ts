import { FplayError, formatProblem, type Problem } from '../../engine/errors.js'

/** The error with which something is refused; what is done instead fails the test. */
function refused(error: unknown): FplayError {
  if (error instanceof FplayError) return error
  throw error ?? new Error('nothing was refused')
}

function thrownBy(run: () => unknown): FplayError {
  let thrown: unknown
  try {
    run()
  } catch (error) {
    thrown = error
  }
  return refused(thrown)
}

/** What is said when it is refused. */
export function refusal(run: () => unknown): string {
  return thrownBy(run).message
}

/** The first problem with it. */
export function problem(run: () => unknown): Problem {
  return thrownBy(run).problems[0]!
}

/** The first problem as it is shown, with its place. */
export function message(run: () => unknown): string {
  return formatProblem(problem(run))
}

/** The first problem of a promise that must not be kept. */
export async function problemOf(promise: Promise<unknown>): Promise<Problem> {
  return (await rejectionOf(promise)).problems[0]!
}

/** The error of a promise that must not be kept. */
export async function rejectionOf(promise: Promise<unknown>): Promise<FplayError> {
  return refused(
    await promise.then(
      () => undefined,
      (error: unknown) => error,
    ),
  )
}
