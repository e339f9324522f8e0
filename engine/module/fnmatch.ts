/**
 * A shell pattern (`*`, `?`, `[a-z]`, `[!x]`) as an expression over a whole text. As in Python's fnmatch and tar's
 * patterns, `*` goes through slashes. A range the wrong way round matches nothing.
 */
export function fnmatch(pattern: string): RegExp {
  const parts = pattern.match(/\*+|\?|\[!?\]?[^\]]*\]|\\.|[^]/gsu) ?? []
  try {
    return new RegExp(`^${parts.map(translate).join('')}$`, 'su')
  } catch {
    return /(?!)/
  }
}

function translate(part: string): string {
  if (part.startsWith('*')) return '.*'
  if (part === '?') return '.'
  if (part.startsWith('[') && part.length > 1) {
    const [, not, inner] = /^\[(!?)([^]*)\]$/.exec(part)!
    return `[${not ? '^' : ''}${inner!.replace(/[\\[\]^]/g, '\\$&')}]`
  }
  const literal = part.length === 2 && part.startsWith('\\') ? part.slice(1) : part
  return literal.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
