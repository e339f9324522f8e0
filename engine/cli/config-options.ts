import type { Options, OptionTable } from './option.js'
import { HELP } from './option-groups.js'

/** Options of `fplay config`. */
export const CONFIG_OPTIONS = {
  help: HELP.help,
  onlyChanged: {
    kind: 'flag',
    flags: ['--only-changed', '--changed-only'],
    about: 'only what is not the default',
    section: 'Output',
  },
  format: {
    kind: 'text',
    flags: ['--format'],
    value: 'FORMAT',
    about: 'display (the default) or json',
    section: 'Output',
  },
} as const satisfies OptionTable

export type ConfigOptions = Options<typeof CONFIG_OPTIONS>
