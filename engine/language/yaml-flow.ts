/**
 * PyYAML lets the lines of a flow collection or a quoted text begin in any column, YAML 1.2 wants them indented below
 * their key. Real playbooks close a list with `]` under the key, so such lines are indented here before they are
 * parsed; their leading blanks mean nothing.
 */
export interface Indented {
  readonly text: string
  /** Spaces put before a line, by its number from 0. */
  readonly pads: ReadonlyMap<number, number>
}

/** Indents every continuation line of flow collections and quoted texts below the key or dash they belong to. */
export function indentContinuations(text: string): Indented {
  const scan: Scan = { text, at: 0, line: 0, lineStart: 0, parent: 0, pads: new Map() }
  while (scan.at < text.length) scanLine(scan)
  const lines = text.split('\n')
  for (const [line, pad] of scan.pads) lines[line] = ' '.repeat(pad) + lines[line]!
  return { text: lines.join('\n'), pads: scan.pads }
}

interface Scan {
  readonly text: string
  at: number
  line: number
  lineStart: number
  /** Column of the key or dash that the next value belongs to. */
  parent: number
  readonly pads: Map<number, number>
}

/** Walks over one line of block context, with whatever value begins in it and ends in a later one. */
function scanLine(scan: Scan): void {
  for (;;) {
    const rest = restOfLine(scan)
    const step = /^(?:[ \t]+|[-?](?=[ \t]|$)|[&!][^\s]*)/.exec(rest)
    if (step) {
      if (/^[-?]/.test(step[0])) scan.parent = scan.at - scan.lineStart
      scan.at += step[0].length
      continue
    }
    const first = rest.charAt(0)
    if (first === '"' || first === "'" || first === '[' || first === '{') {
      const column = scan.at - scan.lineStart
      if (first === '"' || first === "'") skipQuoted(scan, first)
      else skipFlow(scan)
      if (skipColon(scan)) scan.parent = column
      else return skipLine(scan)
    } else if (first === '|' || first === '>') return skipBlockText(scan)
    else if (first === '#' || !skipPlainKey(scan, rest)) return skipLine(scan)
  }
}

function restOfLine(scan: Scan): string {
  const end = scan.text.indexOf('\n', scan.at)
  return scan.text.slice(scan.at, end < 0 ? scan.text.length : end).replace(/\r$/, '')
}

function skipLine(scan: Scan): void {
  const end = scan.text.indexOf('\n', scan.at)
  if (end < 0) scan.at = scan.text.length
  else newLine(scan, end)
}

function newLine(scan: Scan, end: number): void {
  scan.at = scan.lineStart = end + 1
  scan.line++
}

function skipColon(scan: Scan): boolean {
  const match = /^[ \t]*:(?=[ \t]|$)/.exec(restOfLine(scan))
  scan.at += match?.[0].length ?? 0
  return match !== null
}

function skipPlainKey(scan: Scan, rest: string): boolean {
  const match = /^(?:[^#:]|\S#|:(?=\S))*?:(?=[ \t]|$)/.exec(rest)
  if (!match) return false
  scan.parent = scan.at - scan.lineStart
  scan.at += match[0].length
  return true
}

/** Steps over one character inside a value; a line that begins there is to be indented. */
function step(scan: Scan): void {
  if (scan.text.charAt(scan.at) !== '\n') scan.at++
  else {
    newLine(scan, scan.at)
    scan.pads.set(scan.line, scan.parent + 2)
  }
}

function skipQuoted(scan: Scan, quote: string): void {
  scan.at++
  while (scan.at < scan.text.length) {
    const char = scan.text.charAt(scan.at)
    if (char === '\\' && quote === '"' && scan.text.charAt(scan.at + 1) !== '\n') scan.at += 2
    else if (char === quote && quote === "'" && scan.text.charAt(scan.at + 1) === "'") scan.at += 2
    else {
      step(scan)
      if (char === quote) return
    }
  }
}

function skipFlow(scan: Scan): void {
  let depth = 0
  let before = ' '
  /** A quote opens a text only where a value can begin: not in `it's`. */
  let fresh = true
  while (scan.at < scan.text.length) {
    const char = scan.text.charAt(scan.at)
    if ((char === '"' || char === "'") && fresh) {
      skipQuoted(scan, char)
      fresh = false
    } else if (char === '#' && /\s/.test(before)) {
      scan.at += restOfLine(scan).length
    } else {
      step(scan)
      if (char === '[' || char === '{') depth++
      if ((char === ']' || char === '}') && --depth === 0) return
      if (/\S/.test(char)) fresh = /[[{,:?]/.test(char)
    }
    before = char
  }
}

/** `|` and `>`: everything deeper than the key belongs to the text. */
function skipBlockText(scan: Scan): void {
  const { parent } = scan
  skipLine(scan)
  while (scan.at < scan.text.length) {
    const rest = restOfLine(scan)
    if (rest.trim() !== '' && rest.length - rest.trimStart().length <= parent) return
    skipLine(scan)
  }
}
