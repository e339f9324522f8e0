import { join, sh, Script } from '../quote.js'
import { type AptParams, type Spec } from './apt-specs.js'

/**
 * What apt's host is asked: the index's age, what dpkg has of the packages named, and where something may have to be done
 * what the index has. A dry run looks further: it reads the index as an update would leave it, simulates, and lists what
 * the packages hold. Everything is printed as lines that begin with a word for `apt-read.ts`.
 */

/** `fplay_dpkg NAME…`: what dpkg has of packages, or of all. */
const DPKG = Script.trusted(String.raw`
fplay_dpkg() { dpkg-query -W -f 'dpkg\t${'$'}{Package}\t${'$'}{Architecture}\t${'$'}{Status}\t${'$'}{Version}\n' -- "$@" 2>/dev/null; }`)

/** apt asks nobody anything, and speaks the language that is read here. */
export const APT_ENVIRONMENT = Script.trusted(
  'DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical LC_ALL=C; export DEBIAN_FRONTEND DEBIAN_PRIORITY LC_ALL',
)

/** `fplay_due SECONDS` holds when the index is older; it prints the index's age first. */
const AGE = Script.trusted(String.raw`
fplay_stamp() { S=/var/lib/apt/periodic/update-success-stamp; [ -e "$S" ] || S=/var/lib/apt/lists; stat -c %Y "$S" 2>/dev/null || echo 0; }
fplay_due() { [ $(($(fplay_stamp) + $1)) -lt "$(date +%s)" ]; }`)

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

/** What a dry run asks. */
export function foretellScript(params: AptParams): Script {
  const due = params.updates ? sh`fplay_due ${params.cacheValidTime}` : sh`false`
  const own =
    params.state === 'present' &&
    params.specs.every(({ compare, pattern }) => compare === undefined && !pattern)
  const index = sh`
fplay_fresh() { case " $FORESEEN " in *' index:apt '*) : ;; *) ${due} ;; esac; }
fplay_index() { if fplay_fresh && ! { ${own ? sh`fplay_has_all` : sh`false`}; }; then fplay_aside; else fplay_cacheless; fi; }`
  const parts = body(params, sh`fplay_index || exit 100`)
  return join([head(params), UPDATE, ASIDE_INDEX, index, ...parts, ...simulation(params)])
}

function head(params: AptParams): Script {
  const { defaultRelease } = params
  return sh`command -v apt-get >/dev/null 2>&1 && command -v dpkg-query >/dev/null 2>&1 || { echo lacking; exit 0; }
${APT_ENVIRONMENT}${AGE}${DPKG}
fplay_opt() { ${defaultRelease === undefined ? sh`"$@"` : sh`P=$1; shift; "$P" -o ${`APT::Default-Release=${defaultRelease}`} "$@"`}; }
printf 'index %s %s\\n' "$(fplay_stamp)" "$(date +%s)"
${params.updates ? sh`if fplay_due ${params.cacheValidTime}; then echo due; fi` : sh`:`}`
}

/** The index as an update would leave it, in `$ASIDE`, with the sources and keys that earlier tasks would have written. */
const ASIDE_INDEX = Script.trusted(String.raw`
fplay_aside() {
  E=$ASIDE/etc/apt
  mkdir -p "$ASIDE/etc" "$ASIDE/lists/partial" "$ASIDE/cache/archives/partial"
  cp -a /etc/apt "$ASIDE/etc/"; mkdir -p "$E/apt.conf.d" "$E/sources.list.d"
  [ ! -d "$ASIDE/foreseen/etc/apt" ] || cp -R "$ASIDE/foreseen/etc/apt/." "$E/"
  while IFS= read -r F; do rm -rf "$ASIDE$F"; done <"$ASIDE/gone"
  for F in "$E"/sources.list "$E"/sources.list.d/*; do [ ! -f "$F" ] || sed -i "s#/etc/apt/#$E/#g" "$F"; done
  cat >"$E/apt.conf.d/zzzz-fplay" <<C
Dir::State::lists "$ASIDE/lists"; Dir::Cache "$ASIDE/cache"; APT::Sandbox::User "root"; Acquire::GzipIndexes "true";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
C
  printf 'Dir::Etc "%s";\n' "$E" >"$ASIDE/apt.conf"
  APT_CONFIG=$ASIDE/apt.conf; export APT_CONFIG
  fplay_update 1 1
}
fplay_has_all() { # an older index will do where it has all that is wanted
  [ -n "$Q" ] || return 1
  (fplay_cacheless; for N in $Q; do apt-cache policy "$N" | grep -q '^  Candidate: [^(]' || exit 1; done)
}
fplay_cacheless() {
  C=/var/cache/apt/pkgcache.bin
  if [ "$C" -nt /var/lib/apt/lists ] && [ "$C" -nt /var/lib/dpkg/status ]; then return 0; fi
  printf 'Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache ""; APT::Sandbox::User "root";\n' >"$ASIDE/apt.conf"
  APT_CONFIG=$ASIDE/apt.conf; export APT_CONFIG
}`)

function body(params: AptParams, index: Script): readonly Script[] {
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

/** Only in a dry run: what apt would do, and what is in the packages. */
function simulation(params: AptParams): readonly Script[] {
  const { only, state, deb, purge, autoremove } = params
  if (only === 'index') return []
  if (params.specs.length === 0 && deb.length === 0) return [CONTENTS, REMOVED]
  const flags = [
    ...(autoremove ? ['--auto-remove'] : []),
    ...(params.onlyUpgrade ? ['--only-upgrade'] : []),
    ...installFlags(params),
  ]
  if (deb.length > 0) {
    const links = deb.map((_, i) => sh`ln -s "$FILE_${i}" "$ASIDE/${i}.deb"; set -- "$@" "$ASIDE/${i}.deb"`)
    return [
      sh`set --`,
      ...links,
      sh`fplay_index || exit 100
R=$(fplay_opt apt-get -s -q -y ${flags} install "$@" 2>&1) || echo simulation failed
echo simulate; printf '%s\\n' "$R"`,
      CONTENTS,
      REMOVED,
    ]
  }
  if (state === 'absent') {
    return [
      sh`[ -z "$M" ] || { echo simulate; R=$(apt-get -s -q -y ${purge ? ['--purge'] : []} ${autoremove ? ['--auto-remove'] : []} remove $M 2>&1) || echo simulation failed; printf '%s\\n' "$R"; }`,
      REMOVED,
    ]
  }
  return [
    sh`set --
${join(params.specs.map(wordsScript))}
if [ -n "$Q" ]; then
  R=$(fplay_opt apt-get -s -q -y ${flags} install "$@" 2>&1) || echo simulation failed
  echo simulate; printf '%s\\n' "$R"
fi`,
    CONTENTS,
    REMOVED,
  ]
}

/** Adds what apt-get would be given for a spec whose package is among those that may need something. */
function wordsScript({ name, compare, version, pattern }: Spec): Script {
  if (pattern) return sh`G=${name}; for N in $Q; do case $N in $G) set -- "$@" "$N" ;; esac; done`
  const word =
    compare !== '='
      ? sh`set -- "$@" ${name}`
      : /[*?[]/.test(version!)
        ? sh`G=${version!}; V=$(apt-cache madison ${name} | while IFS=' |' read -r A B C; do case $B in $G) echo "$B"; break ;; esac; done)
  [ -z "$V" ] || set -- "$@" ${name}="$V"`
        : sh`set -- "$@" ${`${name}=${version!}`}`
  return sh`case " $Q " in *${` ${name} `}*) ${word} ;; esac`
}

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

/** The most a dry run fetches to look into packages, in bytes. */
const LOOK_LIMIT = 32 * 1024 * 1024

/**
 * Fetches the packages that the simulation in `$R` would install, where they are not too large, and lists of each the
 * files that the host does not have, its configuration files with their content, and the lines of its scripts that make
 * accounts and start services.
 */
const CONTENTS = Script.trusted(String.raw`
fplay_look() {
  for B in bin sbin lib lib64; do [ ! -L "/$B" ] || printf 'merged /%s %s\n' "$B" "$(readlink -f "/$B")"; done
  if [ -x /usr/sbin/policy-rc.d ]; then echo policy
  elif [ ! -e /sbin/init ] && grep -q 'No init system' "$(command -v invoke-rc.d)" 2>/dev/null; then echo policy; fi
  for B do
    printf 'package %s %s\n' "$(dpkg-deb -f "$B" Package)" "$(dpkg-deb -f "$B" Version)"
    dpkg-deb -c "$B" | while IFS= read -r L; do
      P=./${'$'}{L#*[0-9][0-9]:[0-9][0-9] ./}; T=${'$'}{P%% -> *}; T=/${'$'}{T#./}; T=${'$'}{T%/}
      [ -n "$T" ] || continue
      if ! [ -e "$T" ] && ! [ -L "$T" ]; then printf 'entry %s\n' "$L"; fi
    done
    X=$(mktemp -d "$ASIDE/x.XXXXXX")
    dpkg-deb --fsys-tarfile "$B" | tar -xf - -C "$X" ./etc 2>/dev/null
    (cd "$X" && find . -type f -size -65k) | while IFS= read -r F; do
      [ -e "/${'$'}{F#./}" ] || printf 'content %s %s\n' "$(base64 <"$X/$F" | tr -d '\n')" "${'$'}{F#.}"
    done
    dpkg-deb --ctrl-tarfile "$B" 2>/dev/null | tar -xf - -C "$X" 2>/dev/null || dpkg-deb -e "$B" "$X/c"
    for F in "$X"/preinst "$X"/postinst "$X"/c/preinst "$X"/c/postinst; do
      [ ! -f "$F" ] || grep -E 'invoke-rc\.d|update-rc\.d|deb-systemd|adduser|useradd|addgroup|groupadd' "$F" | sed 's/^[[:space:]]*/script /'
      [ ! -f "$F" ] || echo script
    done
    rm -rf "$X"
  done
}
if [ -n "$R" ]; then
  W=$(printf '%s\n' "$R" | sed -n 's/^Inst \([^ ]*\) .*(\([^ ]*\) .*/\1=\2/p')
  set --
  for N in "$ASIDE"/[0-9].deb; do
    [ ! -e "$N" ] || { set -- "$@" "$N"; W=$(printf '%s\n' "$W" | grep -v "^$(dpkg-deb -f "$N" Package)="); }
  done
  if [ -n "$W" ]; then
    Z=0
    for N in $(fplay_opt apt-cache show $W 2>/dev/null | sed -n 's/^Size: //p'); do Z=$((Z + N)); done
    mkdir -p "$ASIDE/debs"
    if [ "$Z" -le ${LOOK_LIMIT} ] && (cd "$ASIDE/debs" && apt-get -qq -o APT::Sandbox::User=root download $W >/dev/null 2>&1); then
      set +f; set -- "$@" "$ASIDE"/debs/*.deb
    else echo unseen; fi
  fi
  [ $# = 0 ] || { fplay_look "$@"; }
fi`)

/** Files of the packages that would go; configuration files stay unless they are purged. */
const REMOVED = Script.trusted(String.raw`
printf '%s\n' "$R" | sed -n 's/^\(Remv\|Purg\) \([^ ]*\) .*/\1 \2/p' | while read -r K N; do
  C=$(dpkg-query -W -f '${'$'}{Conffiles}\n' "$N" | sed -n 's/^ \(.*\) [0-9a-f]* *\(obsolete\)*$/\1/p')
  dpkg-query -L "$N" | while IFS= read -r F; do
    if ! [ -L "$F" ] && [ -d "$F" ]; then continue; fi
    if [ "$K" = Remv ] && printf '%s\n' "$C" | grep -qxF -e "$F"; then continue; fi
    D=$(cd -P "${'$'}{F%/*}/" 2>/dev/null && pwd) && printf 'lose %s/%s\n' "${'$'}{D%/}" "${'$'}{F##*/}"
  done
done`)
