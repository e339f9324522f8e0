/**
 * The shell function `fplay_end SHELL PID [session]`: ends a process and all it started; with `session` also what has
 * lost its parents since but is of the same session and younger. `:PID` in place of the process means the one that SHELL
 * has started beside PID, if there is one. A daemon that made a session of its own and was let go
 * by its parents is left alone. SHELL, who calls, and those above them are spared. With dropbear all shells of a
 * connection, this one too, are of one session: what has its parent there belongs to somebody else. TERM first, KILL a
 * second later.
 */
export const END = `fplay_end() (
shell=$1 top=$2 wide=$3 all= start= session= members= above= victims=
list() {
  all=; set -f; IFS='
'
  for line in $(set +f; cat /proc/[0-9]*/stat 2>/dev/null); do
    IFS=' '; set -- \${line##*) }
    case $1 in Z | '' | ??*) ;; *) all="$all \${line%% *} $2 $4 \${20}" ;; esac
  done
}
look() {
  set -- $all
  while [ $# -gt 3 ]; do
    if [ -z "$start" ]; then [ "$1" != "$top" ] || session=$3 start=$4
    elif [ "$look" = above ]; then case " $above " in *" $1 "*) above="$above $2" ;; esac
    elif [ "$look" = members ]; then [ "$3" != "$session" ] || members="$members $1"
    else choose "$@"; fi
    shift 4
  done
}
choose() {
  case " $victims $above " in *" $1 "*) return ;; esac
  case " $victims " in *" $2 "*) ;; *)
    [ -n "$wide" ] && [ "$3" = "$session" ] && [ "$4" -ge "$start" ] || return
    case " $members " in *" $2 "*) return ;; esac ;;
  esac
  victims="$victims $1" more=1
}
gather() {
  list; members= look=members; look; look= more=1
  while [ -n "$more" ]; do more=; look; done
}
left() {
  for pid in $victims; do
    { read -r line <"/proc/$pid/stat"; } 2>/dev/null || continue
    case \${line##*) } in Z*) ;; *) return 0 ;; esac
  done
  return 1
}
started() {
  set -- $all
  while [ $# -gt 3 ]; do
    [ "$2" != "$shell" ] || [ ":$1" = "$top" ] || { top=$1; return; }
    shift 4
  done
}
list
case $top in :*) started ;; esac
look
[ -n "$start" ] || exit 0
victims=$top above="$shell $$" look=above
look; look; look
gather
kill -TERM $victims 2>/dev/null
n=0
while [ $n -lt 20 ] && left; do sleep 0.05 2>/dev/null || { sleep 1; n=20; }; n=$((n + 1)); done
gather
kill -KILL $victims 2>/dev/null
exit 0
)
`
