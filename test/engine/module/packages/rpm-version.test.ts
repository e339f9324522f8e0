import { expect } from 'chai'
import { compareRpmVersions } from '../../../../engine/module/packages/rpm-version.js'

describe('versions of rpm', () => {
  // From the older to the newer one, as rpmdev-vercmp and rpm's own tests have them.
  const ORDER = [
    ['1.0', '2.0'],
    ['2.0', '2.0.1'],
    ['2.0.1', '2.0.1a'],
    ['5.5p2', '5.5p10'],
    ['10xyz', '10.1xyz'],
    ['xyz10', 'xyz10.1'],
    ['1.0~rc1', '1.0'],
    ['1.0~rc1', '1.0~rc2'],
    ['1.0', '1.0^git1'],
    ['1.0^git1', '1.0.1'],
    ['1.0~rc1', '1.0~rc1^git1'],
    ['a', '1'],
    ['9.9-1', '1:1.0-1'],
    ['1.0-1.el9', '1.0-2.el9'],
    ['1.0-9', '1.0-10'],
    ['99999999999999999998', '99999999999999999999'],
  ] as const

  it('are compared as rpm compares them', () => {
    for (const [older, newer] of ORDER) {
      expect(compareRpmVersions(older, newer), `${older} < ${newer}`).to.be.below(0)
      expect(compareRpmVersions(newer, older), `${newer} > ${older}`).to.be.above(0)
      expect(compareRpmVersions(older, older)).to.equal(0)
    }
    for (const [a, b] of [
      ['1.0010', '1.10'],
      ['2_0', '2.0'],
      ['0:1-1', '1-1'],
    ] as const)
      // prettier-ignore
      expect(compareRpmVersions(a, b), `${a} = ${b}`).to.equal(0)
  })
})
