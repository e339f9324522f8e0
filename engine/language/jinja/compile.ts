import { compileExpression } from './compile-expression.js'
import { compileStatement } from './compile-statement.js'
import type { Body } from './ast.js'
import type { Compiled, Expression, Statement } from './frame.js'
import type { Syntax } from './lexer.js'
import { lexExpression, lexTemplate } from './lexer.js'
import { parseExpression } from './parse-expression.js'
import { forEachBlock, parseTemplate } from './parse-statement.js'
import { MUTATORS } from './python/collection-methods.js'
import { TokenStream } from './token-stream.js'

/** Sources kept compiled; a playbook renders the same few strings for every host. */
const KEEP = 5000

const texts = new Map<Syntax, Map<string, Compiled>>()
const bare = new Map<string, CompiledExpression>()

/** A compiled expression without braces. */
export interface CompiledExpression {
  readonly mutates: boolean
  readonly expression: Expression
}

/** Compiles a template, once for each text. Throws TemplateSyntaxError. */
export function compileText(text: string, syntax: Syntax): Compiled {
  let known = texts.get(syntax)
  if (!known) texts.set(syntax, (known = new Map()))
  return remember(known, text, () => compileSource(text, syntax))
}

/** Compiles a bare expression, once for each text. Throws TemplateSyntaxError. */
export function compileBare(text: string): CompiledExpression {
  return remember(bare, text, () => {
    const stream = new TokenStream(lexExpression(text), false)
    const node = parseExpression(stream)
    if (!stream.is('end')) stream.unexpected('the end of the expression')
    return { mutates: callsMutator(node), expression: compileExpression(node) }
  })
}

function remember<T>(known: Map<string, T>, text: string, make: () => T): T {
  let made = known.get(text)
  if (made === undefined) {
    made = make()
    if (known.size >= KEEP) known.clear()
    known.set(text, made)
  }
  return made
}

function compileSource(text: string, syntax: Syntax): Compiled {
  const source = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
  const cut = !syntax.keepTrailingNewline && source.endsWith('\n') ? source.slice(0, -1) : source
  const body = parseTemplate(new TokenStream(lexTemplate(cut, syntax), syntax.literalBackslashes))
  const blocks = new Map<string, Statement[]>()
  forEachBlock(body, (block) => blocks.set(block.name, block.body.map(compileStatement)))
  return {
    source,
    single: singleOf(body),
    mutates: callsMutator(body),
    statements: body.map(compileStatement),
    blocks,
  }
}

function singleOf(body: Body): Compiled['single'] {
  const [only, second] = body
  if (only?.kind !== 'output' || second) return undefined
  return { evaluate: compileExpression(only.value), at: only.value.at }
}

/** Whether an expression names a method that changes its list or dictionary. */
function callsMutator(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(callsMutator)
  if (node === null || typeof node !== 'object') return false
  const { kind, name, of, key } = node as {
    kind?: unknown
    name?: unknown
    of?: unknown
    key?: { value?: unknown }
  }
  const member = kind === 'attribute' ? name : kind === 'item' ? key?.value : undefined
  if (of !== undefined && typeof member === 'string' && MUTATORS.includes(member)) return true
  return Object.values(node).some(callsMutator)
}
