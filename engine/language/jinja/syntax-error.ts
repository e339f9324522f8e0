import type { ErrorCode, Place } from '../../errors.js'
import { FplayError } from '../../errors.js'

/** A template or expression that cannot be parsed; `at` is the offset in its source. */
export class TemplateSyntaxError extends Error {
  constructor(
    message: string,
    readonly at: number,
    readonly allowed?: string,
    readonly code: ErrorCode = 'template-syntax',
  ) {
    super(message)
  }
}

/**
 * The place of an offset in a text that begins at `base`. In a text of several lines the line is right;
 * the column is that of the text itself, because an indented YAML block shows only its own columns here.
 */
export function placeAt(source: string, at: number, base: Place): Place {
  const before = source.slice(0, at)
  const lines = before.split('\n')
  const column = lines.at(-1)!.length
  if (lines.length === 1) return { ...base, column: base.column + column }
  return { file: base.file, line: base.line + lines.length - 1, column: column + 1 }
}

/** The same error for a user, with its place. */
export function located(error: TemplateSyntaxError, source: string, base: Place | undefined): FplayError {
  return new FplayError([
    {
      code: error.code,
      message: error.message,
      place: base && placeAt(source, error.at, base),
      allowed: error.allowed,
    },
  ])
}
