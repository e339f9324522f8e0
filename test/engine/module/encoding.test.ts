import { expect } from 'chai'
import { encode } from '../../../engine/module/encoding.js'

/** What Python 3.11 answers to `text.encode(name).hex()`. */
const CASES: readonly (readonly [string, string, string])[] = [
  ['é漢😀', 'utf-8', 'c3a9e6bca2f09f9880'],
  ['é', 'UTF_8_SIG', 'efbbbfc3a9'],
  ['é😀', 'utf-16', 'fffee9003dd800de'],
  ['é', 'utf-16-be', '00e9'],
  ['é😀', 'utf-32-be', '000000e90001f600'],
  ['aé\n', 'latin-1', '61e90a'],
  ['€', 'iso8859-15', 'a4'],
  ['€’ \u00a0', 'cp1252', '809220a0'],
  ['Ж', 'koi8-r', 'f6'],
  ['联邦a', 'gbk', 'c1aab0ee61'],
  ['联é😀', 'gb18030', 'c1aaa8a69439fc36'],
  ['\u0080', 'gb18030', '81308130'],
  ['聯邦', 'big5', 'c170a8b9'],
  ['漢字', 'euc-jp', 'b4c1bbfa'],
  ['漢字', 'shift_jis', '8abf8e9a'],
]

describe('encodings of files', () => {
  for (const [text, name, bytes] of CASES) {
    it(`${name} of ${JSON.stringify(text)}`, () => expect(encode(text, name).toString('hex')).to.equal(bytes))
  }

  it('refuse letters that they do not have, and names that nobody has', () => {
    expect(() => encode('a漢b', 'latin-1')).to.throw(`'latin-1' codec can't encode character "漢"`)
    expect(() => encode('\u0081', 'cp1252')).to.throw("can't encode")
    expect(() => encode('é', 'ascii')).to.throw("can't encode")
    expect(() => encode('a', 'klingon')).to.throw('unknown encoding: klingon')
  })
})
