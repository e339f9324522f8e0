import {
  Fail,
  type Ask,
  type Converge,
  type Difference,
  type Key,
  type OwnState,
  type Ran,
  type Returned,
  type View,
  type Wish,
} from '../contract.js'
import { sh, type Script } from '../quote.js'
import { apk } from './apk.js'
import { aptAsk, aptResult } from './apt-answer.js'
import { aptBrings, aptWish } from './apt.js'
import { aptConverge } from './apt-converge.js'
import { PLAIN_APT, readSpec, type AptParams } from './apt-specs.js'
import { dnf } from './dnf.js'
import { PACKAGES } from './installed.js'
import {
  plainAsk,
  plainConverge,
  plainResult,
  plainState,
  plainWish,
  type PlainManager,
  type PlainParams,
} from './plain.js'

/** What the module package is asked. */
export interface AnyParams {
  readonly name: readonly string[]
  readonly state: 'present' | 'latest' | 'absent'
  readonly update_cache: boolean
  readonly use: 'auto' | 'apt' | 'dnf' | 'yum' | 'apk'
}

const MANAGER = '(manager)'
const PLAIN: Readonly<Record<string, PlainManager>> = { dnf, apk }

const plainOf = ({ name, state, update_cache: updates }: AnyParams): PlainParams => ({
  names: name,
  state,
  updates,
  flags: [],
})
const aptOf = ({ name, state, update_cache: updates }: AnyParams): AptParams => ({
  ...PLAIN_APT,
  state,
  updates,
  specs: name.map(readSpec),
})

/** Asks the manager that the host has, or that `use` names. Each must be able to read the names. */
export function anyAsk(params: AnyParams): Ask {
  const attempts = new Map<string, OwnOf | Fail>([
    ['apt', attempt(() => aptAsk(aptOf(params)) as OwnOf)],
    ...Object.entries(PLAIN).map(
      ([name, manager]) => [name, attempt(() => plainAsk(plainOf(params), manager) as OwnOf)] as const,
    ),
  ])
  const scripts = (kind: 'real' | 'dry'): Script => {
    const part = (name: string): Script => {
      const own = attempts.get(name)!
      if (own instanceof Fail) return sh`echo unreadable`
      return (kind === 'dry' ? own.foretell?.script : undefined) ?? own.script
    }
    return sh`${choose(params.use)}
printf 'manager %s\\n' "$FPLAY_M"
case $FPLAY_M in
apt) ${part('apt')} ;;
dnf) ${part('dnf')} ;;
apk) ${part('apk')} ;;
esac`
  }
  const apt = attempts.get('apt')!
  const foretell = apt instanceof Fail ? {} : apt.foretell
  return {
    kind: 'own',
    key: PACKAGES,
    script: scripts('real'),
    foretell: { ...foretell, script: scripts('dry') },
    read: (output) => {
      const end = output.stdout.indexOf('\n')
      const manager = output.stdout.slice('manager '.length, end)
      const own = attempts.get(manager)
      if (own === undefined) {
        throw new Fail(
          'the host has none of apt-get, dnf, yum and apk',
          [],
          'install the program some other way, or use a container',
        )
      }
      if (own instanceof Fail) throw own
      const rest = { ...output, stdout: output.stdout.slice(end + 1) }
      const state = manager === 'apt' ? own.read(rest) : plainState(rest, PLAIN[manager]!)
      return { ...state, [MANAGER]: manager }
    },
  }
}

type OwnOf = Extract<Ask, { kind: 'own' }>

function attempt(make: () => OwnOf): OwnOf | Fail {
  try {
    return make()
  } catch (error) {
    if (error instanceof Fail) return error
    throw error
  }
}

function choose(use: AnyParams['use']): Script {
  if (use !== 'auto') return sh`FPLAY_M=${use === 'yum' ? 'dnf' : use}`
  return sh`FPLAY_M=none
if command -v apt-get >/dev/null 2>&1 && [ -e /var/lib/dpkg/status ]; then FPLAY_M=apt
elif command -v dnf >/dev/null 2>&1 || command -v yum >/dev/null 2>&1; then FPLAY_M=dnf
elif command -v apk >/dev/null 2>&1; then FPLAY_M=apk; fi`
}

function managerIn(before: View): string {
  return before.own(PACKAGES)[MANAGER] as string
}

/** The wish of the manager that answered. */
export function anyWish(params: AnyParams, before: View): Wish {
  const manager = managerIn(before)
  return manager === 'apt'
    ? aptWish(aptOf(params), before)
    : plainWish(plainOf(params), before, PLAIN[manager]!)
}

/** The same manager's way to make the difference. */
export function anyConverge(
  params: AnyParams,
  before: View,
  differing: ReadonlyMap<Key, Difference>,
): Converge {
  const manager = managerIn(before)
  if (manager === 'apt') return aptConverge(aptOf(params), differing)
  return plainConverge(plainOf(params), before, differing, PLAIN[manager]!)
}

/** What comes along, as far as the manager tells. */
export function anyBrings(params: AnyParams, before: View): ReadonlyMap<Key, OwnState> {
  return managerIn(before) === 'apt' ? aptBrings(aptOf(params), before) : new Map()
}

/** The manager's values. */
export function anyResult(params: AnyParams, before: View, after: View, ran: Ran): Returned {
  return managerIn(before) === 'apt' ? aptResult(aptOf(params), before, after, ran) : plainResult(ran)
}
