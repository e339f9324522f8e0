import { FplayError } from '../errors.js'
import type { Target } from './target.js'

/** Shells in which one host runs commands at once; sshd allows ten sessions on a connection. */
const MOST = 6

interface Lane {
  readonly target: Target
  users: number
}

const lanes = new WeakMap<Target, Lane[]>()

/**
 * Runs commands that several hosts have delegated to one side by side, each in a shell of its own on the one connection.
 * Tasks that compare a state with what they wish take turns instead: what one has read another must not change meanwhile.
 */
export async function inLane<T>(target: Target, work: (target: Target) => Promise<T>): Promise<T> {
  const lane = freeLane(target)
  lane.users++
  try {
    return await work(lane.target)
  } finally {
    lane.users--
  }
}

function freeLane(target: Target): Lane {
  const all = lanes.get(target) ?? [{ target, users: 0 }]
  lanes.set(target, all)
  const [least] = [...all].sort((a, b) => a.users - b.users)
  if (least!.users === 0 || all.length === MOST) return least!
  const fresh = { target: laneOf(target, all.length), users: 0 }
  all.push(fresh)
  return fresh
}

/** The same host by another shell; where sshd allows no further one, by the first. */
function laneOf(target: Target, lane: number): Target {
  const { connection } = target
  let isAllowed = true
  return {
    ...target,
    connection: {
      ...connection,
      run: async (script, options = {}) => {
        if (!isAllowed) return connection.run(script, options)
        try {
          return await connection.run(script, { ...options, lane })
        } catch (error) {
          if (!isNotStarted(error)) throw error
          isAllowed = false
          return connection.run(script, options)
        }
      },
    },
  }
}

/** No shell could be opened, so nothing of the script has run. */
function isNotStarted(error: unknown): boolean {
  return error instanceof FplayError && error.problems.some(({ code }) => code === 'unreachable')
}
