import { word } from '../module/quote.js'
import { ACCOUNT } from './account-script.js'
import { END } from './end-script.js'
import { LOOK } from './look-script.js'
import { MAKE } from './make-script.js'

/**
 * The text that turns a plain `sh` reading commands from its input into the engine's shell. Each request is one
 * command, `fplay_run NUMBER SCRIPT [INPUT]…`, so the shell's own parser does the framing: no program is started to
 * read a request. The script runs in a subshell without input, so it can `exit`, `cd` or `set -e` as it likes.
 *
 * A script reads its N-th input (from 1) with `fplay_input N SIZE`, or writes it to a file with
 * `fplay_input_to N SIZE PATH`, which renames where the input travelled as a file (then it can be read once only).
 * `fplay_renumber M N` gives the script its input M as number N as well.
 * `fplay_then` in place of `fplay_run` passes over the script unless the one before it has ended with status 0.
 * It makes files and folders with `fplay_make` and `fplay_open` (make-script.ts).
 *
 * Who writes requests knows when a script begins: when all before it have ended. It tells its beginning itself, with its pid,
 * only on a terminal, and where `fplay_t` says so: before it, processes may still read its words ({@link request}).
 *
 * After USR1 the shell skips what was sent to it, until told to go on: what was cancelled must not begin. When the
 * connection is gone it is ended, with what it runs; so its lock does not outlive the run by the rest of a script.
 *
 * @param become  name of the program between the connection's process and the shell
 */
export function prelude(nonce: string, pty: boolean, become = ''): string {
  return `unset HISTFILE
LC_ALL=C; export LC_ALL
for fplay_v in /usr/local/sbin /usr/sbin /sbin; do
  case ":$PATH:" in *":$fplay_v:"*) ;; *) PATH=$PATH:$fplay_v ;; esac
done; export PATH
fplay_nonce=${nonce} fplay_skip= fplay_pass= fplay_t=${pty ? 1 : ''}
trap 'fplay_skip=1' USR1
${pty ? ON_TERMINAL : ON_CHANNEL}
fplay_run() { fplay_feed "$@" </dev/null; }
fplay_then() {
  [ "\${fplay_c##* }" = 0 ] || fplay_pass=1
  fplay_run "$@"
  fplay_pass=
}
fplay_clean() {
  shift 2
  for fplay_v do case $fplay_v in f/*) rm -f "\${fplay_v#f}" ;; esac; done
}
fplay_script() {
  if [ -n "$fplay_t" ]; then
    for fplay_v in /proc/self/task/*; do :; done
    printf '%s<%s %s\\n' "$fplay_nonce" "$1" "\${fplay_v##*/}"
  fi
  fplay_s=$2; shift 2; fplay_i=0
  for fplay_v do fplay_i=$((fplay_i + 1)); eval "fplay_in_$fplay_i=\\$fplay_v"; done
  set --
  eval "$fplay_s"
}
fplay_input() {
  eval "fplay_v=\\$fplay_in_$1"
  case $fplay_v in
    d*) printf %b "\${fplay_v#d}" ;;
    f*) cat "\${fplay_v#f}" ;;
    *) echo "the script has no input $1" >&2; return 1 ;;
  esac
}
fplay_renumber() { eval "fplay_in_$2=\\$fplay_in_$1"; }
fplay_input_to() {
  eval "fplay_v=\\$fplay_in_$1"
  case $fplay_v in
    f*) mv -f "\${fplay_v#f}" "$3" ;;
    *) fplay_input "$1" >"$3" ;;
  esac
}
${LOOK}${ACCOUNT}${MAKE}${END}${WATCH}fplay_guard ${word(become).text}
printf '%s!%s %s:%s\\n' "$fplay_nonce" "$$" "\${BASH_VERSION:+bash}" "$fplay_g"
`
}

/** Seconds between two looks whether the connection is still there. */
const EVERY = 2

/**
 * sshd does not end a command whose connection broke, and a shell does not read its input while a script runs: a process
 * beside the shell looks for the one that serves the connection, the nearest above that is neither shell nor `su`.
 */
const WATCH = `fplay_look() {
  fplay_l=
  { read -r fplay_l <"/proc/$1/stat"; } 2>/dev/null
  case $fplay_l in *') '*) ;; *) return 1 ;; esac
  fplay_n=\${fplay_l#*(} fplay_n=\${fplay_n%)*}
  set -- \${fplay_l##*) }
  fplay_z=$1 fplay_u=$2 fplay_b=\${20}
}
fplay_watch() {
  trap 'kill "$!"; exit' TERM
  for fplay_v in /proc/self/task/*; do :; done
  while fplay_look "$1" && [ "$fplay_z$fplay_b" != "Z$2" ] && [ "$fplay_b" = "$2" ]; do
    sleep ${EVERY} & wait "$!"
    [ -d "/proc/$$" ] || exit
  done
  trap '' TERM
  fplay_end "\${fplay_v##*/}" "$$"
}
fplay_guard() {
  fplay_p=$PPID fplay_g=
  while fplay_look "$fplay_p"; do
    case $fplay_n in sh | dash | bash | ash | busybox | sudo | su | "$1") fplay_p=$fplay_u ;; *) break ;; esac
  done
  [ "$fplay_p" -gt 1 ] && fplay_look "$fplay_p" || return
  fplay_watch "$fplay_p" "$fplay_b" </dev/null >/dev/null 2>&1 7>&- &
  fplay_g=$!
  trap "kill $!" EXIT
}
`

const ON_CHANNEL = `fplay_feed() {
  if [ -n "$fplay_skip" ]; then fplay_c=skipped
  elif [ -n "$fplay_pass" ]; then fplay_c=passed
  else
    ( fplay_script "$@" )
    fplay_c=$?
  fi
  printf '%s>%s -\\n' "$fplay_nonce" "$1" >&2
  printf '%s>%s %s\\n' "$fplay_nonce" "$1" "$fplay_c"
  fplay_t=
  fplay_clean "$@"
}`

/** A terminal has one stream for both: what a script writes to stderr is kept and follows its stdout. */
const ON_TERMINAL = `exec 7>&1
fplay_feed() {
  if [ -n "$fplay_skip" ]; then fplay_c=' skipped'
  elif [ -n "$fplay_pass" ]; then fplay_c=' passed'
  else
    fplay_c=$( ( fplay_script "$@" ) 2>&1 >&7 7>&-; printf ' %s' "$?")
  fi
  printf '%s>%s %s\\n%s%s>%s -\\n' "$fplay_nonce" "$1" "\${fplay_c##* }" "\${fplay_c% *}" "$fplay_nonce" "$1"
  fplay_clean "$@"
}`

/** What a script reads as an input: bytes that travel with it, or a file that was sent before. */
export type Input = { readonly bytes: Buffer } | { readonly file: string }

/** Words above this many bytes travel behind the command where the shell reads its input byte by byte. */
const BEHIND = 2048

/**
 * One request as it is written to the shell. `bytewise`: the shell (bash) reads commands one byte at a time, so that
 * `dd` in the command can take what follows it, thousands of bytes at once; such a script tells its
 * beginning (`tells`).
 */
export function request(
  name: 'fplay_run' | 'fplay_then' | 'fplay_feed',
  number: number,
  script: string,
  inputs: readonly Input[],
  bytewise: boolean,
): { readonly bytes: Buffer; readonly tells: boolean } {
  if (script.includes('\0')) throw new RangeError('a script cannot hold a NUL character')
  const words = [wordOf(Buffer.from(script.replace(/\n+$/, ''), 'utf8')), ...inputs.map(wordOfInput)]
  const line: Buffer[] = [Buffer.from(`${name} ${number}`)]
  const behind: Buffer[] = []
  for (const { plain, quoted } of words) {
    if (bytewise && plain.length > BEHIND) {
      line.push(
        Buffer.from(` "$(dd iflag=fullblock,count_bytes bs=65536 count=${plain.length} 2>/dev/null)"`),
      )
      behind.push(plain)
    } else line.push(quoted())
  }
  const tells = behind.length > 0
  const first = tells ? [Buffer.from('fplay_t=1\n')] : []
  return { bytes: Buffer.concat([...first, ...line, Buffer.from('\n'), ...behind]), tells }
}

/** A word of a request: as the shell has it in the end, and quoted, with a blank before. */
interface Word {
  readonly plain: Buffer
  readonly quoted: () => Buffer
}

function wordOf(plain: Buffer): Word {
  let quoted: Buffer | undefined
  return {
    plain,
    quoted: () => (quoted ??= Buffer.from(` ${word(plain.toString('latin1')).text}`, 'latin1')),
  }
}

/** Inputs as they are sent, as long as anybody holds their bytes: many hosts may be sent the same. */
const sent = new WeakMap<Buffer, Word>()

function wordOfInput(input: Input): Word {
  if ('file' in input) return wordOf(Buffer.from(`f${input.file}`))
  const known = sent.get(input.bytes) ?? wordOf(encode(input.bytes))
  sent.set(input.bytes, known)
  return known
}

/** Text that `printf %b` prints as the bytes; it holds no NUL and does not end in a newline. */
function encode(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1')
  return Buffer.from(
    `d${text.replaceAll('\\', '\\\\').replaceAll('\0', '\\0000').replace(/\n$/, '\\n')}`,
    'latin1',
  )
}
