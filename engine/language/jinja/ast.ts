import type { Item } from './item.js'

/** Arguments of a call, filter or test. */
export interface ArgNodes {
  readonly positional: readonly ExprNode[]
  readonly named: readonly (readonly [string, ExprNode])[]
  /** `*list`. */
  readonly rest?: ExprNode | undefined
  /** `**dictionary`. */
  readonly restNamed?: ExprNode | undefined
}

/** An expression; `at` is its offset in the source. */
export type ExprNode = { readonly at: number } & (
  | { readonly kind: 'const'; readonly value: Item }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'list' | 'tuple' | 'concat'; readonly items: readonly ExprNode[] }
  | { readonly kind: 'dict'; readonly pairs: readonly (readonly [ExprNode, ExprNode])[] }
  | { readonly kind: 'attribute'; readonly of: ExprNode; readonly name: string }
  | { readonly kind: 'item'; readonly of: ExprNode; readonly key: ExprNode }
  | {
      readonly kind: 'slice'
      readonly of: ExprNode
      readonly bounds: readonly [ExprNode | undefined, ExprNode | undefined, ExprNode | undefined]
    }
  | { readonly kind: 'call'; readonly of: ExprNode; readonly args: ArgNodes }
  | { readonly kind: 'filter'; readonly name: string; readonly of: ExprNode; readonly args: ArgNodes }
  | {
      readonly kind: 'test'
      readonly name: string
      readonly of: ExprNode
      readonly args: ArgNodes
      readonly negated: boolean
    }
  | { readonly kind: 'unary'; readonly operator: '-' | '+' | 'not'; readonly of: ExprNode }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: ExprNode; readonly right: ExprNode }
  | {
      readonly kind: 'compare'
      readonly first: ExprNode
      readonly rest: readonly (readonly [string, ExprNode])[]
    }
  | { readonly kind: 'and' | 'or'; readonly left: ExprNode; readonly right: ExprNode }
  | {
      readonly kind: 'if'
      readonly test: ExprNode
      readonly then: ExprNode
      readonly otherwise: ExprNode | undefined
    }
)

/** What a `for` or `set` assigns to: a name, `namespace.name`, or several of them. */
export type Target =
  | { readonly kind: 'name'; readonly name: string; readonly at: number }
  | { readonly kind: 'member'; readonly name: string; readonly member: string; readonly at: number }
  | { readonly kind: 'several'; readonly items: readonly Target[]; readonly at: number }

/** A parameter of a macro or call block. */
export interface MacroParameter {
  readonly name: string
  readonly fallback: ExprNode | undefined
}

/** A filter applied to the text of a `filter` or `set` block. */
export interface FilterCall {
  readonly name: string
  readonly args: ArgNodes
  readonly at: number
}

/** A statement of a template; `at` is its offset in the source. */
export type StatementNode = { readonly at: number } & (
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'output'; readonly value: ExprNode }
  | {
      readonly kind: 'if'
      readonly branches: readonly (readonly [ExprNode, Body])[]
      readonly otherwise: Body | undefined
    }
  | {
      readonly kind: 'for'
      readonly target: Target
      readonly over: ExprNode
      readonly where: ExprNode | undefined
      readonly recursive: boolean
      readonly body: Body
      readonly otherwise: Body | undefined
    }
  | { readonly kind: 'set'; readonly target: Target; readonly value: ExprNode }
  | {
      readonly kind: 'set-block'
      readonly target: Target
      readonly filters: readonly FilterCall[]
      readonly body: Body
    }
  | {
      readonly kind: 'macro'
      readonly name: string
      readonly parameters: readonly MacroParameter[]
      readonly body: Body
    }
  | {
      readonly kind: 'call'
      readonly parameters: readonly MacroParameter[]
      readonly call: ExprNode
      readonly body: Body
    }
  | { readonly kind: 'filter'; readonly filters: readonly FilterCall[]; readonly body: Body }
  | { readonly kind: 'with'; readonly pairs: readonly (readonly [Target, ExprNode])[]; readonly body: Body }
  | { readonly kind: 'do'; readonly value: ExprNode }
  | {
      readonly kind: 'include'
      readonly template: ExprNode
      readonly ignoreMissing: boolean
      readonly withContext: boolean
    }
  | {
      readonly kind: 'import'
      readonly template: ExprNode
      readonly name: string
      readonly withContext: boolean
    }
  | {
      readonly kind: 'from-import'
      readonly template: ExprNode
      readonly names: readonly (readonly [string, string])[]
      readonly withContext: boolean
    }
  | { readonly kind: 'extends'; readonly template: ExprNode }
  | {
      readonly kind: 'block'
      readonly name: string
      readonly body: Body
      readonly scoped: boolean
      readonly required: boolean
    }
)

/** Statements in order. */
export type Body = readonly StatementNode[]

/** A call's arguments when there are none. */
export const NO_ARGS: ArgNodes = { positional: [], named: [] }
