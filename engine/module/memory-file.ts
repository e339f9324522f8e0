import { Script, sh } from './quote.js'

/**
 * Shell function `fplay_memory N`: standard input becomes a file that only descriptor N knows, to be read any number
 * of times as /dev/fd/N. It has no name from the moment it is filled, so nothing is left even of a killed script; a
 * here-document alone would be a pipe, which Compose v1 reads twice and finds empty.
 */
export const MEMORY_FUNCTION = Script.trusted(String.raw`
fplay_memory() {
  M=$(mktemp -p /dev/shm fplay.XXXXXX 2>/dev/null || mktemp) || return 1
  eval "exec $1<>\"\$M\""; rm -f -- "$M"; eval "cat >&$1"
}`)

/** Gives a text to descriptor `number`; needs {@link MEMORY_FUNCTION}. The mark must not be a line of the text. */
export function memoryFile(number: number, text: string, mark: string): Script {
  const ended = text === '' || text.endsWith('\n') ? text : `${text}\n`
  return sh`fplay_memory ${number} <<'${Script.trusted(mark)}'
${Script.trusted(ended)}${Script.trusted(mark)}`
}
