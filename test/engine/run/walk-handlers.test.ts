import { expect } from 'chai'
import { playNodes, Walk } from '../../../engine/run/walk.js'
import { block, nodes, task } from './nodes.js'
import { tell } from './story.js'

describe('handlers of a walk', () => {
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
    expect(tell({ ...story, notify: { a: ['h1'], h1: ['h2'] } }).taken).to.deep.equal(['a', 'h1', 'h2', 'b'])
    expect(tell({ ...story, notify: { a: ['h2'], h2: ['h1'] } }).taken).to.deep.equal(['a', 'h2', 'b', 'h1'])
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
