import { nearest } from '../errors.js'
import type { Declaration } from '../module/declaration.js'
import { isForeign } from '../module/foreign.js'
import type { Registry } from '../module/registry.js'

/** What a task may name: a module, or a word that the engine itself understands. */
export interface Action {
  /** Short name. */
  readonly name: string
  readonly declaration: Declaration
  /** True for words of the engine. */
  readonly engine: boolean
}

const APPLY = { type: 'dict', description: 'Keywords for the included tasks.' } as const
const FROM = {
  tasks_from: { type: 'str', default: 'main', description: "File of the role's tasks/ to run." },
  vars_from: { type: 'str', default: 'main', description: "File of the role's vars/ to read." },
  defaults_from: { type: 'str', default: 'main', description: "File of the role's defaults/ to read." },
  handlers_from: { type: 'str', default: 'main', description: "File of the role's handlers/ to read." },
} as const
const ROLE = {
  name: { type: 'str', required: true, aliases: ['role'], description: 'The role.' },
  ...FROM,
  allow_duplicates: {
    type: 'bool',
    default: true,
    description: 'Whether the role runs again where it ran before.',
  },
  rolespec_validate: {
    type: 'bool',
    default: true,
    description: "Whether the role's argument_specs are checked.",
  },
} as const
const TASK_FILE = { type: 'str', required: true, description: 'File with the list of tasks.' } as const

/** The words of the engine with their parameters, declared as a module declares its own. */
export const ENGINE_MODULES = {
  include_tasks: {
    summary: 'Run the tasks of a file, chosen during the run',
    params: { file: TASK_FILE, apply: APPLY },
    freeForm: 'file',
  },
  import_tasks: {
    summary: 'Put the tasks of a file here, before the run',
    params: { file: TASK_FILE },
    freeForm: 'file',
  },
  include_role: {
    summary: 'Run the tasks of a role, chosen during the run',
    params: {
      ...ROLE,
      apply: APPLY,
      public: { type: 'bool', default: false, description: "Whether later tasks see the role's variables." },
    },
  },
  import_role: { summary: 'Put the tasks of a role here, before the run', params: ROLE },
  include_vars: {
    summary: 'Read variables from a file or a folder',
    params: {
      file: { type: 'str', searched: { folder: 'vars' }, description: 'File with variables.' },
      dir: { type: 'str', description: 'Folder whose files with variables are read in order of their names.' },
      name: { type: 'str', description: 'Variable that takes them all as one dictionary.' },
      depth: { type: 'int', default: 0, description: 'How many levels of folders are read; 0 for all.' },
      files_matching: { type: 'str', description: 'Regular expression for the names of files in dir.' },
      ignore_files: { type: 'list', elements: 'str', description: 'Names of files in dir that are passed over.' },
      extensions: {
        type: 'list',
        elements: 'str',
        default: ['json', 'yaml', 'yml'],
        description: 'Endings of the names of files in dir that are read.',
      },
      ignore_unknown_extensions: {
        type: 'bool',
        default: false,
        description: 'Pass over files in dir with other endings instead of failing.',
      },
      hash_behaviour: {
        type: 'str',
        choices: ['replace', 'merge'],
        description: 'Whether dictionaries replace earlier ones of their name or are merged into them.',
      },
    },
    freeForm: 'file',
    rules: { exclusive: [['file', 'dir']], oneOf: [['file', 'dir']] },
  },
  meta: {
    summary: 'Steer the run itself',
    params: {
      action: {
        type: 'str',
        required: true,
        choices: [
          'flush_handlers', 'noop', 'end_play', 'end_host', 'end_batch', 'clear_facts', 'clear_host_errors',
          'refresh_inventory', 'reset_connection',
        ],
        description: 'What to do.',
      },
    },
    freeForm: 'action',
  },
  validate_argument_spec: {
    summary: 'Check variables against a specification of arguments',
    params: {
      argument_spec: { type: 'dict', required: true, description: 'Arguments by name, with type, required, choices, ….' },
      provided_arguments: { type: 'dict', description: 'Values that win over the variables of the same names.' },
      validate_args_context: { type: 'dict', description: 'What the arguments belong to, for messages.' },
    },
  },
} as const satisfies Readonly<Record<string, Declaration>> // prettier-ignore

/** Name of a word of the engine. */
export type EngineModule = keyof typeof ENGINE_MODULES

/** True for a word of the engine. */
export function isEngineModule(name: string): name is EngineModule {
  return Object.hasOwn(ENGINE_MODULES, name)
}

/** Other names of Ansible's for the same module. */
const SAME: Readonly<Record<string, string>> = {
  gather_facts: 'setup',
  systemd: 'systemd_service',
  systemd_service: 'systemd',
}

/** Collections whose modules fplay may have under their short names. */
export const COLLECTIONS: readonly string[] = [
  'ansible.builtin', 'ansible.legacy', 'ansible.netcommon', 'ansible.posix', 'ansible.utils', 'community.crypto',
  'community.docker', 'community.general', 'community.mysql',
] // prettier-ignore

/** `ansible.builtin.copy` and the like without its collection; another name as it is. */
export function shortName(written: string): string {
  const collection = COLLECTIONS.find((name) => written.startsWith(`${name}.`))
  return collection === undefined ? written : written.slice(collection.length + 1)
}

/** What `ansible.builtin.` means where a module of the user's own has the short name. */
const OURS = 'ansible.builtin.'

/** Finds what a task may name. */
export interface Catalog {
  /** All short names, of modules and of the engine. */
  readonly names: readonly string[]
  /** Takes in the modules of a folder of the user's (`library/` of a playbook or role). */
  add(folder: string): Promise<void>
  /** Loads the modules among these names as written, so that {@link find} has them. */
  load(written: Iterable<string>): Promise<void>
  /** The short name of what this name means; undefined when there is no such module or word. */
  nameOf(written: string): string | undefined
  /** The module or word of that name, short or fully qualified; undefined when there is none. */
  find(written: string): Action | undefined
  /** True for a module that is not here, and whose name is no mistake for one of ours. */
  isForeign(written: string): boolean
  /** The same catalog as `collections` wants it: where ansible.builtin comes first, short names mean our modules. */
  within(collections: readonly string[]): Catalog
}

/** A catalog of the engine's words and the registry's modules. */
export function createCatalog(registry: Registry, oursFirst = false): Catalog {
  const moduleName = (written: string): string | undefined => {
    if (oursFirst && registry.has(OURS + written)) return OURS + written
    // Where a user's module has the name of one of ours, the full name still means ours.
    if (registry.has(written)) return written
    const short = shortName(written)
    return [short, SAME[short] ?? ''].find((name) => registry.has(name))
  }
  const nameOf = (written: string): string | undefined =>
    isEngineModule(shortName(written)) ? shortName(written) : moduleName(written)
  const isForeignHere = (written: string): boolean => {
    if (!isForeign(written) || nameOf(written) !== undefined) return false
    const short = shortName(written)
    return short === written || isForeign(short) || nearest(short, registry.names) === undefined
  }
  return {
    get names() {
      return [...registry.names, ...Object.keys(ENGINE_MODULES)].sort()
    },
    add: (folder) => registry.add(folder),
    load: (written) => registry.load([...written].flatMap((name) => [moduleName(name) ?? name, OURS + name])),
    nameOf,
    isForeign: isForeignHere,
    find: (written) => {
      const short = shortName(written)
      if (isEngineModule(short)) return { name: short, declaration: ENGINE_MODULES[short], engine: true }
      const name = moduleName(written) ?? (isForeignHere(written) ? written : undefined)
      return name === undefined ? undefined : { name, declaration: registry.get(name), engine: false }
    },
    within: (collections) => {
      const [first] = collections.filter((name) => /^ansible\.(?:builtin|legacy)$/.test(name))
      return createCatalog(registry, first === 'ansible.builtin')
    },
  }
}
