/** Where in the user's files something stands. Line and column count from 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/**
 * Every code a user can meet, with what it means. Codes are stable: scripts may depend on them.
 */
export const ERROR_CODES = {
  'yaml-syntax': 'a YAML file cannot be read',
  'unknown-keyword': 'a play, block, task or handler has a keyword that does not exist',
  'bad-keyword': 'a keyword has a value of the wrong kind',
  'unknown-module': 'a task names a module that does not exist',
  'bad-module': "a module of the user's own cannot be used",
  'unknown-param': 'a module has no parameter of that name',
  'bad-param': 'a module parameter has a value that is not allowed',
  'missing-param': 'a module parameter that is required is missing',
  'template-syntax': 'an expression or template cannot be parsed',
  'undefined-name': 'an expression uses a name that is not defined',
  'expression-failed': 'an expression could not be evaluated',
  'unknown-filter': 'an expression uses a filter, test or lookup that does not exist',
  'file-not-found': 'a file named in a playbook or on the command line does not exist',
  'file-unreadable': 'a file exists but cannot be read',
  'bad-inventory': 'an inventory source cannot be understood',
  'unknown-host': 'a host pattern matches no host',
  'bad-pattern': 'a host pattern cannot be understood',
  'unknown-handler': 'a task notifies a handler that does not exist',
  'role-not-found': 'a role does not exist in any of the role folders',
  'bad-option': 'the command line has an option that does not exist or a value that is not allowed',
  'bad-setting':
    'a setting of the environment, fplay.cfg or ansible.cfg cannot be understood, or has no effect',
  'vault-password': 'a vault value cannot be decrypted with the passwords given',
  'vault-format': 'a vault file or value is damaged or of an unknown format',
  'host-key': 'the host key is unknown or has changed',
  unreachable: 'a host could not be reached or the login failed',
  'become-failed': 'the connection could not become the wanted user',
  'connection-lost': 'the connection to a host broke during a task',
  'task-failed': 'a module reports that it could not reach the wanted state',
  'needs-host-tool': 'the host lacks a program that the module needs',
  'not-converged': 'a module ran without error but the wanted state was not reached',
  locked: 'another run holds the lock of a host',
  interrupted: 'the run was interrupted by the user',
  'too-large': 'a file is too large for what the module does with it',
  'needs-real-run': 'a dry run cannot tell, because an earlier task was not run',
  internal: 'a defect in fplay',
} as const

/** Stable name of a kind of error. */
export type ErrorCode = keyof typeof ERROR_CODES

/** One thing that is wrong: where, what was found, what is allowed, and the cure. */
export interface Problem {
  readonly code: ErrorCode
  /** What was found, one sentence without a final dot: `docker_compose_v2 has no parameter "projct"`. */
  readonly message: string
  /** Where it stands in the user's files; absent when it stands in none (a flag, a host). */
  readonly place?: Place | undefined
  /** What is allowed, or the nearest right name: `did you mean "project"?`. */
  readonly allowed?: string | undefined
  /** What to do about it, as an instruction. */
  readonly cure?: string | undefined
  readonly host?: string | undefined
  readonly task?: string | undefined
}

/** A failure that the user can understand and mend; it never shows a stack trace. */
export class FplayError extends Error {
  constructor(readonly problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'))
    this.name = 'FplayError'
  }
}

/** Throws one problem as an error. */
export function fail(problem: Problem): never {
  throw new FplayError([problem])
}

/** `file:line:column`, as editors and terminals understand it. */
export function formatPlace(place: Place): string {
  return `${place.file}:${place.line}:${place.column}`
}

/** The one sentence a user sees: `deploy.yml:14:7 task "Start": … ; did you mean "project"? (unknown-param)`. */
export function formatProblem(problem: Problem): string {
  const where = [
    problem.place && formatPlace(problem.place),
    problem.host && `host ${problem.host}`,
    problem.task && `task "${problem.task}"`,
  ].filter(Boolean)
  const parts = [problem.message, problem.allowed, problem.cure].filter(Boolean)
  return `${where.length ? where.join(' ') + ': ' : ''}${parts.join('; ')} (${problem.code})`
}

/** The allowed name nearest to what was written, or undefined when none is near (Damerau-Levenshtein ≤ a third). */
export function nearest(written: string, allowed: Iterable<string>): string | undefined {
  let best: string | undefined
  // Of a name of one letter nothing is left when that is wrong.
  let bestDistance = Math.min(Math.max(1, Math.floor(written.length / 3)) + 1, Math.max(1, written.length))
  for (const name of allowed) {
    // a name that exists in general may be missing in one place; it is no advice to itself
    if (name === written) continue
    const distance = editDistance(written.toLowerCase(), name.toLowerCase())
    if (distance < bestDistance) {
      best = name
      bestDistance = distance
    }
  }
  return best
}

/** `did you mean "x"?` when a near name exists, otherwise the whole list. */
export function suggest(written: string, allowed: Iterable<string>): string {
  const names = [...allowed]
  const near = nearest(written, names)
  return near ? `did you mean "${near}"?` : `allowed: ${names.sort().join(', ')}`
}

function editDistance(a: string, b: string): number {
  let previous: number[] = []
  let current = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const before = previous
    previous = current
    current = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let distance = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, before[j - 2]! + 1)
      }
      current[j] = distance
    }
  }
  return current[b.length]!
}
