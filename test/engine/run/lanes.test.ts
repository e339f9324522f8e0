import { expect } from 'chai'
import type { Connection, RunOptions } from '../../../engine/connection/connection.js'
import { FplayError } from '../../../engine/errors.js'
import { emptyForecast } from '../../../engine/run/forecast.js'
import { inLane } from '../../../engine/run/lanes.js'
import type { Target } from '../../../engine/run/target.js'
import { neverConnected, playText } from './playing.js'

const REPLY = { stdout: Buffer.from(''), stderr: Buffer.from(''), code: 0 }
const SETTINGS = { name: 'c', kind: 'ssh', address: 'c', hostKeyChecking: 'no', timeout: 1 } as const

/** A host whose scripts do what `run` does. */
function hostOf(run: (options: RunOptions) => Promise<unknown>): Target {
  const connection: Connection = {
    ...neverConnected(SETTINGS),
    run: async (_, options = {}) => {
      await run(options)
      return REPLY
    },
  }
  return { name: 'c', connection, sessions: new Map(), forecast: emptyForecast(), accounts: new Set() }
}

describe('commands that several hosts delegate to one', () => {
  it('have a shell each, and leave it to the next; there are no more than six', async () => {
    const lanes: (number | undefined)[] = []
    let open: () => void = () => undefined
    const gate = new Promise<void>((resolve) => (open = resolve))
    const target = hostOf(async ({ lane }) => {
      lanes.push(lane)
      await gate
    })
    const work = (on: Target): Promise<unknown> => on.connection.run('x')
    const first = Array.from({ length: 8 }, () => inLane(target, work))
    open()
    await Promise.all(first)
    expect(lanes.slice(0, 6)).to.deep.equal([undefined, 1, 2, 3, 4, 5])
    expect(lanes.slice(6)).to.deep.equal([undefined, 1])
    await inLane(target, work)
    expect(lanes.at(-1)).to.equal(undefined)
  })

  it('share the first shell where the host allows no further one', async () => {
    const lanes: (number | undefined)[] = []
    const target = hostOf(async ({ lane }) => {
      lanes.push(lane)
      if (lane !== undefined) throw new FplayError([{ code: 'unreachable', message: 'no more sessions' }])
    })
    const work = (on: Target): Promise<unknown> => on.connection.run('x')
    await Promise.all([inLane(target, work), inLane(target, work)])
    await Promise.all([inLane(target, work), inLane(target, work)])
    expect(lanes).to.deep.equal([undefined, 1, undefined, undefined, undefined])
  })

  it('are commands only: what compares a state takes turns', async () => {
    const used = async (task: string): Promise<number> => {
      const connections = new Set<object>()
      await playText(`- hosts: all\n  gather_facts: false\n  tasks: [{${task}, delegate_to: c}]\n`, {
        parts: {
          converge: async (_, { connection }) => {
            connections.add(connection)
            await new Promise((resolve) => setImmediate(resolve))
            return { status: 'ok', changed: false, values: {}, diffs: [] }
          },
        },
      })
      return connections.size
    }
    expect(await used('command: look')).to.equal(2)
    expect(await used('shell: look')).to.equal(2)
    expect(await used('file: {path: /x, state: touch}')).to.equal(1)
  })
})
