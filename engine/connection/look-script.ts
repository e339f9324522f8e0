/**
 * Shell functions of the engine's probe (engine/run/probe.ts), which do without processes what they can.
 *
 * `fplay_path FOLLOW PATH ''` prints one record of NUL-ended fields: what is there (here, absent, dangling, denied), the
 * path without links in its parents, the target when it is a link that is not followed, and whether the file can be read.
 * It climbs to the nearest folder that exists and enters it, which is how a folder that may not be entered is told from
 * one that is not there. `fplay_type PATH` prints the same of what a link leads to, but for the last, which tells a
 * directory (`d`, with setgid `s`), a file (`f`) and others (`o`). `fplay_e`, `fplay_E`, `fplay_f`, `fplay_F` are the
 * four ways of "is there", with and without links. `fplay_none PATH`: surely nothing is there, not even a link.
 *
 * `$fplay_n` is the nonce between parts of an output: `fplay_begin`, between two parts `fplay_next STATUS`, at the end
 * `fplay_done STATUS`; `fplay_errors` before a part whose messages are wanted. `$fplay_q` is set once a part has failed.
 */
export const LOOK = `fplay_e() { [ -L "$1" ] || [ -e "$1" ]; }
fplay_E() { [ -e "$1" ]; }
fplay_f() { [ -f "$1" ] && ! [ -L "$1" ] && [ -r "$1" ]; }
fplay_F() { [ -f "$1" ] && [ -r "$1" ]; }
fplay_none() {
  ! fplay_e "$1" || return
  D=\${1%/*}
  while ! [ -d "\${D:-/}" ] && [ -n "$D" ]; do D=\${D%/*}; done
  [ -x "\${D:-/}" ]
}
fplay_path() {
  D=\${2%/*}; T=/\${2##*/}
  while ! [ -d "\${D:-/}" ] && [ -n "$D" ]; do T=/\${D##*/}$T; D=\${D%/*}; done
  if cd -P -- "\${D:-/}" 2>/dev/null; then V=absent; R=\${PWD%/}$T; else V=denied; R=$2; fi
  if fplay_e "$2"; then V=here; fi
  L=; if [ -L "$2" ]; then
    if [ "$1" = 0 ]; then L=$(readlink -- "$2"; echo x); L=\${L%?}; L=\${L%?}
    elif [ -d "$2" ] && cd -P -- "$2" 2>/dev/null; then R=$PWD
    else
      [ -e "$2" ] || V=dangling
      F=$(readlink -f -- "$2"; echo x); F=\${F%?}; F=\${F%?}; R=\${F:-$R}
    fi
  fi
  if [ -n "$3" ]; then A=$3; elif [ -r "$2" ]; then A=r; else A=-; fi
  printf '%s\\0%s\\0%s\\0%s\\0' "$V" "$R" "$L" "$A"
}
fplay_type() {
  if [ -d "$1" ]; then if [ -g "$1" ]; then A=s; else A=d; fi
  elif [ -f "$1" ]; then A=f; else A=o; fi
  fplay_path 1 "$1" "$A"
}
fplay_begin() { printf '\\n%s\\n' "$fplay_n"; }
fplay_next() { [ "$1" -eq 0 ] || fplay_q=1; printf '\\n%s %s\\n\\n%s\\n' "$fplay_n" "$1" "$fplay_n"; }
fplay_done() { printf '\\n%s %s\\n' "$fplay_n" "$1"; }
fplay_errors() { printf '\\n%s\\n' "$fplay_n" >&2; }
`
