/**
 * Shell functions that tell of accounts and groups (engine/run/account-lines.ts), with one `grep` for all of a message.
 *
 * `fplay_lines FILE…` keeps what `$fplay_g` finds in the files in `$fplay_a`, once a message, each line behind its file's
 * name. `fplay_entry passwd|group NAME` sets `$E` to the entry: the files' own, where the name service looks there first, or
 * nowhere else. Otherwise getent is asked, where there is one. `fplay_gid LINE` sets `$X` to its third field.
 */
export const ACCOUNT = `fplay_lines() {
  [ -n "$fplay_a" ] || fplay_a="
$(grep -aHE "$fplay_g" "$@" 2>/dev/null)
"
}
fplay_entry() {
  E=
  case $fplay_a in *"
/etc/$1:$2:"*)
    E=\${fplay_a#*"
/etc/$1:$2:"}
    E=$2:\${E%%"
"*} ;;
  esac
  command -v getent >/dev/null 2>&1 || return 0
  case $fplay_a in *"
/etc/nsswitch.conf:$1:"*)
    [ -z "$E" ] || return 0
    X=\${fplay_a#*"
/etc/nsswitch.conf:$1:"}
    X=\${X%%"
"*}
    case \${X#*files} in *[0-9A-Za-z]*) ;; *) return 0 ;; esac ;;
  esac
  E=$(getent "$1" "$2") || E=
  case $E in "$2":*) ;; *) E= ;; esac
}
fplay_gid() { X=\${1#*:}; X=\${X#*:}; X=\${X%%:*}; }
`
