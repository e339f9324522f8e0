import type { Place } from '../errors.js'
import type { Dict, Value } from '../language/value.js'

/**
 * What a playbook says, parsed and checked, nothing evaluated: strings may still hold templates. Parents hand
 * their keywords down through `parent`; {@link inherit} in keywords.ts reads a keyword along that chain.
 */

/** A value as written, with where it stands. */
export interface Written<T extends Value = Value> {
  readonly value: T
  readonly place: Place
}

/** Keywords that plays, roles, blocks and tasks share and hand down. */
export interface Shared {
  readonly name?: string | undefined
  readonly place: Place
  readonly parent?: Shared | undefined
  readonly vars?: Dict | undefined
  readonly tags: readonly Written[]
  /** Conditions, all of which must hold; those of parents come first. */
  readonly when: readonly Written[]
  readonly environment: readonly Written[]
  readonly moduleDefaults: readonly Written[]
  readonly become?: Written | undefined
  readonly becomeUser?: Written | undefined
  readonly becomeMethod?: Written | undefined
  readonly becomeFlags?: Written | undefined
  readonly becomeExe?: Written | undefined
  readonly checkMode?: Written | undefined
  readonly diff?: Written | undefined
  readonly ignoreErrors?: Written | undefined
  readonly ignoreUnreachable?: Written | undefined
  readonly anyErrorsFatal?: Written | undefined
  readonly noLog?: Written | undefined
  readonly runOnce?: Written | undefined
  readonly throttle?: Written | undefined
  readonly timeout?: Written | undefined
  readonly connection?: Written | undefined
  readonly port?: Written | undefined
  readonly remoteUser?: Written | undefined
  readonly delegateTo?: Written | undefined
  readonly delegateFacts?: Written | undefined
  readonly debugger?: Written | undefined
  /** The role the node belongs to. */
  readonly role?: Role | undefined
}

/** `loop:` or one of the `with_…` family. */
export interface Loop {
  /** `items` for `loop`; otherwise the lookup's name: `dict`, `fileglob`, … */
  readonly lookup: string | undefined
  readonly value: Value
  readonly place: Place
}

/** `loop_control`. */
export interface LoopControl {
  readonly loopVar?: Written | undefined
  readonly indexVar?: Written | undefined
  readonly label?: Written | undefined
  readonly pause?: Written | undefined
  readonly extended?: Written | undefined
  readonly extendedAllitems?: Written | undefined
}

/** A task or a handler. */
export interface Task extends Shared {
  readonly kind: 'task'
  /** Short module name as in `modules/`, or one of the engine's own: include_tasks, include_role, import_… , meta. */
  readonly module: string
  /** Parameters as written; free-form text is under `_raw_params`. A string when the whole of them is one template. */
  readonly params: Dict | string
  /** Where the module's name stands. */
  readonly modulePlace: Place
  readonly loop?: Loop | undefined
  readonly loopControl: LoopControl
  readonly register?: Written<string> | undefined
  readonly until: readonly Written[]
  readonly retries?: Written | undefined
  readonly delay?: Written | undefined
  readonly failedWhen?: readonly Written[] | undefined
  readonly changedWhen?: readonly Written[] | undefined
  readonly notify: readonly Written[]
  /** Handlers only: topics they listen to. */
  readonly listen: readonly Written[]
  readonly async?: Written | undefined
  readonly poll?: Written | undefined
}

/** A block with its rescue and always sections. */
export interface Block extends Shared {
  readonly kind: 'block'
  readonly block: readonly Node[]
  readonly rescue: readonly Node[]
  readonly always: readonly Node[]
}

/** Tasks of a role, or of an imported file: a block without rescue, kept for names and variables. */
export type Node = Task | Block

/** A role as applied at one place of a play. */
export interface Role {
  /** As written: `common`, `ns.coll.role`. */
  readonly name: string
  /** Folder of the role. */
  readonly path: string
  readonly defaults: Dict
  readonly vars: Dict
  /** Parameters given where the role is applied. */
  readonly params: Dict
  readonly parents: readonly Role[]
}

/** A play. */
export interface Play extends Shared {
  /** Host pattern, possibly a list or a template. */
  readonly hosts: Written
  readonly gatherFacts?: Written | undefined
  readonly gatherSubset?: Written | undefined
  readonly gatherTimeout?: Written | undefined
  readonly factPath?: Written | undefined
  readonly strategy?: Written | undefined
  readonly serial?: Written | undefined
  readonly order?: Written | undefined
  readonly maxFailPercentage?: Written | undefined
  readonly forceHandlers?: Written | undefined
  readonly varsFiles: readonly Written[]
  readonly varsPrompt: readonly VarsPrompt[]
  /** pre_tasks, roles, tasks and post_tasks with a handler flush between the sections, in order. */
  readonly sections: readonly (readonly Node[])[]
  readonly handlers: readonly Node[]
  /** Roles applied with `roles:`, dependencies first; their defaults and vars are visible to the whole play. */
  readonly roles: readonly Role[]
  /** The playbook's file; its folder is `playbook_dir`. */
  readonly file: string
}

/** One entry of `vars_prompt`. */
export interface VarsPrompt {
  readonly name: string
  readonly prompt: string
  readonly default?: Value | undefined
  readonly private: boolean
  readonly confirm: boolean
  readonly encrypt?: string | undefined
  readonly salt?: string | undefined
  readonly saltSize?: number | undefined
  readonly unsafe: boolean
  readonly place: Place
}
