import type { HostCounts, TaskInfo, TaskRecord } from '../events.js'

/** How a task ended on a host, in the words of the recap. */
export interface Ending {
  readonly status: TaskRecord['status']
  readonly changed: boolean
}

/** Counts for the recap and the list of what each task did on each host. */
export class Tally {
  readonly #hosts = new Map<string, HostCounts>()
  readonly records: TaskRecord[] = []

  /** Notes how a task (a loop as one) ended on a host. */
  add(task: TaskInfo, host: string, ending: Ending): void {
    this.count(host, ending)
    this.list(task, host, ending)
  }

  /** Lists without counting. */
  list(task: TaskInfo, host: string, ending: Ending): void {
    const { play, name, module, where } = task
    this.records.push({ play, task: name, module, where, host, ...ending })
  }

  /** Counts without listing. */
  count(host: string, { status, changed }: Ending): void {
    const counts = this.#of(host)
    if (status === 'ok' || status === 'changed' || status === 'ignored') {
      counts.ok++
      if (changed) counts.changed++
    }
    if (status !== 'ok' && status !== 'changed') counts[status]++
  }

  /** Columns by host, sorted by name. */
  counts(): Record<string, HostCounts> {
    const hosts = [...this.#hosts].sort(([a], [b]) => (a < b ? -1 : 1))
    return Object.fromEntries(hosts.map(([name, counts]) => [name, { ...counts }]))
  }

  #of(host: string): HostCounts {
    const known = this.#hosts.get(host)
    if (known) return known
    const fresh = { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 }
    this.#hosts.set(host, fresh)
    return fresh
  }
}
