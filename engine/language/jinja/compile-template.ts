import type { ExprNode, StatementNode } from './ast.js'
import { compileExpression } from './compile-expression.js'
import type { BlockVersion, Expression, Loaded, Rendering, Statement } from './frame.js'
import { errorAt, Frame } from './frame.js'
import type { Item } from './item.js'
import { EvalError, Func, isList, notKnown, orElse, typeName, Undefined } from './item.js'
import { isUnknown } from '../../unknown.js'
import { Module } from './namespace.js'
import { Output } from './output.js'

type Kind<K> = Extract<StatementNode, { kind: K }>

const MAX_DEPTH = 50

/** Writes a template into `out`; `frame` holds the names it sees and receives those it sets. */
export function renderLoaded(loaded: Loaded, frame: Frame, out: Output): void {
  const rendering: Rendering = { blocks: new Map(), parent: undefined }
  if (++frame.state.depth > MAX_DEPTH)
    throw new EvalError('a template includes or extends itself without end')
  try {
    for (let current: Loaded | undefined = loaded, level = 0; current; current = rendering.parent) {
      if (++level > MAX_DEPTH) throw new EvalError('a template extends itself without end')
      rendering.parent = undefined
      addBlocks(current, rendering)
      run(current, new Frame(frame.state, current.unit, frame.parent, rendering, frame.vars), out)
    }
  } finally {
    frame.state.depth--
  }
}

function addBlocks({ compiled, unit }: Loaded, { blocks }: Rendering): void {
  for (const [name, statements] of compiled.blocks) {
    const versions = blocks.get(name)
    if (versions) versions.push({ statements, unit })
    else blocks.set(name, [{ statements, unit }])
  }
}

/** After `extends`, statements still run (they may set names), but what they write is dropped. */
function run({ compiled }: Loaded, frame: Frame, out: Output): void {
  for (const statement of compiled.statements) statement(frame, frame.rendering!.parent ? new Output() : out)
}

function find(names: readonly Item[], frame: Frame): Loaded | undefined {
  for (const name of names) {
    if (isUnknown(name)) return notKnown(name)
    if (name instanceof Undefined) return name.raise()
    if (typeof name !== 'string')
      throw new EvalError(`the name of a template must be a text, not '${typeName(name)}'`)
    const loaded = frame.state.load(name, frame.unit.place?.file ?? '')
    if (loaded) return loaded
  }
  return undefined
}

function load(template: Expression, frame: Frame): Loaded {
  const named = template(frame)
  const names = isList(named) ? named : [named]
  return find(names, frame) ?? fileMissing(names.map((name) => `"${String(name)}"`).join(' or '))
}

function fileMissing(names: string): never {
  throw new EvalError(`there is no template ${names}`, 'file-not-found')
}

/** Runs `step` with the place of `node` in its errors. */
function at<T>(node: ExprNode, frame: Frame, step: () => T): T {
  try {
    return step()
  } catch (error) {
    throw errorAt(error, frame, node.at)
  }
}

/** `{% include %}`. */
export function compileInclude(node: Kind<'include'>): Statement {
  const template = compileExpression(node.template)
  return (frame, out) =>
    at(node.template, frame, () => {
      const named = template(frame)
      const found = find(isList(named) ? named : [named], frame)
      if (!found && node.ignoreMissing) return
      const loaded = found ?? load(template, frame)
      renderLoaded(loaded, new Frame(frame.state, loaded.unit, node.withContext ? frame : undefined), out)
    })
}

function importModule(
  template: Expression,
  node: ExprNode,
  frame: Frame,
  withContext: boolean,
): ReadonlyMap<string, Item> {
  return at(node, frame, () => {
    const loaded = load(template, frame)
    const inner = new Frame(frame.state, loaded.unit, withContext ? frame : undefined)
    renderLoaded(loaded, inner, new Output())
    return inner.vars
  })
}

/** `{% import %}`. */
export function compileImport(node: Kind<'import'>): Statement {
  const template = compileExpression(node.template)
  return (frame) => {
    const vars = importModule(template, node.template, frame, node.withContext)
    frame.vars.set(node.name, new Module(node.name, vars))
  }
}

/** `{% from … import … %}`. */
export function compileFromImport(node: Kind<'from-import'>): Statement {
  const template = compileExpression(node.template)
  return (frame) => {
    const vars = importModule(template, node.template, frame, node.withContext)
    for (const [name, alias] of node.names) {
      const missing = new Undefined(`the imported template defines no "${name}"`)
      frame.vars.set(
        alias,
        orElse(vars.get(name), () => missing),
      )
    }
  }
}

/** `{% extends %}`. */
export function compileExtends(node: Kind<'extends'>): Statement {
  const template = compileExpression(node.template)
  return (frame) =>
    at(node.template, frame, () => {
      if (!frame.rendering) throw new EvalError('"extends" needs a template file')
      if (frame.rendering.parent) throw new EvalError('a template can extend only one other')
      frame.rendering.parent = load(template, frame)
    })
}

/** `{% block %}`: renders the version of the youngest child. */
export function compileBlock(node: Kind<'block'>): Statement {
  return (frame, out) => {
    const { rendering } = frame
    if (!rendering || rendering.parent) return
    const versions = rendering.blocks.get(node.name) ?? []
    if (node.required && versions.length < 2) {
      throw errorAt(
        new EvalError(`the block "${node.name}" is required, but no template fills it`),
        frame,
        node.at,
      )
    }
    renderBlock(node, versions, 0, frame, out)
  }
}

function renderBlock(
  node: Kind<'block'>,
  versions: readonly BlockVersion[],
  level: number,
  frame: Frame,
  out: Output,
): void {
  const version = versions[level]
  if (!version) throw new EvalError(`the block "${node.name}" has no parent for super()`)
  const outer = node.scoped ? frame : rootOf(frame)
  const inner = new Frame(frame.state, version.unit, outer, frame.rendering)
  inner.vars.set(
    'super',
    new Func('super', () => {
      const above = new Output()
      renderBlock(node, versions, level + 1, frame, above)
      return above.result()
    }),
  )
  for (const statement of version.statements) statement(inner, out)
}

/** The outermost frame of the same template: a block does not see the names of a loop around it. */
function rootOf(frame: Frame): Frame {
  let root = frame
  while (root.parent && root.parent.rendering === frame.rendering) root = root.parent
  return root
}
