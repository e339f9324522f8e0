import type { Dict, Value } from '../language/value.js'

/** Parameters as a module declares them: one table that gives types, validation, documentation and the editor schema. */

/** Kinds of value, with Ansible's conversions ("yes" is a boolean, "a,b" a list of strings, 5 a string "5"). */
export type ParamType = 'str' | 'int' | 'float' | 'bool' | 'list' | 'dict' | 'path' | 'raw' | 'mode'

/** One parameter. */
export interface ParamSpec {
  readonly type: ParamType
  /** One or two sentences. */
  readonly description: string
  readonly required?: boolean
  readonly default?: unknown
  /** Allowed values, of a `str`, or of each item of a `list`. */
  readonly choices?: readonly (string | number)[]
  readonly aliases?: readonly string[]
  /** Kind of the items of a `list`; default `raw`. */
  readonly elements?: ParamType
  /** Closed set of entries of a `dict`, or of each item of a list of dicts. */
  readonly options?: ParamTable
  /** Of a `path`: the parameter that names the folder a relative one starts from. */
  readonly within?: string
  /** Never shown in logs, diffs and reports. */
  readonly secret?: boolean
  /** True: the text (or each text of the list) is an expression without braces, checked before the run. */
  readonly expression?: boolean
  /**
   * The value names a file of the controller, searched in this folder of the role and the playbook; a relative one must
   * exist before the run. Not so when the boolean parameter `unless` is true. With `word` it is the first word only.
   */
  readonly searched?: {
    readonly folder: 'files' | 'templates' | 'vars'
    readonly unless?: string
    readonly word?: boolean
  }
}

/** A module's parameters by name. */
export type ParamTable = Readonly<Record<string, ParamSpec>>

/** Rules across parameters, with the meanings of Ansible's argument specs. */
export interface ParamRules {
  readonly exclusive?: readonly (readonly string[])[]
  readonly together?: readonly (readonly string[])[]
  readonly oneOf?: readonly (readonly string[])[]
  /** When `[name]` has the value `[value]`, all of `[names]` are required. */
  readonly requiredIf?: readonly (readonly [string, unknown, readonly string[]])[]
  /** When the parameter is given, all of these are required. */
  readonly requiredBy?: Readonly<Record<string, readonly string[]>>
}

type Scalar<Type extends ParamType> = Type extends 'str' | 'path'
  ? string
  : Type extends 'mode'
    ? string | number
    : Type extends 'int' | 'float'
      ? number
      : Type extends 'bool'
        ? boolean
        : Value

type Choice<Spec extends ParamSpec> = Spec extends { choices: readonly (infer Item)[] } ? Item : never

type Item<Spec extends ParamSpec> = Spec extends { options: infer Options extends ParamTable }
  ? InferParams<Options>
  : Spec extends { elements: infer Type extends ParamType }
    ? Scalar<Type>
    : Value

type Inferred<Spec extends ParamSpec> = Spec['type'] extends 'list'
  ? readonly Item<Spec>[]
  : Spec['type'] extends 'dict'
    ? Spec extends { options: infer Options extends ParamTable }
      ? InferParams<Options>
      : Dict
    : [Choice<Spec>] extends [never]
      ? Scalar<Spec['type']>
      : Choice<Spec>

type Present<Table extends ParamTable> = {
  [Name in keyof Table]: Table[Name] extends { required: true } | { default: unknown } ? Name : never
}[keyof Table]

/** The TypeScript type of the parameters that a table declares. */
export type InferParams<Table extends ParamTable> = {
  readonly [Name in Present<Table>]: Inferred<Table[Name]>
} & {
  readonly [Name in Exclude<keyof Table, Present<Table>>]?: Inferred<Table[Name]> | undefined
}
