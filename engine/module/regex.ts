import { EvalError } from '../language/jinja/item.js'
import { expand, pythonRegex } from '../language/jinja/python/regex.js'
import { Fail } from './contract.js'

/** A regular expression in Python's syntax, as modules use it. */
export interface Regex {
  /** The first match, or undefined. `indices` tells where it and its groups are. */
  search(text: string): RegExpExecArray | undefined
  /** Every match replaced, with `\1` and `\g<name>` filled in, and how many there were. */
  substitute(text: string, replacement: string): { readonly text: string; readonly count: number }
  /** True when `^` and `$` also stand at line ends. */
  readonly multiline: boolean
}

/**
 * Compiles a Python pattern.
 * @param flags  letters of `i`, `m` and `s`
 * @throws Fail when it is none
 */
export function regexOf(pattern: string, flags = ''): Regex {
  return guarded(() => {
    const made = pythonRegex(pattern, flags)
    const regex = new RegExp(made.source, `${made.flags}d`)
    const search = (text: string): RegExpExecArray | undefined => {
      regex.lastIndex = 0
      return regex.exec(text) ?? undefined
    }
    return { search, substitute: (text, by) => substitute(regex, text, by), multiline: regex.multiline }
  })
}

/** The replacement with the groups of a match filled in. Throws Fail for a group that is not there. */
export function expandMatch(match: RegExpExecArray, replacement: string): string {
  return guarded(() => expand(replacement, match))
}

function substitute(regex: RegExp, text: string, by: string): { text: string; count: number } {
  let count = 0
  let end = 0
  let replaced = ''
  for (const match of text.matchAll(regex)) {
    replaced += text.slice(end, match.index) + expandMatch(match, by)
    end = match.index + match[0].length
    count++
  }
  return { text: replaced + text.slice(end), count }
}

function guarded<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof EvalError) throw new Fail(error.message)
    throw error
  }
}
