import { FplayError } from '../errors.js'
import type { ErrorCode } from '../errors.js'

/** Exit status of a command line that cannot be understood. */
export const USAGE = 2
/** Exit status of a defect in fplay. */
export const DEFECT = 250
/** Exit status after Ctrl-C. */
export const INTERRUPTED = 99

/** Errors that end fplay with 1: something that is named does not exist. Mistakes in what is written end it with 4. */
const MISSING: ReadonlySet<ErrorCode> = new Set([
  'file-not-found',
  'file-unreadable',
  'role-not-found',
  'unknown-host',
  'bad-inventory',
  'vault-password',
  'locked',
])

/** The exit status that ansible-playbook has for an error before any task: 1, 4, 5, 99 or 250. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof FplayError)) return DEFECT
  const codes = error.problems.map(({ code }) => code)
  if (codes.includes('internal')) return DEFECT
  if (codes.includes('interrupted')) return INTERRUPTED
  if (codes.includes('bad-option') || codes.includes('bad-setting')) return 5
  return codes.every((code) => MISSING.has(code)) ? 1 : 4
}
