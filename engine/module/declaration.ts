import type { ParamRules, ParamTable } from './params.js'

/** What validation needs to know of a module, or of a word of the engine that takes parameters. */
export interface Declaration {
  /** One sentence without a dot. */
  readonly summary: string
  readonly params: ParamTable
  readonly rules?: ParamRules | undefined
  /** Name of the parameter that takes the free-form text. */
  readonly freeForm?: string | undefined
  /** True: parameters beside the declared ones are allowed. */
  readonly open?: boolean | undefined
}
