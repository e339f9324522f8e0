import type { InferParams, ParamTable } from '../params.js'
import type { PlainParams } from './plain.js'

/** Parameters of the modules dnf and yum. */
export const DNF = {
  name: {
    type: 'list',
    elements: 'str',
    aliases: ['pkg'],
    description: 'Packages by name, or by name with version (`bash-5.1.8-6.el9`).',
  },
  state: {
    type: 'str',
    default: 'present',
    choices: ['present', 'installed', 'latest', 'absent', 'removed'],
    description: 'What should be; `installed` is `present`, `removed` is `absent`.',
  },
  update_cache: {
    type: 'bool',
    default: false,
    aliases: ['expire-cache'],
    description: 'Have repositories looked at anew; alone it counts as a change.',
  },
  enablerepo: { type: 'list', elements: 'str', default: [], description: 'Repositories to use besides.' },
  disablerepo: { type: 'list', elements: 'str', default: [], description: 'Repositories to leave out.' },
  disable_gpg_check: {
    type: 'bool',
    default: false,
    description: 'Install packages without looking at signatures.',
  },
  exclude: { type: 'list', elements: 'str', default: [], description: 'Packages that are left alone.' },
} as const satisfies ParamTable

/** The parameters in one shape. */
export function dnfParams(given: InferParams<typeof DNF>): PlainParams {
  const { state } = given
  return {
    names: (given.name ?? []).map((name) => name.trim()).filter(Boolean),
    state: state === 'installed' ? 'present' : state === 'removed' ? 'absent' : state,
    updates: given.update_cache,
    flags: [
      ...given.disablerepo.map((repo) => `--disablerepo=${repo}`),
      ...given.enablerepo.map((repo) => `--enablerepo=${repo}`),
      ...given.exclude.map((name) => `--exclude=${name}`),
      ...(given.disable_gpg_check ? ['--nogpgcheck'] : []),
    ],
  }
}
