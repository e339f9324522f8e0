import { Fail } from '../contract.js'
import type { InferParams, ParamTable } from '../params.js'

const texts = { type: 'list', elements: 'str', default: [] } as const
const no = { type: 'bool', default: false } as const

/** Parameters of the modules dnf and yum. */
export const DNF = {
  name: {
    type: 'list',
    elements: 'str',
    aliases: ['pkg'],
    description:
      'Packages: by name, with version (`bash-5.1.8-6.el9`), architecture (`glibc.i686`), pattern (`php-*`) or comparison (`nginx >= 1.20`); groups (`@Development Tools`), paths that a package has (`/usr/bin/vi`), package files of the host (`….rpm`) and addresses of such. `*` with `state: latest` means all.',
  },
  state: {
    type: 'str',
    choices: ['present', 'installed', 'latest', 'absent', 'removed'],
    description:
      'What should be; `installed` is `present`, `removed` is `absent`. Default `present`, or `absent` where only `autoremove` is given.',
  },
  update_cache: {
    ...no,
    aliases: ['expire-cache'],
    description: 'Have repositories looked at anew.',
  },
  enablerepo: { ...texts, description: 'Repositories to use besides.' },
  disablerepo: { ...texts, description: 'Repositories to leave out.' },
  exclude: { ...texts, description: 'Packages that are left alone.' },
  disable_excludes: {
    type: 'str',
    description: 'Excludes of the configuration to forget: `all`, `main`, or those of a repository.',
  },
  enable_plugin: { ...texts, description: 'Plugins to use besides.' },
  disable_plugin: { ...texts, description: 'Plugins to leave out.' },
  disable_gpg_check: { ...no, description: 'Install packages without looking at signatures.' },
  sslverify: { type: 'bool', default: true, description: 'Look at the certificates of repositories.' },
  validate_certs: {
    type: 'bool',
    default: true,
    description: 'Look at the certificates of addresses that are named as packages.',
  },
  conf_file: { type: 'str', description: "The host's file of settings to use." },
  releasever: { type: 'str', description: 'The release to take packages from.' },
  installroot: { type: 'str', default: '/', description: 'The folder that is the root of packages.' },
  cacheonly: { ...no, description: 'Use the index as it is on the host.' },
  nobest: { ...no, description: 'Take another version where the best cannot be had.' },
  skip_broken: { ...no, description: 'Leave out what cannot be had, or whose dependencies cannot.' },
  allowerasing: { ...no, description: 'Packages that are in the way may go.' },
  allow_downgrade: { ...no, description: 'A named version may replace a newer one.' },
  install_weak_deps: { type: 'bool', default: true, description: 'Install recommended packages too.' },
  autoremove: {
    ...no,
    description:
      'With `state: absent`, remove what nothing else needs any more; alone, remove all packages of that kind.',
  },
  update_only: { ...no, description: 'With `state: latest`, install nothing that is not there.' },
  security: { ...no, description: 'With `state: latest`, only upgrades that mend a weakness.' },
  bugfix: { ...no, description: 'With `state: latest`, only upgrades that mend a defect.' },
  download_only: { ...no, description: 'Fetch packages and install none.' },
  download_dir: { type: 'path', description: 'The folder to fetch them to. Only with `download_only`.' },
  lock_timeout: {
    type: 'int',
    default: 30,
    description: 'Seconds to wait for another program that holds the lock.',
  },
} as const satisfies ParamTable

/** What a task asks of dnf, in one shape for the modules dnf, yum and package. */
export interface DnfParams {
  readonly names: readonly string[]
  readonly state: 'present' | 'latest' | 'absent'
  readonly updates: boolean
  /** Words for each call of dnf. */
  readonly flags: readonly string[]
  /** The root of packages where it is another. */
  readonly root: string | undefined
  /** Words for upgrades. */
  readonly upgrade: readonly string[]
  readonly autoremove: boolean
  readonly updateOnly: boolean
  readonly allowDowngrade: boolean
  readonly download: { readonly to: string | undefined } | undefined
  /** Seconds. */
  readonly lockTimeout: number
}

/** dnf itself removes what nothing needs any more; yum and Ansible's module do not unless they are told to. */
const KEEP = '--setopt=clean_requirements_on_remove=False'

/** Nothing but a state of packages. */
export const PLAIN_DNF: DnfParams = {
  names: [],
  state: 'present',
  updates: false,
  flags: [KEEP],
  root: undefined,
  upgrade: [],
  autoremove: false,
  updateOnly: false,
  allowDowngrade: false,
  download: undefined,
  lockTimeout: 30,
}

/** The parameters in one shape. */
export function dnfParams(given: InferParams<typeof DNF>): DnfParams {
  const names = apart(given.name ?? [])
  const alone = given.autoremove && names.length === 0
  const absent = alone || given.state === 'absent' || given.state === 'removed'
  refuseMixed(given, names, absent)
  return {
    names,
    state: absent ? 'absent' : given.state === 'latest' ? 'latest' : 'present',
    updates: given.update_cache,
    flags: flagsOf(given, names),
    root: given.installroot === '/' ? undefined : given.installroot,
    upgrade: [...(given.security ? ['--security'] : []), ...(given.bugfix ? ['--bugfix'] : [])],
    autoremove: given.autoremove,
    updateOnly: given.update_only,
    allowDowngrade: given.allow_downgrade,
    download: given.download_only ? { to: given.download_dir } : undefined,
    lockTimeout: given.lock_timeout,
  }
}

/** Names in a text with commas are names of their own, within a list too. */
function apart(names: readonly string[]): string[] {
  return names
    .flatMap((name) => name.split(','))
    .map((name) => name.trim())
    .filter(Boolean)
}

function refuseMixed(given: InferParams<typeof DNF>, names: readonly string[], absent: boolean): void {
  const { state, autoremove, download_dir, download_only } = given
  for (const name of ['update_only', 'security', 'bugfix'] as const)
    if (given[name] && state !== 'latest')
      throw new Fail(`${name} has an effect only with state: latest`, [], 'say so, or leave it out')
  if (download_only && absent)
    throw new Fail('download_only has no effect where packages are removed', [], 'leave it out')
  if (autoremove && state !== undefined && !absent)
    throw new Fail('Autoremove should be used alone or with state=absent')
  if (download_dir !== undefined && !download_only)
    throw new Fail(
      'download_dir has an effect only with download_only',
      [],
      'let download_only be true, or leave it out',
    )
  if (absent && names.some((name) => name.endsWith('.rpm')))
    throw new Fail('Cannot remove paths -- please specify package name.')
}

function flagsOf(given: InferParams<typeof DNF>, names: readonly string[]): string[] {
  const set = (name: string, value: string): string => `--setopt=${name}=${value}`
  const addresses = names.some((name) => name.includes('://'))
  const when = (condition: boolean, ...words: string[]): string[] => (condition ? words : [])
  return [
    ...(given.conf_file === undefined ? [] : ['-c', given.conf_file]),
    ...(given.releasever === undefined ? [] : [`--releasever=${given.releasever}`]),
    ...when(given.installroot !== '/', `--installroot=${given.installroot}`),
    ...apart(given.disablerepo).map((repo) => `--disablerepo=${repo}`),
    ...apart(given.enablerepo).map((repo) => `--enablerepo=${repo}`),
    ...apart(given.exclude).map((name) => `--exclude=${name}`),
    ...(given.disable_excludes === undefined ? [] : [`--disableexcludes=${given.disable_excludes}`]),
    ...apart(given.disable_plugin).map((name) => `--disableplugin=${name}`),
    ...apart(given.enable_plugin).map((name) => `--enableplugin=${name}`),
    ...when(given.disable_gpg_check, '--nogpgcheck'),
    ...when(!given.sslverify || (addresses && !given.validate_certs), set('sslverify', '0')),
    ...when(given.cacheonly, '-C'),
    ...when(given.nobest, '--nobest'),
    ...when(given.skip_broken, '--skip-broken'),
    ...when(given.allowerasing, '--allowerasing'),
    ...when(!given.install_weak_deps, set('install_weak_deps', 'False')),
    given.autoremove ? set('clean_requirements_on_remove', 'True') : KEEP,
  ]
}
