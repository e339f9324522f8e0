import { suggest } from '../../errors.js'
import type { Syntax } from './lexer.js'
import { FILE_SYNTAX } from './lexer.js'
import { TemplateSyntaxError } from './syntax-error.js'
import { unescapeText } from './text-literal.js'

const HEADER = '#jinja2:'

/** Jinja's name of each setting that a template file can change. */
const SETTINGS: ReadonlyMap<string, keyof Syntax> = new Map([
  ['variable_start_string', 'variableStart'],
  ['variable_end_string', 'variableEnd'],
  ['block_start_string', 'blockStart'],
  ['block_end_string', 'blockEnd'],
  ['comment_start_string', 'commentStart'],
  ['comment_end_string', 'commentEnd'],
  ['trim_blocks', 'trimBlocks'],
  ['lstrip_blocks', 'lstripBlocks'],
  ['keep_trailing_newline', 'keepTrailingNewline'],
  ['newline_sequence', 'newline'],
])

const known = new Map<string, Syntax>()

/** The template below its `#jinja2:` header, how it is written, and the line where it begins. */
export function fileSyntax(
  text: string,
  overrides: Readonly<Record<string, string | boolean>>,
): { source: string; syntax: Syntax; firstLine: number } {
  let syntax = FILE_SYNTAX
  for (const [name, value] of Object.entries(overrides)) syntax = change(syntax, name, value, 0)
  if (!text.startsWith(HEADER)) return { source: text, syntax: same(syntax), firstLine: 1 }
  const end = text.includes('\n') ? text.indexOf('\n') : text.length
  for (const { name, value, at } of pairs(text.slice(HEADER.length, end)))
    syntax = change(syntax, name, value, at)
  return { source: text.slice(end + 1), syntax: same(syntax), firstLine: 2 }
}

/** One object for equal settings, so that compiled templates are found again. */
function same(syntax: Syntax): Syntax {
  const key = JSON.stringify(syntax)
  const found = known.get(key)
  if (!found) known.set(key, syntax)
  return found ?? syntax
}

function change(syntax: Syntax, name: string, value: string | boolean, at: number): Syntax {
  const setting = SETTINGS.get(name)
  if (!setting)
    throw new TemplateSyntaxError(`a template has no setting "${name}"`, at, suggest(name, SETTINGS.keys()))
  if (typeof value !== typeof FILE_SYNTAX[setting]) {
    throw new TemplateSyntaxError(`the setting "${name}" cannot be ${JSON.stringify(value)}`, at)
  }
  return { ...syntax, [setting]: value }
}

function* pairs(line: string): Generator<{ name: string; value: string | boolean; at: number }> {
  let at = HEADER.length
  for (const part of line.match(/(?:'[^']*'|"[^"]*"|[^,])+/g) ?? []) {
    const [, name, written] = /^\s*([^:]*?)\s*:\s*([\s\S]*?)\s*$/.exec(part) ?? []
    if (name === undefined) throw new TemplateSyntaxError(`"${part.trim()}" is not "name: value"`, at)
    yield { name, value: literal(written!, at), at }
    at += part.length + 1
  }
}

function literal(text: string, at: number): string | boolean {
  if (text === 'True' || text === 'False') return text === 'True'
  const quoted = /^(['"])([\s\S]*)\1$/.exec(text)
  if (!quoted) throw new TemplateSyntaxError(`"${text}" is neither a quoted text nor True or False`, at)
  return unescapeText(quoted[2]!, at)
}
