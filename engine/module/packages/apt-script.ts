import { join, sh, Script } from '../quote.js'
import type { AptParams } from './apt-specs.js'

/**
 * What apt's host is asked: the index's age, what dpkg has of the packages named, and where something may have to be done
 * what the index has. A dry run looks further (`apt-foretell.ts`): it reads the index as an update would leave it,
 * simulates, and lists what the packages hold. Everything is printed as lines that begin with a word for `apt-read.ts`.
 */

/** `fplay_dpkg NAME…`: what dpkg has of packages, or of all. */
const DPKG = Script.trusted(String.raw`
fplay_dpkg() { dpkg-query -W -f 'dpkg\t${'$'}{Package}\t${'$'}{Architecture}\t${'$'}{Status}\t${'$'}{Version}\n' -- "$@" 2>/dev/null; }`)

/** apt asks nobody anything, and speaks the language that is read here. */
export const APT_ENVIRONMENT = Script.trusted(
  'DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical LC_ALL=C; export DEBIAN_FRONTEND DEBIAN_PRIORITY LC_ALL',
)

/**
 * `fplay_due SECONDS` holds when the index is older than this, and for 0 always: within the second of an update too, because
 * sources may be others by then. In a dry run an earlier task may have brought it up to date, a moment ago.
 */
const AGE = Script.trusted(String.raw`
fplay_foreseen() { case " ${'$'}{FORESEEN-} " in *' index:apt '*) : ;; *) false ;; esac; }
fplay_stamp() { if fplay_foreseen; then echo $(($(date +%s) - 1)); return; fi; S=/var/lib/apt/periodic/update-success-stamp; [ -e "$S" ] || S=/var/lib/apt/lists; stat -c %Y "$S" 2>/dev/null || echo 0; }
fplay_due() { [ "$1" -eq 0 ] || [ $(($(fplay_stamp) + $1)) -lt "$(date +%s)" ]; }`)

/** `fplay_update RETRIES LONGEST`: brings the index up to date; fails where any part of it cannot be had. */
export const UPDATE = Script.trusted(String.raw`
fplay_update() {
  N=0 W=1
  while :; do
    R=0; U=$(apt-get -q -o APT::Update::Error-Mode=any update 2>&1) || R=$?
    if [ "$R" = 0 ] && ! printf '%s\n' "$U" | grep -qE '^(W: (Failed to fetch|Some index files)|E: )'; then return 0; fi
    N=$((N + 1)); [ "$N" -lt "$1" ] || break
    sleep "$W"; W=$((W * 2)); [ "$W" -le "$2" ] || W=$2
  done
  printf '%s\n' "$U" | grep -E '^[WE]: ' >&2
  return 1
}`)

/** Marks the index as fresh where the system does not do so itself. */
export const STAMP = Script.trusted(
  '[ -e /var/lib/apt/periodic/update-success-stamp ] || touch /var/lib/apt/lists',
)

/** In a real run: an index that is wished fresh and is too old is updated before anything is asked of it. */
export function refreshScript(params: AptParams): Script | undefined {
  if (!params.updates || params.only === 'index') return undefined
  return sh`command -v apt-get >/dev/null 2>&1 || { echo lacking; exit 0; }
${APT_ENVIRONMENT}${AGE}${UPDATE}
if fplay_due ${params.cacheValidTime}; then
  fplay_update ${params.retries} ${params.longestDelay} || exit 100
  ${STAMP}; echo refreshed
fi`
}

/** What both kinds of run ask. */
export function askScript(params: AptParams): Script {
  return join([sh`${head(params)}`, ...body(params, sh`:`), sh`:`])
}

/** What every question begins with: whether there is apt, and how old its index is. */
export function head(params: AptParams): Script {
  const { defaultRelease } = params
  return sh`command -v apt-get >/dev/null 2>&1 && command -v dpkg-query >/dev/null 2>&1 || { echo lacking; exit 0; }
${APT_ENVIRONMENT}${AGE}${DPKG}
fplay_opt() { ${defaultRelease === undefined ? sh`"$@"` : sh`P=$1; shift; "$P" -o ${`APT::Default-Release=${defaultRelease}`} "$@"`}; }
printf 'index %s %s\\n' "$(fplay_stamp)" "$(date +%s)"; if fplay_foreseen; then echo foreseen; fi
${params.updates ? sh`if fplay_due ${params.cacheValidTime}; then echo due; fi` : sh`:`}`
}

/** What is asked of the packages; `index` makes the index usable where one is needed. */
export function body(params: AptParams, index: Script): readonly Script[] {
  if (params.only === 'index') return []
  if (params.deb.length > 0) return [...params.deb.map((_, i) => debScript(i)), ...cleaning(params)]
  if (params.specs.length > 0) return [...cleaning(params), named(params, index)]
  const { upgrade, autoremove, purge } = params
  const words = upgrade === undefined ? [...(purge ? ['--purge'] : []), 'autoremove'] : upgradeWords(params)
  const all =
    upgrade !== undefined || autoremove
      ? [
          dpkgState(sh``),
          index,
          sh`R=$(fplay_opt apt-get -s -q -y ${words} 2>&1) || echo simulation failed
echo simulate; printf '%s\\n' "$R"`,
        ]
      : [sh`R=`]
  return [...cleaning(params), ...all]
}

/** Words of apt-get for an upgrade of everything. */
export function upgradeWords({ upgrade, autoremove, failOnAutoremove }: AptParams): readonly string[] {
  return [
    ...(upgrade === 'dist' || upgrade === 'full' ? ['dist-upgrade'] : ['upgrade', '--with-new-pkgs']),
    ...(autoremove ? ['--auto-remove'] : []),
    ...(failOnAutoremove ? ['--no-remove'] : []),
  ]
}

function debScript(i: number): Script {
  const file = Script.trusted(`"$FILE_${i}"`)
  return sh`if [ -r ${file} ]; then printf 'deb %s ' ${i}; dpkg-deb -W --showformat='\${Package} \${Version}\\n' ${file} 2>/dev/null || echo
N=$(dpkg-deb -f ${file} Package 2>/dev/null); ${dpkgState(sh`"$N"`)}; else echo ${`nodeb ${i}`}; fi`
}

function dpkgState(names: Script): Script {
  return sh`fplay_dpkg ${names}`
}

function cleaning({ autoclean, clean }: AptParams): readonly Script[] {
  return [
    ...(autoclean ? [sh`apt-get -s -q autoclean 2>&1`] : []),
    ...(clean
      ? [
          sh`for F in /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*; do if [ -e "$F" ]; then echo kept; break; fi; done`,
        ]
      : []),
  ]
}

/** Sets the positional parameters to the names that are meant, prints what dpkg has of them, and what the index has. */
function named(params: AptParams, index: Script): Script {
  const { specs, state } = params
  const patterns = specs.filter(({ pattern }) => pattern)
  const plain = specs.filter(({ pattern }) => !pattern).map(({ name }) => name)
  const expand =
    patterns.length === 0
      ? sh`:`
      : sh`${index}
A=$(apt-cache pkgnames; dpkg-query -W -f '\${Package}\\n')
for G in ${patterns.map(({ name }) => name)}; do
  for N in $(printf '%s\\n' "$A" | sort -u); do case $N in $G) printf 'glob %s %s\\n' "$G" "$N"; set -- "$@" "$N" ;; esac; done
done`
  const all = state === 'latest' || patterns.length > 0 || specs.some(({ compare }) => compare !== undefined)
  return sh`R=; set -f; set -- ${plain}
${expand}
[ $# -gt 0 ] || exit 0
D=$(${dpkgState(Script.trusted('"$@"'))}); printf '%s\\n' "$D"
I=' '
while IFS='	' read -r X N A S V; do case $S in *' installed') I="$I$N $N:$A " ;; esac; done <<L
$D
L
M=; Q=
for N do case $I in *" $N "*) M="$M $N"; ${all ? sh`Q="$Q $N"` : sh`:`} ;; *) Q="$Q $N" ;; esac; done
${
  state === 'absent'
    ? sh`:`
    : sh`[ -z "$M" ] || apt-mark showauto $M | sed 's/^/auto /'
if [ -n "$Q" ]; then
  ${index}
  ${POLICY}
fi`
}`
}

/** What the index has of the packages in `$Q`; of names that are none of its own, what provides them. */
const POLICY = Script.trusted(String.raw`A=$(fplay_opt apt-cache policy $Q) || exit 100
  printf '%s\n' "$A" | sed 's/^/p /'
  V=$(for N in $Q; do apt-cache showpkg "$N" 2>/dev/null | sed -n '/^Reverse Provides:/,$ s/^\([^ ]*\) .*/\1/p' | grep -v '^Reverse$' | sort -u | sed "s/^/provides $N /"; done)
  if [ -n "$V" ]; then
    printf '%s\n' "$V"; set -- $(printf '%s\n' "$V" | cut -d' ' -f3)
    fplay_opt apt-cache policy "$@" | sed 's/^/p /'
    fplay_dpkg "$@" || :
  fi`)

/** Flags of apt-get that decide whether it goes on. */
export function installFlags(params: AptParams): readonly string[] {
  const { installRecommends: recommends } = params
  return [
    ...(params.failOnAutoremove ? ['--no-remove'] : []),
    ...(recommends === undefined ? [] : ['-o', `APT::Install-Recommends=${recommends ? 'yes' : 'no'}`]),
    ...(params.allowUnauthenticated ? ['--allow-unauthenticated'] : []),
    ...(params.allowDowngrade ? ['--allow-downgrades'] : []),
    ...(params.allowChangeHeld ? ['--allow-change-held-packages'] : []),
  ]
}
