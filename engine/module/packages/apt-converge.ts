import type { Converge, Difference, Key } from '../contract.js'
import { join, sh, Script } from '../quote.js'
import { APT_ENVIRONMENT, installFlags, STAMP, UPDATE, upgradeWords } from './apt-script.js'
import type { AptParams } from './apt-specs.js'
import { PACKAGES } from './installed.js'

/** Attributes of the state beside versions; no package can have such a name. */
export const OUTDATED = '(outdated archives)'
export const ARCHIVES = '(archives)'
export const manualOf = (name: string): string => `${name} manual`
export const configOf = (name: string): string => `${name} configuration`

/** Makes the difference; waits as long as another program holds a lock. */
export function aptConverge(params: AptParams, differing: ReadonlyMap<Key, Difference>): Converge {
  const packages = differing.get(PACKAGES)
  const wished = packages?.wished ?? {}
  const names = packages?.names ?? []
  const steps = [
    ...(differing.has('run:index')
      ? [sh`fplay_update ${params.retries} ${params.longestDelay}\n${STAMP}`]
      : []),
    ...(names.includes(ARCHIVES) ? [sh`apt-get clean`] : []),
    ...commands(
      params,
      wished,
      names.filter((name) => !/[ (]/.test(name)),
    ),
    ...purges(names),
    ...manuals(names),
    ...(names.includes(OUTDATED) ? [locked(sh`apt-get -q -y autoclean`, params)] : []),
  ]
  return { script: join([APT_ENVIRONMENT, UPDATE, LOCKED, ...steps]), stream: true, judged: true }
}

function commands(
  params: AptParams,
  wished: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Script[] {
  if (names.length === 0) return []
  const dpkg = params.dpkgOptions.flatMap((option) => ['-o', `Dpkg::Options::=--${option}`])
  const common = [
    '-q',
    '-y',
    ...dpkg,
    ...(params.defaultRelease === undefined ? [] : ['-t', params.defaultRelease]),
  ]
  const flags = [...common, ...installFlags(params), ...(params.onlyUpgrade ? ['--only-upgrade'] : [])]
  const auto = params.autoremove ? ['--auto-remove'] : []
  const purge = params.purge ? ['--purge'] : []
  if (params.upgrade !== undefined) return [locked(sh`apt-get ${flags} ${upgradeWords(params)}`, params)]
  if (params.deb.length > 0) return [locked(sh`apt-get ${flags} ${auto} install ${params.deb}`, params)]
  if (params.specs.length === 0) return [locked(sh`apt-get ${common} ${purge} autoremove`, params)]
  if (params.state === 'absent')
    return [locked(sh`apt-get ${common} ${purge} ${auto} remove ${names}`, params)]
  const words = names.map((name) => `${name}=${String(wished[name])}`)
  return [locked(sh`apt-get ${flags} ${auto} install ${words}`, params)]
}

/** Configuration files that an earlier removal has left. */
function purges(names: readonly string[]): Script[] {
  const suffix = configOf('')
  const left = names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length))
  return left.length === 0 ? [] : [sh`dpkg --purge ${left}`]
}

function manuals(names: readonly string[]): Script[] {
  const suffix = manualOf('')
  const named = names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length))
  return named.length === 0 ? [] : [sh`apt-mark manual ${named}`]
}

/** `fplay_locked SECONDS COMMAND…`: tries again as long as another program holds the lock. */
const LOCKED = Script.trusted(String.raw`
fplay_locked() {
  L=$(($(date +%s) + $1)); shift
  while :; do
    R=0
    { O=$("$@" 2>&1 >&3 3>&-) || R=$?; } 3>&1
    case $O in *[Cc]'ould not get lock'*|*'nable to lock'*|*'nable to acquire'*) [ "$(date +%s)" -ge "$L" ] || { sleep 2; continue; } ;; esac
    [ -z "$O" ] || printf '%s\n' "$O" >&2
    return "$R"
  done
}`)

function locked(command: Script, { lockTimeout }: AptParams): Script {
  return sh`fplay_locked ${lockTimeout} ${command}`
}
