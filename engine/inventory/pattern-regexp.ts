import { fail } from '../errors.js'
import type { Place } from '../errors.js'

/** A shell glob (`*`, `?`, `[abc]`, `[!abc]`) that must match a whole name. */
export function globToRegExp(glob: string): RegExp {
  const source = glob.replace(/\[(!?)(\]?[^\]]*)\]|[\s\S]/g, (char, not?: string, set?: string) => {
    if (set) return `[${not ? '^' : ''}${set.replace(/[\\\]^[]/g, '\\$&')}]`
    if (char === '*') return '[\\s\\S]*'
    if (char === '?') return '[\\s\\S]'
    return char.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  })
  return new RegExp(`^(?:${source})$`)
}

/** A Python regular expression that must match from a name's beginning. Fails with `bad-pattern`. */
export function regExpOf(source: string, place: Place | undefined): RegExp {
  const flags = /^\(\?([ims]+)\)/.exec(source)
  const translated = source
    .slice(flags?.[0].length ?? 0)
    .replace(/\(\?P</g, '(?<')
    .replace(/\(\?P=(\w+)\)/g, '\\k<$1>')
    .replace(/\\A/g, '^')
    .replace(/\\Z/g, '$')
  try {
    return new RegExp(`^(?:${translated})`, flags?.[1])
  } catch (error) {
    return fail({
      code: 'bad-pattern',
      place,
      message: `the regular expression "${source}" cannot be read: ${(error as Error).message}`,
    })
  }
}
