/** A word of a line and the column where it begins, from 1. */
export interface Word {
  readonly text: string
  readonly column: number
}

/**
 * Splits a line into words as Python's shlex does: quotes hold blanks together and are taken off, `\` takes the next
 * character as it is, `#` begins a comment even within a word. A string instead says what is wrong.
 */
export function splitWords(line: string): Word[] | string {
  const words: Word[] = []
  let at = 0
  for (;;) {
    while (/\s/.test(line.charAt(at))) at++
    if (at >= line.length || line.charAt(at) === '#') return words
    const start = at
    let text = ''
    while (at < line.length && !/[\s#]/.test(line.charAt(at))) {
      const piece = readPiece(line, at)
      if (typeof piece === 'string') return piece
      text += piece.text
      at = piece.end
    }
    words.push({ text, column: start + 1 })
  }
}

/** One character, one escape, or everything between two quotes. */
function readPiece(line: string, at: number): { text: string; end: number } | string {
  const char = line.charAt(at)
  if (char === '\\') {
    if (at + 1 >= line.length) return 'nothing follows the backslash at its end'
    return { text: line.charAt(at + 1), end: at + 2 }
  }
  if (char !== '"' && char !== "'") return { text: char, end: at + 1 }
  const body = char === '"' ? /(?:\\[\s\S]|[^"\\])*/y : /[^']*/y
  body.lastIndex = at + 1
  const text = body.exec(line)![0]
  const end = at + 1 + text.length
  if (end >= line.length) return `the quote ${char} in column ${at + 1} is not closed`
  return { text: char === '"' ? text.replace(/\\(["\\])/g, '$1') : text, end: end + 1 }
}
