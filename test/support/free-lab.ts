import { existsSync, readdirSync } from 'node:fs'
import { bringUp, takeDown, type HostKind, type Lab } from '../../lab/lab.js'

const NETS = 250
const NAMES = 36

let labs = 0

/** Several test runs may stand side by side: the name carries this process, and the net is the next free one. */
function nextName(): string {
  return `t${process.pid.toString(36)}x${(labs++ % NAMES).toString(36)}`
}

/** Boots a lab for this process in the next free net, and removes labs of processes that were killed before they could. */
export async function bringUpSomewhere(kinds: readonly HostKind[]): Promise<Lab> {
  const name = nextName()
  await takeDownLabsOf((pid) => !isRunning(pid))
  for (let tried = 0; ; tried++) {
    const net = `10.77.${1 + ((process.pid * 7 + tried) % NETS)}`
    try {
      return await bringUp(name, net, kinds)
    } catch (error) {
      const taken = error instanceof Error && error.message.includes('is already routed')
      if (!taken || tried === NETS) throw error
      await takeDown(name)
    }
  }
}

/** The labs of this process, and those of processes that have ended: they shared the files with it, or were killed. */
export async function takeDownLabs(): Promise<void> {
  await takeDownLabsOf((pid) => pid === process.pid || !isRunning(pid))
}

async function takeDownLabsOf(isWanted: (pid: number) => boolean): Promise<void> {
  const home = process.env['LAB_HOME'] ?? '/var/lib/fplay-lab'
  for (const name of existsSync(home) ? readdirSync(home) : []) {
    const pid = /^t([0-9a-z]+)x[0-9a-z]$/.exec(name)?.[1]
    if (pid !== undefined && isWanted(parseInt(pid, 36))) await takeDown(name)
  }
}

function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}`)
}
