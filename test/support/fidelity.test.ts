import { expect } from 'chai'
import { Unknown } from '../../engine/unknown.js'
import { differences } from './fidelity.js'

describe('how a result was foretold', () => {
  const mismatches = (dry: unknown, real: unknown): string[] =>
    differences(dry, real, '').map(({ kind, text }) => `${kind}: ${text}`)

  it('has another shape by names that only one has, at any depth, and by values of other types', () => {
    expect(mismatches({ a: 1, b: { c: 1 } }, { a: 1, b: { d: 1 } })).to.deep.equal([
      'shape: no .b.c in the run',
      'shape: no .b.d foretold',
    ])
    expect(mismatches({ list: [{ a: 1 }, 2] }, { list: [{}] })).to.deep.equal([
      'shape: no .list[0].a in the run',
      'value: .list has 1 entries, not 2',
    ])
    expect(mismatches({ a: 1, stdout: '' }, { a: '1' })).to.deep.equal([
      'shape: .a is "1", not 1',
      'shape: no .stdout in the run',
    ])
  })

  it('may have more names where that was foretold', () => {
    expect(mismatches({ a: 1, '*': 'known after the run: a header' }, { a: 1, server: 'x' })).to.deep.equal(
      [],
    )
  })

  it('is wrong by values that are others, but for those that only the run can tell', () => {
    expect(mismatches({ a: 1, b: [1] }, { a: 2, b: [] })).to.deep.equal([
      'value: .a is 2, not 1',
      'value: .b has 0 entries, not 1',
    ])
    expect(mismatches({ a: new Unknown('a'), stdout: 'x' }, { a: 2, stdout: 'y' })).to.deep.equal([])
  })
})
