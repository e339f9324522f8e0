import { join, sh, Script } from '../quote.js'
import { partialOf } from '../write.js'
import { familiar } from './image.js'
import { SUMS } from './image-file.js'

/** What is to be written. */
export interface Export {
  /** The file, absolute. */
  readonly path: string
  readonly images: readonly string[]
  /** Compress each layer by itself. */
  readonly compress: boolean
}

/**
 * Shell text that writes images to a file for `docker load`. One after the other they are taken apart in a folder beside
 * the file, each layer under its digest, so that what an interrupted run has done is not done again, and layers that
 * images share are there once. The file is put together of these: what it holds and the sums first, so that neither has
 * to be looked for behind gigabytes.
 */
export function exportScript({ path, images, compress }: Export): Script {
  const work = partialOf(path)
  const each = images.map((image, n) => {
    const tags = /^sha256:/.test(image) ? 'null' : `["${familiar(image)}"]`
    return sh`echo ${`image ${n + 1} of ${images.length}: ${image}`}
fplay_take ${image} ${tags}`
  })
  return sh`W=${work}
[ -d "$W" ] && [ ! -L "$W" ] || { rm -rf -- "$W"; mkdir -m 700 -- "$W"; }
cd -- "$W"
rm -rf -- one now archive ${SUMS} manifest.json
E=${compress ? '.tar.gz' : '.tar'}; M=; F=
${FUNCTIONS}
${join(each)}
printf '[%s]' "$M" >manifest.json
sha1sum -- manifest.json $F >${SUMS}
tar -cf archive -- manifest.json ${SUMS} $F
sync archive 2>/dev/null || :
mv -f -- archive ${path}
cd /; rm -rf -- "$W"`
}

/**
 * `fplay_take IMAGE TAGS` adds its layers and configuration to the folder, its entry to M and the names of its files to
 * F. Docker names the layers of its archive as it likes, but in their order; older ones link to what they have twice.
 */
const FUNCTIONS = Script.trusted(String.raw`
fplay_take() {
  I=$(docker image inspect --format '{{.Id}}' -- "$1"); I=${'$'}{I#sha256:}.json
  D=$(docker image inspect --format '{{range .RootFS.Layers}} {{.}}{{end}}' -- "$1")
  L=; N=; for d in $D; do d=${'$'}{d#sha256:}$E; L=$L${'$'}{L:+,}\"$d\"; N="$N $d"; done
  for d in $I $N; do [ -e "$d" ] || { fplay_fill "$1" $N; break; }; done
  M=$M${'$'}{M:+,}{\"Config\":\"$I\",\"RepoTags\":$2,\"Layers\":[$L]}
  for d in $I $N; do case " $F " in *" $d "*) ;; *) F="$F $d" ;; esac; done
}
fplay_fill() {
  rm -rf one; mkdir one
  docker save -- "$1" | tar -xf - -C one
  [ -f one/manifest.json ] || { echo "docker could not save $1" >&2; exit 1; }
  C=$(sed 's/.*"Config":"\([^"]*\)".*/\1/' one/manifest.json)
  S=$(sed 's/.*"Layers":\[\([^]]*\)\].*/\1/' one/manifest.json | tr -d '"' | tr , ' ')
  shift
  T=$#; n=0
  for s in $S; do
    n=$((n + 1))
    if [ ! -e "$1" ]; then
      echo "  layer $n of $T: $(($(wc -c <"one/$s") / 1048576)) MB"
      fplay_pack <"one/$s" "one/$s" >now
      mv -f now "$1"
    fi
    shift
  done
  [ $# -eq 0 ] || { echo 'docker saved another number of layers than the image has' >&2; exit 1; }
  mv -f "one/$C" "$I"; rm -rf one
}
fplay_pack() {
  case $E$(dd bs=4 count=1 <"$1" 2>/dev/null | od -An -tx1 | tr -d ' ') in
    .tar | .tar.gz1f8b* | .tar.gz28b52ffd) cat ;;
    .tar.gz*) gzip -n -1 ;;
    *) cat ;;
  esac
}`)
