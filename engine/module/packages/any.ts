import {
  Fail,
  type Converge,
  type Difference,
  type Key,
  type OwnAsk,
  type OwnState,
  type Ran,
  type Returned,
  type View,
  type Wish,
} from '../contract.js'
import { sh, type Script } from '../quote.js'
import { apkAsk, apkConverge, apkResult, apkWish, type ApkParams } from './apk.js'
import { aptAsk, aptResult } from './apt-answer.js'
import { aptBrings, aptWish } from './apt.js'
import { aptConverge } from './apt-converge.js'
import { PLAIN_APT, readSpec, type AptParams } from './apt-specs.js'
import { dnfAsk, dnfBrings, dnfConverge, dnfResult, dnfWish } from './dnf.js'
import { PLAIN_DNF, type DnfParams } from './dnf-params.js'
import { PACKAGES } from './installed.js'

/** What the module package is asked. */
export interface AnyParams {
  readonly name: readonly string[]
  readonly state: 'present' | 'latest' | 'absent'
  readonly update_cache: boolean
  readonly use: 'auto' | 'apt' | 'dnf' | 'yum' | 'apk'
}

/** A manager of packages, by what it does with what the module package is asked. */
interface Manager {
  ask(params: AnyParams): OwnAsk
  wish(params: AnyParams, before: View): Wish
  converge(params: AnyParams, before: View, differing: ReadonlyMap<Key, Difference>): Converge
  brings?(params: AnyParams, before: View): ReadonlyMap<Key, OwnState>
  result(params: AnyParams, before: View, after: View, ran: Ran): Returned
}

const MANAGER = '(manager)'

const aptOf = ({ name, state, update_cache: updates }: AnyParams): AptParams => ({
  ...PLAIN_APT,
  state,
  updates,
  specs: name.map(readSpec),
})
const dnfOf = ({ name, state, update_cache: updates }: AnyParams): DnfParams => ({
  ...PLAIN_DNF,
  state,
  updates,
  names: name,
})
const apkOf = ({ name, state, update_cache: updates }: AnyParams): ApkParams => ({
  names: name,
  state,
  updates,
  flags: [],
})

const MANAGERS: Readonly<Record<string, Manager>> = {
  apt: {
    ask: (params) => aptAsk(aptOf(params)),
    wish: (params, before) => aptWish(aptOf(params), before),
    converge: (params, _before, differing) => aptConverge(aptOf(params), differing),
    brings: (params, before) => aptBrings(aptOf(params), before),
    result: (params, before, after, ran) => aptResult(aptOf(params), before, after, ran),
  },
  dnf: {
    ask: (params) => dnfAsk(dnfOf(params)),
    wish: (params, before) => dnfWish(dnfOf(params), before),
    converge: (params, before) => dnfConverge(dnfOf(params), before),
    brings: (params, before) => dnfBrings(dnfOf(params), before),
    result: (params, before, _after, ran) => dnfResult(dnfOf(params), before, ran),
  },
  apk: {
    ask: (params) => apkAsk(apkOf(params)),
    wish: (params, before) => apkWish(apkOf(params), before),
    converge: (params, _before, differing) => apkConverge(apkOf(params), differing),
    result: (_params, _before, _after, ran) => apkResult(ran),
  },
}

/** Asks the manager that the host has, or that `use` names. Each must be able to read the names. */
export function anyAsk(params: AnyParams): OwnAsk {
  const asks = new Map(
    Object.entries(MANAGERS).map(([name, manager]) => [name, attempt(() => manager.ask(params))] as const),
  )
  const script = (pick: (ask: OwnAsk) => Script | undefined, begin: Script): Script => {
    const part = (name: string): Script => {
      const ask = asks.get(name)!
      return (ask instanceof Fail ? undefined : pick(ask)) ?? sh`:`
    }
    return sh`${choose(params.use)}
${begin}
case $FPLAY_M in
apt) ${part('apt')} ;;
dnf) ${part('dnf')} ;;
apk) ${part('apk')} ;;
esac`
  }
  const readable = [...asks.values()].flatMap((ask) => (ask instanceof Fail ? [] : [ask]))
  const dry = readable.flatMap(({ foretell }) => foretell ?? [])
  return {
    kind: 'own',
    key: PACKAGES,
    script: script((ask) => ask.script, TELL),
    refresh: params.update_cache ? script(({ refresh }) => refresh, sh`:`) : undefined,
    foretell: {
      script: script((ask) => ask.foretell?.script ?? ask.script, TELL),
      looksAt: (path) => dry.some(({ looksAt }) => looksAt?.(path) === true),
      keys: dry.flatMap(({ keys }) => keys ?? []),
    },
    files: readable.flatMap(({ files }) => files ?? []),
    read: (output) => {
      const [told = '', manager = ''] = /^manager (.*)\n?/m.exec(output.stdout) ?? []
      const ask = asks.get(manager)
      if (ask === undefined) {
        throw new Fail(
          'the host has none of apt-get, dnf, yum and apk',
          [],
          'install the program some other way, or use a container',
        )
      }
      if (ask instanceof Fail) throw ask
      return { ...ask.read({ ...output, stdout: output.stdout.replace(told, '') }), [MANAGER]: manager }
    },
  }
}

/** Which manager answers. */
const TELL = sh`printf 'manager %s\\n' "$FPLAY_M"`

function attempt(make: () => OwnAsk): OwnAsk | Fail {
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

function managerIn(before: View): Manager {
  return MANAGERS[before.own(PACKAGES)[MANAGER] as string]!
}

/** The wish of the manager that answered. */
export function anyWish(params: AnyParams, before: View): Wish {
  return managerIn(before).wish(params, before)
}

/** The same manager's way to make the difference. */
export function anyConverge(
  params: AnyParams,
  before: View,
  differing: ReadonlyMap<Key, Difference>,
): Converge {
  return managerIn(before).converge(params, before, differing)
}

/** What comes along, as far as the manager tells. */
export function anyBrings(params: AnyParams, before: View): ReadonlyMap<Key, OwnState> {
  return managerIn(before).brings?.(params, before) ?? new Map()
}

/** The manager's values. */
export function anyResult(params: AnyParams, before: View, after: View, ran: Ran): Returned {
  return managerIn(before).result(params, before, after, ran)
}
