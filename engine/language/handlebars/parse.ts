import { parse } from 'handlebars/dist/cjs/handlebars/compiler/base.js'
import type { Place } from '../../errors.js'
import { fail, FplayError } from '../../errors.js'
import { nearest } from '../../errors.js'
import { filters, tests } from '../jinja/registry.js'

type Ast = hbs.AST.Node

/** Helpers of this language besides the filters and tests. */
export const OWN_HELPERS: readonly string[] = ['if', 'unless', 'each', 'with', 'lookup', 'and', 'or', 'not']
const BLOCKS = ['if', 'unless', 'each', 'with', 'raw']
const KEEP = 1000

const parsed = new Map<string, hbs.AST.Program>()

/** Reads a Handlebars template, once for each text. Unknown helpers are errors too. */
export function parseHandlebars(text: string, file: string): hbs.AST.Program {
  const known = parsed.get(text)
  if (known) return known
  const program = read(text, file)
  check(program, file)
  if (parsed.size >= KEEP) parsed.clear()
  parsed.set(text, program)
  return program
}

/** Where a node stands. */
export function placeOfNode(node: Ast, file: string): Place {
  return { file, line: node.loc.start.line, column: node.loc.start.column + 1 }
}

function read(text: string, file: string): hbs.AST.Program {
  try {
    return parse(text)
  } catch (error) {
    if (error instanceof FplayError || !(error instanceof Error)) throw error
    const { message, lineNumber, column } = error as Error & { lineNumber?: number; column?: number }
    const line = lineNumber ?? Number(/on line (\d+)/.exec(message)?.[1] ?? 1)
    return fail({
      code: 'template-syntax',
      message: explain(message),
      place: { file, line, column: (column ?? 0) + 1 },
    })
  }
}

/** The sentence inside a parser's message, without its picture of the source and its list of token names. */
function explain(message: string): string {
  const got = /got '([^']*)'/.exec(message)?.[1]
  if (got === 'EOF' || got === 'INVALID')
    return `the template ${got === 'EOF' ? 'ends too early' : 'has a character that cannot stand here'}`
  if (got !== undefined) return `the template has ${TOKENS[got] ?? got} where it cannot stand`
  return message.replace(/\s+-\s+\d+:\d+$/, '').replace(/\n[\s\S]*/, '')
}

const TOKENS: Readonly<Record<string, string>> = {
  OPEN_ENDBLOCK: 'the end of a block ({{/)',
  OPEN_BLOCK: 'the beginning of a block ({{#)',
  OPEN_INVERSE_CHAIN: '{{else}}',
  INVERSE: '{{else}}',
  CLOSE: '}}',
  CLOSE_SEXPR: ')',
  EQUALS: '=',
  SEP: 'a separator',
}

/** Visits every node, so that a mistake is found also where the template does not pass. */
function check(node: unknown, file: string): void {
  if (Array.isArray(node)) {
    for (const one of node) check(one, file)
    return
  }
  if (node === null || typeof node !== 'object') return
  if ('type' in node && 'loc' in node) checkNode(node as Ast, file)
  for (const [key, child] of Object.entries(node)) if (key !== 'loc') check(child, file)
}

function checkNode(node: Ast, file: string): void {
  if (/^Decorator/.test(node.type)) {
    fail({
      code: 'template-syntax',
      message: 'decorators ({{* }}) are not supported',
      place: placeOfNode(node, file),
    })
  }
  if (node.type === 'BlockStatement') {
    const { path } = node as hbs.AST.BlockStatement
    if (!BLOCKS.includes(path.original)) refuse('block', path.original, BLOCKS, node, file)
  }
  if (node.type !== 'MustacheStatement' && node.type !== 'SubExpression') return
  const { path, params, hash } = node as hbs.AST.SubExpression
  const called = node.type === 'SubExpression' || params.length > 0 || (hash?.pairs.length ?? 0) > 0
  if (called && !isHelper(path.original)) {
    refuse('helper', path.original, [...OWN_HELPERS, ...filters.keys(), ...tests.keys()], node, file)
  }
}

/** Whether something can be called by this name. */
export function isHelper(name: unknown): name is string {
  return typeof name === 'string' && (OWN_HELPERS.includes(name) || filters.has(name) || tests.has(name))
}

function refuse(kind: string, name: unknown, allowed: readonly string[], node: Ast, file: string): never {
  const near = nearest(String(name), allowed)
  const list = allowed.length < 10 ? `allowed: ${allowed.join(', ')}` : undefined
  return fail({
    code: 'unknown-filter',
    message: `there is no ${kind} "${String(name)}"`,
    place: placeOfNode(node, file),
    allowed: near ? `did you mean "${near}"?` : list,
  })
}
