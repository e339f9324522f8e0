import { expect } from 'chai'
import { getEventListeners } from 'node:events'
import { pause } from '../../../engine/run/waiting.js'

describe('waiting', () => {
  it('leaves nothing at the signal of the run, however often it waits', async () => {
    const { signal } = new AbortController()
    for (let i = 0; i < 12; i++) await pause(0.001, signal)
    expect(getEventListeners(signal, 'abort')).to.have.length(0)
  })

  it('ends when the run is interrupted', async () => {
    const controller = new AbortController()
    const waiting = pause(60, controller.signal)
    controller.abort()
    expect(await waiting.catch((error: Error) => error.message)).to.equal('interrupted')
  })
})
