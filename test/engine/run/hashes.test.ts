import { expect } from 'chai'
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { localTransport } from '../../../engine/connection/local.js'
import { Session } from '../../../engine/connection/session.js'
import copy from '../../../modules/copy.js'
import { TEXT_LIMIT, unhashedContent, type Content } from '../../../engine/content.js'
import { emptyForecast } from '../../../engine/run/forecast.js'
import { call, testController, testHost } from '../../support/envelope.js'
import { localSettings } from '../connection/shells.js'

describe('a large file of the controller that is copied', function () {
  this.timeout(30_000)
  const host = testHost(['dash'])
  const src = `${host.folder}/large`
  const dest = `${host.folder}/copied`
  const bytes = randomBytes(TEXT_LIMIT + 1)
  const sha1 = createHash('sha1').update(bytes).digest('hex')
  const connection = new Session(localSettings(), async () => localTransport())
  before(() => writeFileSync(src, bytes))
  after(() => connection.close())

  /** Copies it as the first task does that reads it; tells also from which offsets it was read. */
  async function copied(
    options: { checkMode?: boolean } = {},
    params: Readonly<Record<string, unknown>> = {},
  ) {
    const file = await unhashedContent(src)
    const reads: number[] = []
    const content: Content = Object.create(file, {
      pieces: { value: (from: number) => (reads.push(from), file.pieces!(from)) },
    })
    const controller = { ...testController(), unhashed: async () => content }
    const fresh = { ...host, connection, forecast: emptyForecast() }
    const { status, values } = await call(fresh, copy, { src, dest, ...params }, { ...options, controller })
    return { status, checksum: values['checksum'], isHashed: file.hash === undefined, reads }
  }

  it('is read once where there is no such file, or one of another size, or a link', async () => {
    const sent = { status: 'changed', checksum: sha1, isHashed: true, reads: [0] }
    expect(await copied()).to.deep.equal(sent)
    expect(readFileSync(dest).equals(bytes)).to.equal(true)
    writeFileSync(dest, 'small')
    expect(await copied()).to.deep.equal(sent)
    writeFileSync(`${host.folder}/other`, bytes)
    symlinkSync(`${host.folder}/other`, `${host.folder}/link`)
    expect(await copied({}, { dest: `${host.folder}/link` })).to.deep.equal(sent)
    expect(readFileSync(dest).equals(bytes)).to.equal(true)
  })

  it('is held against one of the same size, and sent where that is another', async () => {
    expect(await copied()).to.deep.include({ status: 'ok', checksum: sha1, reads: [] })
    writeFileSync(dest, Buffer.alloc(bytes.length))
    expect(await copied()).to.deep.include({ status: 'changed', checksum: sha1, reads: [0] })
    expect(readFileSync(dest).equals(bytes)).to.equal(true)
  })

  it('has its checksum in a dry run, and is held against the one that a task says', async () => {
    const other = `${host.folder}/new`
    expect(await copied({ checkMode: true }, { dest: other })).to.include({
      status: 'changed',
      checksum: sha1,
    })
    expect(await copied({}, { dest: other, checksum: sha1 })).to.include({
      status: 'changed',
      checksum: sha1,
    })
    expect(await copied({}, { dest: other, checksum: 'f'.repeat(40) })).to.include({ status: 'failed' })
  })
})
