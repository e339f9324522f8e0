import { expect } from 'chai'
import { gathered } from '../../../engine/report/gathered.js'

describe('lines that are written together', () => {
  const open = (): { sinks: ReturnType<typeof gathered>; written: string[] } => {
    const written: string[] = []
    const sinkOf = (name: string): { write(text: string): void } => ({
      write: (text) => void written.push(`${name}: ${text}`),
    })
    return { sinks: gathered({ out: sinkOf('out'), err: sinkOf('err') }), written }
  }

  it('are one write, which comes by itself', async () => {
    const { sinks, written } = open()
    sinks.out.write('a\n')
    sinks.out.write('b\n')
    expect(written).to.deep.equal([])
    while (!written.length) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(written).to.deep.equal(['out: a\nb\n'])
  })

  it('are written before an error is', () => {
    const { sinks, written } = open()
    sinks.out.write('a\n')
    sinks.err.write('no\n')
    sinks.flush()
    expect(written).to.deep.equal(['out: a\n', 'err: no\n'])
  })

  it('do not wait when they are many, nor when they are asked for', () => {
    const { sinks, written } = open()
    sinks.out.write('x'.repeat(20_000))
    sinks.out.write('y')
    expect(written.map(({ length }) => length)).to.deep.equal([20_005])
    sinks.flush()
    expect(written[1]).to.equal('out: y')
  })
})
