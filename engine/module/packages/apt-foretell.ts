import { join, sh, Script } from '../quote.js'
import { body, head, installFlags, UPDATE } from './apt-script.js'
import type { AptParams, Spec } from './apt-specs.js'

/** What a dry run asks. */
export function foretellScript(params: AptParams): Script {
  const due = params.updates ? sh`fplay_due ${params.cacheValidTime}` : sh`false`
  const own =
    params.state === 'present' &&
    params.specs.every(({ compare, pattern }) => compare === undefined && !pattern)
  const index = sh`
fplay_fresh() { fplay_foreseen || ${due}; }
fplay_index() { if fplay_fresh && ! { ${own ? sh`fplay_has_all` : sh`false`}; }; then fplay_aside; else fplay_cacheless; fi; }`
  const parts = body(params, sh`fplay_index || exit 100`)
  return join([
    head(params),
    UPDATE,
    ASIDE_INDEX,
    index,
    sh`fplay_cacheless`,
    ...parts,
    ...simulation(params),
  ])
}

/** The index as an update would leave it, in `$ASIDE`, with the sources and keys that earlier tasks would have written. */
const ASIDE_INDEX = Script.trusted(String.raw`
fplay_aside() {
  E=$ASIDE/etc/apt
  mkdir -p "$ASIDE/etc" "$ASIDE/lists/partial" "$ASIDE/cache/archives/partial"
  cp -a /etc/apt "$ASIDE/etc/"; mkdir -p "$E/apt.conf.d" "$E/sources.list.d"
  [ ! -d "$ASIDE/foreseen/etc/apt" ] || cp -R "$ASIDE/foreseen/etc/apt/." "$E/"
  while IFS= read -r F; do rm -rf "$ASIDE$F"; done <"$ASIDE/gone"
  # Keys elsewhere: the sources name them where they would be; those that would be gone are not there either.
  sed -n 's/[].[*^$#\&]/\\&/g; /^\/.*\\.\(gpg\|asc\)$/{ /^\/etc\/apt\//!p; }' <<K >"$ASIDE/keys"
$(cat "$ASIDE/gone"; cd "$ASIDE/foreseen" && find . -type f | sed -n 's,^\./,/,p')
K
  while IFS= read -r F; do
    printf '%s\n' "s#\([=,:[:space:]]\|^\)$F\([],[:space:]]\|\$\)#\1$ASIDE/foreseen$F\2#g"
  done <"$ASIDE/keys" >"$ASIDE/keys.sed"
  find "$E/sources.list" "$E/sources.list.d" -type f -exec sed -i -e "s#/etc/apt/#$E/#g" -f "$ASIDE/keys.sed" {} + 2>/dev/null
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
fplay_cacheless() { # apt keeps no cache of what it reads unless one is there that is still right
  C=/var/cache/apt/pkgcache.bin
  if [ -e "$C" ] && ! find /etc/apt /var/lib/apt/lists /var/lib/dpkg/status -newer "$C" 2>/dev/null | grep -q .; then return 0; fi
  printf 'Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache ""; APT::Sandbox::User "root";\n' >"$ASIDE/apt.conf"
  APT_CONFIG=$ASIDE/apt.conf; export APT_CONFIG
}`)

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
