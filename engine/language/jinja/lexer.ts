import { TemplateSyntaxError } from './syntax-error.js'

/** What kind of piece a token is. */
export type TokenKind =
  'data' | 'output' | 'output-end' | 'block' | 'block-end' | 'name' | 'int' | 'float' | 'text' | 'op' | 'end'

/** One piece of a template; `at` is its offset in the source. */
export interface Token {
  readonly kind: TokenKind
  readonly value: string
  readonly at: number
}

/** How a template is written; the names are those of Jinja's environment. */
export interface Syntax {
  readonly variableStart: string
  readonly variableEnd: string
  readonly blockStart: string
  readonly blockEnd: string
  readonly commentStart: string
  readonly commentEnd: string
  /** Drop the line break after a statement. */
  readonly trimBlocks: boolean
  /** Drop the spaces before a statement that begins its line. */
  readonly lstripBlocks: boolean
  readonly keepTrailingNewline: boolean
  readonly newline: string
  /** A backslash in a text inside a template is an ordinary character, as in the strings of playbooks. */
  readonly literalBackslashes: boolean
}

/** As Ansible sets Jinja for template files. */
export const FILE_SYNTAX: Syntax = {
  variableStart: '{{',
  variableEnd: '}}',
  blockStart: '{%',
  blockEnd: '%}',
  commentStart: '{#',
  commentEnd: '#}',
  trimBlocks: true,
  lstripBlocks: false,
  keepTrailingNewline: false,
  newline: '\n',
  literalBackslashes: false,
}

/** Operators of other languages, and what they are here. */
const FOREIGN: ReadonlyMap<string, string> = new Map([
  ['&&', 'and'],
  ['||', 'or'],
  ['===', '=='],
  ['!==', '!='],
  ['<>', '!='],
  ['!', 'not'],
  ['?', 'A if CONDITION else B'],
])

const OPERATORS = [
  ...['//', '**', '==', '!=', '>=', '<=', '+', '-', '/', '*', '%', '~', '[', ']', '(', ')', '{', '}'],
  ...['>', '<', '=', '.', ':', '|', ',', ';'],
]
const NAME = /[\p{L}_][\p{L}\p{N}\p{M}_]*/uy
const FLOAT = /(?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?[eE][+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/y
const INT = /0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+|[1-9](?:_?\d)*|0(?:_?0)*/y
const TEXT = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/sy
const SPACE = /\s+/y
const CLOSERS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }

function match(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(source)?.[0]
}

/** Splits the inside of `{{ }}`, `{% %}` or a bare expression into tokens. */
class ExpressionLexer {
  readonly tokens: Token[] = []
  private readonly open: { bracket: string; at: number }[] = []

  constructor(
    private readonly source: string,
    private at: number,
  ) {}

  /** Reads up to `end` (or to the end of the source when it is empty); returns the offset of `end`. */
  read(end: string, begun: number): number {
    for (;;) {
      this.at += match(SPACE, this.source, this.at)?.length ?? 0
      if (this.at >= this.source.length) return this.finish(end, begun)
      if (end && this.open.length === 0 && this.atEnd(end)) return this.at
      this.token()
    }
  }

  private atEnd(end: string): boolean {
    const sign = this.source[this.at]
    return (
      this.source.startsWith(end, this.at) ||
      ((sign === '-' || sign === '+') && this.source.startsWith(end, this.at + 1))
    )
  }

  private finish(end: string, begun: number): number {
    const open = this.open.at(-1)
    if (open) throw new TemplateSyntaxError(`"${open.bracket}" is never closed`, open.at)
    if (end) throw new TemplateSyntaxError(`the template ends before "${end}"`, begun)
    return this.at
  }

  private token(): void {
    const { source, at } = this
    for (const [kind, pattern] of [
      ['name', NAME],
      ['float', FLOAT],
      ['int', INT],
      ['text', TEXT],
    ] as const) {
      const value = match(pattern, source, at)
      if (value === undefined) continue
      this.push(kind, value)
      return
    }
    if (source[at] === "'" || source[at] === '"') {
      throw new TemplateSyntaxError(`a text that begins with ${source[at]} is never closed`, at)
    }
    this.refuseForeign()
    const operator = OPERATORS.find((candidate) => source.startsWith(candidate, at))
    if (!operator) {
      throw new TemplateSyntaxError(
        `"${String.fromCodePoint(source.codePointAt(at)!)}" is not part of an expression`,
        at,
      )
    }
    this.balance(operator)
    this.push('op', operator)
  }

  private refuseForeign(): void {
    const word = [...FOREIGN.keys()].find((candidate) => this.source.startsWith(candidate, this.at))
    if (word === undefined || (word === '!' && this.source[this.at + 1] === '=')) return
    const message = `"${word}" is not part of an expression`
    throw new TemplateSyntaxError(message, this.at, `did you mean "${FOREIGN.get(word)!}"?`)
  }

  private balance(operator: string): void {
    if ('([{'.includes(operator)) this.open.push({ bracket: operator, at: this.at })
    const opener = CLOSERS[operator]
    if (opener === undefined) return
    const open = this.open.pop()
    if (!open) {
      const cure = operator === '}' ? 'an expression ends with "}}"' : undefined
      throw new TemplateSyntaxError(`"${operator}" closes nothing`, this.at, cure)
    }
    if (open.bracket !== opener) throw new TemplateSyntaxError(`"${open.bracket}" is never closed`, open.at)
  }

  private push(kind: TokenKind, value: string): void {
    this.tokens.push({ kind, value, at: this.at })
    this.at += value.length
  }
}

/** The tokens of a bare expression, as in `when`. */
export function lexExpression(source: string): Token[] {
  const lexer = new ExpressionLexer(source, 0)
  const at = lexer.read('', 0)
  return [...lexer.tokens, { kind: 'end', value: '', at }]
}

function lineBreaks(text: string, syntax: Syntax): string {
  return syntax.newline === '\n' ? text : text.replace(/\n/g, syntax.newline)
}

interface Tag {
  readonly kind: 'output' | 'block' | 'comment'
  readonly at: number
  readonly start: string
}

/** Splits a template into text and the tokens of its statements and expressions. */
export function lexTemplate(source: string, syntax: Syntax): Token[] {
  const tokens: Token[] = []
  let at = 0
  let stripNext = false
  let dropNewline = false
  const data = (to: number, tag: Tag | undefined): void => {
    let from = at
    if (stripNext) from += /^\s*/.exec(source.slice(from, to))![0].length
    else if (dropNewline && source[from] === '\n' && from < to) from++
    const text = stripBefore(source.slice(from, to), source, from, tag, syntax)
    if (text) tokens.push({ kind: 'data', value: lineBreaks(text, syntax), at: from })
  }
  for (;;) {
    const tag = nextTag(source, at, syntax)
    data(tag?.at ?? source.length, tag)
    if (!tag) break
    const close = lexTag(source, tag, syntax, tokens)
    at = close.at
    stripNext = close.strip
    dropNewline = close.dropNewline
  }
  return [...tokens, { kind: 'end', value: '', at: source.length }]
}

function nextTag(source: string, from: number, syntax: Syntax): Tag | undefined {
  const starts = (
    [
      ['comment', syntax.commentStart],
      ['block', syntax.blockStart],
      ['output', syntax.variableStart],
    ] as const
  )
    .map(([kind, start]) => ({ kind, start, at: source.indexOf(start, from) }))
    .filter((tag) => tag.at >= 0)
  starts.sort((a, b) => a.at - b.at || b.start.length - a.start.length)
  return starts[0]
}

function stripBefore(
  text: string,
  source: string,
  from: number,
  tag: Tag | undefined,
  syntax: Syntax,
): string {
  if (!tag) return text
  const sign = source[tag.at + tag.start.length]
  if (sign === '-') return text.trimEnd()
  if (!syntax.lstripBlocks || tag.kind === 'output' || sign === '+') return text
  const lineStart = text.lastIndexOf('\n') + 1
  const beginsLine = lineStart > 0 || from === 0 || source[from - 1] === '\n'
  return beginsLine && text.slice(lineStart).trim() === '' ? text.slice(0, lineStart) : text
}

interface Close {
  readonly at: number
  readonly strip: boolean
  readonly dropNewline: boolean
}

function lexTag(source: string, tag: Tag, syntax: Syntax, tokens: Token[]): Close {
  let at = tag.at + tag.start.length
  if (source[at] === '-' || source[at] === '+') at++
  if (tag.kind === 'comment') {
    const end = source.indexOf(syntax.commentEnd, at)
    if (end < 0)
      throw new TemplateSyntaxError(`the comment is never closed by "${syntax.commentEnd}"`, tag.at)
    return closing(
      source,
      /[-+]/.test(source[end - 1]!) && end - 1 >= at ? end - 1 : end,
      syntax.commentEnd,
      syntax,
    )
  }
  if (tag.kind === 'block') {
    const raw = lexRaw(source, at, tag, syntax, tokens)
    if (raw) return raw
  }
  const lexer = new ExpressionLexer(source, at)
  const end = tag.kind === 'output' ? syntax.variableEnd : syntax.blockEnd
  const endAt = lexer.read(end, tag.at)
  tokens.push({ kind: tag.kind, value: tag.start, at: tag.at }, ...lexer.tokens)
  tokens.push({ kind: tag.kind === 'output' ? 'output-end' : 'block-end', value: end, at: endAt })
  return closing(source, endAt, end, tag.kind === 'output' ? { ...syntax, trimBlocks: false } : syntax)
}

function closing(source: string, at: number, end: string, syntax: Syntax): Close {
  const sign = source.startsWith(end, at) ? '' : source[at]!
  return {
    at: at + sign.length + end.length,
    strip: sign === '-',
    dropNewline: syntax.trimBlocks && sign !== '+',
  }
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

/** `{% raw %}…{% endraw %}`: what stands between is text. */
function lexRaw(source: string, at: number, tag: Tag, syntax: Syntax, tokens: Token[]): Close | undefined {
  const [start, end] = [escapeRegExp(syntax.blockStart), escapeRegExp(syntax.blockEnd)]
  const opening = new RegExp(`\\s*raw\\s*([-+]?)${end}`, 'y')
  opening.lastIndex = at
  const opened = opening.exec(source)
  if (!opened) return undefined
  const from = at + opened[0].length
  const ending = new RegExp(`(${start}([-+]?)\\s*endraw\\s*)[-+]?${end}`, 'g')
  ending.lastIndex = from
  const ended = ending.exec(source)
  if (!ended) throw new TemplateSyntaxError('"raw" is never closed by "endraw"', tag.at)
  let text = source.slice(from, ended.index)
  if (opened[1] === '-') text = text.trimStart()
  else if (syntax.trimBlocks && opened[1] !== '+') text = text.replace(/^\n/, '')
  text = stripBefore(text, source, from, { kind: 'block', at: ended.index, start: syntax.blockStart }, syntax)
  if (text) tokens.push({ kind: 'data', value: lineBreaks(text, syntax), at: from })
  return closing(source, ended.index + ended[1]!.length, syntax.blockEnd, syntax)
}
