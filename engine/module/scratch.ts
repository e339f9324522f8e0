import { sh, Script } from './quote.js'

/**
 * Shell text that makes a folder only this script knows, `$D`, and sees to it that it is gone when the script ends. It
 * stands in the engine's own folder of the user (the one that large inputs travel through), so that the end of the next
 * run removes what a host without power or a killed shell has left.
 */
export const SCRATCH = Script.trusted(`own() { [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] && [ -w "$1" ]; }
H=$HOME/.fplay
(umask 077; own "$H" || mkdir -- "$H" 2>/dev/null) || {
  H=/tmp/.fplay-$(id -u); (umask 077; own "$H" || mkdir -- "$H")
}
D=$(mktemp -d "$H/scratch.XXXXXX")
trap 'rm -rf -- "$D"; rmdir -- "$H" 2>/dev/null || :' EXIT
trap 'exit 143' HUP INT TERM`)

/** A file in the folder of {@link SCRATCH}, as one word. */
export function scratchFile(name: string): Script {
  return sh`"$D"/${name}`
}
