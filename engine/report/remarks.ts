import type { Outcome, RunEvent, TaskInfo } from '../events.js'
import type { RecapParts, Remark } from './recap-text.js'

/** Remembers what the recap tells again. */
export interface Remarks extends RecapParts {
  note(event: RunEvent): void
}

/** Nothing noted yet. */
export function createRemarks(): Remarks {
  const failures: Remark[] = []
  const undecided: Remark[] = []
  let checkMode = false
  return {
    failures,
    undecided,
    get checkMode() {
      return checkMode
    },
    note(event) {
      if (event.kind === 'run-start') checkMode = event.checkMode
      if (event.kind !== 'host-result') return
      const { status } = event.outcome
      const list =
        status === 'undecided'
          ? undecided
          : status === 'failed' || status === 'unreachable'
            ? failures
            : undefined
      list?.push(remarkOf(event.task, event.host, event.outcome))
    },
  }
}

function remarkOf({ name, where }: TaskInfo, host: string, { status, message }: Outcome): Remark {
  return { host, task: name, where, message: message ?? status }
}
