import { expect } from 'chai'
import { logIn } from '../../../engine/connection/handshake.js'
import type { Login } from '../../../engine/connection/login.js'

describe('logging in', () => {
  it('dials again as often as it may where nobody answers, and tells why in the end', async () => {
    for (const retries of [0, 1]) {
      let dialled = 0
      const silence = new Error('nobody is there')
      const dial = async (): Promise<never> => {
        dialled++
        throw silence
      }
      const end = await logIn({} as Login, dial, retries).catch((error: unknown) => error)
      expect(end).to.equal(silence)
      expect(dialled).to.equal(retries + 1)
    }
  })
})
