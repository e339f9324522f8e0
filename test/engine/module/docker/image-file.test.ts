import { expect } from 'chai'
import { createHash } from 'node:crypto'
import { contentOf } from '../../../../engine/content.js'
import { largeContent, type LargeFile } from '../../../../engine/large-file.js'
import { readTar } from '../../../../engine/module/archive/tar-read.js'
import { writeTar } from '../../../../engine/module/archive/tar-write.js'
import { readImageFile, SUMS, type ImageFile } from '../../../../engine/module/docker/image-file.js'
import { loadParts } from '../../../../engine/module/docker/load.js'

const sha1 = (data: Buffer): string => createHash('sha1').update(data).digest('hex')
const [A, B] = ['a'.repeat(64), 'b'.repeat(64)]
/** Layers by the digests of what is in them; the first is too large to travel with others. */
const LAYERS = new Map([
  ['base', Buffer.alloc(100_000, 'base')],
  ['mid', Buffer.from('mid')],
  ['top', Buffer.from('top')],
  ['other', Buffer.alloc(513, 'o')],
])
const IMAGES = [
  { id: A, tag: 'shop:1', layers: ['base', 'mid', 'top'] },
  { id: B, tag: 'reg:5000/shop:2', layers: ['base', 'mid', 'other'] },
]

function entries(): Map<string, Buffer> {
  const listed = IMAGES.map(({ id, tag, layers }) => ({
    Config: `${id}.json`,
    RepoTags: [tag],
    Layers: layers.map((name) => `${name}.tar.gz`),
  }))
  const configs = IMAGES.map(
    ({ id, layers }) =>
      [
        `${id}.json`,
        Buffer.from(JSON.stringify({ rootfs: { diff_ids: layers.map((name) => `sha256:${name}`) } })),
      ] as const,
  )
  return new Map([
    ['manifest.json', Buffer.from(JSON.stringify(listed))],
    ...configs,
    ...[...LAYERS].map(([name, data]) => [`${name}.tar.gz`, data] as const),
  ])
}

function tar(files: ReadonlyMap<string, Buffer>): Buffer {
  return writeTar([...files].map(([name, data]) => ({ name, type: 'file', mode: 0o644, data })))
}

function withSums(files: ReadonlyMap<string, Buffer>): Map<string, Buffer> {
  const sums = [...files].map(([name, data]) => `${sha1(data)}  ${name}\n`).join('')
  return new Map([...files, [SUMS, Buffer.from(sums)]])
}

const file = (bytes: Buffer): LargeFile => largeContent('/srv/images.tar', contentOf(bytes))
const read = (bytes: Buffer): Promise<ImageFile> => readImageFile(file(bytes))

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (caught: unknown) => caught,
  )
  expect(error).to.be.instanceOf(Error)
  return (error as Error).message
}

describe('a file of images on the controller', () => {
  it('tells its images, and reads a layer when it is asked for', async () => {
    for (const bytes of [tar(withSums(entries())), tar(entries())]) {
      const { images, verify } = await read(bytes)
      expect(images.map(({ id, tags }) => [id, tags])).to.deep.equal([
        [`sha256:${A}`, ['shop:1']],
        [`sha256:${B}`, ['reg:5000/shop:2']],
      ])
      const [base] = images[0]!.layers
      expect(base).to.deep.include({ diff: 'sha256:base' })
      expect(base!.content).to.include({ sha1: sha1(LAYERS.get('base')!), size: 100_000 })
      const chunks = (await base!.content.open().toArray()) as Buffer[]
      expect(Buffer.concat(chunks).equals(LAYERS.get('base')!)).to.equal(true)
      await verify()
    }
  })

  it('finds what older docker programs link to, or write under the names of a registry', async () => {
    const listed = [{ Config: `blobs/sha256/${A}`, RepoTags: null, Layers: ['x/layer.tar', 'y/layer.tar'] }]
    const bytes = writeTar([
      { name: 'x/layer.tar', type: 'file', mode: 0o644, data: Buffer.from('l') },
      { name: 'y/layer.tar', type: 'link', mode: 0o777, target: '../x/layer.tar' },
      {
        name: `blobs/sha256/${A}`,
        type: 'file',
        mode: 0o644,
        data: Buffer.from('{"rootfs":{"diff_ids":["sha256:1","sha256:2"]}}'),
      },
      { name: 'manifest.json', type: 'file', mode: 0o644, data: Buffer.from(JSON.stringify(listed)) },
    ])
    const { images } = await read(bytes)
    expect(images[0]).to.deep.include({ id: `sha256:${A}`, tags: [] })
    expect(images[0]!.layers.map(({ content }) => content.text())).to.deep.equal(['l', 'l'])
  })

  it('refuses a file that ends too early, wherever that is, before anything of it is used', async () => {
    const whole = tar(withSums(entries()))
    for (let end = 0; end < whole.length - 2048; end += 4099) {
      const message = await refusal(read(whole.subarray(0, end)))
      expect(message, String(end)).to.match(/^\/srv\/images.tar is not a whole file of images: /)
    }
  })

  it('refuses a byte that differs, in the whole, in a stream and in a small part', async () => {
    const bytes = tar(withSums(entries()))
    bytes[bytes.indexOf('basebase') + 5000]! ^= 1
    const { images, verify } = await read(bytes)
    expect(await refusal(verify())).to.include('base.tar.gz has another checksum')
    // The whole file is held against its sums before the first byte of any layer is given away.
    const [, , other] = images[1]!.layers
    expect(await refusal(other!.content.open().toArray())).to.include('base.tar.gz has another checksum')
    expect(() => images[0]!.layers[0]!.content.bytes()).to.throw('another checksum')
    expect(other!.content.bytes().equals(LAYERS.get('other')!)).to.equal(true)
  })

  it('refuses what is compressed as a whole, has no images, or cannot be understood', async () => {
    expect(await refusal(read(Buffer.from('1f8b0800', 'hex')))).to.match(/is compressed as a whole/)
    expect(await refusal(read(Buffer.from('no tar')))).to.include('this is not a tar archive')
    const of = (manifest: string): Buffer => tar(new Map([['manifest.json', Buffer.from(manifest)]]))
    expect(await refusal(read(of('[]')))).to.include('it has no image in it')
    expect(await refusal(read(of('{')))).to.include('what it says of its images cannot be read')
    expect(await refusal(read(of('[{"Config": 1}]')))).to.include('it has no image in it')
    expect(await refusal(read(tar(new Map([['x', Buffer.from('x')]]))))).to.include('it has no manifest.json')
    expect(await refusal(read(Buffer.alloc(1024)))).to.include('it has no manifest.json')
  })
})

describe('loading images in parts', () => {
  /** Names of the archive that docker is given on the host, without manifest and configurations. */
  async function layers(chains: string[][], inParts = true): Promise<string[]> {
    const { images } = await read(tar(withSums(entries())))
    const { inputs, script } = loadParts(images, { inParts, chains })
    const bytes = Buffer.concat(inputs!.map((content) => content.bytes()))
    const found = readTar(bytes)
    for (const entry of found) {
      const name = entry.name.replace('.tar', '')
      if (LAYERS.has(name)) expect(entry.data!.equals(LAYERS.get(name)!)).to.equal(true)
    }
    expect(script.text).to.match(/\| docker load$/)
    expect(found[0]!.name).to.equal('manifest.json')
    expect(JSON.parse(found[0]!.data!.toString())[1].Layers).to.deep.equal([
      'base.tar',
      'mid.tar',
      'other.tar',
    ])
    return found.slice(3).map(({ name }) => name.replace('.tar', ''))
  }

  const chain = (text: string): string[] => text.split(' ').map((name) => `sha256:${name}`)

  it('gives each layer once, and leaves out what the engine has with all below it', async () => {
    expect(await layers([])).to.deep.equal(['base', 'mid', 'top', 'other'])
    expect(await layers([chain('base'), chain('x mid')])).to.deep.equal(['mid', 'top', 'other'])
    expect(await layers([chain('base mid top'), chain('base x')])).to.deep.equal(['other'])
    expect(await layers([chain('base mid other more')])).to.deep.equal(['top'])
  })

  it('gives all to an engine that wants all', async () => {
    expect(await layers([chain('base mid top')], false)).to.deep.equal(['base', 'mid', 'top', 'other'])
  })
})
