import type { Lookup, Scope } from '../language/jinja/scope.js'
import type { Task } from '../play/play.js'
import type { Run } from './context.js'
import { FILE_LOOKUPS } from './lookups/files.js'
import { LIST_LOOKUPS } from './lookups/lists.js'
import type { LookupContext, LookupPlugin } from './lookups/plugin.js'
import { PASSWORD_LOOKUPS } from './lookups/password.js'
import { SYSTEM_LOOKUPS } from './lookups/system.js'

const PLUGINS: ReadonlyMap<string, LookupPlugin> = new Map(
  Object.entries({ ...LIST_LOOKUPS, ...FILE_LOOKUPS, ...PASSWORD_LOOKUPS, ...SYSTEM_LOOKUPS }),
)

/** The lookup plugins for the expressions of a task, made when they are used. */
export function lookupsOf(run: Run, task?: Task, scope?: () => Scope): ReadonlyMap<string, Lookup> {
  return new Lookups({ run, task, scope: scope ?? (() => ({ lookup: () => undefined })) })
}

/** All names exist from the beginning; what belongs to a name is made when it is asked for. */
class Lookups extends Map<string, Lookup> {
  readonly #context: LookupContext

  constructor(context: LookupContext) {
    super()
    this.#context = context
  }

  override has(name: string): boolean {
    return PLUGINS.has(name)
  }

  override get(name: string): Lookup | undefined {
    return PLUGINS.get(name)?.(this.#context)
  }

  override keys(): MapIterator<string> {
    return PLUGINS.keys()
  }
}
