import type { Options, OptionTable } from './option.js'
import { HELP, RUNNING } from './option-groups.js'

/** Options of `fplay doc`. */
export const DOC_OPTIONS = {
  help: HELP.help,
  type: {
    kind: 'text',
    flags: ['-t', '--type'],
    value: 'KIND',
    about: 'module (the default), filter, test, lookup, keyword or error',
    section: 'What to run',
  },
  modulePath: { ...RUNNING.modulePath, section: 'What to run' },
  playbookDir: {
    kind: 'text',
    flags: ['--playbook-dir'],
    value: 'FOLDER',
    about: 'a folder of playbooks, whose library/ and roles/*/library/ count (default: the working folder)',
    section: 'What to run',
  },
  rolesPath: {
    kind: 'list',
    flags: ['-r', '--roles-path'],
    value: 'FOLDERS',
    about: 'folders of roles, whose library/ counts, with colons between; may be repeated',
    section: 'What to run',
  },
  list: { kind: 'flag', flags: ['-l', '--list'], about: 'list all of that kind', section: 'Output' },
  json: { kind: 'flag', flags: ['-j', '--json'], about: 'as JSON', section: 'Output' },
} as const satisfies OptionTable

export type DocOptions = Options<typeof DOC_OPTIONS>
