import { expect } from 'chai'
import { setImmediate as turn } from 'node:timers/promises'
import { LoginLimit } from '../../../engine/connection/login-limit.js'

class Dropped extends Error {}
const isDropped = (error: unknown): boolean => error instanceof Dropped

/** A host that drops what comes while so many logins are under way. */
function host(room: number): { logIn: () => Promise<void>; most: () => number; dropped: () => number } {
  let now = 0
  let most = 0
  let dropped = 0
  return {
    most: () => most,
    dropped: () => dropped,
    logIn: async () => {
      most = Math.max(most, ++now)
      try {
        const full = now > room
        for (let i = 0; i < 5; i++) await turn()
        if (!full) return
        dropped++
        throw new Dropped('full')
      } finally {
        now--
      }
    },
  }
}

/** Logs in as often as it takes. */
async function untilIn(limit: LoginLimit, logIn: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await limit.run(logIn, isDropped)
    } catch (error) {
      if (!isDropped(error)) throw error
      await turn()
    }
  }
}

describe('the limit of logins at once', () => {
  it('lets all go at once as long as none is dropped', async () => {
    const { logIn, most } = host(100)
    const limit = new LoginLimit()
    await Promise.all(Array.from({ length: 50 }, () => untilIn(limit, logIn)))
    expect(most()).to.equal(50)
  })

  it('goes down to what a host takes, and gets all in', async () => {
    const { logIn, dropped } = host(4)
    const limit = new LoginLimit()
    await Promise.all(Array.from({ length: 60 }, () => untilIn(limit, logIn)))
    // Without a limit each round but four would be dropped: 56 + 52 + 48 … = 420. The first 56 cannot be helped.
    expect(dropped()).to.be.lessThan(210)
  })

  it('goes on after errors of another kind, and is not lowered by them', async () => {
    const limit = new LoginLimit()
    const fails = async (): Promise<void> => {
      throw new Error('no such user')
    }
    const ends = await Promise.allSettled(Array.from({ length: 5 }, () => limit.run(fails, isDropped)))
    expect(ends.map(({ status }) => status)).to.deep.equal(Array(5).fill('rejected'))
    const { logIn, most } = host(100)
    await Promise.all(Array.from({ length: 20 }, () => untilIn(limit, logIn)))
    expect(most()).to.equal(20)
  })
})
