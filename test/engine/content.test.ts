import { expect } from 'chai'
import { createHash, randomBytes } from 'node:crypto'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contentOfFile, TEXT_LIMIT, unhashedContent, type Content } from '../../engine/content.js'

describe('a large file of the controller', () => {
  const folder = mkdtempSync(join(tmpdir(), 'content-'))
  const path = join(folder, 'large')
  const bytes = randomBytes(TEXT_LIMIT + 1234)
  let content: Content
  before(async () => {
    writeFileSync(path, bytes)
    content = await contentOfFile(path)
  })
  after(() => rmSync(folder, { recursive: true }))

  async function fromPieces(from: number): Promise<Buffer> {
    const pieces: Buffer[] = []
    for await (const piece of content.pieces!(from)) pieces.push(Buffer.from(piece))
    return Buffer.concat(pieces)
  }

  it('is hashed, and read from anywhere', async () => {
    expect(content.sha1).to.equal(createHash('sha1').update(bytes).digest('hex'))
    for (const from of [0, 1, 512 * 1024, bytes.length - 1, bytes.length]) {
      expect((await fromPieces(from)).equals(bytes.subarray(from)), String(from)).to.equal(true)
    }
  })

  it('is a stream whose parts stay as they are', async () => {
    const parts = (await content.open().toArray()) as Buffer[]
    expect(Buffer.concat(parts).equals(bytes)).to.equal(true)
  })

  it('is hashed along by those who read it, together, or read for it', async () => {
    const sha1 = content.sha1
    expect(content.hash).to.equal(undefined)
    const along = await unhashedContent(path)
    expect(() => along.sha1).to.throw('not hashed yet')
    expect(along.id).to.equal(content.id)
    const read = async (from: number, length: number): Promise<void> => {
      let got = 0
      for await (const piece of along.pieces!(from)) if ((got += piece.length) >= length) break
    }
    await read(0, 1_000_000)
    await Promise.all([read(0, 3_000_000), read(5_000_000, Infinity), read(0, 2_000_000)])
    expect(() => along.sha1).to.throw('not hashed yet')
    await Promise.all([read(0, Infinity), read(0, 7_000_000)])
    expect([along.hash, along.sha1]).to.deep.equal([undefined, sha1])
    const other = await unhashedContent(path)
    await read(0, 10)
    expect(await Promise.all([other.hash!(), other.hash!()])).to.deep.equal([sha1, sha1])
  })

  it('may be left in the middle', async () => {
    for await (const piece of content.pieces!(0)) {
      expect(piece.equals(bytes.subarray(0, piece.length))).to.equal(true)
      break
    }
  })

  it('fails after its last byte when it is not what was hashed', async () => {
    appendFileSync(path, 'more')
    const error = await fromPieces(bytes.length).catch((error: Error) => error)
    expect((error as Error).message).to.contain('was changed while it was read')
  })
})
