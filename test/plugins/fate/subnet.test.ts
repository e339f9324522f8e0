import { expect } from 'chai'
import fc from 'fast-check'
import { fateflowAddress, network, overlap, subnet } from '../../../plugins/fate/subnet.js'

describe('subnet', () => {
  it('is taken when it is private and large enough', () => {
    for (const text of ['10.0.0.0/16', '172.29.0.0/24', '192.168.64.0/20']) {
      expect(subnet(text, 'subnet')).to.deep.equal({ value: text })
    }
  })

  it('is refused when it is public, too small, too large or not at its beginning', () => {
    expect(subnet('192.167.0.0/16', 'subnet')).to.have.property('message')
    expect(subnet('172.29.0.0/25', 'subnet')).to.have.property('message')
    expect(subnet('10.0.0.0/8', 'subnet')).to.have.property('message')
    expect(subnet('172.29.0.5/24', 'subnet')).to.deep.include({ cure: 'write 172.29.0.0/24' })
  })

  it('gives FATE-Flow an address inside', () => {
    expect(fateflowAddress('172.29.0.0/24')).to.equal('172.29.0.100')
    expect(fateflowAddress('10.9.0.0/16')).to.equal('10.9.0.100')
  })

  it('overlaps with itself and what is inside, in both directions', () => {
    const bits = fc.integer({ min: 16, max: 24 })
    const octet = fc.integer({ min: 0, max: 255 })
    fc.assert(
      fc.property(octet, octet, bits, bits, (b, c, one, other) => {
        const [x, y] = [network(`10.${b}.${c}.0/${one}`), network(`10.${b}.${c}.0/${other}`)]
        return overlap(x, y) && overlap(y, x)
      }),
    )
    expect(overlap(network('172.29.0.0/24'), network('172.29.1.0/24'))).to.equal(false)
  })
})
