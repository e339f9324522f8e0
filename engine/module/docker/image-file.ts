import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { Readable } from 'node:stream'
import type { Content } from '../../content.js'
import { FplayError } from '../../errors.js'
import type { LargeFile } from '../../large-file.js'
import { BadArchive } from '../archive/entry.js'
import { tarMembers } from '../archive/tar-read.js'
import { Fail } from '../contract.js'
import { archivedImages, type ArchivedImage } from './archive.js'

/** The entry of an archive that has the SHA-1 sums of the others, as `sha1sum` writes them. */
export const SUMS = 'SHA1SUMS'

/** A layer of an image in a file. */
export interface FiledLayer {
  /** Digest of the unpacked layer, by which the engine knows it: `sha256:` and hex. */
  readonly diff: string
  /** Its tar, which may be compressed. */
  readonly content: Content
}

/** An image in a file of the controller. */
export interface FiledImage extends ArchivedImage {
  readonly config: Content
  /** From the bottom. */
  readonly layers: readonly FiledLayer[]
}

/** A file of images on the controller. */
export interface ImageFile {
  readonly images: readonly FiledImage[]
  /** Reads all of it; throws {@link Fail} unless every sum is right. Where the file has no sums there is nothing to hold it against. */
  verify(): Promise<void>
}

interface Part {
  readonly at: number
  readonly size: number
}

/** Where the entries of an archive are; links stand for what they point to. */
type Parts = ReadonlyMap<string, Part>

const known = new WeakMap<LargeFile, Promise<ImageFile>>()

/**
 * Reads what a file of `docker save` or `docker_image_export` holds, without its layers. Contents of it are checked
 * before the first byte of any is given away. Throws {@link Fail} for other files, and for one that ends too early.
 */
export async function readImageFile(file: LargeFile): Promise<ImageFile> {
  let read = known.get(file)
  if (read === undefined)
    known.set(file, (read = readIndex(file).catch((error: unknown) => refuse(file, error))))
  return read
}

function refuse(file: LargeFile, error: unknown): never {
  if (error instanceof SyntaxError || error instanceof TypeError) {
    throw notImages(file, 'what it says of its images cannot be read')
  }
  throw error
}

async function readIndex(file: LargeFile): Promise<ImageFile> {
  refusePacked(file)
  const parts = partsOf(file)
  const text = (name: string): string => bytesOf(file, partNamed(file, parts, name)).toString('utf8')
  const listed = JSON.parse(text('manifest.json')) as readonly { Config: string; Layers: readonly string[] }[]
  const images = archivedImages(text('manifest.json'))
  if (images === undefined) throw notImages(file, 'it has no image in it')
  const sums = parts.has(SUMS) ? readSums(text(SUMS)) : undefined
  const verified = once(() => verifyAll(file, parts, sums))
  const contents = new Map<string, Promise<Content>>()
  const content = async (name: string): Promise<Content> => {
    let made = contents.get(name)
    if (made === undefined) contents.set(name, (made = read(name)))
    return made
  }
  const read = async (name: string): Promise<Content> => {
    const part = partNamed(file, parts, name)
    return contentOfPart(file, name, part, sums?.get(name) ?? (await sha1Of(file, part)), verified)
  }
  const filed = images.map(async (image, i): Promise<FiledImage> => {
    const { Config: config, Layers: layers } = listed[i]!
    const { rootfs } = JSON.parse(text(config)) as { rootfs: { diff_ids: readonly string[] } }
    const found = layers.map(async (name, n) => ({ diff: rootfs.diff_ids[n]!, content: await content(name) }))
    return { ...image, config: await content(config), layers: await Promise.all(found) }
  })
  return { images: await Promise.all(filed), verify: verified }
}

function refusePacked(file: LargeFile): void {
  const start = file.slice(0, 6).toString('hex')
  const program = [
    ['1f8b', 'gunzip'],
    ['425a68', 'bunzip2'],
    ['fd377a585a00', 'unxz'],
    ['28b52ffd', 'unzstd'],
  ].find(([magic]) => start.startsWith(magic!))?.[1]
  if (program === undefined) return
  throw new Fail(
    `${file.path} is compressed as a whole, so no part of it can travel alone`,
    [],
    `unpack it with ${program} first, or copy it to the host and name it there with path`,
  )
}

function notImages({ path }: LargeFile, why: string): Fail {
  return new Fail(
    `${path} is not a whole file of images: ${why}`,
    [],
    'copy it again, or make it again with docker_image_export or docker save',
  )
}

function partsOf(file: LargeFile): Parts {
  const parts = new Map<string, Part>()
  const links = new Map<string, string>()
  try {
    for (const { written, flag, target, at, size } of tarMembers(file.size, file.slice)) {
      const name = posix.normalize(written)
      if (flag === '0' || flag === '\0') parts.set(name, { at, size })
      if (flag === '1') links.set(name, posix.normalize(target))
      if (flag === '2') links.set(name, posix.join(posix.dirname(name), target))
    }
  } catch (error) {
    if (error instanceof BadArchive) throw notImages(file, error.message)
    throw error
  }
  for (const [name, target] of links) {
    const part = parts.get(target)
    if (part) parts.set(name, part)
  }
  return parts
}

function partNamed(file: LargeFile, parts: Parts, name: string): Part {
  const part = parts.get(name)
  if (part === undefined) throw notImages(file, `it has no ${name}`)
  return part
}

function bytesOf(file: LargeFile, { at, size }: Part): Buffer {
  return file.slice(at, size)
}

function readSums(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => (line === '' ? [] : [[line.slice(42), line.slice(0, 40)]])),
  )
}

async function sha1Of(file: LargeFile, { at, size }: Part): Promise<string> {
  const hash = createHash('sha1')
  for await (const chunk of file.open(at, size) as AsyncIterable<Buffer>) hash.update(chunk)
  return hash.digest('hex')
}

async function verifyAll(
  file: LargeFile,
  parts: Parts,
  sums: ReadonlyMap<string, string> | undefined,
): Promise<void> {
  for (const [name, sha1] of sums ?? []) {
    if ((await sha1Of(file, partNamed(file, parts, name))) !== sha1) throw damaged(file, name)
  }
}

function damaged(file: LargeFile, name: string): Fail {
  return notImages(file, `${name} has another checksum than when it was made`)
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => (running ??= run())
}

function contentOfPart(
  file: LargeFile,
  name: string,
  part: Part,
  sha1: string,
  verified: () => Promise<void>,
): Content {
  const bytes = (): Buffer => {
    const found = bytesOf(file, part)
    if (createHash('sha1').update(found).digest('hex') === sha1) return found
    throw asProblem(damaged(file, name))
  }
  async function* checked(): AsyncGenerator<Buffer> {
    await verified().catch((error: unknown) => {
      throw error instanceof Fail ? asProblem(error) : error
    })
    yield* file.open(part.at, part.size) as AsyncIterable<Buffer>
  }
  return {
    sha1,
    id: sha1,
    size: part.size,
    open: () => Readable.from(checked()),
    text: () => bytes().toString('utf8'),
    bytes,
    slice: (at, length) => file.slice(part.at + at, Math.min(length, part.size - at)),
  }
}

/** A failure while bytes travel is met outside of the module. */
function asProblem({ message, cure }: Fail): FplayError {
  return new FplayError([{ code: 'file-unreadable', message, ...(cure === undefined ? {} : { cure }) }])
}
