import { expect } from 'chai'
import { setImmediate } from 'node:timers/promises'
import { createInterrupt, pause } from '../../../engine/run/interrupt.js'

describe('an interrupt', () => {
  it('ends all that wait, more than ten too, of which Node.js does not warn', async () => {
    const warnings: string[] = []
    const listen = ({ name }: Error): void => void warnings.push(name)
    process.on('warning', listen)
    try {
      const { signal, stop } = createInterrupt()
      const waiting = Array.from({ length: 12 }, () => pause(600_000, signal))
      // Node.js warns behind what is under way.
      await setImmediate()
      stop()
      const ends = await Promise.allSettled(waiting)
      expect(ends.map(({ status }) => status)).to.deep.equal(Array.from({ length: 12 }, () => 'rejected'))
      expect(warnings).to.deep.equal([])
    } finally {
      process.off('warning', listen)
    }
  })
})
