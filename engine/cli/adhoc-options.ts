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

/** Options of `fplay adhoc`: those of `ansible`. */
export const ADHOC_OPTIONS = {
  ...HELP,
  module: {
    kind: 'text',
    flags: ['-m', '--module-name'],
    value: 'MODULE',
    about: 'the module to run (default command)',
    setting: 'DEFAULT_MODULE_NAME',
    section: 'What to run',
  },
  args: {
    kind: 'text',
    flags: ['-a', '--args'],
    value: 'ARGS',
    about: 'its parameters: key=value …, JSON, or a command line',
    setting: 'DEFAULT_MODULE_ARGS',
    section: 'What to run',
  },
  ...SOURCES,
  ...EXTRA_VARS,
  ...VAULT_PASSWORDS,
  ...LOOK,
  ...RUNNING,
  ...CONNECTION,
  ...PRIVILEGES,
  background: {
    kind: 'number',
    flags: ['-B', '--background'],
    value: 'SECONDS',
    about: 'let it run in the background, for so long at most',
    section: 'How to run',
    least: 1,
  },
  poll: {
    kind: 'number',
    flags: ['-P', '--poll'],
    value: 'SECONDS',
    about: 'with -B: how often to look whether it has ended (default 15); 0 does not wait',
    section: 'How to run',
  },
  taskTimeout: {
    kind: 'number',
    flags: ['--task-timeout'],
    value: 'SECONDS',
    about: 'how long the task may take',
    section: 'How to run',
    least: 1,
  },
  playbookDir: {
    kind: 'text',
    flags: ['--playbook-dir'],
    value: 'FOLDER',
    about: 'where files, roles and group_vars are looked for (default: the working folder)',
    section: 'What to run',
  },
  oneLine: {
    kind: 'flag',
    flags: ['-o', '--one-line'],
    about: 'a line for each host',
    section: 'Output',
  },
  tree: {
    kind: 'text',
    flags: ['-t', '--tree'],
    value: 'FOLDER',
    about: 'write the result of each host to a file in this folder',
    section: 'Output',
  },
  ...REPORT,
  listHosts: {
    kind: 'flag',
    flags: ['--list-hosts'],
    about: 'list the hosts that are meant',
    section: 'Only look',
  },
} as const satisfies OptionTable

export type AdhocOptions = Options<typeof ADHOC_OPTIONS>
