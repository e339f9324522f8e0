import { expect } from 'chai'
import fc from 'fast-check'
import { FplayError } from '../../../engine/errors.js'
import { ordered, serialBatches } from '../../../engine/run/batches.js'

const HOSTS = ['c', 'a', 'b', 'd', 'e']

describe('serialBatches', () => {
  const cases: [readonly unknown[], number[]][] = [
    [[], [5]],
    [[0], [5]],
    [[-1], [5]],
    [[2], [2, 2, 1]],
    [['3'], [3, 2]],
    [['40%'], [2, 2, 1]],
    [['1%'], [1, 1, 1, 1, 1]],
    [['100%'], [5]],
    [
      [1, '50%'],
      [1, 2, 2],
    ],
    [
      [1, 0],
      [1, 4],
    ],
  ]
  for (const [serial, sizes] of cases) {
    it(`${JSON.stringify(serial)} of five hosts makes batches of ${sizes.join(', ')}`, () => {
      expect(serialBatches(HOSTS, serial).map(({ length }) => length)).to.deep.equal(sizes)
    })
  }

  it('has every host once, in order, whatever serial is', () => {
    const serial = fc.array(
      fc.oneof(
        fc.integer({ min: -2, max: 9 }),
        fc.integer({ min: 0, max: 150 }).map((n) => `${n}%`),
      ),
    )
    fc.assert(
      fc.property(fc.array(fc.string()), serial, (hosts, sizes) => {
        expect(serialBatches(hosts, sizes).flat()).to.deep.equal(hosts)
      }),
    )
  })

  it('refuses words', () => {
    expect(() => serialBatches(HOSTS, ['half'])).to.throw(FplayError, 'serial has the value "half"')
  })
})

describe('ordered', () => {
  it('arranges hosts as asked, and leaves the list alone', () => {
    expect(ordered(HOSTS, 'inventory')).to.deep.equal(HOSTS)
    expect(ordered(HOSTS, 'reverse_inventory')).to.deep.equal(['e', 'd', 'b', 'a', 'c'])
    expect(ordered(HOSTS, 'sorted')).to.deep.equal(['a', 'b', 'c', 'd', 'e'])
    expect(ordered(HOSTS, 'reverse_sorted')).to.deep.equal(['e', 'd', 'c', 'b', 'a'])
    expect(ordered(HOSTS, 'shuffle').sort()).to.deep.equal(['a', 'b', 'c', 'd', 'e'])
    expect(HOSTS).to.deep.equal(['c', 'a', 'b', 'd', 'e'])
  })

  it('refuses an order that does not exist', () => {
    expect(() => ordered(HOSTS, 'sortd')).to.throw(FplayError, 'did you mean "sorted"?')
  })
})
