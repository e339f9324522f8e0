import type { HostCounts, Outcome, RunEvent, Status, TaskInfo } from '../../engine/events.js'

/** A task to report about. */
export function taskInfo(more: Partial<TaskInfo> = {}): TaskInfo {
  return {
    id: 1,
    play: 'Deploy',
    name: 'Install',
    module: 'command',
    where: 'site.yml:7',
    handler: false,
    ...more,
  }
}

/** What came out on a host. */
export function outcome(status: Status, more: Partial<Outcome> = {}): Outcome {
  return { status, changed: status === 'changed', values: {}, diffs: [], seconds: 0.1, ...more }
}

/** Counts of a recap, zero where not given. */
export function counts(given: Partial<HostCounts> = {}): HostCounts {
  return { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0, ...given }
}

/** The end of a run. */
export function runEnd(
  hosts: Record<string, HostCounts>,
  more: Partial<Extract<RunEvent, { kind: 'run-end' }>> = {},
): RunEvent {
  return { kind: 'run-end', hosts, tasks: [], exitCode: 0, interrupted: false, seconds: 1.5, ...more }
}
