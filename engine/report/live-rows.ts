import type { Outcome, TaskInfo } from '../events.js'
import type { AreaGroup, AreaRow } from './live-area.js'

/** What a host does in a running task. */
export interface HostRow {
  readonly host: string
  started: number
  /** What is going on, after the host's name. */
  state: string
  output: string | undefined
  progress: { readonly sent: number; readonly total: number } | undefined
  items: number
  outcome: Outcome | undefined
}

/** A task that hosts are working on. */
export interface RunningTask {
  readonly task: TaskInfo
  readonly hosts: Map<string, HostRow>
  /** Results that were told host by host already. */
  readonly told: Set<string>
  /** The heading was written. */
  headed: boolean
}

/** A task that begins on these hosts. */
export function startTask(task: TaskInfo, hosts: readonly string[]): RunningTask {
  const running: RunningTask = { task, hosts: new Map(), told: new Set(), headed: false }
  for (const host of hosts) rowOf(running, host)
  return running
}

/** The row of a host; made when it is met. */
export function rowOf(running: RunningTask, host: string): HostRow {
  let row = running.hosts.get(host)
  if (!row) {
    row = {
      host,
      started: Date.now(),
      state: '',
      output: undefined,
      progress: undefined,
      items: 0,
      outcome: undefined,
    }
    running.hosts.set(host, row)
  }
  return row
}

/** The rows of the hosts that have not ended, for the live area; at most `most` of them. */
export function groupOf(running: RunningTask, most: number): AreaGroup | undefined {
  const open = [...running.hosts.values()].filter((row) => !row.outcome)
  if (!open.length) return undefined
  const shown = open.slice(0, most)
  const rows = shown.map((row) => () => describe(row))
  const more = open.length - shown.length
  if (more > 0) rows.push(() => ({ title: `and ${more} more hosts`, done: false }))
  return { title: `${running.task.handler ? 'HANDLER' : 'TASK'} [${running.task.name}]`, rows }
}

function describe(row: HostRow): AreaRow {
  if (row.outcome) return { title: `${row.host}  ${row.outcome.status}`, done: true }
  const seconds = Math.floor((Date.now() - row.started) / 1000)
  const parts = [
    row.host,
    row.progress && progressBar(row.progress),
    row.state,
    seconds > 1 ? `${seconds} s` : '',
  ]
  return { title: parts.filter(Boolean).join('  '), output: row.output, done: false }
}

const BAR = 20
const MIB = 1024 * 1024

/** `████████░░░░░░░░░░░░  40%  3.2/8.0 MiB`. */
export function progressBar({ sent, total }: { readonly sent: number; readonly total: number }): string {
  const part = total > 0 ? Math.min(1, sent / total) : 1
  const full = Math.round(part * BAR)
  const size = (bytes: number): string => (bytes / MIB).toFixed(1)
  const percent = `${Math.floor(part * 100)}%`.padStart(4)
  return `${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${percent}  ${size(sent)}/${size(total)} MiB`
}
