import type { Place } from '../../errors.js'
import { FplayError } from '../../errors.js'
import { isUnknown, Unknown } from '../../unknown.js'
import type { Env } from './entry.js'
import type { Item } from './item.js'
import { EvalError, isItemDict, isList, NotKnown, tuple, Tuple } from './item.js'
import type { Scope } from './scope.js'
import { undefinedName, variableOf } from './scope.js'
import { placeAt, TemplateSyntaxError } from './syntax-error.js'
import type { Output } from './output.js'

/** A compiled expression. */
export type Expression = (frame: Frame) => Item
/** A compiled statement. */
export type Statement = (frame: Frame, out: Output) => void

/** A parsed and compiled source; it does not know where its text stands, so that equal texts share it. */
export interface Compiled {
  readonly source: string
  /** The expression, when the whole source is one `{{ expression }}`. */
  readonly single: { readonly evaluate: Expression; readonly at: number } | undefined
  /** Whether it calls methods that change a list or dictionary: it then works on copies of the variables. */
  readonly mutates: boolean
  readonly statements: readonly Statement[]
  readonly blocks: ReadonlyMap<string, readonly Statement[]>
}

/** A source and where it stands. */
export interface Unit {
  readonly source: string
  readonly mutates: boolean
  readonly place: Place | undefined
}

/** One definition of a block; those of children come first. */
export interface BlockVersion {
  readonly statements: readonly Statement[]
  readonly unit: Unit
}

/** What the parts of one template and its parents share while it is rendered. */
export interface Rendering {
  readonly blocks: Map<string, BlockVersion[]>
  /** Set by `extends`: what is rendered next instead of the rest of this one. */
  parent: Loaded | undefined
}

/** A compiled template and where it stands. */
export interface Loaded {
  readonly compiled: Compiled
  readonly unit: Unit
}

/** What one evaluation shares, however many templates it includes. */
export interface State {
  readonly scope: Scope
  readonly env: Env
  readonly globals: (state: State) => ReadonlyMap<string, Item>
  /** Copies of variables, for sources that change them. */
  readonly copies: Map<string, Item>
  /** The compiled template of that name, looked for from the file `from`. */
  readonly load: (name: string, from: string) => Loaded | undefined
  depth: number
  known?: ReadonlyMap<string, Item>
}

/** Names set by a template, inside those of the statement around it; outermost are the variables. */
export class Frame {
  constructor(
    readonly state: State,
    readonly unit: Unit,
    readonly parent?: Frame,
    readonly rendering?: Rendering,
    readonly vars: Map<string, Item> = new Map(),
  ) {}

  /** A frame for the names of an inner statement. */
  inner(): Frame {
    return new Frame(this.state, this.unit, this, this.rendering)
  }

  /** The value of a name; {@link Undefined} when there is none. */
  resolve(name: string): Item {
    let frame: Frame | undefined = this as Frame
    for (; frame; frame = frame.parent) {
      const value = frame.vars.get(name)
      if (value !== undefined) return value
    }
    const variable = this.variable(name)
    if (variable !== undefined) return variable
    const global = this.global(name)
    return global === undefined ? undefinedName(name, this.state.scope, this.state.known!.keys()) : global
  }

  private variable(name: string): Item | undefined {
    const { scope, copies } = this.state
    const copy = copies.get(name)
    if (copy !== undefined) return copy
    const value = variableOf(scope, name)
    if (value === undefined || !this.unit.mutates) return value
    const fresh = copyDeep(value)
    copies.set(name, fresh)
    return fresh
  }

  private global(name: string): Item | undefined {
    const { state } = this
    return (state.known ??= state.globals(state)).get(name)
  }
}

function copyDeep(item: Item): Item {
  if (isList(item)) return item instanceof Tuple ? tuple(item.map(copyDeep)) : item.map(copyDeep)
  if (isItemDict(item) && item.constructor === Map)
    return new Map([...item].map(([k, v]) => [k, copyDeep(v)]))
  return item
}

/** The error of a user for whatever went wrong at `at`. */
export function errorAt(error: unknown, frame: Frame, at: number): unknown {
  const simple = simplify(error)
  if (!(simple instanceof EvalError)) return simple
  const { unit } = frame
  return new FplayError([
    {
      code: simple.code,
      message: simple.message,
      place: unit.place && placeAt(unit.source, at, unit.place),
      allowed: simple.allowed,
    },
  ])
}

function simplify(error: unknown): unknown {
  if (error instanceof TemplateSyntaxError) return new EvalError(error.message, error.code, error.allowed)
  if (error instanceof RangeError)
    return new EvalError(`the expression needs too much memory (${error.message})`)
  return error
}

/** What an expression gives when it threw: the Unknown it rests on; any other error gets its place and is thrown. */
export function recover(error: unknown, frame: Frame, at: number): Item {
  if (error instanceof NotKnown) return error.unknown
  throw errorAt(error, frame, at)
}

/** One Unknown for a result that rests on several. */
export function mix(items: readonly Item[]): Unknown {
  const reasons = new Set(items.filter(isUnknown).map((unknown) => unknown.why))
  return new Unknown([...reasons].join('; '))
}
