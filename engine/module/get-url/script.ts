import type { Ran, ScriptOutput } from '../contract.js'
import { downloadFunctions, readDownload, UNPACK, type Download, type Source } from '../http-download.js'
import { sh, Script } from '../quote.js'
import { SCRATCH } from '../scratch.js'
import { sumProgram } from './checksum.js'

/** What is got, and what it must be. */
export interface GetWish {
  readonly source: Source
  /** Digest that it must have, with its kind. */
  readonly sum: { readonly algorithm: string; readonly digest: string } | undefined
  readonly decompress: boolean
  /** Folder for the file while it is not whole. */
  readonly folder: string | undefined
  /** SHA-1 of the file that is there. */
  readonly sha1: string | undefined
  /** Puts the bytes in place; reads them from {@link GOT}. */
  readonly place: Script
  /** What is done where the bytes are there already. */
  readonly leave: Script
}

/** Prints the bytes that were got. */
export const GOT = Script.trusted('cat -- "$D"/body')

/** Gets the bytes into a folder that nobody else knows, holds them against what they must be, and puts them in place. */
export function getScript(wish: GetWish): Script {
  const { source, sum, decompress, folder, sha1, place, leave } = wish
  return sh`${folder === undefined ? SCRATCH : scratchIn(folder)}
${downloadFunctions(source)}
C=0; (umask 077; fplay_get >"$D"/body) || C=$?
fplay_told "$C"
[ "$C" = 0 ] || exit 1
${source.kind === 'http' ? checkAnswer(decompress) : sh``}
${sum ? checkSum(sum) : sh``}
SHA1=$(sha1sum <"$D"/body); SHA1=\${SHA1%% *}
MD5=$(md5sum <"$D"/body 2>/dev/null || :); MD5=\${MD5%% *}
printf 'fplay-got %s %s %s\\n' "$SHA1" "\${MD5:--}" "$(wc -c <"$D"/body)"
if [ "$SHA1" = ${sha1 ?? ''} ]; then
:; ${leave}
else
${place}
fi`
}

function scratchIn(folder: string): Script {
  return sh`D=$(mktemp -d ${`${folder}/.fplay-get.XXXXXX`})
trap 'rm -rf -- "$D"' EXIT
trap 'exit 143' HUP INT TERM`
}

/** Only a whole answer with the status 200 is the file; a connection by hand does not notice its own end. */
function checkAnswer(decompress: boolean): Script {
  return sh`[ "$(fplay_status)" = 200 ] || exit 1
if [ "$BY" = raw ]; then
  N=$(sed -n 's/^[Cc]ontent-[Ll]ength: *//p' /dev/fd/9 | tail -n 1)
  [ -z "$N" ] || [ "$N" = "$(($(wc -c <"$D"/body)))" ] || { echo 'the connection ended too early' >&2; exit 1; }
fi
${decompress ? UNPACK : sh``}`
}

function checkSum({ algorithm, digest }: { readonly algorithm: string; readonly digest: string }): Script {
  return sh`S=$(${sumProgram(algorithm)} <"$D"/body); S=\${S%% *}
[ "$S" = ${digest} ] || { printf 'fplay-sum %s\\n' "$S"; exit 1; }`
}

/** How a {@link getScript} went. */
export interface Got {
  readonly download: Download
  readonly sha1: string | undefined
  readonly md5: string | undefined
  readonly size: number | undefined
  /** The digest that it has in place of the one that it must have. */
  readonly other: string | undefined
}

/** Reads what {@link getScript} has printed; undefined where it got nothing, because only attributes differed. */
export function readGot(source: Source, ran: Ran): Got | undefined {
  if (ran.kind !== 'ran') return undefined
  const output: ScriptOutput = ran
  if (ran.code === 0 && !/^fplay-got /m.test(ran.stdout)) return undefined
  const download = readDownload(source, output)
  const [, sha1, md5, size] = /^fplay-got (\S+) (\S+) +(\d+)$/m.exec(download.after) ?? []
  return {
    download,
    sha1,
    md5: md5 === '-' ? undefined : md5,
    size: size === undefined ? undefined : Number(size),
    other: /^fplay-sum (\S+)$/m.exec(download.after)?.[1],
  }
}
