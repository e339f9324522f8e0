import { isUnknown } from '../../unknown.js'
import type { Target } from './ast.js'
import type { Frame } from './frame.js'
import { errorAt } from './frame.js'
import type { Item } from './item.js'
import { EvalError, iterate, Undefined } from './item.js'
import { Namespace } from './namespace.js'

/** Gives a value to a name, to names side by side, or to an attribute of a namespace. */
export function assign(target: Target, value: Item, frame: Frame): void {
  if (target.kind === 'name') {
    frame.vars.set(target.name, value)
    return
  }
  if (target.kind === 'member') {
    const namespace = frame.resolve(target.name)
    if (namespace instanceof Undefined) namespace.raise()
    if (!(namespace instanceof Namespace))
      throw new EvalError(`"${target.name}" is no namespace(), its attributes cannot be set`)
    namespace.vars.set(target.member, value)
    return
  }
  if (isUnknown(value)) {
    for (const one of target.items) assign(one, value, frame)
    return
  }
  const items = iterate(value)
  if (items.length !== target.items.length) {
    throw new EvalError(`${target.items.length} names are set, but there are ${items.length} values`)
  }
  target.items.forEach((one, index) => assign(one, items[index]!, frame))
}

/** {@link assign}, with the place of the target in errors. */
export function assignAt(target: Target, value: Item, frame: Frame): void {
  try {
    assign(target, value, frame)
  } catch (error) {
    throw errorAt(error, frame, target.at)
  }
}
