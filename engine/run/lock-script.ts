import { sh, word } from '../module/quote.js'
import type { Script } from '../module/quote.js'

/** The lock of a host: a symbolic link whose text says who holds it. Making one is atomic and follows no link. */
export const LOCK_PATH = '/tmp/.fplay.lock'
/** Exit status of a script that was not run because another run holds the lock. */
export const REFUSED = 97

/** What a refused script prints before the text of the lock. */
const WORD = word('fplay-lock-held')

/** Who holds a lock. */
export interface Holder {
  /** Identity of the run. */
  readonly id: string
  /** Milliseconds since 1970, by the clock of the holder's controller. */
  readonly since: number
  /** `user@controller`. */
  readonly who: string
}

/**
 * Text that takes the lock for the shell it runs in, or prints the holder and exits with {@link REFUSED}. The lock holds
 * as long as that shell lives: the number of the process and its start, which no other process has, are part of it. One
 * that a dead shell has left is taken over; renaming it first makes sure that nobody else has done so in between.
 */
export function takeScript(holder: Holder, path = LOCK_PATH): Script {
  return sh`${TAKE}
fplay_take ${path} ${encode(holder)}`
}

const TAKE = sh`fplay_born() {
  fplay_b=
  read -r fplay_b 2>/dev/null </proc/"$1"/stat || return 1
  set -- \${fplay_b##*) }
  fplay_b=\${20}
}
fplay_take() {
  fplay_born "$$" || fplay_b=0
  fplay_own=$2:$$:$fplay_b fplay_n=0
  until ln -s "$fplay_own" "$1" 2>/dev/null && [ "$(readlink "$1")" = "$fplay_own" ]; do
    fplay_h=$(readlink "$1")
    fplay_p=\${fplay_h%:*} fplay_l=
    fplay_born "\${fplay_p##*:}" && [ "$fplay_b" = "\${fplay_h##*:}" ] && fplay_l=1
    case $fplay_l$fplay_h in "1$2":*) return 0 ;; esac
    if [ -n "$fplay_l" ] || [ "$fplay_n" -ge 5 ]; then
      printf '%s %s\\n' ${WORD} "$fplay_h"
      exit ${REFUSED}
    fi
    fplay_n=$((fplay_n + 1))
    mv "$1" "$1.$$" 2>/dev/null || continue
    [ "$(readlink "$1.$$")" = "$fplay_h" ] || ln -s "$(readlink "$1.$$")" "$1"
    rm -f "$1.$$"
  done
}`

/** Text that gives the lock back when this run holds it. */
export function releaseScript(holder: Holder, path = LOCK_PATH): Script {
  return sh`case $(readlink ${path}) in ${encode(holder)}:*) rm -f ${path} ;; esac`
}

/** The holder that a refused script has printed; undefined for the output of any other. */
export function readRefusal(stdout: string): Holder | undefined {
  const start = `${WORD.text} `
  return stdout.startsWith(start) ? decode(stdout.slice(start.length).trim()) : undefined
}

function encode({ id, since, who }: Holder): string {
  return [id, String(since), encodeURIComponent(who)].join(':')
}

function decode(text: string): Holder {
  const [id = '', since = '', who = ''] = text.split(':')
  const isOurs = /^\d+$/.test(since)
  return {
    id,
    since: isOurs ? Number(since) : Number.NaN,
    who: isOurs ? decodeURIComponent(who) : 'somebody',
  }
}
