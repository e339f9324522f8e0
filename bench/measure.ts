import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A command as it is measured. */
export interface Launch {
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** So many times in a row; figures are those of one. For what is too short for the clock of CPU time. Default 1. */
  readonly times?: number
}

/** What one run took. */
export interface Figures {
  /** Seconds from start to exit. */
  readonly wall: number
  /** Seconds of CPU of the command and everything it has started and waited for. */
  readonly cpu: number
  /** Largest resident memory of the command itself, in MiB. */
  readonly peak: number
}

/** Runs a command to its end. A status other than 0 is an error with the end of what it printed. */
export async function measure({ command, env = {}, times = 1 }: Launch): Promise<Figures> {
  const before = childrenCpu()
  const started = performance.now()
  let peak = 0
  for (let i = 0; i < times; i++) peak = Math.max(peak, await runOnce(command, env))
  return {
    wall: (performance.now() - started) / 1000 / times,
    cpu: (childrenCpu() - before) / times,
    peak,
  }
}

function runOnce(
  [program, ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program!, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let peak = 0
    let said = ''
    const hear = (chunk: Buffer): void => void (said = (said + chunk.toString('latin1')).slice(-2000))
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    const watch = setInterval(() => (peak = Math.max(peak, residentPeak(child.pid!))), 50)
    child.on('error', reject)
    child.on('close', (code) => {
      clearInterval(watch)
      if (code === 0) resolve(peak)
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code}:\n${said}`))
    })
  })
}

/** Seconds of CPU of all children that have ended, as the kernel counts them for this process. */
function childrenCpu(): number {
  return waitedCpu(readFileSync('/proc/self/stat', 'utf8'))
}

/** Seconds of CPU of a process' children, from its line in /proc; the kernel counts in hundredths. */
export function waitedCpu(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13]) + Number(fields[14])) / 100
}

function residentPeak(pid: number): number {
  try {
    const [, kib] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kib ?? 0) / 1024
  } catch {
    return 0 // it has just ended
  }
}

/** The middle of some figures. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b)
  const half = sorted.length / 2
  return sorted.length % 2 ? sorted[Math.floor(half)]! : (sorted[half - 1]! + sorted[half]!) / 2
}
