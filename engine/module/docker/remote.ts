import { Unknown, type Maybe } from '../../unknown.js'
import type { Key, OwnAsk, OwnState, View } from '../contract.js'
import { sh } from '../quote.js'
import { imageKey } from './image.js'
import type { Inspected } from './inspect.js'

/** Key of {@link remoteAsk}. */
export const remoteKey = (image: string): Key => `remote image:${image}`

/**
 * Asks which ids an image has in its registry: `ids` by platform (`linux/amd64`), the only one under '', and `digests`
 * of the manifests. Where the registry does not say (offline, or it wants a login), both are empty.
 */
export function remoteAsk(image: string): OwnAsk {
  return {
    kind: 'own',
    key: remoteKey(image),
    script: sh`DOCKER_CLI_EXPERIMENTAL=enabled; export DOCKER_CLI_EXPERIMENTAL; docker manifest inspect -v --insecure -- ${image}`,
    read: ({ stdout, code }) => (code === 0 ? readManifests(stdout) : { ids: {}, digests: [] }),
  }
}

interface Manifest {
  readonly Descriptor?: {
    readonly digest?: string
    readonly platform?: { readonly os?: string; readonly architecture?: string }
  }
  readonly SchemaV2Manifest?: { readonly config?: { readonly digest?: string } }
  readonly OCIManifest?: { readonly config?: { readonly digest?: string } }
}

function readManifests(stdout: string): OwnState {
  const read = JSON.parse(stdout) as Manifest | readonly Manifest[]
  const manifests = Array.isArray(read) ? (read as readonly Manifest[]) : [read as Manifest]
  const ids = manifests.flatMap(({ Descriptor: at, SchemaV2Manifest: v2, OCIManifest: oci }) => {
    const id = (v2 ?? oci)?.config?.digest
    const platform = Array.isArray(read)
      ? `${at?.platform?.os ?? ''}/${at?.platform?.architecture ?? ''}`
      : ''
    return id === undefined ? [] : [[platform, id]]
  })
  return {
    ids: Object.fromEntries(ids) as Readonly<Record<string, string>>,
    digests: manifests.flatMap(({ Descriptor: at }) => at?.digest ?? []),
  }
}

/** The id an image will have after a pull; needs its {@link remoteAsk} and an answer for its {@link imageKey}. */
export function pulledId(image: string, before: View): Maybe<string> {
  const { id, image: details } = before.own(imageKey(image)) as { id: Maybe<string>; image?: Inspected }
  if (id === 'absent') return new Unknown(`id of image ${image}`, ['absent'])
  const { ids, digests } = before.own(remoteKey(image)) as {
    ids: Readonly<Record<string, string>>
    digests: readonly string[]
  }
  // An engine that keeps images by their manifests calls them by that digest.
  if (typeof id === 'string' && digests.includes(id)) return id
  const { Os: os, Architecture: architecture } = details ?? {}
  return (
    ids[''] ??
    ids[`${String(os)}/${String(architecture)}`] ??
    new Unknown(`whether there is a newer image ${image}`)
  )
}
