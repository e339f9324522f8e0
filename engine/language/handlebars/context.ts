import type { Item } from '../jinja/item.js'
import { isItemDict, isList, Undefined } from '../jinja/item.js'
import { entryOf } from '../jinja/python/attributes.js'
import { isUnknown } from '../../unknown.js'
import type { Scope } from '../jinja/scope.js'
import { undefinedName, variableOf } from '../jinja/scope.js'

/** What names mean at one point of a template. */
export interface Context {
  readonly scope: Scope
  /** What `this` is; undefined at the top, where names are the variables. */
  readonly value: Item | undefined
  /** `@index`, `@key`, `@first`, `@last`. */
  readonly data: ReadonlyMap<string, Item>
  /** Names given by `as |item index|`, also of blocks around. */
  readonly blockParams: ReadonlyMap<string, Item>
  /** What `../` means. */
  readonly outer: Context | undefined
}

const NOTHING: ReadonlyMap<string, Item> = new Map()

/** The top of a template. */
export function topContext(scope: Scope): Context {
  return { scope, value: undefined, data: NOTHING, blockParams: NOTHING, outer: undefined }
}

/** The inside of a block that gives `this` another meaning. */
export function innerContext(
  outer: Context,
  value: Item,
  data: ReadonlyMap<string, Item>,
  named: readonly (readonly [string, Item])[],
): Context {
  return {
    scope: outer.scope,
    value,
    data: new Map([...outer.data, ...data]),
    blockParams: new Map([...outer.blockParams, ...named]),
    outer,
  }
}

/** What a path such as `../a.b`, `@index` or `this.c` names; {@link Undefined} when it names nothing. */
export function resolvePath(path: hbs.AST.PathExpression, context: Context): Item {
  if (path.data) return resolveData(path, context)
  let at: Context | undefined = context
  for (let up = 0; up < path.depth && at; up++) at = at.outer
  if (!at) return new Undefined(`"${path.original}" is undefined: there is no block this far outside`)
  const [first, ...rest] = path.parts
  if (first === undefined) return at.value === undefined ? top(path.original) : at.value
  const explicit = path.depth > 0 || /^(this|\.)([./]|$)/.test(path.original)
  const named = explicit ? undefined : at.blockParams.get(first)
  const start = named === undefined ? member(first, at) : named
  return below(start, rest, path.original.slice(0, path.original.indexOf(first) + first.length))
}

function top(original: string): Item {
  return new Undefined(`"${original}" at the top of a template is no value; name the variable`)
}

function resolveData(path: hbs.AST.PathExpression, context: Context): Item {
  const [first = '', ...rest] = path.parts
  if (first === 'root') {
    const [name, ...more] = rest
    return name === undefined ? top('@root') : below(variable(name, context.scope), more, `@root.${name}`)
  }
  const value = context.data.get(first)
  if (value !== undefined) return below(value, rest, `@${first}`)
  return new Undefined(`"@${first}" is undefined: it exists only inside {{#each}}`)
}

function variable(name: string, scope: Scope): Item {
  const found = variableOf(scope, name)
  return found === undefined ? undefinedName(name, scope) : found
}

function member(name: string, context: Context): Item {
  if (context.value === undefined) return variable(name, context.scope)
  const found = step(context.value, name, 'this')
  const outside = found instanceof Undefined && variableOf(context.scope, name) !== undefined
  return outside ? new Undefined(`${found.message}`, () => `outside the block it is @root.${name}`) : found
}

function below(start: Item, parts: readonly string[], described: string): Item {
  let [value, path] = [start, described]
  for (const part of parts) {
    value = step(value, part, path)
    path += `.${part}`
  }
  return value
}

/** One step of a path: a key, an index, or `length`. Methods of values are not reachable. */
function step(of: Item, name: string, described: string): Item {
  if (isUnknown(of) || of instanceof Undefined) return of
  if (isList(of) && name === 'length') return of.length
  if (isList(of) || isItemDict(of)) {
    const index = /^\d+$/.test(name) ? Number(name) : undefined
    return entryOf(of, index !== undefined && (isList(of) || of.has(index)) ? index : name, described)
  }
  return new Undefined(`"${described}.${name}" is undefined: "${described}" is no dictionary`)
}
