import { Fail } from '../contract.js'
import type { InferParams, ParamTable } from '../params.js'
import { readSpec, type AptParams } from './apt-specs.js'

/** Parameters of the module apt. */
export const APT = {
  name: {
    type: 'list',
    elements: 'str',
    aliases: ['package', 'pkg'],
    description:
      'Packages: `foo`, `foo=1.0`, `foo=1.0*`, `foo>=1.0`, `foo*`; `*` with latest is an upgrade of all.',
  },
  state: {
    type: 'str',
    default: 'present',
    choices: ['present', 'latest', 'absent'],
    description: 'What should be; `latest` upgrades what is installed.',
  },
  deb: { type: 'path', description: 'Package file on the host; what it depends on is installed too.' },
  update_cache: {
    type: 'bool',
    default: false,
    aliases: ['update-cache'],
    description: 'Update the index first; alone it counts as a change.',
  },
  cache_valid_time: {
    type: 'int',
    default: 0,
    description: 'Update the index first if it is older than this many seconds.',
  },
  update_cache_retries: { type: 'int', default: 5, description: 'How often an update that fails is tried.' },
  update_cache_retry_max_delay: {
    type: 'int',
    default: 12,
    description:
      'The longest wait between two of them, in seconds; the first is a second, each next one twice as long.',
  },
  upgrade: {
    type: 'str',
    default: 'no',
    choices: ['no', 'yes', 'safe', 'full', 'dist'],
    description: 'Upgrade all packages: `yes` and `safe` remove none, `full` and `dist` may.',
  },
  purge: { type: 'bool', default: false, description: 'Remove configuration files too.' },
  autoremove: {
    type: 'bool',
    default: false,
    description: 'Remove packages that only others needed, which are gone.',
  },
  autoclean: {
    type: 'bool',
    default: false,
    description: 'Remove fetched packages that the index no longer has.',
  },
  clean: { type: 'bool', default: false, description: 'Remove all fetched packages.' },
  default_release: {
    type: 'str',
    aliases: ['default-release'],
    description: 'Release that is preferred, as with -t.',
  },
  install_recommends: {
    type: 'bool',
    aliases: ['install-recommends'],
    description: 'Install what is recommended too, or not; unless told, as the host is set up.',
  },
  only_upgrade: { type: 'bool', default: false, description: 'Leave out packages that are not installed.' },
  fail_on_autoremove: {
    type: 'bool',
    default: false,
    description: 'Fail where a package would have to be removed.',
  },
  force_apt_get: { type: 'bool', default: false, description: 'Use apt-get, which is always so.' },
  allow_unauthenticated: {
    type: 'bool',
    default: false,
    aliases: ['allow-unauthenticated'],
    description: 'Install packages whose signatures cannot be checked.',
  },
  allow_downgrade: {
    type: 'bool',
    default: false,
    aliases: ['allow-downgrade', 'allow_downgrades', 'allow-downgrades'],
    description: 'Replace an installed package by an older version.',
  },
  allow_change_held_packages: {
    type: 'bool',
    default: false,
    description: 'Change the version of held packages.',
  },
  dpkg_options: {
    type: 'str',
    default: 'force-confdef,force-confold',
    description: 'Options of dpkg, without dashes, with commas between.',
  },
  lock_timeout: {
    type: 'int',
    default: 60,
    description: 'How long to wait for another program that holds the lock, in seconds.',
  },
} as const satisfies ParamTable

/** The parameters in one shape. Fails where names and an upgrade of all do not go together. */
export function aptParams(given: InferParams<typeof APT>): AptParams {
  const names = (given.name ?? []).map((name) => name.trim()).filter(Boolean)
  const all = names.includes('*') && given.state === 'latest'
  const specs = names.filter((name) => name !== '*').map(readSpec)
  if (all && specs.length > 0)
    throw new Fail('names beside "*" are upgraded with all others', [], 'leave them out')
  if (given.deb !== undefined && given.state !== 'present')
    throw new Fail('deb goes with state: present only')
  const upgrade = all ? 'yes' : given.upgrade === 'no' ? undefined : given.upgrade
  const { autoremove, autoclean, clean, deb } = given
  const updates = given.update_cache || given.cache_valid_time > 0
  const more =
    specs.length > 0 || upgrade !== undefined || deb !== undefined || autoremove || autoclean || clean
  return {
    state: given.state,
    specs,
    deb: deb === undefined ? [] : [deb],
    upgrade,
    updates,
    only: updates && !more ? 'index' : undefined,
    cacheValidTime: given.cache_valid_time,
    retries: given.update_cache_retries,
    longestDelay: given.update_cache_retry_max_delay,
    purge: given.purge,
    autoremove,
    autoclean,
    clean,
    defaultRelease: given.default_release,
    installRecommends: given.install_recommends,
    onlyUpgrade: given.only_upgrade,
    failOnAutoremove: given.fail_on_autoremove,
    allowUnauthenticated: given.allow_unauthenticated,
    allowDowngrade: given.allow_downgrade,
    allowChangeHeld: given.allow_change_held_packages,
    dpkgOptions: given.dpkg_options
      .split(',')
      .map((option) => option.trim())
      .filter(Boolean),
    lockTimeout: given.lock_timeout,
  }
}
