import { resolvePlain } from '../../yaml-scalar.js'

/** How a text may be written in YAML. */
export type ScalarStyle = 'plain' | 'single' | 'double'

/** What stands in a text that decides how it may be written, as libyaml looks at it. */
interface Analysis {
  readonly plainInFlow: boolean
  readonly plainInBlock: boolean
  readonly single: boolean
}

/** What libyaml writes as it is; characters beyond the first plane are not among it. */
function printable(char: string): boolean {
  return /^[\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]$/.test(char)
}

const BREAK = '\\n\\r\\x85\\u2028\\u2029'
const BLANK = `[ \\t${BREAK}]`
const DOCUMENT = /^(?:---|\.\.\.)/
const ANYWHERE = new RegExp(`:(?:${BLANK}|$)|${BLANK}#`)
const AT_START = new RegExp(`^[#,[\\]{}&*!|>'"%@\`]|^[?:-](?:${BLANK}|$)`)
const IN_FLOW = /^[?:]|[,?[\]{}:]/
const EDGES = new RegExp(`^[ ${BREAK}]|[ ${BREAK}]$`)
const BREAKS = new RegExp(`[${BREAK}]`)

/** Whether a text has line breaks. */
export function isMultiline(text: string): boolean {
  return BREAKS.test(text)
}

function analyze(text: string): Analysis {
  const special = [...text].some((char) => !printable(char))
  const mixed = new RegExp(`[${BREAK}] | [${BREAK}]`).test(text)
  const indicator = DOCUMENT.test(text) || AT_START.test(text) || ANYWHERE.test(text)
  const plain = !special && !isMultiline(text) && !EDGES.test(text) && !indicator
  return { plainInBlock: plain, plainInFlow: plain && !IN_FLOW.test(text), single: !special && !mixed }
}

/** The style libyaml would choose for a text. */
export function scalarStyle(text: string, inFlow: boolean, asKey: boolean): ScalarStyle {
  if (asKey && isMultiline(text)) return 'double'
  const found = analyze(text)
  const plain = inFlow ? found.plainInFlow : found.plainInBlock
  if (plain && text !== '' && readsAsText(text)) return 'plain'
  return found.single ? 'single' : 'double'
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
  if (printable(char) && char !== '\n' && char !== '"' && char !== '\\') return char
  const short = ESCAPES[char]
  if (short !== undefined) return `\\${short}`
  const code = char.codePointAt(0)!
  if (code < 0x100) return `\\x${hex(code, 2)}`
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`
}

function hex(code: number, width: number): string {
  return code.toString(16).toUpperCase().padStart(width, '0')
}
