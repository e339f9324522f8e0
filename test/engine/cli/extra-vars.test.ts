import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { readExtraVars } from '../../../engine/cli/extra-vars.js'
import { toPlain } from '../../../engine/language/value.js'

const read = (...given: string[]) => toPlain(readExtraVars(given, undefined))

describe('readExtraVars', () => {
  let folder: string
  before(() => (folder = mkdtempSync(join(tmpdir(), 'fplay-vars-'))))
  after(() => rmSync(folder, { recursive: true }))

  it('reads pairs as texts', () => {
    expect(read('a=1 b="two words" c=')).to.deep.equal({ a: '1', b: 'two words', c: '' })
  })

  it('reads JSON and YAML with their types', () => {
    expect(read('{"a": 1, "b": [true]}', '{c: yes}')).to.deep.equal({ a: 1, b: [true], c: true })
  })

  it('reads files, and the later wins', () => {
    const file = join(folder, 'vars.yml')
    writeFileSync(file, 'a: 1\nb: 2\n')
    expect(read(`@${file}`, 'b=3')).to.deep.equal({ a: 1, b: '3' })
  })

  it('refuses what is neither', () => {
    expect(() => read('purge')).to.throw(/-e "purge" is no key=value; give key=value, JSON, or @FILE/)
    expect(() => read('./vars.yml')).to.throw(/names a file without @; write -e @.\/vars.yml/)
    expect(() => read('[1]')).to.throw(/is no dictionary/)
    expect(() => read('a="b')).to.throw(/close the quote/)
    expect(() => read('@nowhere.yml')).to.throw(/nowhere.yml/)
  })
})
