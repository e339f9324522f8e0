import type { Maybe } from '../../unknown.js'
import { isUnknown } from '../../unknown.js'
import { FplayError } from '../../errors.js'
import type { Item } from '../jinja/item.js'
import { EvalError, isItemDict, isList, NotKnown, truthy, typeName, Undefined } from '../jinja/item.js'
import { Output } from '../jinja/output.js'
import type { Scope } from '../jinja/scope.js'
import { innerContext, topContext, type Context } from './context.js'
import { evaluate, str, type Evaluation } from './evaluate.js'
import { parseHandlebars, placeOfNode } from './parse.js'

const MAX_DEPTH = 50

/** What rendering one template needs to know. */
interface Rendering extends Evaluation {
  readonly out: Output
  readonly depth: number
  /** What `{{> @partial-block}}` writes. */
  readonly block: ((out: Output) => void) | undefined
}

/**
 * Renders a Handlebars template: nothing is escaped for HTML, nothing undefined passes in silence. A result that
 * rests on what only the run can tell is Unknown. Throws FplayError.
 */
export function renderHandlebars(text: string, scope: Scope, file: string): Maybe<string> {
  const out = new Output()
  try {
    program(parseHandlebars(text, file), topContext(scope), { file, out, depth: 0, block: undefined })
  } catch (error) {
    if (error instanceof NotKnown) return error.unknown
    throw error
  }
  return out.result()
}

/** Refuses a template that cannot be parsed, or calls a helper that does not exist. */
export function checkHandlebars(text: string, file: string): void {
  parseHandlebars(text, file)
}

function program(node: hbs.AST.Program | undefined, context: Context, r: Rendering): void {
  for (const statement of node?.body ?? []) {
    try {
      write(statement, context, r)
    } catch (error) {
      throw located(error, statement, r.file)
    }
  }
}

function located(error: unknown, node: hbs.AST.Node, file: string): unknown {
  if (!(error instanceof EvalError)) return error
  const { code, message, allowed } = error
  return new FplayError([{ code, message, allowed, place: placeOfNode(node, file) }])
}

function write(node: hbs.AST.Statement, context: Context, r: Rendering): void {
  switch (node.type) {
    case 'ContentStatement':
      return r.out.write((node as hbs.AST.ContentStatement).value)
    case 'CommentStatement':
      return
    case 'MustacheStatement':
      return writeValue(node as hbs.AST.MustacheStatement, context, r)
    case 'BlockStatement':
      return writeBlock(node as hbs.AST.BlockStatement, context, r)
    case 'PartialStatement':
    case 'PartialBlockStatement':
      return writePartial(node as hbs.AST.PartialStatement | hbs.AST.PartialBlockStatement, context, r)
    default:
      throw new EvalError(`a template cannot have a ${node.type} here`)
  }
}

function writeValue(node: hbs.AST.MustacheStatement, context: Context, r: Rendering): void {
  const item = evaluate(node, context, r)
  if (isUnknown(item)) r.out.write(item)
  else r.out.write(str(item, sourceOf(node)))
}

/** How a value was written, for errors. */
function sourceOf(node: hbs.AST.MustacheStatement): string {
  return 'original' in node.path ? String(node.path.original) : 'it'
}

function writeBlock(node: hbs.AST.BlockStatement, context: Context, r: Rendering): void {
  const name = node.path.original
  if (name === 'raw') return program(node.program, context, r)
  const [argument, extra] = node.params
  if (!argument || extra) throw new EvalError(`{{#${name}}} takes one argument`)
  const value = evaluate(argument, context, r)
  if (name === 'each') return writeEach(node, value, context, r)
  if (name === 'with') return writeWith(node, value, context, r)
  const zero = value === 0 && node.hash?.pairs.some((pair) => pair.key === 'includeZero')
  const holds = (truthy(value) || zero === true) === (name === 'if')
  program(holds ? node.program : node.inverse, context, r)
}

function writeWith(node: hbs.AST.BlockStatement, value: Item, context: Context, r: Rendering): void {
  if (!truthy(value)) return program(node.inverse, context, r)
  const [name] = node.program.blockParams ?? []
  program(node.program, innerContext(context, value, new Map(), name ? [[name, value]] : []), r)
}

function writeEach(node: hbs.AST.BlockStatement, value: Item, context: Context, r: Rendering): void {
  const entries = entriesOf(value)
  if (entries.length === 0) return program(node.inverse, context, r)
  const [itemName, keyName] = node.program.blockParams ?? []
  entries.forEach(([key, item], index) => {
    const data = new Map<string, Item>([
      ['index', index],
      ['key', key],
      ['first', index === 0],
      ['last', index === entries.length - 1],
    ])
    const named: [string, Item][] = []
    if (itemName) named.push([itemName, item])
    if (keyName) named.push([keyName, key])
    program(node.program, innerContext(context, item, data, named), r)
  })
}

function entriesOf(value: Item): [Item, Item][] {
  if (isList(value)) return value.map((item, index) => [index, item])
  if (isItemDict(value)) return [...value]
  if (isUnknown(value)) throw new NotKnown(value)
  if (value instanceof Undefined) return value.raise()
  throw new EvalError(`{{#each}} needs a list or dictionary, not '${typeName(value)}'`)
}

type Partial = hbs.AST.PartialStatement | hbs.AST.PartialBlockStatement

function writePartial(node: Partial, context: Context, r: Rendering): void {
  if (r.depth >= MAX_DEPTH) throw new EvalError('a partial calls itself without end')
  const fallback = 'program' in node ? node.program : undefined
  const name = partialName(node, context, r)
  if (name === '@partial-block') {
    if (!r.block) throw new EvalError('"@partial-block" exists only in a partial called with {{#> }}')
    return r.block(r.out)
  }
  const found = context.scope.template?.(name.includes('.') ? name : `${name}.hbs`, r.file)
  if (!found && fallback) return program(fallback, context, r)
  if (!found) throw new EvalError(`there is no partial "${name}"`, 'file-not-found')
  const block = fallback && ((out: Output) => program(fallback, context, { ...r, out }))
  const indent = 'indent' in node ? node.indent : ''
  const out = indent ? new Output() : r.out
  const inner = partialContext(node, context, r)
  program(parseHandlebars(found.text, found.file), inner, {
    file: found.file,
    out,
    depth: r.depth + 1,
    block,
  })
  if (indent) r.out.write(indented(out.result(), indent))
}

function indented(text: Maybe<string>, indent: string): Item {
  return isUnknown(text) ? text : text.replace(/^(?=[^\n])/gm, indent)
}

function partialName(node: Partial, context: Context, r: Rendering): string {
  if (node.name.type === 'SubExpression') return str(evaluate(node.name, context, r), 'the name of a partial')
  return String((node.name as hbs.AST.PathExpression).original)
}

/** A partial sees what is around it, or the value it is given, with the names it is given on top. */
function partialContext(node: Partial, context: Context, r: Rendering): Context {
  const [given] = node.params
  const pairs = node.hash?.pairs ?? []
  const named = pairs.map((pair) => [pair.key, evaluate(pair.value, context, r)] as const)
  if (!given) return { ...context, blockParams: new Map([...context.blockParams, ...named]) }
  const value = evaluate(given, context, r)
  if (value instanceof Undefined) value.raise()
  return innerContext(context, value, new Map(), named)
}
