import { resolvePlain } from '../../yaml-scalar.js'

/** How a text may be written in YAML. */
export type ScalarStyle = 'plain' | 'single' | 'double'

/** What stands in a text that decides how it may be written, as PyYAML looks at it. */
interface Analysis {
  readonly plainInFlow: boolean
  readonly plainInBlock: boolean
  readonly single: boolean
}

function printable(char: string): boolean {
  return /[\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u.test(char)
}

function analyze(text: string): Analysis {
  const characters = [...text]
  const special = characters.some((char) => char !== '\n' && !printable(char))
  const breaks = /[\n\x85\u2028\u2029]/.test(text)
  const edges = /^ | $|^[\n\x85]|[\n\x85]$/.test(text)
  const breakSpace = /[\n\x85] /.test(text)
  const spaceBreak = / [\n\x85]/.test(text)
  const document = /^(---|\.\.\.)/.test(text)
  const blockIndicator =
    document || /^[#,[\]{}&*!|>'"%@`]/.test(text) || /^[?:-](\s|$)/.test(text) || /:(\s|$)|\s#/.test(text)
  const flowIndicator =
    document || /^[#,[\]{}&*!|>'"%@`?:]/.test(text) || /^-(\s|$)/.test(text) || /[,?[\]{}:]|\s#/.test(text)
  const plain = !edges && !breaks && !breakSpace && !spaceBreak && !special
  return {
    plainInBlock: plain && !blockIndicator,
    plainInFlow: plain && !flowIndicator,
    single: !special && !spaceBreak,
  }
}

/** The style PyYAML would choose for a text. */
export function scalarStyle(text: string, inFlow: boolean, asKey: boolean): ScalarStyle {
  if (text === '') return 'single'
  const found = analyze(text)
  const multiline = /[\n\x85\u2028\u2029]/.test(text)
  if (readsAsText(text) && (inFlow ? found.plainInFlow : found.plainInBlock)) return 'plain'
  return found.single && !(asKey && multiline) ? 'single' : 'double'
}

/** Whether a text without quotes is read as a text, and not as a number, a date or a word such as yes. */
function readsAsText(text: string): boolean {
  if (resolvePlain(text) !== text || text === '=' || text === '<<') return false
  return !/^\d{4}-\d\d-\d\d$|^\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?$/.test(
    text,
  )
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\x85': 'N',
  '\xa0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
}

/** One character inside double quotes. */
export function escapeScalar(char: string): string {
  const short = ESCAPES[char]
  if (short !== undefined && char !== '\xa0') return `\\${short}`
  if (printable(char)) return char
  const code = char.codePointAt(0)!
  if (code < 0x100) return `\\x${hex(code, 2)}`
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`
}

function hex(code: number, width: number): string {
  return code.toString(16).toUpperCase().padStart(width, '0')
}
