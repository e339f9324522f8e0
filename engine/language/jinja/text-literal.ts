import { TemplateSyntaxError } from './syntax-error.js'
import type { TokenStream } from './token-stream.js'

const SIMPLE: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
}

/** The text a quoted literal stands for, with Python's escapes; an unknown escape keeps its backslash. */
export function unescapeText(body: string, at: number): string {
  if (!body.includes('\\')) return body
  return body.replace(
    /\\(?:([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([\s\S]))/g,
    (whole, octal?: string, hex?: string, short?: string, long?: string, char?: string) => {
      if (octal) return String.fromCodePoint(parseInt(octal, 8))
      const code = hex ?? short ?? long
      if (code) return codePoint(parseInt(code, 16), at)
      if (/[xuU]/.test(char!)) throw new TemplateSyntaxError(`"\\${char}" lacks its hexadecimal digits`, at)
      return Object.hasOwn(SIMPLE, char!) ? SIMPLE[char!]! : whole
    },
  )
}

function codePoint(code: number, at: number): string {
  if (code > 0x10ffff) throw new TemplateSyntaxError('there is no such Unicode character', at)
  return String.fromCodePoint(code)
}

/** The text of the quoted literals that come now; several side by side are one. */
export function readText(s: TokenStream): string {
  let text = ''
  while (s.is('text')) {
    const { value, at } = s.next()
    const body = value.slice(1, -1)
    text += s.literal ? body : unescapeText(body, at + 1)
  }
  return text
}
