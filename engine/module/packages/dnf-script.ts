import { join, sh, Script } from '../quote.js'
import type { DnfParams } from './dnf-params.js'

/**
 * What a host of the Red Hat family is asked. Names that rpm finds installed need no dnf, which takes half a second to start;
 * for all others dnf itself says what it would do (`--assumeno`). Everything is printed as lines for `dnf-read.ts`.
 */

/** `fplay_dnf …`: dnf where it is, otherwise yum, with the repositories of a dry run; `fplay_rpm …`: rpm on the same root. */
const PROGRAMS = Script.trusted(String.raw`LC_ALL=C; export LC_ALL
if command -v dnf >/dev/null 2>&1; then fplay_dnf() { dnf ${'$'}{DRY:+"--setopt=logdir=$DRY"} ${'$'}{DRY:+"--setopt=persistdir=$DRY/dnf"} ${'$'}{REPOS:+"$REPOS"} "$@"; }
else fplay_dnf() { yum ${'$'}{REPOS:+"$REPOS"} "$@"; }; fi`)

const LACKING = Script.trusted(
  `command -v rpm >/dev/null 2>&1 && { command -v dnf || command -v yum; } >/dev/null 2>&1 || { echo lacking; exit 0; }`,
)

/** `fplay_free SECONDS` waits until no other program holds dnf's or yum's lock. */
const LOCK = Script.trusted(String.raw`fplay_free() {
  T=$1
  while :; do
    B=
    for F in /var/run/yum.pid /run/dnf/*.pid /var/cache/dnf/*_lock.pid /var/lib/dnf/*_lock.pid; do
      if [ -r "$F" ] && read -r P <"$F" && [ -d "/proc/$P" ]; then B=$F; fi
    done
    [ -n "$B" ] || return 0
    [ "$T" -gt 0 ] || { echo locked; return 1; }
    T=$((T - 1)); sleep 1
  done
}`)

/** `fplay_has NAME` prints the packages that a name means, where they are there. */
const HAS =
  Script.trusted(String.raw`fplay_list() { fplay_rpm "$@" --qf 'rpm\t%{NAME}\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\n'; }
fplay_has() {
  if A=$(fplay_list -q "$1" 2>/dev/null) || A=$(fplay_list -q --whatprovides "$1" 2>/dev/null); then printf '%s\nhas %s\n' "$A" "$1"; else false; fi
}`)

/**
 * `fplay_plan KIND COMMAND…`: what dnf would do. It is told twice that the answer is no: where yum.conf says yes, yum takes that for
 * an answer, or the command line, depending on its version.
 */
const PLAN = Script.trusted(
  `O=; fplay_plan() { printf 'plan %s\\n' "$1"; shift; R=0; A=$(fplay_dnf --setopt=assumeyes=0 --assumeno "$@" 2>&1) || R=$?; O="$O$A
"; printf '%s\\nstatus %s\\n' "$A" "$R"; }`,
)

/** Words that are one package's name, version or architecture, or what a package provides: rpm can look for them. */
export function isPlain(name: string): boolean {
  return /^[A-Za-z0-9_/][\w.+:~^/-]*$/.test(name) && !name.endsWith('.rpm') && !name.includes('://')
}

/** The question of a real run. */
export function askScript(params: DnfParams): Script {
  return join([...head(params), ...body(params), sh`:`])
}

/** The question of a dry run: with repositories that earlier tasks would have written, and a look into the packages. */
export function foretellScript(params: DnfParams): Script {
  const files = filesOf(params.names).map((_, i) => Script.trusted(`"$FILE_${i}"`))
  const anew = params.names.length > 0 ? refreshScript(params) : undefined
  return join([
    ...head(params),
    DRY,
    ...(anew ? [anew] : []),
    ...body(params),
    // Below a root of its own, nothing that comes along is where later tasks would look for it.
    params.root === undefined
      ? join([sh`set -- ${files}`, LOOK])
      : sh`[ -z "$O" ] || printf 'look\\nunseen\\n'`,
    sh`:`,
  ])
}

function head({ root, lockTimeout }: DnfParams): readonly Script[] {
  return [
    LACKING,
    PROGRAMS,
    sh`fplay_rpm() { rpm ${root === undefined ? [] : [`--root=${root}`]} "$@"; }`,
    LOCK,
    HAS,
    PLAN,
    sh`fplay_ready() { fplay_free ${lockTimeout} || exit 0; }`,
  ]
}

/** Before it is changed, a repository that is wished to be looked at anew is forgotten. */
export function refreshScript({ updates, flags, names, lockTimeout }: DnfParams): Script | undefined {
  if (!updates) return undefined
  const word = names.length > 0 ? ['clean', 'expire-cache'] : ['makecache']
  return join([
    LACKING,
    PROGRAMS,
    LOCK,
    sh`fplay_free ${lockTimeout} || exit 0\nfplay_dnf -y -q ${flags} ${word} >/dev/null`,
  ])
}

function body(params: DnfParams): readonly Script[] {
  const { names, state, autoremove, flags } = params
  if (names.length === 0) {
    return autoremove ? [sh`fplay_ready; fplay_list -qa; fplay_plan install ${flags} autoremove`] : []
  }
  const all = names.length === 1 && names[0] === '*' && state === 'latest'
  if (all) return [sh`fplay_ready; fplay_list -qa; fplay_plan upgrade ${flags} ${params.upgrade} upgrade`]
  // `$H` are those that are there, `$W` the others; a name has no line end.
  const sorted = names.map((name) =>
    isPlain(name)
      ? sh`if fplay_has ${name}; then H="$H"${name}"$N"; else W="$W"${name}"$N"; fi`
      : sh`W="$W"${wordOf(name, names)}"$N"`,
  )
  return [
    sh`N='\n'; H=; W=; IFS="$N"; set -f`,
    ...sorted,
    sh`case ${state} in absent) B=$W; W=$H; H=; for X in $B; do case $X in *[!A-Za-z0-9._+:~^/-]*) W="$W$X$N" ;; esac; done ;; present) H= ;; esac
${params.updateOnly && state === 'latest' ? sh`W=` : sh`:`}
[ -z "$H$W" ] || { fplay_ready; fplay_list -qa; }
[ -z "$W" ] || fplay_plan install ${flags} ${state === 'absent' ? 'remove' : 'install'} $W
[ -z "$H" ] || fplay_plan upgrade ${flags} ${params.upgrade} upgrade $H
unset IFS; set +f`,
  ]
}

/** A package file is read where it is, or, in a dry run, where it would be. */
function wordOf(name: string, names: readonly string[]): Script {
  if (!isFile(name)) return sh`${name}`
  return Script.trusted(`"$FILE_${filesOf(names).indexOf(name)}"`)
}

/** Package files of the host among the names. */
export function filesOf(names: readonly string[]): readonly string[] {
  return names.filter(isFile)
}

function isFile(name: string): boolean {
  return name.endsWith('.rpm') && !name.includes('://')
}

/** The command for what is not there yet, or, with `state: absent`, for what is. */
function commandOf({ state, download }: DnfParams): readonly string[] {
  if (state === 'absent') return ['remove']
  if (download === undefined) return ['install']
  return ['install', '--downloadonly', ...(download.to === undefined ? [] : [`--downloaddir=${download.to}`])]
}

/** Makes the difference. */
export function changeScript(params: DnfParams, absent: readonly string[], there: readonly string[]): Script {
  const { names, flags, upgrade, state, lockTimeout } = params
  const all = names.length === 1 && names[0] === '*' && state === 'latest'
  const commands =
    names.length === 0
      ? [sh`fplay_dnf -y ${flags} autoremove`]
      : all
        ? [sh`fplay_dnf -y ${flags} ${upgrade} upgrade`]
        : [
            ...(absent.length > 0 ? [sh`fplay_dnf -y ${flags} ${commandOf(params)} ${absent}`] : []),
            ...(there.length > 0 ? [sh`fplay_dnf -y ${flags} ${upgrade} upgrade ${there}`] : []),
          ]
  return join([
    PROGRAMS,
    LOCK,
    sh`fplay_free ${lockTimeout} || { echo 'another program holds the lock of dnf or yum' >&2; exit 1; }`,
    ...commands,
  ])
}

/** Nothing is written to logs and histories; and the repositories are as earlier tasks would leave them. */
const DRY = Script.trusted(String.raw`DRY=$ASIDE TMPDIR=$ASIDE REPOS=; export TMPDIR
cp -R /var/lib/dnf "$ASIDE/dnf" 2>/dev/null
if [ -d "$ASIDE/foreseen/etc/yum.repos.d" ] || grep -q '^/etc/yum\.repos\.d\(/\|$\)' "$ASIDE/gone" 2>/dev/null; then
  mkdir -p "$ASIDE/repos"; REPOS=--setopt=reposdir=$ASIDE/repos
  cp /etc/yum.repos.d/*.repo "$ASIDE/repos/" 2>/dev/null
  while IFS= read -r F; do case $F in /etc/yum.repos.d/*) rm -f "$ASIDE/repos/${'$'}{F##*/}" ;; /etc/yum.repos.d) rm -f "$ASIDE"/repos/* ;; esac; done <"$ASIDE/gone"
  cp "$ASIDE"/foreseen/etc/yum.repos.d/*.repo "$ASIDE/repos/" 2>/dev/null
fi`)

/**
 * Lists, of the packages that would be installed, the files that the host does not have, configuration with its content, units
 * and lines of scripts that make accounts. Of packages on other machines at most 32 MB are fetched, into memory.
 */
const LOOK = Script.trusted(String.raw`
fplay_preset() { # UNIT: whether the host's presets enable it
  for F in /etc/systemd/system-preset/*.preset /run/systemd/system-preset/*.preset /usr/lib/systemd/system-preset/*.preset; do
    [ ! -r "$F" ] || while read -r K U X; do
      case $K in enable|disable) case $1 in $U) echo "$K"; return ;; esac ;; esac
    done <"$F"
  done | head -n 1
}
fplay_look() { # FILE
  rpm -qp --nosignature --qf '[%{FILEMODES:perms} %{FILEUSERNAME}/%{FILEGROUPNAME} %{FILESIZES} 2001-01-01 00:00 .%{FILENAMES}\t%{FILELINKTOS}\n]' "$1" 2>/dev/null |
  while IFS='	' read -r E T; do
    P=/${'$'}{E#* ./}
    if [ -e "$P" ] || [ -L "$P" ]; then continue; fi
    printf 'entry %s%s\n' "$E" "${'$'}{T:+ -> $T}"
    case $P in
    /usr/lib/systemd/system/*@.service) : ;;
    /usr/lib/systemd/system/*.service) S=${'$'}{P##*/}; [ "$(fplay_preset "$S")" = enable ] && Y=yes || Y=no; echo "unit ${'$'}{S%.service} $Y" ;;
    /etc/init.d/*|/etc/rc.d/init.d/*) echo "unit ${'$'}{P##*/} no" ;;
    esac
  done
  X=$(mktemp -d "$ASIDE/x.XXXXXX")
  if command -v rpm2cpio >/dev/null 2>&1 && command -v cpio >/dev/null 2>&1; then
    (rpm2cpio "$1" | (cd "$X" && cpio -idm --quiet './etc/*')) 2>/dev/null
    (cd "$X" && find . -type f -size -65k) | while IFS= read -r F; do
      [ -e "/${'$'}{F#./}" ] || printf 'content %s %s\n' "$(base64 <"$X/$F" | tr -d '\n')" "${'$'}{F#.}"
    done
  fi
  rm -rf "$X"
  S=$(rpm -qp --nosignature --scripts "$1" 2>/dev/null)
  [ -z "$S" ] || echo script
  printf '%s\n' "$S" | grep -E 'useradd|groupadd' | sed 's/^[[:space:]]*/script /'
}
fplay_size() { # what would be fetched, in MB, rounded up
  printf '%s\n' "$1" | sed -n 's/^Total download size: *//p' | while read -r S U; do
    case $U in '' | k*) echo 1 ;; M*) echo $((${'$'}{S%%.*} + 1)) ;; *) echo 9999 ;; esac
  done
}
if [ -n "$O" ]; then
  echo look
  for B in bin sbin lib lib64; do [ ! -L "/$B" ] || printf 'merged /%s %s\n' "$B" "$(readlink -f "/$B")"; done
  Q=$(printf '%s\n' "$O" | awk '/^[^ ]/ { on = /^(Installing|Upgrading|Updating)/ && !/Groups|Environment/ } on && /^ / && NF >= 5 && $4 != "@commandline" { print $1 "-" $3 "." $2 }')
  U=0
  [ -z "$Q" ] || [ "$(fplay_size "$O")" = '' ] || [ "$(fplay_size "$O")" -le 32 ] || { Q=; echo unseen; }
  if [ -n "$Q" ]; then
    for L in $(fplay_dnf --setopt=assumeyes=0 --assumeno -q repoquery --location $Q 2>/dev/null); do
      case $L in
      file:///*) fplay_look "/${'$'}{L#file:///}" ;;
      http://*|https://*|ftp://*)
        F=$ASIDE/package.rpm
        if curl -fsSL -o "$F" "$L" 2>/dev/null || wget -q -O "$F" "$L" 2>/dev/null; then fplay_look "$F"; else echo unseen; fi
        rm -f "$F" ;;
      esac
      U=1
    done
    [ "$U" = 1 ] || echo unseen
  fi
  for F do fplay_look "$F"; done
  for F in $(printf '%s\n' "$O" | awk '/^[^ ]/ { on = /^(Removing|Erasing)/ } on && /^ / && NF >= 5 { print $1 "-" $3 }'); do
    rpm -ql "$F" 2>/dev/null | while IFS= read -r P; do
      if [ -L "$P" ] || ! [ -d "$P" ]; then D=$(cd -P "${'$'}{P%/*}/" 2>/dev/null && pwd) && printf 'lose %s/%s\n' "${'$'}{D%/}" "${'$'}{P##*/}"; fi
    done
  done
fi`)
