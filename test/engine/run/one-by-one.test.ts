import { expect } from 'chai'
import { setImmediate } from 'node:timers/promises'
import { oneByOne } from '../../../engine/run/one-by-one.js'

describe('working out for one host after the other', () => {
  it('begins with the next when what the one before has sent is sent', async () => {
    const told: string[] = []
    const work = async (name: string): Promise<void> => {
      await oneByOne(async () => {
        told.push(`${name} begins`)
        await setImmediate()
        told.push(`${name} ends`)
      })
      await Promise.resolve()
      told.push(`${name} is sent`)
    }
    await Promise.all(['a', 'b'].map(work))
    expect(told).to.deep.equal(['a begins', 'a ends', 'a is sent', 'b begins', 'b ends', 'b is sent'])
  })

  it('goes on behind one that fails', async () => {
    const failed = oneByOne(() => Promise.reject(new Error('no')))
    const next = oneByOne(() => Promise.resolve('yes'))
    expect(await failed.catch((error: Error) => error.message)).to.equal('no')
    expect(await next).to.equal('yes')
  })
})
