import type { Outcome, RunEvent, TaskInfo } from '../events.js'
import type { Report, Sink } from './report.js'
import { plainJson } from './outcome-text.js'

/** Version of the lines; it rises when a field changes its meaning or goes away. */
export const JSON_SCHEMA_VERSION = 1

type Fields = Readonly<Record<string, unknown>>
type Writers = {
  readonly [Kind in RunEvent['kind']]: (event: Extract<RunEvent, { kind: Kind }>) => Fields | undefined
}

const WRITERS: Writers = {
  'run-start': ({ checkMode, playbooks }) => ({
    version: JSON_SCHEMA_VERSION,
    check_mode: checkMode,
    playbooks,
  }),
  'play-start': ({ play, hosts }) => ({ play, hosts }),
  'no-hosts': ({ play, pattern }) => ({ play, pattern }),
  'task-start': ({ task, hosts }) => ({ task: taskFields(task), hosts }),
  'host-start': ({ task, host }) => ({ task: taskFields(task), host }),
  'host-output': ({ task, host, line }) => ({ task: taskFields(task), host, line }),
  // How many bytes are on their way is for people who wait.
  'host-progress': () => undefined,
  'host-retry': ({ task, host, left, message }) => ({ task: taskFields(task), host, left, message }),
  'item-result': ({ task, host, outcome }) => ({ task: taskFields(task), host, ...outcomeFields(outcome) }),
  'host-result': ({ task, host, outcome }) => ({ task: taskFields(task), host, ...outcomeFields(outcome) }),
  'task-end': ({ task }) => ({ task: taskFields(task) }),
  message: ({ level, text }) => ({ level, text }),
  problem: ({ problem: { code, message, place, allowed, cure, host, task } }) => ({
    code,
    message,
    file: place?.file,
    line: place?.line,
    column: place?.column,
    allowed,
    cure,
    host,
    task,
  }),
  'run-end': ({ hosts, exitCode, interrupted, seconds }) => ({
    hosts,
    exit_code: exitCode,
    interrupted,
    seconds,
  }),
}

/** JSON lines: one object an event, as docs/reports.md describes them. */
export function createJsonReport(out: Sink, now: () => Date = () => new Date()): Report {
  return {
    listen(event) {
      const fields = (WRITERS[event.kind] as (event: RunEvent) => Fields | undefined)(event)
      if (fields)
        out.write(
          `${JSON.stringify({ event: event.kind, time: now().toISOString(), ...fields }, plainJson)}\n`,
        )
    },
    settled: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}

function taskFields({ id, play, name, module, where, handler }: TaskInfo): Fields {
  return { id, play, name, module, where, handler }
}

function outcomeFields(outcome: Outcome): Fields {
  const { status, changed, message, values, diffs, unproven, item, delegatedTo, seconds } = outcome
  return {
    status,
    changed,
    item,
    message,
    unproven,
    delegated_to: delegatedTo,
    seconds,
    diffs: diffs.length ? diffs : undefined,
    values,
  }
}
