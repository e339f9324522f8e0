/**
 * Shell functions to make files and folders with few processes, for scripts of modules:
 *
 * - `fplay_make f|d MODE PATH [-o OWNER] [-g GROUP]` makes an empty file, or a folder, with mode and owner, where
 *   nothing is. `install` does in one process what takes three without it.
 * - `fplay_place N SIZE MODE PATH [-o OWNER] [-g GROUP]` makes such a file that holds the N-th input. One that travelled
 *   as a file is moved there, except where SELinux would keep the label that it had.
 * - `fplay_open PATH` opens such a file as descriptor 3, to be written. Whoever owns the folder could put a link in its
 *   place meanwhile: what was opened must be what stands there.
 * - `fplay_label PATH [OTHER]` gives a file the SELinux label of another, or the one that the policy has for its path. Where
 *   there is no SELinux, or a file system that has no labels, it does nothing.
 */
export const MAKE = `fplay_make() {
  fplay_k=$1 fplay_m=$2 fplay_v=$3; shift 3
  if command -v install >/dev/null; then
    if [ "$fplay_k" = d ]; then install -d -m "$fplay_m" "$@" -- "$fplay_v"
    else install -m "$fplay_m" "$@" -- /dev/null "$fplay_v"; fi
    return
  fi
  if [ "$fplay_k" = f ]; then (umask 077; set -C; : >"$fplay_v")
  else mkdir -- "$fplay_v" 2>/dev/null || [ -d "$fplay_v" ] || mkdir -- "$fplay_v"; fi || return
  fplay_give "$@"
}
fplay_give() {
  while [ $# -gt 0 ]; do
    case $1 in -o) chown -h "$2" -- "$fplay_v" ;; *) chgrp -h "$2" -- "$fplay_v" ;; esac || return
    shift 2
  done
  chmod "$fplay_m" -- "$fplay_v"
}
fplay_place() {
  eval "fplay_u=\\\${fplay_in_$1-}"; fplay_o=$1 fplay_z=$2; shift 2
  case $fplay_u in
    f*) if [ ! -e /sys/fs/selinux/enforce ]; then
      mv -f -- "\${fplay_u#f}" "$2" || return
      fplay_m=$1 fplay_v=$2; shift 2; fplay_give "$@"; return
    fi ;;
  esac
  fplay_u=$2
  fplay_make f "$@" && fplay_open "$fplay_u" && fplay_input "$fplay_o" "$fplay_z" >&3 && exec 3>&-
}
fplay_label() {
  [ -e /sys/fs/selinux/enforce ] || return 0
  if [ $# = 2 ]; then chcon --reference="$2" -- "$1" 2>/dev/null || :; else restorecon -- "$1" 2>/dev/null || :; fi
}
fplay_open() {
  [ -f "$1" ] && [ ! -L "$1" ] && exec 3>>"$1" &&
    { [ ! -e /proc/self/fd ] || [ "$1" -ef /proc/self/fd/3 ]; } && [ ! -L "$1" ] && return
  echo "$1 was replaced while it was written" >&2
  return 1
}
`
