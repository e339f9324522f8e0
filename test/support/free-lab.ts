import { existsSync, readdirSync } from 'node:fs'
import { bringUp, takeDown, type HostKind, type Lab } from '../../lab/lab.js'

const NETS = 250

/** Several test runs may stand side by side: the name carries this process, and the net is the next free one. */
function labName(index: number): string {
  return `t${process.pid.toString(36)}x${index.toString(36)}`
}

/**
 * Boots a lab for this process in the next free net, and removes labs of processes that were killed before they could.
 * @param index tells apart the labs of one process
 */
export async function bringUpSomewhere(index: number, kinds: readonly HostKind[]): Promise<Lab> {
  const name = labName(index)
  await takeDownLeftovers()
  for (let tried = 0; ; tried++) {
    const net = `10.77.${1 + ((process.pid * 7 + index + tried) % NETS)}`
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
