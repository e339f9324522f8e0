import { expect } from 'chai'
import type { Ask, Difference, OwnAsk, PathState } from '../../../engine/module/contract.js'
import { constant } from '../../../engine/module/quote.js'
import { NOTHING_ASKED, pathId } from '../../../engine/run/answers.js'
import type { Answers } from '../../../engine/run/answers.js'
import { secondAsks, withHashes } from '../../../engine/run/second-look.js'
import { Unknown } from '../../../engine/unknown.js'

const step = { script: constant`:`, verbatim: true }

function answersOf(...states: readonly PathState[]): Answers {
  const paths = states.map((state) => [pathId(state.real, false), { state, denied: false, tooLarge: false }])
  return { ...NOTHING_ASKED, paths: new Map(paths as never) }
}

/** A file of that name that was there, and what is wished for it. */
function differing(
  wished: Readonly<Record<string, unknown>>,
  names = ['sha1'],
): Map<`path:${string}`, Difference> {
  return new Map([
    ['path:/a', { before: { type: 'file', real: '/a' }, wished: { type: 'file', ...wished }, names }],
  ])
}

describe('the second look', () => {
  const before = answersOf({ type: 'file', real: '/a' }, { type: 'file', real: '/b' })
  const file = (path: string, need: 'type' | 'stat' | 'hash' | 'content'): Ask =>
    ({ kind: 'path', path, need }) as Ask
  const needs = (
    asks: readonly Ask[],
    wished: Readonly<Record<string, unknown>>,
    verbatim = true,
  ): unknown[] =>
    secondAsks(asks, before, differing(wished), { ...step, verbatim }).map((ask) => 'need' in ask && ask.need)

  it('lets no content travel again, and looks by size at files that hold what was sent', () => {
    const asks = [file('/a', 'content'), file('/b', 'content'), file('/b', 'stat')]
    expect(needs(asks, { sha1: 'x', size: 3 })).to.deep.equal(['stat', 'hash', 'stat'])
    expect(needs(asks, { sha1: 'x', size: 3 }, false)).to.deep.equal(['hash', 'hash', 'stat'])
    expect(needs(asks, { sha1: new Unknown('later'), size: 3 })).to.deep.equal(['hash', 'hash', 'stat'])
    const tree = { kind: 'tree', path: '/t', need: 'content' } as Ask
    expect(needs([tree], {})).to.deep.equal(['hash'])
  })

  it('looks as a whole at what was wished for', () => {
    expect(needs([file('/a', 'type'), file('/b', 'type')], {})).to.deep.equal(['stat', 'type'])
  })

  it('asks nothing that no change alters, and brings nothing up to date again', () => {
    const own: OwnAsk = {
      kind: 'own',
      key: 'x:1',
      script: constant`:`,
      refresh: constant`:`,
      read: () => ({}),
    }
    const again = secondAsks([own, { ...own, key: 'x:2', once: true }], before, new Map(), step)
    expect(again).to.deep.equal([{ ...own, refresh: undefined }])
  })

  it('takes the hash of what was sent for that of a file of its size, and of no other', () => {
    const sha1 = (size: number, verbatim = true): unknown => {
      const found = answersOf({ type: 'file', real: '/a', size })
      const told = withHashes(found, differing({ sha1: 'x', size: 3 }), { ...step, verbatim })
      return told.paths.get(pathId('/a', false))!.state.sha1
    }
    expect([sha1(3), sha1(4), sha1(3, false)]).to.deep.equal(['x', undefined, undefined])
  })
})
