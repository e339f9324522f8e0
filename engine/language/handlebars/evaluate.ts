import type { Unknown } from '../../unknown.js'
import { isUnknown } from '../../unknown.js'
import type { Item } from '../jinja/item.js'
import { EvalError, isItemDict, isList, NotKnown, truthy, Undefined } from '../jinja/item.js'
import { str as pythonText } from '../jinja/python/render.js'
import { entryOf } from '../jinja/python/attributes.js'
import { applyFilter, applyTest, ENV, filters, tests } from '../jinja/registry.js'
import type { Context } from './context.js'
import { resolvePath } from './context.js'
import { isHelper } from './parse.js'

/** What evaluating needs to know of the template around. */
export interface Evaluation {
  readonly file: string
}

/** The value of an expression. A name without arguments is a path, never a helper. */
export function evaluate(
  node: hbs.AST.Expression | hbs.AST.MustacheStatement,
  context: Context,
  e: Evaluation,
): Item {
  switch (node.type) {
    case 'PathExpression':
      return resolvePath(node as hbs.AST.PathExpression, context)
    case 'StringLiteral':
      return (node as hbs.AST.StringLiteral).value
    case 'NumberLiteral':
      return (node as hbs.AST.NumberLiteral).value
    case 'BooleanLiteral':
      return (node as hbs.AST.BooleanLiteral).value
    case 'NullLiteral':
      return null
    case 'UndefinedLiteral':
      return new Undefined('"undefined" is undefined')
    case 'MustacheStatement': {
      const statement = node as hbs.AST.MustacheStatement
      const called = statement.params.length > 0 || (statement.hash?.pairs.length ?? 0) > 0
      return called ? call(statement, context, e) : evaluate(statement.path, context, e)
    }
    default:
      return call(node as hbs.AST.SubExpression, context, e)
  }
}

function call(
  node: hbs.AST.SubExpression | hbs.AST.MustacheStatement,
  context: Context,
  e: Evaluation,
): Item {
  const name = 'original' in node.path ? node.path.original : undefined
  if (!isHelper(name)) throw new EvalError(`there is no helper "${String(name)}"`, 'unknown-filter')
  const params = node.params.map((param) => evaluate(param, context, e))
  const [value, ...positional] = params
  if (value === undefined) throw new EvalError(`the helper "${name}" needs a value`)
  const named = new Map((node.hash?.pairs ?? []).map((pair) => [pair.key, evaluate(pair.value, context, e)]))
  if (name === 'lookup') return lookUp(params)
  if (name === 'and' || name === 'or') return combine(params, name === 'or')
  if (name === 'not') return isUnknown(value) ? value : !truthy(value)
  const args = { positional, named }
  const filter = filters.get(name)
  if (filter) return applyFilter(filter, value, args, ENV)
  const test = tests.get(name)
  if (!test) throw new EvalError(`"${name}" is a block: {{#${name} …}}`, 'template-syntax')
  return applyTest(test, value, args, ENV)
}

function lookUp([of, key, extra]: readonly Item[]): Item {
  if (of === undefined || key === undefined || extra !== undefined)
    throw new EvalError('lookup takes a value and a key')
  if (of instanceof Undefined) return of.raise()
  if (isUnknown(of) || isList(of) || isItemDict(of)) return entryOf(of, key, 'lookup')
  throw new EvalError('lookup needs a list or dictionary')
}

/** `(and a b …)` and `(or a b …)`: the first value that decides, or the last one. */
function combine(params: readonly Item[], decisive: boolean): Item {
  let doubt: Unknown | undefined
  for (const param of params) {
    if (isUnknown(param)) doubt ??= param
    else if (truthy(param) === decisive) return param
  }
  return doubt ?? params.at(-1)!
}

/**
 * What a template writes for a value: text and numbers as they are, `true` and `false` in small letters. None,
 * lists and dictionaries have no form of their own and are refused.
 */
export function str(item: Item, what: string): string {
  if (typeof item === 'string') return item
  if (typeof item === 'boolean') return String(item)
  if (item === null) {
    throw new EvalError(
      `"${what}" is none and cannot be written`,
      'undefined-name',
      'give it a default: {{default x "" true}}',
    )
  }
  if (isList(item))
    throw new EvalError(`"${what}" is a list`, 'expression-failed', 'write it with join or to_json')
  if (isItemDict(item))
    throw new EvalError(`"${what}" is a dictionary`, 'expression-failed', 'write it with to_json or to_yaml')
  if (isUnknown(item)) throw new NotKnown(item)
  return pythonText(item)
}
