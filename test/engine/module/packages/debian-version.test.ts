import { expect } from 'chai'
import fc from 'fast-check'
import { compareVersions } from '../../../../engine/module/packages/debian-version.js'

describe('versions of Debian', () => {
  it('are ordered as dpkg orders them', () => {
    const sorted = [
      '0', '1.0~~', '1.0~~a', '1.0~', '1.0~rc1', '1.0', '1.0-0+deb1', '1.0-1~bpo1', '1.0-1', '1.0-1+b1', '1.0-2', '1.0-10',
      '1.0a', '1.0+git1', '1.0.1', '1.00.2', '1.2', '1.10', '10.0', '20240101123456789012345', '1:0.1', '2:0',
    ] // prettier-ignore
    for (const [i, a] of sorted.entries())
      for (const [j, b] of sorted.entries())
        expect(Math.sign(compareVersions(a, b)), `${a} ${b}`).to.equal(Math.sign(i - j))
  })

  it('are ordered at all: the other way round is the opposite', () => {
    const version = fc.stringMatching(/^[0-9][0-9a-z.+~-]{0,12}$/)
    fc.assert(
      fc.property(
        version,
        version,
        (a, b) => Math.sign(compareVersions(a, b)) === -Math.sign(compareVersions(b, a)) + 0,
      ),
    )
  })
})
