import { expect } from 'chai'
import type { Difference, Key } from '../../../engine/module/contract.js'
import { sh } from '../../../engine/module/quote.js'
import { pointsOf, type Whole } from '../../../engine/run/between.js'
import { NO_QUESTIONS, type PathAsk } from '../../../engine/run/questions.js'
import type { Look } from '../../../engine/run/speculation.js'

/** A member that changes one thing, and looks at places. */
function member(key: Key, looks: readonly string[], need: PathAsk['need'] = 'stat'): Whole {
  const real = key.slice(key.indexOf(':') + 1)
  const difference: Difference = {
    before: { type: 'absent', real },
    wished: { type: 'file' },
    names: ['type'],
  }
  const paths = looks.map((path): PathAsk => ({ path, need, follow: false, limit: 0 }))
  return {
    looks: looks.map((path): Look => ({ path, shallow: false })),
    sources: [],
    parcel: {
      step: { script: sh`:` },
      differing: new Map([[key, difference]]),
      questions: { ...NO_QUESTIONS, paths },
      foretell: () => undefined,
    },
  }
}

/** Of each point, before which script it is and who is looked at. */
function told(members: readonly Whole[]): readonly (readonly [number, readonly number[]])[] {
  return pointsOf(members).map(({ before, members }) => [before, members])
}

describe('looks between the scripts of one message', () => {
  const file = (path: string): Whole => member(`path:${path}`, [path])

  it('are one behind all where none changes what another looks at', () => {
    expect(told([file('/a/x'), file('/a/y'), file('/b')])).to.deep.equal([[3, [0, 1, 2]]])
  })

  it('come before what would change an answer, for all that wait', () => {
    expect(told([file('/a'), file('/b'), file('/a/x'), file('/b/x')])).to.deep.equal([
      [2, [0, 1]],
      [4, [2, 3]],
    ])
    expect(told([file('/a/l'), file('/a/l'), file('/a/l')])).to.deep.equal([
      [1, [0]],
      [2, [1]],
      [3, [2]],
    ])
  })

  it('come before an account that may give a name to the owner of a file', () => {
    expect(told([file('/a'), member('user:u', []), member('group:g', [])])).to.deep.equal([
      [1, [0]],
      [3, [1, 2]],
    ])
  })

  it('come before a question about the same thing that one answer cannot serve', () => {
    const asks = (need: PathAsk['need'], key: Key): Whole => member(key, ['/c'], need)
    expect(told([asks('hash', 'path:/a'), asks('hash', 'path:/b')])).to.have.length(1)
    expect(told([asks('hash', 'path:/a'), asks('content', 'path:/b')])).to.have.length(2)
  })
})
