import type { Content } from '../../content.js'
import { contentOf } from '../../content.js'
import { fileBlocks, TAR_END } from '../archive/tar-write.js'
import type { Converge, Key, OwnAsk, OwnState } from '../contract.js'
import { join, sh } from '../quote.js'
import { input } from '../write.js'
import type { FiledImage, FiledLayer } from './image-file.js'
import { refuseComplaints } from './inspect.js'

const KEY: Key = 'image layers:all'

/** Asks which layers the engine has: for each image its `chains`, from the bottom, and whether it takes images in parts. */
export function layersAsk(): OwnAsk {
  return {
    kind: 'own',
    key: KEY,
    script: sh`docker info --format '{{json .DriverStatus}}'
I=$(docker image ls -aq --no-trunc | sort -u); [ -z "$I" ] || docker image inspect --format '{{json .RootFS.Layers}}' -- $I`,
    read: (output) => {
      refuseComplaints(output)
      const [status = '', ...layers] = output.stdout.split('\n')
      return {
        // An engine that keeps images in containerd wants every layer in the archive.
        inParts: !status.includes('io.containerd.snapshotter'),
        chains: layers.filter((line) => line.startsWith('[')).map((line) => JSON.parse(line) as string[]),
      }
    },
  }
}

/** The layers of an image that the engine lacks: those above what it shares with an image that is there. */
function missingLayers({ layers }: FiledImage, state: OwnState): readonly FiledLayer[] {
  const { inParts, chains } = state as { inParts: boolean; chains: readonly (readonly string[])[] }
  const shared = (chain: readonly string[]): number => {
    const first = layers.findIndex(({ diff }, i) => chain[i] !== diff)
    return first === -1 ? layers.length : first
  }
  return inParts ? layers.slice(Math.max(0, ...chains.map(shared))) : layers
}

/** What {@link layersAsk} answered. */
export function layersOf(before: { own(key: Key): OwnState }): OwnState {
  return before.own(KEY)
}

/** Smaller parts travel together. */
const SMALL = 64 * 1024

/** Loads images, of which only the layers that the engine lacks travel. */
export function loadParts(images: readonly FiledImage[], state: OwnState): Converge {
  const layers = new Map(images.flatMap((image) => missingLayers(image, state)).map((one) => [one.diff, one]))
  const manifest = images.map(({ id, tags, layers: all }) => ({
    Config: configName(id),
    RepoTags: tags,
    Layers: all.map(({ diff }) => layerName(diff)),
  }))
  const files = new Map<string, Content>([
    ['manifest.json', contentOf(JSON.stringify(manifest))],
    ...images.map(({ id, config }) => [configName(id), config] as const),
    ...[...layers.values()].map(({ diff, content }) => [layerName(diff), content] as const),
  ])
  const inputs = tarOf(files)
  const stream = join(inputs.map((content, n) => input(n, content)))
  return { script: sh`{ ${stream}\n} | docker load`, inputs, stream: true }
}

const configName = (id: string): string => `${id.replace('sha256:', '')}.json`
const layerName = (diff: string): string => `${diff.replace('sha256:', '')}.tar`

/** A tar of these files, as contents to be written one after the other. */
function tarOf(files: ReadonlyMap<string, Content>): readonly Content[] {
  const contents: Content[] = []
  let small: Buffer[] = []
  for (const [name, content] of files) {
    const { head, fill } = fileBlocks(name, content.size)
    small.push(head)
    if (content.size <= SMALL) small.push(content.bytes())
    else {
      contents.push(contentOf(Buffer.concat(small)), content)
      small = []
    }
    small.push(fill)
  }
  return [...contents, contentOf(Buffer.concat([...small, TAR_END]))]
}
