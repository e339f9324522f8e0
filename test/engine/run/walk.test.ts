import { expect } from 'chai'
import fc from 'fast-check'
import type { Node, Task } from '../../../engine/play/play.js'
import { playNodes, stepsOf, Walk } from '../../../engine/run/walk.js'
import type { Step } from '../../../engine/run/walk.js'
import { block, nodes, task } from './nodes.js'
import { tell } from './story.js'

describe('Walk', () => {
  it('goes through sections, blocks and nested blocks in order', () => {
    const { taken, walk } = tell({
      sections: [
        ['a'],
        ['b', block({ block: ['c', block({ block: ['d'] })], always: ['e'] }), 'f'],
        [],
        ['g'],
      ],
    })
    expect(taken).to.deep.equal(['a', 'b', 'c', 'd', 'e', 'f', 'g'])
    expect(walk.failed).to.equal(false)
  })

  it('ends at a failure that nothing rescues', () => {
    const { taken, walk, ends } = tell({ sections: [['a', 'b', 'c'], ['d']], fail: ['b'] })
    expect(taken).to.deep.equal(['a', 'b'])
    expect(walk.failed).to.equal(true)
    expect(ends).to.deep.equal(['b failed'])
  })

  it('goes on after a rescue, and runs always after it', () => {
    const rescued = block({ block: ['a', 'b'], rescue: ['r'], always: ['z'] })
    const { taken, walk, ends } = tell({ sections: [[rescued, 'c']], fail: ['a'] })
    expect(taken).to.deep.equal(['a', 'r', 'z', 'c'])
    expect(walk.failed).to.equal(false)
    expect(ends).to.deep.equal(['a rescued'])
  })

  it('runs always and then ends when there is no rescue', () => {
    const { taken, walk } = tell({
      sections: [[block({ block: ['a'], always: ['z', 'y'] }), 'c']],
      fail: ['a'],
    })
    expect(taken).to.deep.equal(['a', 'z', 'y'])
    expect(walk.failed).to.equal(true)
  })

  it('is not failed while an always section is still to come', () => {
    const walk = new Walk(playNodes([nodes([block({ block: ['a'], always: ['z'] })])], false), () => [])
    walk.take()
    walk.fail()
    expect(walk.failed).to.equal(false)
    expect((walk.peek() as Task).name).to.equal('z')
    walk.take()
    expect(walk.peek()).to.equal(undefined)
    expect(walk.failed).to.equal(true)
  })

  it('exposes a failure in a list without always, also where one further out still runs, but not a rescued one', () => {
    const exposed = (...sections: (string | Node)[][]): boolean => {
      const walk = new Walk(playNodes(sections.map(nodes), false), () => [])
      walk.take()
      walk.fail()
      return walk.exposed
    }
    expect(exposed(['a', 'b'])).to.equal(true)
    expect(exposed([block({ block: ['a'], always: ['z'] })])).to.equal(false)
    expect(exposed([block({ block: ['a'], rescue: ['r'] })])).to.equal(false)
    expect(exposed([block({ block: [block({ block: ['a'] })], always: ['z'] })])).to.equal(true)
    expect(exposed([block({ block: [block({ block: ['a'] })], rescue: ['r'] })])).to.equal(false)
    const forced = new Walk(playNodes([nodes(['a', 'b'])], true), () => [])
    forced.take()
    forced.fail()
    expect([forced.exposed, forced.failed, forced.section]).to.deep.equal([true, false, 'block'])
    forced.take()
    expect(forced.exposed).to.equal(false)
  })

  it('fails when the rescue section fails, after always', () => {
    const { taken, walk, ends } = tell({
      sections: [[block({ block: ['a'], rescue: ['r', 's'], always: ['z'] }), 'c']],
      fail: ['a', 'r'],
    })
    expect(taken).to.deep.equal(['a', 'r', 'z'])
    expect(walk.failed).to.equal(true)
    expect(ends).to.deep.equal(['a rescued', 'r failed'])
  })

  it('stops an always section at a failure in it', () => {
    const { taken, walk } = tell({
      sections: [[block({ block: ['a'], always: ['y', 'z'] }), 'c']],
      fail: ['y'],
    })
    expect(taken).to.deep.equal(['a', 'y'])
    expect(walk.failed).to.equal(true)
  })

  it('hands a failure of an inner block to the rescue of an outer one', () => {
    const inner = block({ block: ['a', 'b'], always: ['z'] })
    const { taken, walk, ends } = tell({
      sections: [[block({ block: [inner, 'c'], rescue: ['r'] }), 'd']],
      fail: ['a'],
    })
    expect(taken).to.deep.equal(['a', 'z', 'r', 'd'])
    expect(walk.failed).to.equal(false)
    expect(ends).to.deep.equal(['a rescued'])
  })

  it('rescues inside a rescue and inside an always section', () => {
    const inRescue = block({ block: ['b'], rescue: ['r'] })
    const inAlways = block({ block: ['c'], rescue: ['s'] })
    const story = {
      sections: [[block({ block: ['a'], rescue: [inRescue, 'q'], always: [inAlways, 'z'] }), 'd']],
    }
    expect(tell({ ...story, fail: ['a', 'b', 'c'] }).taken).to.deep.equal([
      'a',
      'b',
      'r',
      'q',
      'c',
      's',
      'z',
      'd',
    ])
  })

  it('counts a failure in a rescue as rescued when an outer block will rescue it', () => {
    const inner = block({ block: ['a'], rescue: ['r'] })
    const { ends, taken } = tell({ sections: [[block({ block: [inner], rescue: ['o'] })]], fail: ['a', 'r'] })
    expect(ends).to.deep.equal(['a rescued', 'r rescued'])
    expect(taken).to.deep.equal(['a', 'r', 'o'])
  })

  it('puts included tasks behind the include, in whatever section it stands', () => {
    const sections = [['a', block({ block: ['x'], rescue: ['i', 'r'], always: ['z'] })]]
    const { taken } = tell({
      sections,
      fail: ['x'],
      include: { a: ['b'], i: ['j', block({ block: ['k'] })] },
    })
    expect(taken).to.deep.equal(['a', 'b', 'x', 'i', 'j', 'k', 'r', 'z'])
  })

  it('does not show what was included to another walk', () => {
    const plan = playNodes([nodes(['a', 'b'])], false)
    const one = new Walk(plan, () => [])
    const two = new Walk(plan, () => [])
    one.take()
    two.take()
    one.insert([task('only one')])
    expect((one.peek() as Task).name).to.equal('only one')
    expect((two.peek() as Task).name).to.equal('b')
  })

  it('ends without failure at end_host, also inside blocks', () => {
    const { taken, walk } = tell({ sections: [[block({ block: ['a', 'b'], always: ['z'] })]], end: 'a' })
    expect(taken).to.deep.equal(['a'])
    expect(walk.failed).to.equal(false)
  })

  it('forgets a failure, but does not start again', () => {
    const { walk } = tell({ sections: [['a', 'b']], fail: ['a'] })
    walk.clearErrors()
    expect(walk.failed).to.equal(false)
    expect(walk.peek()).to.equal(undefined)
  })

  it('always ends, and takes each task at most once, whatever fails', () => {
    const tree = fc.letrec<{ node: (string | Node)[] }>((tie) => ({
      node: fc.array(
        fc.oneof(
          { depthSize: 'small', withCrossShrink: true },
          fc.constantFrom('t'),
          fc
            .record({ block: tie('node'), rescue: tie('node'), always: tie('node') })
            .map((parts) => block(parts as Parameters<typeof block>[0])),
        ),
        { maxLength: 3 },
      ),
    })).node
    fc.assert(
      fc.property(tree, fc.infiniteStream(fc.boolean()), fc.boolean(), (items, fails, force) => {
        const plan = playNodes([nodes(items)], force)
        const walk = new Walk(plan, () => [])
        const seen = new Set<Step>()
        let failures = 0
        let saved = 0
        for (let step = walk.take(); step; step = walk.take()) {
          expect(seen.has(step)).to.equal(false)
          seen.add(step)
          if (step.kind === 'task' && fails.next().value) {
            if (walk.fail() === 'rescued') saved++
            else failures++
          }
        }
        expect(seen.size).to.be.at.most(stepsOf(plan).length)
        expect(walk.failed).to.equal(failures > 0)
        if (!failures && !saved) expect(walk.failed).to.equal(false)
      }),
    )
  })
})
