import { gunzipSync } from 'node:zlib'
import type { Content } from '../../content.js'
import { isUnknown, Unknown } from '../../unknown.js'
import type { Ask, Key, OwnAsk, OwnState, ScriptOutput, View } from '../contract.js'
import { sh } from '../quote.js'
import { refuseComplaints, inspectedOf, titled, type Inspected } from './inspect.js'
import { familiar, imageKey } from './image.js'

/** An image in a file as `docker save` writes it. */
export interface ArchivedImage {
  /** Id of its configuration, by which the engine knows it: `sha256:` and hex. */
  readonly id: string
  /** Its names, as docker shows them. */
  readonly tags: readonly string[]
}

/** Key of {@link archiveAsk}. */
export const archiveKey = (path: string): Key => `image archive:${path}`

/**
 * Asks which `images` an archive holds (undefined where it cannot be read as one) and which of them the engine has. The
 * names are cut out of the manifest on the host, so that one message answers both.
 */
export function archiveAsk(path: string): OwnAsk {
  const strings = `s/^"\\([^"]*:[^"]*\\)"$/\\1/p`
  const ids = `s/^"Config":"\\(blobs.sha256.\\)*\\([0-9a-f]\\{64\\}\\).*/sha256:\\2/p`
  return {
    kind: 'own',
    key: archiveKey(path),
    script: sh`[ -f ${path} ] || exit 0
M=$(tar -xOf ${path} manifest.json 2>/dev/null) || exit 0
printf 'manifest\\n%s\\nimages\\n' "$M"
set -f; N=$(printf '%s\\n' "$M" | tr '[]{},' '\\n\\n\\n\\n\\n' | sed -n -e ${strings} -e ${ids})
[ -z "$N" ] || docker inspect --type image --format '{{json .}}' -- $N || :`,
    read: ({ stdout }) => ({ images: archivedImages(partOf(stdout, 'manifest').join('\n')) }),
    further: presentImages,
  }
}

function partOf(stdout: string, title: string): readonly string[] {
  return titled(stdout, ['manifest', 'images']).get(title) ?? []
}

/** What an archive's `manifest.json` lists; undefined for other texts. The configuration is named after its digest. */
export function archivedImages(manifest: string): readonly ArchivedImage[] | undefined {
  try {
    const listed = JSON.parse(manifest) as readonly { Config: string; RepoTags: readonly string[] | null }[]
    const images = listed.map(({ Config: config, RepoTags: tags }) => ({
      id: `sha256:${/([0-9a-f]{64})(?:\.json)?$/.exec(config)![1]!}`,
      tags: (tags ?? []).map(familiar),
    }))
    return images.length === 0 ? undefined : images
  } catch {
    return undefined
  }
}

/** The archived images as the engine has them, by name, or by id where they have no name. */
function presentImages(output: ScriptOutput): ReadonlyMap<Key, OwnState> {
  const images = archivedImages(partOf(output.stdout, 'manifest').join('\n'))
  if (images === undefined) return new Map()
  refuseComplaints(output)
  const present = inspectedOf(partOf(output.stdout, 'images'))
  return new Map(
    namesOf(images).map((name) => {
      const image = present.find((found) => isCalled(found, name))
      return [imageKey(name), image === undefined ? { id: 'absent' } : { id: image['Id'], image }]
    }),
  )
}

/** Names of archived images; for one without, its id. */
export function namesOf(images: readonly ArchivedImage[]): readonly string[] {
  return images.flatMap(({ id, tags }) => (tags.length === 0 ? [id] : tags))
}

function isCalled(found: Inspected, name: string): boolean {
  return (
    found['Id'] === name ||
    ((found['RepoTags'] ?? []) as readonly string[]).some((tag) => familiar(tag) === name)
  )
}

/** Files that a dry run foresees and knows the images of. */
const SAVED = new WeakSet<Unknown>()

/** The checksum of a file that an image will be saved in. */
export function savedBytes(image: string): Unknown {
  const bytes = new Unknown(`bytes of image ${image}`)
  SAVED.add(bytes)
  return bytes
}

/**
 * The images in the archive at `path`: on the host, or in what an earlier task of a dry run would have put there.
 * `unknown` where only the run can tell, undefined where it is not an archive of images.
 */
export function archivedAt(path: string, before: View): readonly ArchivedImage[] | 'unknown' | undefined {
  const { mtime, content, sha1 } = before.path(path)
  const told = before.own(archiveKey(path))['images'] as readonly ArchivedImage[] | undefined
  if (isUnknown(sha1) && SAVED.has(sha1)) return told
  if (content !== undefined && !isUnknown(content)) return readArchive(content)
  if (isUnknown(mtime) || isUnknown(content)) return 'unknown'
  return told
}

/** Asks for the images of an archive that only the dry run has. */
export function moreImageAsks(path: string, before: View, ask: (image: string) => OwnAsk): readonly Ask[] {
  const { content, mtime } = before.path(path)
  const images = content === undefined && !isUnknown(mtime) ? undefined : archivedAt(path, before)
  return images === undefined || images === 'unknown' ? [] : namesOf(images).map(ask)
}

const BLOCK = 512
/** Largest compressed archive that is looked into, in bytes. */
const GZIP_LIMIT = 64 * 1024 * 1024

function readArchive(content: Content): readonly ArchivedImage[] | 'unknown' | undefined {
  if (content.slice(0, 2).toString('hex') !== '1f8b') return archivedImages(manifestIn(content.slice))
  if (content.size > GZIP_LIMIT) return 'unknown'
  const bytes = gunzipSync(content.slice(0, content.size))
  return archivedImages(manifestIn((at, length) => bytes.subarray(at, at + length)))
}

/** The text of `manifest.json`, found by going from header to header: an archive of gigabytes is not read. */
function manifestIn(slice: Content['slice']): string {
  for (let at = 0; ;) {
    const header = slice(at, BLOCK)
    const size = parseInt(header.toString('latin1', 124, 136), 8)
    if (header.length < BLOCK || Number.isNaN(size)) return ''
    const name = header.toString('latin1', 0, 100).replace(/\0.*$/s, '')
    if (name === 'manifest.json') return slice(at + BLOCK, size).toString('utf8')
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
}
