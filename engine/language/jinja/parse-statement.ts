import { nearest } from '../../errors.js'
import type { Body, ExprNode, FilterCall, MacroParameter, StatementNode, Target } from './ast.js'
import { parseExpression, parseFilterCall, parseTerm } from './parse-expression.js'
import { TemplateSyntaxError } from './syntax-error.js'
import type { TokenStream } from './token-stream.js'

type Parser = (s: TokenStream, at: number) => StatementNode

const STATEMENTS: ReadonlyMap<string, Parser> = new Map<string, Parser>([
  ['if', parseIf],
  ['for', parseFor],
  ['set', parseSet],
  ['macro', parseMacro],
  ['call', parseCall],
  ['filter', parseFilterBlock],
  ['with', parseWith],
  ['do', (s, at) => ({ kind: 'do', value: parseExpression(s), at })],
  ['include', parseInclude],
  ['import', parseImport],
  ['from', parseFromImport],
  ['extends', (s, at) => ({ kind: 'extends', template: parseTerm(s), at })],
  ['block', parseBlock],
])
const CLOSING = [
  'elif',
  'else',
  'endif',
  'endfor',
  'endset',
  'endmacro',
  'endcall',
  'endfilter',
  'endwith',
  'endblock',
]

/** Reads a whole template. */
export function parseTemplate(s: TokenStream): Body {
  const body = parseBody(s, [], '', 0)
  const names = new Set<string>()
  forEachBlock(body, (block) => {
    if (names.has(block.name))
      throw new TemplateSyntaxError(`the block "${block.name}" is defined twice`, block.at)
    names.add(block.name)
  })
  return body
}

type BlockNode = Extract<StatementNode, { kind: 'block' }>

/** Visits every `block` of a template, at any depth. */
export function forEachBlock(body: Body, visit: (block: BlockNode) => void): void {
  for (const node of body) {
    if (node.kind === 'block') visit(node)
    if ('body' in node) forEachBlock(node.body, visit)
    if ('otherwise' in node && node.otherwise) forEachBlock(node.otherwise as Body, visit)
    if (node.kind === 'if') for (const [, branch] of node.branches) forEachBlock(branch, visit)
  }
}

/** Reads statements up to one of `ends`, whose tag is left begun: `{%` and the word are taken. */
function parseBody(s: TokenStream, ends: readonly string[], opener: string, openedAt: number): Body {
  const body: StatementNode[] = []
  for (;;) {
    const { kind, value, at } = s.next()
    if (kind === 'data') body.push({ kind: 'text', text: value, at })
    else if (kind === 'output') {
      s.inOutput = true
      body.push({ kind: 'output', value: parseExpression(s), at })
      s.inOutput = false
      s.expect('output-end')
    } else if (kind === 'block') {
      if (s.is('name') && ends.includes(s.current.value)) return body
      body.push(s.nested(() => parseStatement(s, opener, ends)))
      s.expect('block-end')
    } else if (ends.length) {
      throw new TemplateSyntaxError(`"${opener}" is never closed by "${ends.at(-1)}"`, openedAt)
    } else return body
  }
}

function parseStatement(s: TokenStream, opener: string, ends: readonly string[]): StatementNode {
  const { value, at } = s.expect('name')
  const parser = STATEMENTS.get(value)
  if (parser) return parser(s, at)
  if (CLOSING.includes(value)) {
    const expected = ends.length
      ? `"${opener}" is open and wants ${ends.map((end) => `"${end}"`).join(' or ')}`
      : undefined
    throw new TemplateSyntaxError(`"${value}" closes nothing here`, at, expected)
  }
  const near = nearest(value, [...STATEMENTS.keys(), ...CLOSING, 'raw'])
  const allowed = near ? `did you mean "${near}"?` : `allowed: ${[...STATEMENTS.keys()].join(', ')}`
  throw new TemplateSyntaxError(`there is no statement "${value}"`, at, allowed)
}

/** The rest of a block tag, the body, and the word that ended it. */
function block(
  s: TokenStream,
  opener: string,
  at: number,
  ends: readonly string[],
): { body: Body; end: string } {
  s.expect('block-end')
  const body = parseBody(s, ends, opener, at)
  return { body, end: s.next().value }
}

function parseIf(s: TokenStream, at: number): StatementNode {
  const branches: [ExprNode, Body][] = []
  for (;;) {
    const test = parseExpression(s)
    const { body, end } = block(s, 'if', at, ['elif', 'else', 'endif'])
    branches.push([test, body])
    if (end === 'elif') continue
    const otherwise = end === 'else' ? block(s, 'if', at, ['endif']).body : undefined
    return { kind: 'if', branches, otherwise, at }
  }
}

function parseTarget(s: TokenStream, allowMember: boolean): Target {
  const first = parseOneTarget(s, allowMember)
  if (!s.isOp(',')) return first
  const items = [first]
  while (s.skip('op', ',')) if (s.is('name') || s.isOp('(')) items.push(parseOneTarget(s, allowMember))
  return { kind: 'several', items, at: first.at }
}

function parseOneTarget(s: TokenStream, allowMember: boolean): Target {
  if (s.skip('op', '(')) {
    const inner = parseTarget(s, allowMember)
    s.expect('op', ')')
    return inner
  }
  const { value: name, at } = s.expect('name')
  if (['true', 'false', 'none', 'True', 'False', 'None'].includes(name)) {
    throw new TemplateSyntaxError(`"${name}" cannot be assigned to`, at)
  }
  if (allowMember && s.skip('op', '.')) return { kind: 'member', name, member: s.expect('name').value, at }
  return { kind: 'name', name, at }
}

function parseFor(s: TokenStream, at: number): StatementNode {
  const target = parseTarget(s, false)
  s.expect('name', 'in')
  let over = parseTerm(s, false)
  if (s.isOp(',')) {
    const items = [over]
    while (s.skip('op', ',')) if (!s.is('block-end')) items.push(parseTerm(s, false))
    over = { kind: 'tuple', items, at: over.at }
  }
  const where = s.skip('name', 'if') ? parseExpression(s) : undefined
  const recursive = s.skip('name', 'recursive')
  const { body, end } = block(s, 'for', at, ['else', 'endfor'])
  const otherwise = end === 'else' ? block(s, 'for', at, ['endfor']).body : undefined
  return { kind: 'for', target, over, where, recursive, body, otherwise, at }
}

function parseSet(s: TokenStream, at: number): StatementNode {
  const target = parseTarget(s, true)
  if (s.skip('op', '=')) return { kind: 'set', target, value: parseExpression(s), at }
  const filters = parseFilterChain(s)
  return { kind: 'set-block', target, filters, body: block(s, 'set', at, ['endset']).body, at }
}

function parseFilterChain(s: TokenStream): FilterCall[] {
  const filters: FilterCall[] = []
  while (s.skip('op', '|')) filters.push(parseFilterCall(s))
  return filters
}

function parseParameters(s: TokenStream): MacroParameter[] {
  const parameters: MacroParameter[] = []
  s.expect('op', '(')
  while (!s.isOp(')')) {
    const { value: name, at } = s.expect('name')
    const fallback = s.skip('op', '=') ? parseTerm(s) : undefined
    if (!fallback && parameters.at(-1)?.fallback) {
      throw new TemplateSyntaxError(
        `the parameter "${name}" needs a default, as the one before it has one`,
        at,
      )
    }
    parameters.push({ name, fallback })
    if (!s.isOp(')')) s.expect('op', ',')
  }
  s.next()
  return parameters
}

function parseMacro(s: TokenStream, at: number): StatementNode {
  const name = s.expect('name').value
  const parameters = parseParameters(s)
  const { body } = block(s, 'macro', at, ['endmacro'])
  if (s.is('name')) s.next()
  return { kind: 'macro', name, parameters, body, at }
}

function parseCall(s: TokenStream, at: number): StatementNode {
  const parameters = s.isOp('(') ? parseParameters(s) : []
  const call = parseTerm(s)
  if (call.kind !== 'call') throw new TemplateSyntaxError('"call" needs the call of a macro', call.at)
  return { kind: 'call', parameters, call, body: block(s, 'call', at, ['endcall']).body, at }
}

function parseFilterBlock(s: TokenStream, at: number): StatementNode {
  const filters = [parseFilterCall(s), ...parseFilterChain(s)]
  return { kind: 'filter', filters, body: block(s, 'filter', at, ['endfilter']).body, at }
}

function parseWith(s: TokenStream, at: number): StatementNode {
  const pairs: [Target, ExprNode][] = []
  while (!s.is('block-end')) {
    if (pairs.length) s.expect('op', ',')
    const target = parseOneTarget(s, false)
    s.expect('op', '=')
    pairs.push([target, parseTerm(s)])
  }
  return { kind: 'with', pairs, body: block(s, 'with', at, ['endwith']).body, at }
}

function parseContext(s: TokenStream, fallback: boolean): boolean {
  if (!s.isWord('with', 'without') || s.following.value !== 'context') return fallback
  const { value } = s.next()
  s.next()
  return value === 'with'
}

function parseInclude(s: TokenStream, at: number): StatementNode {
  const template = parseTerm(s)
  const ignoreMissing = s.isWord('ignore') && s.following.value === 'missing'
  if (ignoreMissing) {
    s.next()
    s.next()
  }
  return { kind: 'include', template, ignoreMissing, withContext: parseContext(s, true), at }
}

function parseImport(s: TokenStream, at: number): StatementNode {
  const template = parseTerm(s)
  s.expect('name', 'as')
  const name = s.expect('name').value
  return { kind: 'import', template, name, withContext: parseContext(s, false), at }
}

function parseFromImport(s: TokenStream, at: number): StatementNode {
  const template = parseTerm(s)
  s.expect('name', 'import')
  const names: [string, string][] = []
  let withContext: boolean | undefined
  while (s.is('name') && withContext === undefined) {
    if (s.isWord('with', 'without') && s.following.value === 'context') {
      withContext = parseContext(s, false)
      break
    }
    const { value: name, at: nameAt } = s.next()
    if (name.startsWith('_'))
      throw new TemplateSyntaxError(`"${name}" begins with _ and cannot be imported`, nameAt)
    names.push([name, s.skip('name', 'as') ? s.expect('name').value : name])
    s.skip('op', ',')
  }
  if (names.length === 0) s.unexpected('a name')
  return { kind: 'from-import', template, names, withContext: withContext ?? false, at }
}

function parseBlock(s: TokenStream, at: number): StatementNode {
  const name = s.expect('name').value
  const scoped = s.skip('name', 'scoped')
  const required = s.skip('name', 'required')
  const { body } = block(s, 'block', at, ['endblock'])
  if (s.is('name')) s.next()
  return { kind: 'block', name, body, scoped, required, at }
}
