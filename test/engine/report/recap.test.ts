import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { writeRecap } from '../../../engine/report/recap.js'
import { counts } from '../../support/events.js'

describe('writeRecap', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'fplay-recap-'))))
  afterEach(() => rmSync(folder, { recursive: true }))
  const recap = { hosts: { a: counts({ ok: 1 }) }, tasks: [], exit_code: 0 }

  it('replaces the file as a whole and leaves nothing else', () => {
    const file = join(folder, 'recap.json')
    writeFileSync(file, 'old '.repeat(1000))
    writeRecap(file, recap)
    expect(JSON.parse(readFileSync(file, 'utf8'))).to.deep.equal(recap)
    expect(readdirSync(folder)).to.deep.equal(['recap.json'])
  })

  it('writes through to what is no regular file', () => {
    const link = join(folder, 'null')
    symlinkSync('/dev/null', link)
    writeRecap(link, recap)
    expect(readFileSync(link, 'utf8')).to.equal('')
    expect(readdirSync(folder)).to.deep.equal(['null'])
  })

  it('says why it cannot', () => {
    mkdirSync(join(folder, 'dir'))
    expect(() => writeRecap(join(folder, 'dir'), recap)).to.throw(/cannot be written to .*EISDIR/)
    expect(() => writeRecap(join(folder, 'none', 'x'), recap)).to.throw(/ENOENT/)
  })
})
