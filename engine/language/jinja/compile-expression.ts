import { isUnknown } from '../../unknown.js'
import type { ArgNodes, ExprNode } from './ast.js'
import type { Filter } from './entry.js'
import type { Expression, Frame } from './frame.js'
import { mix, recover } from './frame.js'
import type { Args, Item } from './item.js'
import { EvalError, Func, isItemDict, iterate, tuple, truthy, typeName, Undefined } from './item.js'
import {
  add,
  divide,
  floorDivide,
  modulo,
  multiply,
  negate,
  plus,
  power,
  subtract,
} from './python/arithmetic.js'
import { attributeOf, itemOf, sliceOf } from './python/attributes.js'
import { setEntry } from './python/collection-methods.js'
import { contains, equals, order } from './python/compare.js'
import { str } from './python/render.js'
import { applyFilter, applyTest, checkArguments, findFilter, findTest } from './registry.js'
import { unknownLookup } from './lookup-names.js'
import { TemplateSyntaxError } from './syntax-error.js'
import { compileAnd, compileNot, compileOr } from './compile-logic.js'

type Kind<K> = Extract<ExprNode, { kind: K }>

const BINARY: Readonly<Record<string, (a: Item, b: Item) => Item>> = {
  '+': add,
  '-': subtract,
  '*': multiply,
  '/': divide,
  '//': floorDivide,
  '%': modulo,
  '**': power,
}

const COMPARE: Readonly<Record<string, (a: Item, b: Item) => boolean>> = {
  '==': equals,
  '!=': (a, b) => !equals(a, b),
  '<': (a, b) => order(a, b, '<') < 0,
  '<=': (a, b) => order(a, b, '<=') <= 0,
  '>': (a, b) => order(a, b, '>') > 0,
  '>=': (a, b) => order(a, b, '>=') >= 0,
  in: (a, b) => contains(b, a),
  'not in': (a, b) => !contains(b, a),
}

/** Makes an expression runnable. */
export function compileExpression(node: ExprNode): Expression {
  switch (node.kind) {
    case 'const':
      return () => node.value
    case 'name':
      return (frame) => frame.resolve(node.name)
    case 'list':
    case 'tuple':
    case 'concat':
    case 'dict':
      return compileCollection(node)
    case 'attribute':
    case 'item':
    case 'slice':
      return compileAccess(node)
    case 'call':
      return compileCall(node)
    case 'filter':
    case 'test':
      return compileFilter(node)
    case 'unary':
      return node.operator === 'not' ? compileNot(compileExpression(node.of), node.at) : compileSign(node)
    case 'binary':
      return compileBinary(node)
    case 'compare':
      return compileCompare(node)
    case 'and':
      return compileAnd(compileExpression(node.left), compileExpression(node.right), node.at)
    case 'or':
      return compileOr(compileExpression(node.left), compileExpression(node.right), node.at)
    case 'if':
      return compileIf(node)
  }
}

/** Runs `step`, giving errors the place `at` and turning what is not known into an Unknown. */
function guard(frame: Frame, at: number, step: () => Item): Item {
  try {
    return step()
  } catch (error) {
    return recover(error, frame, at)
  }
}

function compileCollection(node: Kind<'list' | 'tuple' | 'concat' | 'dict'>): Expression {
  if (node.kind === 'dict') {
    const pairs = node.pairs.map(
      ([key, value]) => [compileExpression(key), compileExpression(value)] as const,
    )
    return (frame) =>
      guard(frame, node.at, () => {
        const dict = new Map<Item, Item>()
        for (const [key, value] of pairs) setEntry(dict, key(frame), value(frame))
        return dict
      })
  }
  const items = node.items.map(compileExpression)
  if (node.kind === 'list') return (frame) => items.map((item) => item(frame))
  if (node.kind === 'tuple') return (frame) => tuple(items.map((item) => item(frame)))
  return (frame) => {
    const values = items.map((item) => item(frame))
    return guard(frame, node.at, () => (values.some(isUnknown) ? mix(values) : values.map(str).join('')))
  }
}

/** How an expression reads in an error. */
function describe(node: ExprNode): string {
  if (node.kind === 'name') return node.name
  if (node.kind === 'attribute') return `${describe(node.of)}.${node.name}`
  if (node.kind === 'item') {
    const key =
      node.key.kind === 'const'
        ? typeof node.key.value === 'string'
          ? `'${node.key.value}'`
          : str(node.key.value)
        : describe(node.key)
    return `${describe(node.of)}[${key}]`
  }
  if (node.kind === 'call') return `${describe(node.of)}(…)`
  return '(…)'
}

function compileAccess(node: Kind<'attribute' | 'item' | 'slice'>): Expression {
  const of = compileExpression(node.of)
  const described = describe(node.of)
  if (node.kind === 'attribute') {
    return (frame) => guard(frame, node.at, () => attributeOf(of(frame), node.name, described))
  }
  if (node.kind === 'item') {
    const key = compileExpression(node.key)
    return (frame) => guard(frame, node.at, () => itemOf(of(frame), key(frame), described))
  }
  const bounds = node.bounds.map((bound) => bound && compileExpression(bound))
  return (frame) =>
    guard(frame, node.at, () =>
      sliceOf(
        of(frame),
        bounds.map((bound) => bound?.(frame)),
      ),
    )
}

/** Evaluates the arguments of a call. */
export function compileArgs(nodes: ArgNodes): (frame: Frame) => Args {
  const positional = nodes.positional.map(compileExpression)
  const named = nodes.named.map(([name, value]) => [name, compileExpression(value)] as const)
  const rest = nodes.rest && compileExpression(nodes.rest)
  const restNamed = nodes.restNamed && compileExpression(nodes.restNamed)
  return (frame) => {
    const values = positional.map((one) => one(frame))
    if (rest) values.push(...iterate(rest(frame)))
    const byName = new Map(named.map(([name, value]) => [name, value(frame)]))
    if (restNamed) addNamed(byName, restNamed(frame))
    return { positional: values, named: byName }
  }
}

function addNamed(byName: Map<string, Item>, options: Item): void {
  if (!isItemDict(options)) throw new EvalError(`** needs a dictionary, not '${typeName(options)}'`)
  for (const [key, value] of options) byName.set(str(key), value)
}

function compileCall(node: Kind<'call'>): Expression {
  checkLookup(node)
  const of = compileExpression(node.of)
  const args = compileArgs(node.args)
  return (frame) =>
    guard(frame, node.at, () => {
      const target = of(frame)
      if (isUnknown(target)) return target
      if (target instanceof Undefined) return target.raise()
      if (!(target instanceof Func))
        throw new EvalError(`${describe(node.of)} cannot be called: it is a '${typeName(target)}'`)
      const given = args(frame)
      if (target.acceptsAll) return target.call(given)
      const all = [...given.positional, ...given.named.values()]
      for (const one of all) if (one instanceof Undefined) one.raise()
      return all.some(isUnknown) ? mix(all) : target.call(given)
    })
}

/** The name of a lookup that is written out must exist. */
function checkLookup({ of, args }: Kind<'call'>): void {
  const [named] = args.positional
  if (of.kind !== 'name' || !['lookup', 'query', 'q'].includes(of.name) || named?.kind !== 'const') return
  const unknown = typeof named.value === 'string' ? unknownLookup(named.value) : undefined
  if (unknown) throw new TemplateSyntaxError(unknown.message, named.at, unknown.allowed, 'unknown-filter')
}

function compileFilter(node: Kind<'filter' | 'test'>): Expression {
  const of = compileExpression(node.of)
  const args = compileArgs(node.args)
  const entry: Filter = node.kind === 'filter' ? findFilter(node.name, node.at) : findTest(node.name, node.at)
  checkArguments(node.kind, entry, node.args, node.at)
  if (node.kind === 'filter') {
    return (frame) => guard(frame, node.at, () => applyFilter(entry, of(frame), args(frame), frame.state.env))
  }
  return (frame) =>
    guard(frame, node.at, () => {
      const answer = applyTest(entry, of(frame), args(frame), frame.state.env)
      return isUnknown(answer) ? answer : truthy(answer) !== node.negated
    })
}

function compileSign(node: Kind<'unary'>): Expression {
  const of = compileExpression(node.of)
  const sign = node.operator === '-' ? negate : plus
  return (frame) => guard(frame, node.at, () => sign(of(frame)))
}

function compileBinary(node: Kind<'binary'>): Expression {
  const left = compileExpression(node.left)
  const right = compileExpression(node.right)
  const operation = BINARY[node.operator]!
  return (frame) => {
    const a = left(frame)
    const b = right(frame)
    return guard(frame, node.at, () => (isUnknown(a) || isUnknown(b) ? mixDefined([a, b]) : operation(a, b)))
  }
}

function mixDefined(items: readonly Item[]): Item {
  for (const item of items) if (item instanceof Undefined) item.raise()
  return mix(items)
}

/** Comparisons in a chain: `a < b < c` is `a < b and b < c`, each side evaluated once. */
function compileCompare(node: Kind<'compare'>): Expression {
  const first = compileExpression(node.first)
  const rest = node.rest.map(([operator, right]) => [COMPARE[operator]!, compileExpression(right)] as const)
  return (frame) => {
    let left = first(frame)
    let doubt: Item | undefined
    for (const [compare, side] of rest) {
      const right = side(frame)
      const answer = guard(frame, node.at, () => compare(left, right))
      if (answer === false) return false
      if (isUnknown(answer)) doubt ??= answer
      left = right
    }
    return doubt ?? true
  }
}

/** Jinja is lenient here: the result is empty text, though not `defined`. */
const NO_ELSE = new Undefined(
  'the "if" inside the expression is false and has no "else"',
  undefined,
  undefined,
  true,
)

function compileIf(node: Kind<'if'>): Expression {
  const test = compileExpression(node.test)
  const then = compileExpression(node.then)
  const otherwise = node.otherwise && compileExpression(node.otherwise)
  return (frame) => {
    const answer = test(frame)
    if (isUnknown(answer)) return answer
    if (guard(frame, node.at, () => truthy(answer))) return then(frame)
    return otherwise ? otherwise(frame) : NO_ELSE
  }
}
