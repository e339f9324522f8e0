import type { Body, FilterCall, StatementNode } from './ast.js'
import { assignAt } from './assign.js'
import { compileArgs, compileExpression } from './compile-expression.js'
import { compileFor } from './compile-for.js'
import { compileCallBlock, compileMacro } from './compile-macro.js'
import {
  compileBlock,
  compileExtends,
  compileFromImport,
  compileImport,
  compileInclude,
} from './compile-template.js'
import type { Frame, Statement } from './frame.js'
import { errorAt } from './frame.js'
import type { Item } from './item.js'
import { truthy } from './item.js'
import { Output } from './output.js'
import { applyFilter, checkArguments, findFilter } from './registry.js'

/** Makes a statement runnable. */
export function compileStatement(node: StatementNode): Statement {
  switch (node.kind) {
    case 'text':
      return (_, out) => out.say(node.text)
    case 'output':
      return compileOutput(node)
    case 'if':
      return compileIf(node)
    case 'for':
      return compileFor(node, compileBody)
    case 'set':
      return compileSet(node)
    case 'set-block':
    case 'filter':
      return compileCaptured(node)
    case 'macro':
      return compileMacro(node, compileBody)
    case 'call':
      return compileCallBlock(node, compileBody)
    case 'with':
      return compileWith(node)
    case 'do': {
      const value = compileExpression(node.value)
      return (frame) => void value(frame)
    }
    case 'include':
      return compileInclude(node)
    case 'import':
      return compileImport(node)
    case 'from-import':
      return compileFromImport(node)
    case 'extends':
      return compileExtends(node)
    case 'block':
      return compileBlock(node)
  }
}

/** Makes statements runnable, one after the other. */
export function compileBody(body: Body): Statement {
  const statements = body.map(compileStatement)
  return (frame, out) => {
    for (const statement of statements) statement(frame, out)
  }
}

type Kind<K> = Extract<StatementNode, { kind: K }>

function compileOutput(node: Kind<'output'>): Statement {
  const value = compileExpression(node.value)
  return (frame, out) => {
    const item = value(frame)
    try {
      out.write(item)
    } catch (error) {
      throw errorAt(error, frame, node.value.at)
    }
  }
}

function compileIf(node: Kind<'if'>): Statement {
  const branches = node.branches.map(
    ([test, body]) => [compileExpression(test), compileBody(body), test.at] as const,
  )
  const otherwise = node.otherwise && compileBody(node.otherwise)
  return (frame, out) => {
    for (const [test, body, at] of branches) {
      const answer = test(frame)
      if (decide(answer, frame, at)) return body(frame, out)
    }
    otherwise?.(frame, out)
  }
}

function decide(answer: Item, frame: Frame, at: number): boolean {
  try {
    return truthy(answer)
  } catch (error) {
    throw errorAt(error, frame, at)
  }
}

function compileSet(node: Kind<'set'>): Statement {
  const value = compileExpression(node.value)
  return (frame) => assignAt(node.target, value(frame), frame)
}

function compileFilters(calls: readonly FilterCall[]): (value: Item, frame: Frame) => Item {
  const filters = calls.map(({ name, args, at }) => {
    const entry = findFilter(name, at)
    checkArguments('filter', entry, args, at)
    return { entry, args: compileArgs(args), at }
  })
  return (value, frame) => {
    let item = value
    for (const { entry, args, at } of filters) {
      try {
        item = applyFilter(entry, item, args(frame), frame.state.env)
      } catch (error) {
        throw errorAt(error, frame, at)
      }
    }
    return item
  }
}

/** Statements whose text is caught: `{% set x %}…{% endset %}` and `{% filter f %}…{% endfilter %}`. */
function compileCaptured(node: Kind<'set-block' | 'filter'>): Statement {
  const body = compileBody(node.body)
  const filters = compileFilters(node.filters)
  return (frame, out) => {
    const caught = new Output()
    body(frame.inner(), caught)
    const value = filters(caught.result(), frame)
    if (node.kind === 'filter') out.write(value)
    else assignAt(node.target, value, frame)
  }
}

function compileWith(node: Kind<'with'>): Statement {
  const pairs = node.pairs.map(([target, value]) => [target, compileExpression(value)] as const)
  const body = compileBody(node.body)
  return (frame, out) => {
    const inner = frame.inner()
    for (const [target, value] of pairs) assignAt(target, value(frame), inner)
    body(inner, out)
  }
}
