/** What Python's classes are in an extended regular expression; the second form stands inside brackets. */
const CLASSES: Readonly<Record<string, readonly [string, string]>> = {
  d: ['[0-9]', '0-9'],
  s: ['[[:space:]]', '[:space:]'],
  w: ['[[:alnum:]_]', '[:alnum:]_'],
}

/**
 * An extended regular expression that matches in every line in which the Python pattern does, for `grep -E` to look first;
 * undefined where none is known (looking around, lazy repetition, references, text of several lines).
 */
export function posixPattern(pattern: string): string | undefined {
  let made = ''
  let rest = pattern
  while (rest !== '') {
    const [whole, piece] = pieceOf(rest) ?? []
    if (whole === undefined || piece === undefined) return undefined
    made += piece
    rest = rest.slice(whole.length)
  }
  return made
}

/** The first piece of a pattern, and what it is in the other words. */
function pieceOf(rest: string): readonly [string, string | undefined] | undefined {
  const escaped = /^\\([\s\S])/.exec(rest)
  if (escaped) {
    const [whole, char] = escaped as unknown as readonly [string, string]
    if (/[A-Za-z0-9]/.test(char)) return [whole, CLASSES[char]?.[0]]
    return [whole, /[.[\]{}()*+?^$|\\]/.test(char) ? whole : char === '\n' ? undefined : char]
  }
  const brackets = /^\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]/.exec(rest)
  if (brackets) return [brackets[0], bracketsOf(brackets[0])]
  if (/^\(\?(?!:)/.test(rest)) return undefined
  const group = /^\((?:\?:)?/.exec(rest)
  if (group) return [group[0], '(']
  const [repeat] = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.exec(rest) ?? []
  if (repeat !== undefined) return [repeat, /^[?+*{]/.test(rest.slice(repeat.length)) ? undefined : repeat]
  const char = rest[0]!
  return [char, /[\n{[]/.test(char) ? undefined : char]
}

function bracketsOf(text: string): string | undefined {
  const inner = text.slice(1, -1)
  if (/\\[A-Zabce-rt-vx-z0-9]|\n/.test(inner) || inner.includes('[')) return undefined
  const made = inner.replace(/\\([\s\S])/g, (_, char: string) => CLASSES[char]?.[1] ?? (/[\]^\\-]/.test(char) ? '\0' : char)) // prettier-ignore
  // what brackets hold as themselves has a place of its own there; such patterns are searched without grep
  return made.includes('\0') ? undefined : `[${made}]`
}
