import type { OwnAsk } from '../module/contract.js'
import { MEMORY_FUNCTION, memoryFile } from '../module/memory-file.js'
import { join, sh, Script } from '../module/quote.js'
import { isUnknown } from '../unknown.js'
import { foreseenBelow, foreseePath, normalize, throughForeseenLinks, type Forecast } from './forecast.js'

/** A question of a module's own kind, with what a dry run adds to it. */
export interface OwnQuestion {
  readonly ask: OwnAsk
  /** What earlier tasks would have written to the files that the script reads; undefined where the host's file serves. */
  readonly files: readonly (Buffer | undefined)[]
  /** The script that is asked. */
  readonly script: Script
}

/** A question as a real run asks it, or in check mode as a dry run does. Its script only reads, but for `refresh`. */
export function ownQuestion(ask: OwnAsk, forecast: Forecast, checkMode: boolean): OwnQuestion {
  const files = (ask.files ?? []).map((file) => foreseenBytes(file, forecast))
  if (checkMode && ask.foretell) return { ask, files, script: asideScript(ask.foretell, forecast) }
  return { ask, files, script: ask.refresh ? join([ask.refresh, ask.script]) : ask.script }
}

/** A dry run's version of a file reaches the script through a descriptor: the host's own files stay as they are. */
export function ownScript({ ask, files, script }: OwnQuestion, nonce: string): Script {
  const given = files.some((bytes) => bytes !== undefined)
  // dash knows descriptors of one digit only: those of files that the host has are not used up.
  let next = 5
  const names = (ask.files ?? []).map((path, i) => {
    const bytes = files[i]
    const variable = Script.trusted(`FILE_${i}`)
    if (bytes === undefined) return sh`${variable}=${path}; export ${variable}`
    const number = next++
    return sh`${memoryFile(number, bytes, `${nonce}-${i}`)}\n${variable}=/dev/fd/${number}; export ${variable}`
  })
  return join([...(given ? [MEMORY_FUNCTION] : []), ...names, script])
}

/**
 * Makes `$ASIDE`, a folder in memory that is gone when the script ends. The name has the shell's pid, so that the next
 * one removes what a killed shell has left.
 */
const ASIDE = Script.trusted(String.raw`
for A in /dev/shm/fplay-aside.* /run/fplay-aside.* /tmp/fplay-aside.*; do
  P=${'$'}{A#*-aside.}; P=${'$'}{P%%.*}
  if [ -d "$A" ] && [ -O "$A" ] && ! [ -L "$A" ] && ! [ -d "/proc/$P" ]; then rm -rf -- "$A"; fi
done
ASIDE=
for A in /dev/shm /run /tmp; do
  if [ -d "$A" ] && [ -w "$A" ] && ASIDE=$(mktemp -d "$A/fplay-aside.$$.XXXXXX" 2>/dev/null); then break; fi
done
[ -n "$ASIDE" ] || { echo 'no folder in memory can be made' >&2; exit 1; }
TMPDIR=$ASIDE; export TMPDIR
trap 'rm -rf -- "$ASIDE"' EXIT`)

/** The script of a dry run, with what it may use of the forecast: `$ASIDE/foreseen`, `$ASIDE/gone` and `$FORESEEN`. */
function asideScript(foretell: NonNullable<OwnAsk['foretell']>, forecast: Forecast): Script {
  const { script, looksAt = () => false, keys = [] } = foretell
  const words = keys.filter((key) => forecast.states.has(key))
  const there = foreseenBelow(forecast, '/').map((name) => `/${name}`)
  const written = there.filter(looksAt).flatMap((path) => {
    const bytes = foreseenBytes(path, forecast)
    return bytes === undefined ? [] : [writeAside(path, bytes)]
  })
  const gone = goneFrom(forecast)
    .filter(looksAt)
    .map((path) => sh`printf '%s\\n' ${path} >>"$ASIDE/gone"`)
  return join([
    ASIDE,
    sh`mkdir "$ASIDE/foreseen"; : >"$ASIDE/gone"`,
    ...written,
    ...gone,
    sh`FORESEEN=${words.join(' ')}`,
    script,
  ])
}

function writeAside(path: string, bytes: Buffer): Script {
  const folder = path.slice(0, path.lastIndexOf('/'))
  return sh`mkdir -p -- "$ASIDE/foreseen"${folder}
base64 -d >"$ASIDE/foreseen"${path} <<'E'
${Script.trusted(bytes.toString('base64').replace(/.{76}/g, '$&\n'))}
E`
}

/** Paths that earlier tasks would have removed. */
function goneFrom(forecast: Forecast): string[] {
  return [...forecast.states]
    .filter(([key, state]) => key.startsWith('path:') && state['type'] === 'absent')
    .map(([key]) => key.slice('path:'.length))
}

/** What a dry run gives to a script in place of a file that an earlier task would have written. */
function foreseenBytes(file: string, forecast: Forecast): Buffer | undefined {
  const path = throughForeseenLinks(forecast, normalize(file), true)
  const { content } = foreseePath(forecast, { type: 'absent', real: path })
  return content === undefined || isUnknown(content) ? undefined : content.bytes()
}
