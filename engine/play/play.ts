import type { Place } from '../errors.js'
import type { Dict, Value } from '../language/value.js'

/**
 * What a playbook says, parsed, checked and with its imports and roles unfolded; nothing is evaluated that needs a
 * host: strings may still hold templates. Every node keeps only what was written at it and points to its `parent`;
 * `inherit` and `inheritAll` in inherit.ts read a keyword along that chain (task, blocks, role entry, play).
 */

/** A value as written, with where it stands. */
export interface Written<T extends Value = Value> {
  readonly value: T
  readonly place: Place
}

/** Keywords that plays, role entries, blocks and tasks share. Each is the node's own; see {@link Shared.parent}. */
export interface Shared {
  readonly name?: string | undefined
  readonly place: Place
  /** The node whose keywords this one inherits; undefined at a play. A dynamic include is no parent: see plan.ts. */
  readonly parent?: Block | Play | undefined
  readonly vars?: Dict | undefined
  /** The node's own tags, templates already evaluated; `tagsOf` in tags.ts has the parents' too. */
  readonly tags: readonly string[]
  /**
   * The node's own conditions; `inheritAll(node, 'when')` has those of the parents before them. A play has those of the
   * import_playbook it came through; they hold for its fact gathering too.
   */
  readonly when: readonly Written[]
  /** The node's own dictionaries; the later of `inheritAll(node, 'environment')` win, key by key. */
  readonly environment: readonly Written[]
  /** The node's own dictionaries, module (short name) to parameters; the later of `inheritAll` win. */
  readonly moduleDefaults: readonly Written<Dict>[]
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
  /** Of blocks, role entries and tasks. */
  readonly delegateTo?: Written | undefined
  readonly delegateFacts?: Written | undefined
  /** Names or topics of handlers, of blocks and tasks. A list a template gives is one entry. */
  readonly notify?: readonly Written[] | undefined
  /** `collections`: where short names of modules are looked for first. */
  readonly collections?: readonly string[] | undefined
  /** The role whose tasks these are: of the nearest node of a role. */
  readonly role?: Role | undefined
}

/** `loop:` or one of the `with_…` family. */
export interface Loop {
  /** Undefined for `loop`; otherwise the lookup's name: `items`, `dict`, `fileglob`, … */
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
  /** The module as written (`ansible.builtin.copy`): what is shown where the task has no name. */
  readonly action: string
  /**
   * Short module name as in `modules/`, or a word of the engine (`ENGINE_MODULES` in actions.ts): include_tasks,
   * include_role, include_vars, meta, validate_argument_spec. Imports are unfolded and never appear.
   */
  readonly module: string
  /**
   * Parameters as written. Free-form text is under the free-form parameter that the module declares (`command: ls` has
   * `cmd`, include_tasks and include_vars `file`, meta `action`). A string when all of them are one template.
   */
  readonly params: Dict | string
  /** Parameters that stand beside `params` that are a template; they win over the template's. */
  readonly extraParams?: Dict | undefined
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
  /** Handlers only: topics they listen to. */
  readonly listen: readonly string[]
  readonly async?: Written | undefined
  readonly poll?: Written | undefined
  readonly handler: boolean
  /**
   * True for tasks nobody wrote, which reports and the recap leave out: `meta: role_complete` at the end of a role.
   * At it, a host that ran a task of the role has completed it: see {@link Role.identity}.
   */
  readonly implicit: boolean
}

/** A block with its rescue and always sections; also what a role or an import unfolds to. */
export interface Block extends Shared {
  readonly kind: 'block'
  readonly block: readonly Node[]
  readonly rescue: readonly Node[]
  readonly always: readonly Node[]
  /** Variables that a dynamic include hands to what it includes: they win over `set_fact`. */
  readonly includeParams?: readonly Dict[] | undefined
  /** What it was before it was unfolded; undefined for a block as written. */
  readonly origin?: 'role' | 'import_tasks' | 'import_role' | 'include_tasks' | 'include_role' | undefined
}

/** What a list of tasks consists of. */
export type Node = Task | Block

/** A role as applied at one place. */
export interface Role {
  /** As written: `common`, `ns.coll.role`; the last part of a path. */
  readonly name: string
  /** Folder of the role. */
  readonly path: string
  readonly place: Place
  /**
   * Equal for applications with the same name, parameters, keywords and files. Unless `allowDuplicates`, a host that
   * completed a role of this identity in the play skips its tasks when it meets it again.
   */
  readonly identity: string
  readonly allowDuplicates: boolean
  readonly defaults: Dict
  /** `vars/main.yml` of the role. */
  readonly vars: Dict
  /** `vars:` of the entry that applies it; the role's own `vars` win over them. */
  readonly entryVars: Dict
  /** Parameters given beside the keywords where the role is applied. */
  readonly params: Dict
  /** The roles that brought this one in, outermost first (dependents, or the role whose task imports it). */
  readonly parents: readonly Role[]
  /** Direct dependencies, in order. */
  readonly dependencies: readonly Role[]
}

/** A play. */
export interface Play extends Shared {
  readonly kind: 'play'
  readonly parent?: undefined
  /** As shown: `name`, or the host pattern. */
  readonly title: string
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
  /** Each a path, or a list of paths of which the first that exists is read. */
  readonly varsFiles: readonly Written[]
  readonly varsPrompt: readonly VarsPrompt[]
  /** pre_tasks; roles and tasks; post_tasks. Handlers are flushed after each of the three. */
  readonly sections: readonly (readonly Node[])[]
  /** Of the roles first, then the play's own, then those of import_role. Among equal names the last one counts. */
  readonly handlers: readonly Task[]
  /** Roles applied with `roles:` and import_role, in order; their defaults and vars are visible to the whole play. */
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
