import type { Body, MacroParameter, StatementNode } from './ast.js'
import { compileArgs, compileExpression } from './compile-expression.js'
import type { Expression, Frame, Statement } from './frame.js'
import { errorAt } from './frame.js'
import type { Args, Item } from './item.js'
import { EvalError, Func, orElse, tuple, Undefined } from './item.js'
import { Output } from './output.js'
import { isUnknown } from '../../unknown.js'

type Kind<K> = Extract<StatementNode, { kind: K }>

/** Calls inside calls that a template may make. */
const MAX_DEPTH = 200

interface Macro {
  readonly name: string
  readonly parameters: readonly { readonly name: string; readonly fallback: Expression | undefined }[]
  readonly body: Statement
  readonly takesRest: boolean
  readonly takesNamed: boolean
}

function prepare(name: string, parameters: readonly MacroParameter[], body: Body, run: Statement): Macro {
  return {
    name,
    parameters: parameters.map((p) => ({
      name: p.name,
      fallback: p.fallback && compileExpression(p.fallback),
    })),
    body: run,
    takesRest: mentions(body, 'varargs'),
    takesNamed: mentions(body, 'kwargs'),
  }
}

/** Whether the name stands anywhere in this part of a template. */
function mentions(node: unknown, name: string): boolean {
  if (Array.isArray(node)) return node.some((one) => mentions(one, name))
  if (node === null || typeof node !== 'object') return false
  const entries = node as { kind?: unknown; name?: unknown }
  if (entries.kind === 'name' && entries.name === name) return true
  return Object.values(node).some((one) => mentions(one, name))
}

/** A macro as something to call; its body sees the names of the place where it was defined. */
function callable(macro: Macro, definition: Frame): Func {
  return new Func(
    macro.name,
    (args) => {
      const frame = definition.inner()
      bindParameters(macro, args, frame)
      const out = new Output()
      if (++frame.state.depth > MAX_DEPTH)
        throw new EvalError(`the macro "${macro.name}" calls itself without end`)
      try {
        macro.body(frame, out)
      } finally {
        frame.state.depth--
      }
      return out.result()
    },
    true,
  )
}

function bindParameters(macro: Macro, args: Args, frame: Frame): void {
  const named = new Map(args.named)
  const caller = named.get('caller')
  if (caller !== undefined && !macro.parameters.some((p) => p.name === 'caller')) {
    frame.vars.set('caller', caller)
    named.delete('caller')
  }
  macro.parameters.forEach(({ name, fallback }, index) => {
    const given = index < args.positional.length ? args.positional[index] : named.get(name)
    const value = given === undefined ? fallback?.(frame) : given
    named.delete(name)
    frame.vars.set(
      name,
      orElse(value, () => new Undefined(`the macro "${macro.name}" was called without "${name}"`)),
    )
  })
  const rest = args.positional.slice(macro.parameters.length)
  frame.vars.set('varargs', tuple(rest))
  frame.vars.set('kwargs', new Map(named))
  if (rest.length && !macro.takesRest) {
    throw new EvalError(`the macro "${macro.name}" takes at most ${macro.parameters.length} arguments`)
  }
  const [extra] = named.keys()
  if (extra !== undefined && !macro.takesNamed)
    throw new EvalError(`the macro "${macro.name}" has no parameter "${extra}"`)
}

/** `{% macro %}`. */
export function compileMacro(node: Kind<'macro'>, compileBody: (body: Body) => Statement): Statement {
  const macro = prepare(node.name, node.parameters, node.body, compileBody(node.body))
  return (frame) => void frame.vars.set(node.name, callable(macro, frame))
}

/** `{% call %}`: calls a macro that can in turn call the body as `caller()`. */
export function compileCallBlock(node: Kind<'call'>, compileBody: (body: Body) => Statement): Statement {
  const body = prepare('caller', node.parameters, node.body, compileBody(node.body))
  if (node.call.kind !== 'call') throw new EvalError('"call" needs the call of a macro')
  const of = compileExpression(node.call.of)
  const args = compileArgs(node.call.args)
  return (frame, out) => {
    try {
      const target = of(frame)
      out.write(callWith(target, args(frame), callable(body, frame)))
    } catch (error) {
      throw errorAt(error, frame, node.call.at)
    }
  }
}

function callWith(target: Item, args: Args, caller: Func): Item {
  if (isUnknown(target)) return target
  if (target instanceof Undefined) return target.raise()
  if (!(target instanceof Func)) throw new EvalError('"call" needs a macro')
  return target.call({ positional: args.positional, named: new Map([...args.named, ['caller', caller]]) })
}
