import type { Token, TokenKind } from './lexer.js'
import { TemplateSyntaxError } from './syntax-error.js'

/** The tokens of a template, read once from first to last. */
export class TokenStream {
  private index = 0
  private depth = 0

  constructor(
    private readonly tokens: readonly Token[],
    /** Whether a backslash in a text between `{{` and `}}` stands for itself. */
    private readonly literalBackslashes: boolean,
  ) {}

  /** Set between `{{` and `}}`. */
  inOutput = false

  /** Whether a backslash in a text stands for itself here. */
  get literal(): boolean {
    return this.literalBackslashes && this.inOutput
  }

  get current(): Token {
    return this.tokens[this.index]!
  }

  get following(): Token {
    return this.tokens[Math.min(this.index + 1, this.tokens.length - 1)]!
  }

  next(): Token {
    const token = this.current
    if (this.index < this.tokens.length - 1) this.index++
    return token
  }

  is(kind: TokenKind, value?: string): boolean {
    return this.current.kind === kind && (value === undefined || this.current.value === value)
  }

  /** Whether one of these operators comes now. */
  isOp(...values: string[]): boolean {
    return this.current.kind === 'op' && values.includes(this.current.value)
  }

  /** Whether one of these words comes now. */
  isWord(...words: string[]): boolean {
    return this.current.kind === 'name' && words.includes(this.current.value)
  }

  /** Takes the token when it is the next one. */
  skip(kind: TokenKind, value?: string): boolean {
    if (!this.is(kind, value)) return false
    this.next()
    return true
  }

  expect(kind: TokenKind, value?: string): Token {
    if (this.is(kind, value)) return this.next()
    return this.unexpected(value ? `"${value}"` : kind === 'name' ? 'a name' : kind)
  }

  /** Refuses the token that comes now. */
  unexpected(wanted?: string): never {
    const { kind, value, at } = this.current
    const ended = kind === 'end' || kind === 'output-end' || kind === 'block-end'
    const found = ended
      ? 'the expression ends too early'
      : `unexpected ${value.length > 30 ? kind : `"${value}"`}`
    if (value === '=' && kind === 'op') throw new TemplateSyntaxError(found, at, 'to compare, write "=="')
    throw new TemplateSyntaxError(found, at, wanted && `expected ${wanted}`)
  }

  /** Runs `parse` one level deeper; refuses nesting that would exhaust the stack. */
  nested<T>(parse: () => T): T {
    if (++this.depth > 200)
      throw new TemplateSyntaxError('the expression is nested too deep', this.current.at)
    const result = parse()
    this.depth--
    return result
  }
}
