import type { Lookup, Scope } from '../../language/jinja/scope.js'
import type { Task } from '../../play/play.js'
import type { Run } from '../context.js'

/** What a lookup may use. */
export interface LookupContext {
  readonly run: Run
  /** The task whose files are searched; absent where `hostvars` are evaluated. */
  readonly task: Task | undefined
  scope(): Scope
}

/** A lookup plugin, given the place where it is used. */
export type LookupPlugin = (context: LookupContext) => Lookup
