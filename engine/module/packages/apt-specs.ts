import { Fail } from '../contract.js'

/** A package as a task names it: `foo`, `foo=1.0*`, `foo>=1.0`, `foo*`, `foo:i386`. */
export interface Spec {
  /** As written. */
  readonly text: string
  readonly name: string
  /** The name has wildcards. */
  readonly pattern: boolean
  readonly compare?: '=' | '>=' | undefined
  readonly version?: string | undefined
}

/** What a task asks of apt, in one shape for the modules apt and package. */
export interface AptParams {
  readonly state: 'present' | 'latest' | 'absent'
  readonly specs: readonly Spec[]
  /** Package files of the host. */
  readonly deb: readonly string[]
  readonly upgrade?: 'yes' | 'safe' | 'full' | 'dist' | undefined
  /** The index is to be updated where it is older than `cacheValidTime` seconds. */
  readonly updates: boolean
  /** Nothing else is asked for. */
  readonly only?: 'index' | undefined
  readonly cacheValidTime: number
  readonly retries: number
  /** Seconds. */
  readonly longestDelay: number
  readonly purge: boolean
  readonly autoremove: boolean
  readonly autoclean: boolean
  readonly clean: boolean
  readonly defaultRelease?: string | undefined
  readonly installRecommends?: boolean | undefined
  readonly onlyUpgrade: boolean
  readonly failOnAutoremove: boolean
  readonly allowUnauthenticated: boolean
  readonly allowDowngrade: boolean
  readonly allowChangeHeld: boolean
  readonly dpkgOptions: readonly string[]
  /** Seconds to wait for another program that holds apt's or dpkg's lock. */
  readonly lockTimeout: number
}

/** Nothing but a state of packages. */
export const PLAIN_APT: AptParams = {
  state: 'present',
  specs: [],
  deb: [],
  updates: false,
  cacheValidTime: 0,
  retries: 5,
  longestDelay: 12,
  purge: false,
  autoremove: false,
  autoclean: false,
  clean: false,
  onlyUpgrade: false,
  failOnAutoremove: false,
  allowUnauthenticated: false,
  allowDowngrade: false,
  allowChangeHeld: false,
  dpkgOptions: ['force-confdef', 'force-confold'],
  lockTimeout: 60,
}

/** What a name and a version may be made of; anything else names no package, and never reaches a shell as a pattern. */
const NAME = /^[a-z0-9*?[][a-z0-9+.*?[\]!-]*(?::[a-z0-9-]+)?$/i
const VERSION = /^[A-Za-z0-9.+~:*?[\]!-]+$/

/** Takes a name with its version apart. Fails where no package can be named so. */
export function readSpec(text: string): Spec {
  const [, name = '', compare, version] = /^([^=>]*)(>?=)?(.*)$/s.exec(text.trim())!
  if (!NAME.test(name) || (compare !== undefined && !VERSION.test(version!))) {
    throw new Fail(`no package can be named ${JSON.stringify(text)}`)
  }
  const pattern = /[*?[]/.test(name)
  if (pattern && compare !== undefined) throw new Fail(`${text} has a version for a pattern of names`)
  return {
    text,
    name,
    pattern,
    compare: compare as Spec['compare'],
    version: compare === undefined ? undefined : version,
  }
}
