import { expect } from 'chai'
import { Unknown } from '../../engine/unknown.js'
import { differences } from './fidelity.js'

describe('how a result was foretold', () => {
  const mismatches = (dry: unknown, real: unknown): string[] =>
    differences(dry, real, '').map(({ kind, text }) => `${kind}: ${text}`)

  it('is wrong by names that only one has, at any depth', () => {
    expect(mismatches({ a: 1, b: { c: 1 } }, { a: 1, b: { d: 1 } })).to.deep.equal([
      'name: no .b.c in the run',
      'name: no .b.d foretold',
    ])
    expect(mismatches({ list: [{ a: 1 }] }, { list: [{}] })).to.deep.equal(['name: no .list[0].a in the run'])
  })

  it('is wrong by values that are others, but for those that only the run can tell', () => {
    expect(mismatches({ a: 1, b: [1] }, { a: 2, b: [] })).to.deep.equal([
      'value: .a is 2, not 1',
      'value: .b is [], not [1]',
    ])
    expect(mismatches({ a: new Unknown('a'), stdout: 'x' }, { a: 2, stdout: 'y' })).to.deep.equal([])
  })
})
