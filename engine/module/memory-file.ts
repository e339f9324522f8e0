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

/**
 * Gives bytes to descriptor `number`; needs {@link MEMORY_FUNCTION}. A text gets a line end at its end. The mark must not
 * be a line of it.
 */
export function memoryFile(number: number, bytes: Buffer, mark: string): Script {
  const text = bytes.toString('utf8')
  const isText = !bytes.includes(0) && Buffer.from(text, 'utf8').equals(bytes)
  const lines = isText ? text : bytes.toString('base64').replace(/.{76}/g, '$&\n')
  const ended = lines === '' || lines.endsWith('\n') ? lines : `${lines}\n`
  const take = isText
    ? sh`fplay_memory ${number}`
    : sh`fplay_memory ${number} </dev/null; base64 -d >&${Script.trusted(String(number))}`
  return sh`${take} <<'${Script.trusted(mark)}'
${Script.trusted(ended)}${Script.trusted(mark)}`
}
