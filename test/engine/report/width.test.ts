import { expect } from 'chai'
import fc from 'fast-check'
import { columnsOf, cutColumns, padColumns } from '../../../engine/report/width.js'

describe('columns of a terminal', () => {
  it('counts wide characters twice, marks and colours not at all', () => {
    expect(columnsOf('party-10000')).to.equal(11)
    expect(columnsOf('甲方-主机')).to.equal(9)
    expect(columnsOf('한글ｆカ')).to.equal(8)
    expect(columnsOf('e\u0301')).to.equal(1)
    expect(columnsOf('🚀')).to.equal(2)
    expect(columnsOf('\u001b[31mred\u001b[0m')).to.equal(3)
  })

  it('pads and cuts', () => {
    expect(padColumns('甲方', 6)).to.equal('甲方  ')
    expect(padColumns('long', 2)).to.equal('long')
    expect(cutColumns('甲方主机', 6)).to.equal('甲方…')
    expect(cutColumns('fits', 4)).to.equal('fits')
  })

  it('never gives more than there is room for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (text, room) => {
        expect(columnsOf(cutColumns(text, room))).to.be.at.most(room)
      }),
    )
  })
})
