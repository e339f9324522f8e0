import { expect } from 'chai'
import fc from 'fast-check'
import { contentOf } from '../../engine/content.js'
import { bytesOfText, textOf } from '../../engine/surrogates.js'

describe('texts of bytes that are no UTF-8', () => {
  it('have a lone surrogate for each such byte', () => {
    expect(textOf(Buffer.from([0x61, 0xff, 0xc3, 0xa9, 0x80]))).to.equal('a\udcffé\udc80')
    expect(textOf(Buffer.from([0xed, 0xa0, 0x80]))).to.equal('\udced\udca0\udc80')
    expect(textOf(Buffer.from('é😀'))).to.equal('é😀')
    expect(textOf(Buffer.from([0xf0, 0x9f, 0x98]))).to.equal('\udcf0\udc9f\udc98')
    expect(bytesOfText('😀')).to.deep.equal(Buffer.from('😀'))
    expect(contentOf('\udcff').bytes()).to.deep.equal(Buffer.from([0xff]))
  })

  it('come back, whatever they are', () => {
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(text)),
    )
    fc.assert(
      fc.property(bytes, bytes, (one, other) => {
        const all = Buffer.concat([one, other])
        expect(bytesOfText(textOf(all))).to.deep.equal(all)
      }),
    )
  })
})
