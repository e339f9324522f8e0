import { existsSync, readdirSync } from 'node:fs'
import { bringUp, takeDown, type HostKind, type Lab } from '../../lab/lab.js'

/** The hosts that tests of the engine share: two of Debian, one of busybox, none with a Docker Engine. */
export const ENGINE_HOSTS: readonly HostKind[] = ['debian', 'debian', 'busybox']

const NETS = 250
const labs = new Map<string, Promise<Lab>>()

/**
 * For a `describe`: the lab of these hosts is up before its first test. Suites that ask for the same hosts share
 * one lab, so a test leaves nothing behind that another would stumble over. All are taken down after the last test.
 * @returns gives the lab once the tests run
 */
export function useLab(kinds: readonly HostKind[] = ENGINE_HOSTS): () => Lab {
  let ready: Lab | undefined
  before(async function () {
    this.timeout(600_000) // on a machine that has no trees yet
    ready = await sharedLab(kinds)
  })
  return () => {
    if (ready === undefined) throw new Error('the lab is there only while tests run')
    return ready
  }
}

function sharedLab(kinds: readonly HostKind[]): Promise<Lab> {
  const key = kinds.join()
  let lab = labs.get(key)
  if (lab === undefined) labs.set(key, (lab = bringUpSomewhere(labName(labs.size), kinds)))
  return lab
}

/** Several test runs may stand side by side: the name carries this process, and the net is the next free one. */
function labName(index: number): string {
  return `t${process.pid.toString(36)}x${index.toString(36)}`
}

async function bringUpSomewhere(name: string, kinds: readonly HostKind[]): Promise<Lab> {
  await takeDownLeftovers()
  for (let tried = 0; ; tried++) {
    const net = `10.77.${1 + ((process.pid * 7 + labs.size + tried) % NETS)}`
    try {
      return await bringUp(name, net, kinds)
    } catch (error) {
      const taken = error instanceof Error && error.message.includes('is already routed')
      if (!taken || tried === NETS) throw error
      await takeDown(name)
    }
  }
}

/** Labs of test runs that were killed before they could clean up. */
async function takeDownLeftovers(): Promise<void> {
  const home = process.env['LAB_HOME'] ?? '/var/lib/fplay-lab'
  for (const name of existsSync(home) ? readdirSync(home) : []) {
    const pid = /^t([0-9a-z]+)x[0-9a-z]$/.exec(name)?.[1]
    if (pid !== undefined && !existsSync(`/proc/${parseInt(pid, 36)}`)) await takeDown(name)
  }
}

after(async function () {
  this.timeout(120_000)
  for (const lab of labs.values()) {
    const up = await lab.catch(() => undefined)
    await up?.down()
  }
})
