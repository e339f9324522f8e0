import type { Options, OptionTable } from './option.js'
import {
  CONNECTION,
  EXTRA_VARS,
  HELP,
  LOOK,
  PRIVILEGES,
  REPORT,
  RUNNING,
  SOURCES,
  VAULT_PASSWORDS,
} from './option-groups.js'

/**
 * The options of the commands: parsing, `--help` and the manual come from here. The names and meanings are those of
 * ansible-playbook and ansible-inventory.
 */
const COMMON = { ...HELP, ...SOURCES, ...EXTRA_VARS, ...VAULT_PASSWORDS, ...LOOK } as const

/** Options of `fplay PLAYBOOK …`. */
export const PLAYBOOK_OPTIONS = {
  ...COMMON,
  ...RUNNING,
  ...CONNECTION,
  ...PRIVILEGES,
  tags: {
    kind: 'commas',
    flags: ['-t', '--tags'],
    value: 'TAGS',
    about: 'only tasks with one of these tags',
    setting: 'TAGS_RUN',
    section: 'What to run',
  },
  skipTags: {
    kind: 'commas',
    flags: ['--skip-tags'],
    value: 'TAGS',
    about: 'not the tasks with one of these tags',
    setting: 'TAGS_SKIP',
    section: 'What to run',
  },
  startAtTask: {
    kind: 'text',
    flags: ['--start-at-task'],
    value: 'NAME',
    about: 'begin at the first task of this name; * and ? match',
    section: 'What to run',
  },
  step: { kind: 'flag', flags: ['--step'], about: 'ask before each task', section: 'How to run' },
  forceHandlers: {
    kind: 'flag',
    flags: ['--force-handlers'],
    about: 'run notified handlers also where a task has failed',
    setting: 'DEFAULT_FORCE_HANDLERS',
    section: 'How to run',
  },
  flushCache: {
    kind: 'flag',
    flags: ['--flush-cache'],
    about: 'forget facts that were kept from earlier runs',
    section: 'How to run',
  },
  ...REPORT,
  listHosts: {
    kind: 'flag',
    flags: ['--list-hosts'],
    about: 'list the hosts of each play',
    section: 'Only look',
  },
  listTasks: {
    kind: 'flag',
    flags: ['--list-tasks'],
    about: 'list the tasks that would run',
    section: 'Only look',
  },
  listTags: { kind: 'flag', flags: ['--list-tags'], about: 'list the tags', section: 'Only look' },
  syntaxCheck: {
    kind: 'flag',
    flags: ['--syntax-check'],
    about: 'check the playbooks and run nothing',
    section: 'Only look',
  },
} as const satisfies OptionTable

/** Options of `fplay inventory`. */
export const INVENTORY_OPTIONS = {
  ...COMMON,
  list: {
    kind: 'flag',
    flags: ['--list'],
    about: 'all groups and hosts with their variables',
    section: 'Only look',
  },
  graph: {
    kind: 'flag',
    flags: ['--graph'],
    about: 'groups and hosts as a tree, of all or of the group named',
    section: 'Only look',
  },
  host: {
    kind: 'text',
    flags: ['--host'],
    value: 'HOST',
    about: 'the variables of one host',
    section: 'Only look',
  },
  vars: { kind: 'flag', flags: ['--vars'], about: 'variables in the tree too', section: 'Output' },
  yaml: { kind: 'flag', flags: ['-y', '--yaml'], about: 'YAML instead of JSON', section: 'Output' },
  export: {
    kind: 'flag',
    flags: ['--export'],
    about: 'variables stay with the group or host that has them',
    section: 'Output',
  },
  output: {
    kind: 'text',
    flags: ['--output'],
    value: 'FILE',
    about: 'write to this file instead of the output',
    section: 'Output',
  },
  playbookDir: {
    kind: 'text',
    flags: ['--playbook-dir'],
    value: 'FOLDER',
    about: 'its group_vars and host_vars count too',
    section: 'What to run',
  },
} as const satisfies OptionTable

export type PlaybookOptions = Options<typeof PLAYBOOK_OPTIONS>
export type InventoryOptions = Options<typeof INVENTORY_OPTIONS>
