# What every script of the lab shares. Sourced, never run.

PATH=$PATH:/usr/sbin:/sbin # "su" without "-" leaves them out
umask 022                  # what is made here becomes folders of hosts

LAB_CACHE=${LAB_CACHE:-/var/cache/fplay-lab} # trees and downloads: may be removed at any time when no lab is up
LAB_HOME=${LAB_HOME:-/var/lib/fplay-lab}     # one folder for each lab that exists

say() { printf '%s\n' "lab: $*" >&2; }

die() {
  printf '%s\n' "lab: $*" >&2
  exit 1
}

# require_machine WHO: one sentence and exit 1 where hosts cannot be booted.
require_machine() {
  release=$(. /etc/os-release 2>/dev/null && printf '%s' "${ID-} ${VERSION_ID-}") || release=
  missing=
  [ "$release" = 'debian 12' ] || missing="this is ${release:-another system}"
  [ "$(id -u)" = 0 ] || missing="${missing:+$missing and }you are not root"
  [ -z "$missing" ] && return
  printf '%s\n' "$1 needs root on Debian 12 (bookworm), but $missing: it boots real hosts on this machine, in" \
    'network namespaces of their own; fplay itself needs neither.' | paste -sd ' ' >&2
  exit 1
}
