import { expect } from 'chai'
import fc from 'fast-check'
import type { Node, Task } from '../../../engine/play/play.js'
import { playNodes, stepsOf, Walk } from '../../../engine/run/walk.js'
import type { Step } from '../../../engine/run/walk.js'
import { block, nodes, task } from './nodes.js'

interface Story {
  sections: (string | Node)[][]
  handlers?: string[]
  /** Tasks that fail. */
  fail?: string[]
  /** Task to the handlers it notifies. */
  notify?: Record<string, string[]>
  force?: boolean
  /** Task to what it includes. */
  include?: Record<string, (string | Node)[]>
  end?: string
  flushAt?: string
}

/** Runs a walk to its end; what was taken, in order, flush points left out. */
function tell(story: Story): { taken: string[]; walk: Walk; ends: string[] } {
  const handlers = (story.handlers ?? []).map((name) => task(name, { handler: true }))
  const sections = story.sections.map(nodes)
  const walk = new Walk(playNodes(sections, story.force ?? false), () => handlers)
  const taken: string[] = []
  const ends: string[] = []
  for (let step = walk.take(); step; step = walk.take()) {
    if (step.kind === 'flush') {
      walk.flush()
      continue
    }
    const name = step.name!
    taken.push(name)
    act(story, walk, step, handlers, ends)
    if (taken.length > 1000) throw new Error('the walk does not end')
  }
  return { taken, walk, ends }
}

function act(story: Story, walk: Walk, step: Task, handlers: Task[], ends: string[]): void {
  const name = step.name!
  for (const target of story.notify?.[name] ?? []) walk.notify(handlers.find((h) => h.name === target)!)
  if (step.handler) walk.handled(step)
  if (story.include?.[name]) walk.insert(nodes(story.include[name]))
  if (story.fail?.includes(name)) ends.push(`${name} ${walk.fail()}`)
  if (story.end === name) walk.end()
  if (story.flushAt === name) walk.flush()
}

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

  describe('handlers', () => {
    it('run once, in the order of their definition, at the end of the section', () => {
      const { taken } = tell({
        sections: [['a'], ['b', 'c', 'd'], ['e']],
        handlers: ['h1', 'h2', 'h3'],
        notify: { b: ['h3', 'h1'], c: ['h1'] },
      })
      expect(taken).to.deep.equal(['a', 'b', 'c', 'd', 'h1', 'h3', 'e'])
    })

    it('run again when notified again after a flush', () => {
      const { taken } = tell({ sections: [['a'], ['b']], handlers: ['h'], notify: { a: ['h'], b: ['h'] } })
      expect(taken).to.deep.equal(['a', 'h', 'b', 'h'])
    })

    it('join the same flush when a handler before them notifies them, and the next when one behind does', () => {
      const story = { sections: [['a'], ['b']], handlers: ['h1', 'h2'] }
      expect(tell({ ...story, notify: { a: ['h1'], h1: ['h2'] } }).taken).to.deep.equal([
        'a',
        'h1',
        'h2',
        'b',
      ])
      expect(tell({ ...story, notify: { a: ['h2'], h2: ['h1'] } }).taken).to.deep.equal([
        'a',
        'h2',
        'b',
        'h1',
      ])
    })

    it('do not run on a host that failed', () => {
      const { taken } = tell({ sections: [['a', 'b']], handlers: ['h'], notify: { a: ['h'] }, fail: ['b'] })
      expect(taken).to.deep.equal(['a', 'b'])
    })

    it('run on a failed host with force_handlers, and nothing after them', () => {
      const story = {
        sections: [['a', 'b'], ['c']],
        handlers: ['h'],
        notify: { a: ['h'] },
        fail: ['b'],
        force: true,
      }
      const { taken, walk } = tell(story)
      expect(taken).to.deep.equal(['a', 'b', 'h'])
      expect(walk.failed).to.equal(true)
    })

    it('end the walk when one fails, without the handlers behind it', () => {
      const story = {
        sections: [['a'], ['b']],
        handlers: ['h1', 'h2'],
        notify: { a: ['h1', 'h2'] },
        fail: ['h1'],
      }
      const { taken, walk } = tell(story)
      expect(taken).to.deep.equal(['a', 'h1'])
      expect(walk.failed).to.equal(true)
    })

    it('run in the middle of a block at meta: flush_handlers, whose rescue takes their failure', () => {
      const sections = [[block({ block: ['a', 'meta', 'b'], rescue: ['r'] }), 'c']]
      const story = { sections, handlers: ['h'], notify: { a: ['h'] }, flushAt: 'meta' }
      expect(tell(story).taken).to.deep.equal(['a', 'meta', 'h', 'b', 'c'])
      expect(tell({ ...story, fail: ['h'] }).taken).to.deep.equal(['a', 'meta', 'h', 'r', 'c'])
    })

    it('may include tasks, which run directly behind them', () => {
      const { taken } = tell({
        sections: [['a'], ['b']],
        handlers: ['h1', 'h2'],
        notify: { a: ['h1', 'h2'] },
        include: { h1: ['i', block({ block: ['j'] })] },
      })
      expect(taken).to.deep.equal(['a', 'h1', 'i', 'j', 'h2', 'b'])
    })

    it('say that the walk is among them', () => {
      const h = task('h', { handler: true })
      const walk = new Walk(playNodes([nodes(['a'])], false), () => [h])
      walk.take()
      walk.notify(h)
      walk.take()
      expect(walk.inHandlers).to.equal(false)
      walk.flush()
      expect(walk.inHandlers).to.equal(true)
      walk.take()
      walk.handled(h)
      expect(walk.inHandlers).to.equal(false)
    })
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
