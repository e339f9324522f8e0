/** Where the parser gave up, counted from 0, and what it said. */
export interface Spot {
  readonly lines: readonly string[]
  readonly line: number
  readonly column: number
  readonly reason: string
}

/** What was done wrong, where (counted from 0), and the cure. */
export interface Mistake {
  readonly line: number
  readonly column: number
  readonly message: string
  readonly cure?: string
}

/** Recognises one kind of mistake near the place where the parser gave up. */
type Rule = (at: Spot) => Mistake | undefined

/** A line's key and value: `- name: x` is name and x; the key is absent in `- x`. */
interface Entry {
  readonly key: string
  readonly value: string
  /** Column of the value. */
  readonly column: number
}

function entryOf(line: string): Entry | undefined {
  const match = /^(\s*(?:-\s+)*)((?:[\w.$/-]+|"[^"]*"|'[^']*')(?: [\w.-]+)*\s*:\s+)?(\S.*?)\s*$/.exec(line)
  if (!match || (!match[2] && !match[1]!.includes('-'))) return undefined
  return {
    key: match[2]?.replace(/\s*:\s+$/, '') ?? '',
    value: match[3]!,
    column: match[1]!.length + (match[2]?.length ?? 0),
  }
}

const tabs: Rule = ({ lines, line }) => {
  const match = /^\s*\t/.exec(lines[line]!)
  if (!match) return undefined
  return {
    line,
    column: match[0].length - 1,
    message: 'a tab is used for indentation',
    cure: 'indent with spaces only',
  }
}

const bareTemplate: Rule = (at) => {
  for (const line of nearby(at)) {
    const entry = entryOf(at.lines[line]!)
    if (!entry?.value.startsWith('{{')) continue
    return {
      line,
      column: entry.column,
      message: 'a value that begins with "{{" must be quoted, or YAML takes it for a dictionary',
      cure: `write ${rewrite(entry, quote(entry.value))}`,
    }
  }
  return undefined
}

const afterQuote: Rule = ({ lines, line }) => {
  const entry = entryOf(lines[line]!)
  const match = entry && /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')(?=\s*[^\s,}\]])/.exec(entry.value)
  if (!match || /^\s+#/.test(entry.value.slice(match[0].length))) return undefined
  const single = match[0].startsWith("'")
  return {
    line,
    column: entry.column + match[0].length,
    message: 'text follows the closing quote',
    cure: single
      ? "quote the whole value; inside single quotes write '' for a quote"
      : 'quote the whole value; inside double quotes write \\" for a quote',
  }
}

const openQuote: Rule = (at) => {
  if (!/deficient|quoted scalar/.test(at.reason)) return undefined
  for (let line = at.line; line >= 0; line--) {
    const entry = entryOf(at.lines[line]!)
    const match = entry && /^(?:"(?:[^"\\]|\\.)*|'(?:[^']|'')*)$/.exec(entry.value)
    if (!match) continue
    return {
      line,
      column: entry.column,
      message: 'the quote that opens here is not closed',
      cure: `close it with ${entry.value.charAt(0)}`,
    }
  }
  return undefined
}

const openBracket: Rule = (at) => {
  if (!/deficient|flow collection/.test(at.reason)) return undefined
  let depth = 0
  for (let line = at.line; line >= 0; line--) {
    const text = at.lines[line]!.replace(/"(?:[^"\\]|\\.)*"|'[^']*'/g, (quoted) => ' '.repeat(quoted.length))
    for (let column = text.length - 1; column >= 0; column--) {
      const char = text.charAt(column)
      if (char === ']' || char === '}') depth++
      if ((char === '[' || char === '{') && depth-- === 0) {
        const closing = char === '[' ? ']' : '}'
        return {
          line,
          column,
          message: `the "${char}" that opens here is not closed, or a comma is missing`,
          cure: `separate the items with commas and close with "${closing}"`,
        }
      }
    }
  }
  return undefined
}

const colonInText: Rule = ({ lines, line, column }) => {
  const entry = entryOf(lines[line]!)
  if (!entry?.key || /^["'[{&*!|>#]/.test(entry.value)) return undefined
  const colon = /:(?:\s|$)/.exec(entry.value.replace(/\s#.*$/, ''))
  if (!colon || column < entry.column) return undefined
  return {
    line,
    column: entry.column + colon.index,
    message: 'a colon followed by a space cannot stand in a value without quotes',
    cure: `write ${rewrite(entry, quote(entry.value))}`,
  }
}

const badStart: Rule = ({ lines, line, column, reason }) => {
  const entry = entryOf(lines[line]!)
  if (!entry || column > entry.column + 1) return undefined
  if (!/^[@`%}\],]/.test(entry.value) && !/^\*(\W|$)/.test(entry.value) && !/name of an a/.test(reason))
    return undefined
  return {
    line,
    column: entry.column,
    message: `a value cannot begin with "${entry.value.charAt(0)}" without quotes`,
    cure: `write ${rewrite(entry, quote(entry.value))}`,
  }
}

const missingSpace: Rule = (at) => {
  if (!/mapping entry|multiline key|separator|expected ':'/.test(at.reason)) return undefined
  for (const line of nearby(at)) {
    const colon = /^(\s*(?:- +)*)([A-Za-z_][\w.-]*):(?!\/\/)([^\s:].*)$/.exec(at.lines[line]!)
    if (colon) {
      return {
        line,
        column: colon[1]!.length + colon[2]!.length,
        message: 'a space is missing after the colon',
        cure: `write ${clip(`${colon[2]}: ${colon[3]}`)}`,
      }
    }
    const dash = /^(\s*)-([^\s-].*)$/.exec(at.lines[line]!)
    if (dash) {
      return {
        line,
        column: dash[1]!.length,
        message: 'a space is missing after the dash',
        cure: `write ${clip(`- ${dash[2]}`)}`,
      }
    }
  }
  return undefined
}

const missingColon: Rule = (at) => {
  if (!/multiline key|expected ':'/.test(at.reason)) return undefined
  for (const line of nearby(at)) {
    const match = /^(\s*)[^\s:#-][^:]*$/.exec(at.lines[line]!)
    if (!match) continue
    return {
      line,
      column: match[1]!.length,
      message: 'a line between keys has no colon',
      cure: 'write it as "key: value", or indent it if it continues the line above',
    }
  }
  return undefined
}

const indentation: Rule = (at) => {
  if (!/bad indentation|document separator|deficient/.test(at.reason)) return undefined
  const above = [...nearby(at)].find((line) => line < at.line)
  const here = at.lines[at.line]!
  const column = indentOf(here)
  if (above === undefined || at.column < column) return undefined
  const entry = entryOf(at.lines[above]!)
  const start = contentOf(at.lines[above]!)
  if (/^-(\s|$)/.test(here.trimStart()) && entry?.key) {
    return {
      line: at.line,
      column,
      message: 'a list item stands among keys',
      cure: 'indent it below its key',
    }
  }
  if (column > start && entry?.key) {
    const message = `line ${above + 1} gives "${entry.key}" a value already, and this line is indented below it`
    return {
      line: at.line,
      column,
      message,
      cure: `remove that value, or begin the line in column ${start + 1}`,
    }
  }
  return {
    line: at.line,
    column,
    message: `the line begins in column ${column + 1}, where nothing above it does; line ${above + 1} begins in column ${start + 1}`,
    cure: 'begin the keys of one dictionary, and the dashes of one list, in the same column',
  }
}

const nestedList: Rule = ({ lines, line, column }) => {
  const entry = entryOf(lines[line]!)
  if (!entry?.key || !/^-\s/.test(entry.value) || column > entry.column + 1) return undefined
  return {
    line,
    column: entry.column,
    message: 'a list cannot begin behind its key',
    cure: `begin it in the next line, or write ${clip(`${entry.key}: [${entry.value.replace(/^-\s+/, '')}]`)}`,
  }
}

const escape: Rule = ({ line, column, reason }) => {
  if (!/escape sequence|hexadecimal/.test(reason)) return undefined
  const message = 'a backslash in double quotes begins an escape, and this is none'
  return { line, column, message, cure: 'write \\\\ for a backslash, or use single quotes' }
}

const controlCharacter: Rule = ({ lines, line, column, reason }) => {
  if (!/non-printable|null byte/.test(reason)) return undefined
  const match = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.exec(lines[line]!.slice(column))
  const code = (match?.[0] ?? '\0').charCodeAt(0)
  return {
    line,
    column: column + (match?.index ?? 0),
    message: `the file holds the control character U+${code.toString(16).padStart(4, '0').toUpperCase()}`,
    cure: 'remove it, or write it as an escape in double quotes',
  }
}

/** The mistakes people make, the surest signs first. */
export const RULES: readonly Rule[] = [
  controlCharacter,
  tabs,
  bareTemplate,
  afterQuote,
  badStart,
  nestedList,
  escape,
  colonInText,
  openQuote,
  openBracket,
  missingSpace,
  missingColon,
  indentation,
]

/** The line where the parser gave up and the three before it that hold something, nearest first. */
function* nearby({ lines, line }: Spot): Iterable<number> {
  let seen = 0
  for (let at = line; at >= 0 && seen < 4; at--) {
    if (/^\s*(#|$)/.test(lines[at]!)) continue
    seen++
    yield at
  }
}

function rewrite(entry: Entry, value: string): string {
  return clip(entry.key ? `${entry.key}: ${value}` : `- ${value}`)
}

/** The text in the quotes that need fewer escapes. */
function quote(text: string): string {
  const value = text.replace(/\s+#.*$/, '')
  return value.includes('"') && !value.includes("'") ? `'${value}'` : `"${value.replace(/(["\\])/g, '\\$1')}"`
}

/** Shortens a line for a message. */
export function clip(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

/** Column of the first key or text of a line, behind its dashes. */
function contentOf(line: string): number {
  return /^\s*(?:-\s+)*/.exec(line)![0].length
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length
}
