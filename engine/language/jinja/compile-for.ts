import type { Body, StatementNode } from './ast.js'
import { assignAt } from './assign.js'
import { compileExpression } from './compile-expression.js'
import type { Expression, Frame, Statement } from './frame.js'
import { errorAt } from './frame.js'
import type { Item } from './item.js'
import { iterate, notKnown, truthy } from './item.js'
import { Loop } from './loop.js'
import { Output } from './output.js'
import { isUnknown } from '../../unknown.js'

type ForNode = Extract<StatementNode, { kind: 'for' }>

/** `{% for %}`: each round has names of its own, so what it sets is gone afterwards. */
export function compileFor(node: ForNode, compileBody: (body: Body) => Statement): Statement {
  const over = compileExpression(node.over)
  const where = node.where && compileExpression(node.where)
  const body = compileBody(node.body)
  const otherwise = node.otherwise && compileBody(node.otherwise)

  const run = (source: Item, outer: Frame, out: Output, depth: number): void => {
    const items = choose(node, source, where, outer)
    if (items.length === 0) return otherwise?.(outer.inner(), out)
    const loop: Loop = new Loop(
      items,
      depth,
      node.recursive ? (next) => again(next, outer, depth + 1) : undefined,
    )
    items.forEach((item, index) => {
      loop.index0 = index
      const frame = outer.inner()
      assignAt(node.target, item, frame)
      frame.vars.set('loop', loop)
      body(frame, out)
    })
  }
  const again = (source: Item, outer: Frame, depth: number): Item => {
    const out = new Output()
    run(source, outer, out, depth)
    return out.result()
  }
  return (frame, out) => run(over(frame), frame, out, 0)
}

function choose(node: ForNode, source: Item, where: Expression | undefined, outer: Frame): Item[] {
  try {
    if (isUnknown(source)) return notKnown(source)
    const items = [...iterate(source)]
    if (!where) return items
    return items.filter((item) => {
      const frame = outer.inner()
      assignAt(node.target, item, frame)
      return truthy(where(frame))
    })
  } catch (error) {
    throw errorAt(error, outer, node.over.at)
  }
}
