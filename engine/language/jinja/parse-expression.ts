import type { ArgNodes, ExprNode } from './ast.js'
import { NO_ARGS } from './ast.js'
import { narrow } from './python/numbers.js'
import { float } from '../value.js'
import { TemplateSyntaxError } from './syntax-error.js'
import { readText } from './text-literal.js'
import type { TokenStream } from './token-stream.js'

const COMPARISONS = ['==', '!=', '<', '<=', '>', '>=']
const CONSTANTS: ReadonlyMap<string, null | boolean> = new Map([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
])

/** Reads an expression as Jinja does; a list without brackets (`1, 2`) is a tuple. */
export function parseExpression(s: TokenStream): ExprNode {
  const first = parseTerm(s)
  if (!s.isOp(',')) return first
  const items = [first]
  while (s.skip('op', ',')) {
    if (endsTuple(s)) break
    items.push(parseTerm(s))
  }
  return { kind: 'tuple', items, at: first.at }
}

function endsTuple(s: TokenStream): boolean {
  return s.isOp(')') || s.is('output-end') || s.is('block-end') || s.is('end')
}

/** Reads an expression up to the next comma; without `if … else` when `allowIf` is false. */
export function parseTerm(s: TokenStream, allowIf = true): ExprNode {
  return s.nested(() => (allowIf ? parseIf(s) : parseOr(s)))
}

function parseIf(s: TokenStream): ExprNode {
  let node = parseOr(s)
  while (s.isWord('if')) {
    const { at } = s.next()
    const test = parseOr(s)
    const otherwise = s.skip('name', 'else') ? parseTerm(s) : undefined
    node = { kind: 'if', test, then: node, otherwise, at }
  }
  return node
}

function parseOr(s: TokenStream): ExprNode {
  let left = parseAnd(s)
  while (s.isWord('or')) {
    const { at } = s.next()
    left = { kind: 'or', left, right: parseAnd(s), at }
  }
  return left
}

function parseAnd(s: TokenStream): ExprNode {
  let left = parseNot(s)
  while (s.isWord('and')) {
    const { at } = s.next()
    left = { kind: 'and', left, right: parseNot(s), at }
  }
  return left
}

function parseNot(s: TokenStream): ExprNode {
  if (!s.isWord('not')) return parseCompare(s)
  const { at } = s.next()
  return { kind: 'unary', operator: 'not', of: s.nested(() => parseNot(s)), at }
}

function parseCompare(s: TokenStream): ExprNode {
  const first = parseSum(s)
  const rest: [string, ExprNode][] = []
  const at = s.current.at
  for (;;) {
    if (s.isOp(...COMPARISONS)) rest.push([s.next().value, parseSum(s)])
    else if (s.skip('name', 'in')) rest.push(['in', parseSum(s)])
    else if (s.isWord('not') && s.following.kind === 'name' && s.following.value === 'in') {
      s.next()
      s.next()
      rest.push(['not in', parseSum(s)])
    } else break
  }
  return rest.length ? { kind: 'compare', first, rest, at } : first
}

function binary(
  s: TokenStream,
  operators: readonly string[],
  operand: (s: TokenStream) => ExprNode,
): ExprNode {
  let left = operand(s)
  while (s.isOp(...operators)) {
    const { value, at } = s.next()
    left = { kind: 'binary', operator: value, left, right: operand(s), at }
  }
  return left
}

function parseSum(s: TokenStream): ExprNode {
  return binary(s, ['+', '-'], parseConcat)
}

function parseConcat(s: TokenStream): ExprNode {
  const items = [parseProduct(s)]
  const { at } = s.current
  while (s.skip('op', '~')) items.push(parseProduct(s))
  return items.length > 1 ? { kind: 'concat', items, at } : items[0]!
}

function parseProduct(s: TokenStream): ExprNode {
  return binary(s, ['*', '/', '//', '%'], parsePower)
}

function parsePower(s: TokenStream): ExprNode {
  return binary(s, ['**'], (stream) => parseUnary(stream, true))
}

function parseUnary(s: TokenStream, withFilters: boolean): ExprNode {
  let node: ExprNode
  if (s.isOp('-', '+')) {
    const { value, at } = s.next()
    node = { kind: 'unary', operator: value as '-' | '+', of: s.nested(() => parseUnary(s, false)), at }
  } else {
    node = parsePrimary(s)
  }
  node = parsePostfix(s, node)
  return withFilters ? parseFilters(s, node) : node
}

function parsePrimary(s: TokenStream): ExprNode {
  const { kind, value, at } = s.current
  if (kind === 'name') {
    s.next()
    const constant = CONSTANTS.get(value)
    return constant === undefined ? { kind: 'name', name: value, at } : { kind: 'const', value: constant, at }
  }
  if (kind === 'text') return { kind: 'const', value: readText(s), at }
  if (kind === 'int') return { kind: 'const', value: narrow(BigInt(s.next().value.replace(/_/g, ''))), at }
  if (kind === 'float') return { kind: 'const', value: float(Number(s.next().value.replace(/_/g, ''))), at }
  if (s.isOp('(')) return s.nested(() => parseParentheses(s))
  if (s.isOp('[')) return s.nested(() => parseList(s))
  if (s.isOp('{')) return s.nested(() => parseDict(s))
  return s.unexpected('a value')
}

function parseParentheses(s: TokenStream): ExprNode {
  const { at } = s.next()
  if (s.skip('op', ')')) return { kind: 'tuple', items: [], at }
  const node = parseExpression(s)
  s.expect('op', ')')
  return node
}

function parseList(s: TokenStream): ExprNode {
  const { at } = s.next()
  const items: ExprNode[] = []
  while (!s.isOp(']')) {
    items.push(parseTerm(s))
    if (!s.isOp(']')) s.expect('op', ',')
  }
  s.next()
  return { kind: 'list', items, at }
}

function parseDict(s: TokenStream): ExprNode {
  const { at } = s.next()
  const pairs: [ExprNode, ExprNode][] = []
  while (!s.isOp('}')) {
    const key = parseTerm(s)
    s.expect('op', ':')
    pairs.push([key, parseTerm(s)])
    if (!s.isOp('}')) s.expect('op', ',')
  }
  s.next()
  return { kind: 'dict', pairs, at }
}

/** Attributes, subscripts and calls that follow a value. */
export function parsePostfix(s: TokenStream, start: ExprNode): ExprNode {
  let node = start
  for (;;) {
    if (s.isOp('.')) node = parseAttribute(s, node)
    else if (s.isOp('[')) node = s.nested(() => parseSubscript(s, node))
    else if (s.isOp('(')) node = { kind: 'call', of: node, at: s.current.at, args: parseArguments(s) }
    else return node
  }
}

function parseAttribute(s: TokenStream, of: ExprNode): ExprNode {
  s.next()
  const { kind, value, at } = s.current
  if (kind === 'name') return { kind: 'attribute', of, name: s.next().value, at }
  if (kind === 'int')
    return { kind: 'item', of, key: { kind: 'const', value: Number(s.next().value), at }, at }
  throw new TemplateSyntaxError(`"${value}" cannot be the name of an attribute`, at, 'expected a name')
}

function parseSubscript(s: TokenStream, of: ExprNode): ExprNode {
  const { at } = s.next()
  const node = parseBound(s, of, at)
  if (s.isOp(',') && node.kind === 'item') {
    const items = [node.key]
    while (s.skip('op', ',')) if (!s.isOp(']')) items.push(parseTerm(s))
    s.expect('op', ']')
    return { ...node, key: { kind: 'tuple', items, at } }
  }
  s.expect('op', ']')
  return node
}

function parseBound(s: TokenStream, of: ExprNode, at: number): ExprNode {
  const start = s.isOp(':') ? undefined : parseTerm(s)
  if (start && !s.isOp(':')) return { kind: 'item', of, key: start, at }
  s.expect('op', ':')
  const stop = s.isOp(']', ':') ? undefined : parseTerm(s)
  const step = s.skip('op', ':') && !s.isOp(']') ? parseTerm(s) : undefined
  return { kind: 'slice', of, bounds: [start, stop, step], at }
}

/** The arguments of a call, in parentheses. */
export function parseArguments(s: TokenStream): ArgNodes {
  return s.nested(() => {
    s.expect('op', '(')
    const positional: ExprNode[] = []
    const named: [string, ExprNode][] = []
    let rest: ExprNode | undefined
    let restNamed: ExprNode | undefined
    while (!s.isOp(')')) {
      if (s.skip('op', '*')) rest = parseTerm(s)
      else if (s.skip('op', '**')) restNamed = parseTerm(s)
      else if (s.is('name') && s.following.kind === 'op' && s.following.value === '=') {
        const name = s.next().value
        s.next()
        named.push([name, parseTerm(s)])
      } else {
        if (named.length || rest || restNamed) s.unexpected('an argument by name after the first one by name')
        positional.push(parseTerm(s))
      }
      if (!s.isOp(')')) s.expect('op', ',')
    }
    s.next()
    return { positional, named, rest, restNamed }
  })
}

function parseFilters(s: TokenStream, start: ExprNode): ExprNode {
  let node = start
  for (;;) {
    if (s.isOp('|')) {
      s.next()
      node = { of: node, ...parseFilterCall(s), kind: 'filter' }
    } else if (s.isWord('is')) node = parseTest(s, node)
    else if (s.isOp('(')) node = { kind: 'call', of: node, at: s.current.at, args: parseArguments(s) }
    else return node
  }
}

/** A filter's name and arguments, after the bar. */
export function parseFilterCall(s: TokenStream): { name: string; args: ArgNodes; at: number } {
  const { at } = s.current
  const name = parseDottedName(s)
  return { name, args: s.isOp('(') ? parseArguments(s) : NO_ARGS, at }
}

function parseDottedName(s: TokenStream): string {
  let name = s.expect('name').value
  while (s.skip('op', '.')) name += `.${s.expect('name').value}`
  return name
}

function parseTest(s: TokenStream, of: ExprNode): ExprNode {
  s.next()
  const negated = s.skip('name', 'not')
  const { at } = s.current
  const name = parseDottedName(s)
  const args = s.isOp('(') ? parseArguments(s) : parseTestArgument(s)
  return { kind: 'test', name, of, args, negated, at }
}

function parseTestArgument(s: TokenStream): ArgNodes {
  if (s.isWord('is')) throw new TemplateSyntaxError('tests cannot be chained with "is"', s.current.at)
  const begins = ['name', 'text', 'int', 'float'].includes(s.current.kind) || s.isOp('[', '{')
  if (!begins || s.isWord('else', 'or', 'and', 'if', 'in', 'not')) return NO_ARGS
  return { positional: [parsePostfix(s, parsePrimary(s))], named: [] }
}
