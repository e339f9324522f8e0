import type { ValueKind } from './value-kinds.js'

/** What may carry keywords. `import_playbook` is an entry of a playbook, `role` one of `roles:` or of dependencies. */
export type Bearer = 'play' | 'block' | 'task' | 'handler' | 'role' | 'import_playbook'

/** One keyword of the playbook language. */
export interface Keyword {
  readonly on: readonly Bearer[]
  readonly kind: ValueKind
  /** One or two sentences. */
  readonly description: string
  /** True: the value is used as it stands; a template in it is an error. */
  readonly static?: boolean
  /** Another name of that keyword. */
  readonly alias?: string
  /** Why fplay refuses it although Ansible knows it, and what to do instead. */
  readonly refused?: { readonly why: string; readonly cure: string }
}

const EVERYWHERE = ['play', 'role', 'block', 'task', 'handler'] as const
const TASKS = ['task', 'handler'] as const
const NODES = ['role', 'block', 'task', 'handler'] as const

/** Every keyword of plays, role entries, blocks, tasks and handlers. The reference and the editor schema come from it. */
export const KEYWORDS = {
  name: {
    on: ['play', 'block', 'task', 'handler', 'import_playbook'],
    kind: 'text',
    description:
      'What it is for, in words; of plays, tasks and handlers shown while they run. A handler is notified by this name.',
  },

  // who and where
  hosts: {
    on: ['play'],
    kind: 'hosts',
    description: 'Host pattern, or a list of them: which hosts the play is for.',
  },
  connection: {
    on: EVERYWHERE,
    kind: 'text',
    description: 'How hosts are reached: ssh, or local for the controller itself.',
  },
  remote_user: { on: EVERYWHERE, kind: 'text', description: 'The user to log in as.' },
  user: { on: ['play'], kind: 'text', alias: 'remote_user', description: 'Old name of remote_user.' },
  port: { on: EVERYWHERE, kind: 'int', description: 'The port of the host that is logged in to.' },
  become: { on: EVERYWHERE, kind: 'bool', description: 'Whether tasks run as another user.' },
  become_user: { on: EVERYWHERE, kind: 'text', description: 'The user to become; root when not given.' },
  become_method: { on: EVERYWHERE, kind: 'text', description: 'How to become that user: sudo or su.' },
  become_flags: {
    on: EVERYWHERE,
    kind: 'text',
    description: 'Options for the program that becomes the user.',
  },
  become_exe: { on: EVERYWHERE, kind: 'text', description: 'Path of the program that becomes the user.' },
  delegate_to: {
    on: NODES,
    kind: 'text',
    description: 'Host to run on instead of the one the task is for; variables stay those of the latter.',
  },
  delegate_facts: {
    on: NODES,
    kind: 'bool',
    description: 'Whether facts the task finds belong to the host it was delegated to.',
  },

  // the order over hosts
  strategy: {
    on: ['play'],
    kind: 'strategy',
    description:
      'linear: all hosts do a task before the next begins. free, host_pinned: each goes on by itself.',
  },
  serial: {
    on: ['play'],
    kind: 'serial',
    description:
      'How many hosts at a time go through the whole play: a number, a percentage, or a list of them.',
  },
  order: { on: ['play'], kind: 'order', description: 'In which order hosts are taken.' },
  throttle: {
    on: EVERYWHERE,
    kind: 'int',
    description: 'How many hosts at most run the task at once; 0 for no limit.',
  },
  run_once: {
    on: EVERYWHERE,
    kind: 'bool',
    description:
      'Run on the first host only; its result is for all hosts. A handler runs for each host that notified it, one after the other.',
  },
  any_errors_fatal: {
    on: EVERYWHERE,
    kind: 'bool',
    description: 'A failure on one host ends the play for all, after the current task.',
  },
  max_fail_percentage: {
    on: ['play'],
    kind: 'percent',
    description: 'The play ends when more than this share of its hosts has failed.',
  },

  // variables
  vars: { on: [...EVERYWHERE, 'import_playbook'], kind: 'vars', description: 'Variables, by name.' },
  vars_files: {
    on: ['play'],
    kind: 'files',
    description: 'Files with variables. Where an entry is a list, the first file that exists is read.',
  },
  vars_prompt: {
    on: ['play'],
    kind: 'prompts',
    description: 'Variables to ask the user for before the play.',
  },
  environment: {
    on: EVERYWHERE,
    kind: 'dicts',
    description: 'Environment variables for the commands on the host; a dictionary or a list of them.',
  },
  module_defaults: {
    on: EVERYWHERE,
    kind: 'static-dicts',
    description: 'Parameters by module that tasks have unless they say otherwise.',
  },
  gather_facts: {
    on: ['play'],
    kind: 'bool',
    description: 'Whether facts are read from the hosts first; default true.',
  },
  gather_subset: {
    on: ['play'],
    kind: 'texts',
    description: 'Which facts are read: all, min, hardware, !network, ….',
  },
  gather_timeout: { on: ['play'], kind: 'int', description: 'Seconds that reading the facts may take.' },
  fact_path: { on: ['play'], kind: 'text', description: 'Folder on the host with facts of its own.' },

  // what is done
  roles: { on: ['play'], kind: 'roles', description: 'Roles to apply, between pre_tasks and tasks.' },
  pre_tasks: { on: ['play'], kind: 'tasks', description: 'Tasks to run before the roles.' },
  tasks: { on: ['play'], kind: 'tasks', description: 'Tasks to run after the roles.' },
  post_tasks: {
    on: ['play'],
    kind: 'tasks',
    description: 'Tasks to run after the handlers of tasks have run.',
  },
  handlers: { on: ['play'], kind: 'tasks', description: 'Tasks that run when they were notified.' },
  force_handlers: {
    on: ['play'],
    kind: 'bool',
    description: 'Run notified handlers also on hosts that have failed.',
  },
  role: { on: ['role'], kind: 'text', description: 'Name or path of the role.' },
  block: { on: ['block'], kind: 'tasks', description: 'Tasks that share the keywords of the block.' },
  rescue: { on: ['block'], kind: 'tasks', description: 'Tasks to run when one in the block has failed.' },
  always: { on: ['block'], kind: 'tasks', description: 'Tasks to run at the end, whatever happened.' },
  import_playbook: {
    on: ['import_playbook'],
    kind: 'text',
    description: 'Another playbook, whose plays come here.',
  },
  action: {
    on: TASKS,
    kind: 'action',
    description: 'The module and its parameters, as text or as a dictionary.',
  },
  local_action: { on: TASKS, kind: 'action', description: 'As action, but on the controller.' },
  args: { on: TASKS, kind: 'args', description: 'Parameters of the module, beside those given at its name.' },

  // whether and how often
  when: {
    on: [...NODES, 'import_playbook'],
    kind: 'conditions',
    description: 'Expressions without braces that must all be true, otherwise the task is skipped.',
  },
  tags: {
    on: [...EVERYWHERE, 'import_playbook'],
    kind: 'tags',
    description:
      'Labels by which --tags and --skip-tags choose; always and never have a meaning of their own. Handlers run when they were notified, whatever their tags.',
  },
  loop: { on: TASKS, kind: 'list', description: 'List of items; the task runs for each.' },
  loop_control: { on: TASKS, kind: 'loop-control', description: 'How the loop is named, shown and paced.' },
  until: {
    on: TASKS,
    kind: 'conditions',
    description: 'The task is tried again until these expressions are true.',
  },
  retries: { on: TASKS, kind: 'int', description: 'How often it is tried again at most; default 3.' },
  delay: { on: TASKS, kind: 'number', description: 'Seconds between two tries; default 5.' },
  timeout: {
    on: EVERYWHERE,
    kind: 'int',
    description: 'Seconds after which a task is ended and has failed.',
  },
  async: {
    on: TASKS,
    kind: 'int',
    description:
      'Seconds that the task may run in the background of the host, whatever becomes of the connection.',
  },
  poll: {
    on: TASKS,
    kind: 'int',
    description:
      'Seconds between two looks at a background task at most, default 15; 0: nobody waits for it.',
  },

  // what comes of it
  register: { on: TASKS, kind: 'name', static: true, description: 'Variable that takes the result.' },
  notify: {
    on: ['block', 'task', 'handler'],
    kind: 'texts',
    description: 'Handlers, by name or topic, to run when the task has changed something.',
  },
  listen: {
    on: ['handler'],
    kind: 'texts',
    static: true,
    description: 'Topics by which the handler may be notified.',
  },
  changed_when: {
    on: TASKS,
    kind: 'conditions',
    description: 'Expressions that decide whether something was changed.',
  },
  failed_when: {
    on: TASKS,
    kind: 'conditions',
    description: 'Expressions that decide whether the task has failed.',
  },
  ignore_errors: { on: EVERYWHERE, kind: 'bool', description: 'Go on although the task has failed.' },
  ignore_unreachable: {
    on: EVERYWHERE,
    kind: 'bool',
    description: 'Go on although the host could not be reached.',
  },
  no_log: { on: EVERYWHERE, kind: 'bool', description: 'Show neither parameters nor results anywhere.' },
  check_mode: {
    on: EVERYWHERE,
    kind: 'bool',
    description: 'Only predict, or really run, whatever --check says.',
  },
  diff: { on: EVERYWHERE, kind: 'bool', description: 'Show differences, or do not, whatever --diff says.' },

  // of Ansible's machinery
  collections: {
    on: EVERYWHERE,
    kind: 'texts',
    static: true,
    description:
      'Where short names of modules are looked for first: after ansible.builtin they mean those of fplay, also where a module of your own has the name. Roles have theirs in meta/main.yml.',
  },
  debugger: {
    on: EVERYWHERE,
    kind: 'text',
    description: 'When to stop in the debugger.',
    refused: { why: 'there is no debugger', cure: 'leave it out; --step asks before each task' },
  },
} as const satisfies Readonly<Record<string, Keyword>>

/** Name of a keyword. */
export type KeywordName = keyof typeof KEYWORDS

/** The keyword of that name, or undefined. */
export function keyword(name: string): Keyword | undefined {
  return Object.hasOwn(KEYWORDS, name) ? KEYWORDS[name as KeywordName] : undefined
}

const namesByBearer = new Map<Bearer, ReadonlySet<KeywordName>>()

/** Names of the keywords that a play, block, … may have. */
export function keywordsOf(bearer: Bearer): ReadonlySet<KeywordName> {
  let names = namesByBearer.get(bearer)
  if (!names) {
    const all = Object.keys(KEYWORDS) as KeywordName[]
    names = new Set(all.filter((name) => (KEYWORDS[name].on as readonly Bearer[]).includes(bearer)))
    namesByBearer.set(bearer, names)
  }
  return names
}

/** Keywords that a task with a dynamic include may have; others would be for the included tasks, which `apply` serves. */
export const INCLUDE_KEYWORDS: ReadonlySet<string> = new Set<KeywordName>([
  'name', 'action', 'args', 'collections', 'ignore_errors', 'loop', 'loop_control', 'no_log', 'register', 'run_once',
  'tags', 'timeout', 'vars', 'when', 'listen',
]) // prettier-ignore

/** Keywords that say nothing at an import, which is unfolded before the run and has no result of its own. */
export const NOT_FOR_IMPORTS: ReadonlySet<string> = new Set<KeywordName>([
  'loop', 'loop_control', 'register', 'until', 'retries', 'delay', 'changed_when', 'failed_when', 'async', 'poll',
]) // prettier-ignore
