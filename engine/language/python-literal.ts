import { TemplateSyntaxError } from './jinja/syntax-error.js'
import { unescapeText } from './jinja/text-literal.js'
import { Float, float } from './value.js'
import type { Dict, Value } from './value.js'

/**
 * The value of a Python literal as `ast.literal_eval` reads it (`True`, `0o17`, `'a'`, `{'b': [1, None]}`, `1, 2`), or
 * undefined for any other text. Tuples and sets are lists. With `json` the words of JSON (`true`, `false`, `null`) are
 * values too. Nothing is looked up or called, so the text may come from anywhere.
 */
export function readPythonLiteral(text: string, { json = false } = {}): Value | undefined {
  const reader: Reader = { text, at: 0, depth: 0, words: json ? JSON_WORDS : WORDS }
  try {
    const first = readValue(reader)
    skipBlanks(reader)
    const value = peek(reader) === ',' ? readTuple(reader, first) : first
    skipBlanks(reader)
    return reader.at === text.length ? value : undefined
  } catch (error) {
    // unescapeText refuses "\x4" with an error of its own; to literal_eval's callers both mean: not a literal
    if (error instanceof NotLiteral || error instanceof TemplateSyntaxError) return undefined
    throw error
  }
}

class NotLiteral extends Error {}

interface Reader {
  readonly text: string
  at: number
  /** Brackets that are open; between them a line break is a blank. */
  depth: number
  readonly words: ReadonlyMap<string, Value>
}

const WORDS = new Map<string, Value>([
  ['True', true],
  ['False', false],
  ['None', null],
])
const JSON_WORDS = new Map<string, Value>([...WORDS, ['true', true], ['false', false], ['null', null]])
const NUMBER =
  /(?:0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*)?\.\d(?:_?\d)*(?:[eE][-+]?\d(?:_?\d)*)?|\d(?:_?\d)*\.?(?:[eE][-+]?\d(?:_?\d)*)?)(?![\w.])/y
const TEXT = /([rRuUbB]|[bB][rR]|[rR][bB])?("""|'''|"|')/y
const CLOSING: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}' }

function readValue(reader: Reader): Value {
  skipBlanks(reader)
  const char = peek(reader)
  if (char === '-' || char === '+') return readSigned(reader)
  if (char === '[' || char === '(') return readList(reader, char)
  if (char === '{') return readBraces(reader)
  if (/[\d.]/.test(char)) return readNumber(reader)
  if (match(reader, TEXT)) return readTexts(reader)
  return readWord(reader)
}

function readWord(reader: Reader): Value {
  const word = match(reader, /\w+/y)?.[0] ?? ''
  reader.at += word.length
  const value = reader.words.get(word)
  if (value !== undefined) return value
  if (word !== 'set' || !match(reader, /\(\s*\)/y)) throw new NotLiteral()
  reader.at += match(reader, /\(\s*\)/y)![0].length
  return []
}

function readSigned(reader: Reader): Value {
  const negative = reader.text.charAt(reader.at++) === '-'
  skipBlanks(reader)
  const value = readNumber(reader)
  if (!negative) return value
  return value instanceof Float ? float(-value.value) : -value
}

function readNumber(reader: Reader): number | bigint | Float {
  const found = match(reader, NUMBER)?.[0]
  if (!found) throw new NotLiteral()
  reader.at += found.length
  const digits = found.replaceAll('_', '')
  if (/^0[xXoObB]/.test(digits) || /^\d+$/.test(digits)) {
    if (/^0\d*[1-9]/.test(digits)) throw new NotLiteral()
    const exact = BigInt(digits)
    return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact
  }
  return float(Number(digits))
}

/** One text, or several side by side, which Python joins. */
function readTexts(reader: Reader): string {
  let all = ''
  for (let start = match(reader, TEXT); start; start = match(reader, TEXT)) {
    const [whole, prefix = '', quote] = start
    reader.at += whole.length
    const body = new RegExp(`(?:\\\\[\\s\\S]|(?!${quote})[^\\\\${quote!.length === 1 ? '\\n' : ''}])*`, 'y')
    const text = match(reader, body)![0]
    reader.at += text.length + quote!.length
    if (reader.at > reader.text.length) throw new NotLiteral()
    all += /r/i.test(prefix) ? text : unescapeText(text, 0)
    skipBlanks(reader)
  }
  return all
}

function readList(reader: Reader, open: '[' | '('): Value {
  const items: Value[] = []
  const commas = readItems(reader, open, () => items.push(readValue(reader)))
  // (1) is a number in brackets, (1,) a tuple
  return open === '(' && items.length === 1 && commas === 0 ? items[0]! : items
}

function readBraces(reader: Reader): Value {
  const items: Value[] = []
  const dict: Dict = new Map()
  readItems(reader, '{', () => {
    const key = readValue(reader)
    skipBlanks(reader)
    if (peek(reader) !== ':') return items.push(key)
    reader.at++
    return dict.set(key, readValue(reader))
  })
  if (items.length && dict.size) throw new NotLiteral()
  return items.length ? items : dict
}

/** Reads `open item, item, closing`; the number of commas. */
function readItems(reader: Reader, open: string, readItem: () => unknown): number {
  let commas = 0
  reader.at++
  reader.depth++
  for (;;) {
    skipBlanks(reader)
    if (peek(reader) === CLOSING[open]) break
    readItem()
    skipBlanks(reader)
    if (peek(reader) !== ',') break
    reader.at++
    commas++
  }
  if (peek(reader) !== CLOSING[open]) throw new NotLiteral()
  reader.at++
  reader.depth--
  return commas
}

function readTuple(reader: Reader, first: Value): Value[] {
  const items = [first]
  while (peek(reader) === ',') {
    reader.at++
    skipBlanks(reader)
    if (reader.at < reader.text.length) items.push(readValue(reader))
    skipBlanks(reader)
  }
  return items
}

function skipBlanks(reader: Reader): void {
  const blanks = match(
    reader,
    reader.depth > 0 ? /(?:[ \t\r\n\f]|#[^\n]*)*/y : /[ \t\f]*(?:#[^\n]*)?\s*$|[ \t\f]*/y,
  )
  reader.at += blanks![0].length
}

function peek(reader: Reader): string {
  return reader.text.charAt(reader.at)
}

function match(reader: Reader, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = reader.at
  return pattern.exec(reader.text)
}
