import { PassThrough } from 'node:stream'
import { parseArguments } from '../../../engine/cli/arguments.js'
import { createConfig } from '../../../engine/cli/config.js'
import { openDesk } from '../../../engine/cli/desk.js'
import { PLAYBOOK_OPTIONS } from '../../../engine/cli/options.js'
import { runPlaybooks } from '../../../engine/cli/playbook.js'
import type { Outcome, RunEvent, TaskRecord } from '../../../engine/events.js'
import { taskEnds, type TaskEnd } from '../fidelity.js'
import type { RunTrace, TaskTrace } from './case.js'

/** A call of fplay: what it did, in the words of recordings, and what it wrote. */
export interface FplayRun {
  readonly trace: RunTrace
  readonly tasks: readonly TaskRecord[]
  readonly ends: readonly TaskEnd[]
  readonly output: string
}

/** Calls fplay in this process. */
export async function runFplay(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<FplayRun> {
  const events: RunEvent[] = []
  const output = new PassThrough()
  const stdin = new PassThrough()
  stdin.end()
  const exit = (code: number): never => {
    throw new Error(`exit ${code}`)
  }
  const caller = { env, stdin, stdout: output, stderr: output, onDefect: () => undefined, exit }
  const config = createConfig(env)
  const { operands, options } = parseArguments(PLAYBOOK_OPTIONS, argv, config)
  const code = await runPlaybooks(operands, options, caller, config, async (...parts) => {
    const desk = await openDesk(...parts)
    const emit = (event: RunEvent): void => {
      events.push(event)
      desk.emit(event)
    }
    return { ...desk, emit }
  })
  const end = events.find((event) => event.kind === 'run-end')
  const hosts = Object.entries(end?.hosts ?? {}).map(([host, counts]) => [
    host,
    Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
  ])
  const trace = { exit: code, hosts: Object.fromEntries(hosts), tasks: traceOf(events) }
  return { trace, tasks: end?.tasks ?? [], ends: taskEnds(events), output: String(output.read() ?? '') }
}

function traceOf(events: readonly RunEvent[]): RunTrace['tasks'] {
  const lines: RunTrace['tasks'][number][] = []
  const tasks = new Map<number, { ends: Record<string, string>; says: Record<string, unknown> }>()
  for (const event of events) {
    if (event.kind === 'play-start') lines.push({ play: event.play })
    if (event.kind === 'task-start') {
      const told = { ends: {}, says: {} }
      tasks.set(event.task.id, told)
      lines.push({ task: event.task.name, ...told })
    }
    if (event.kind === 'host-result') {
      const { ends, says } = tasks.get(event.task.id)!
      ends[event.host] = endOf(event.outcome)
      const said = saidBy(event.task.module, event.outcome)
      if (said !== undefined) says[event.host] = said
    }
  }
  return lines.map((line) => ('task' in line ? sorted(line) : line))
}

/** Hosts in order, and no `says` where nothing was said. */
function sorted({ task, ends, says = {} }: TaskTrace): TaskTrace {
  const inOrder = <T>(all: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)))
  return { task, ends: inOrder(ends), ...(Object.keys(says).length ? { says: inOrder(says) } : {}) }
}

/** The end of a task before anybody asks whether it was rescued or ignored because the host was unreachable. */
function endOf({ status, values }: Outcome): string {
  if (status === 'rescued') return 'failed'
  return status === 'ignored' && values['unreachable'] === true ? 'unreachable' : status
}

/** Modules whose word is part of a trace; case_trace.py has the same list. */
const TALKERS = new Set(['debug', 'fail', 'assert'])

function saidBy(module: string, { values, status }: Outcome): unknown {
  if (!TALKERS.has(module)) return undefined
  const bad = status === 'failed' || status === 'rescued' || status === 'ignored'
  if (bad && module === 'debug') return undefined // an error of the engine's, in its own words
  const { results } = values
  if (Array.isArray(results)) return results.map(wordOf)
  return status === 'skipped' ? undefined : wordOf(values)
}

/** What people read of a result: its message, or the variable that was shown. */
function wordOf(values: Readonly<Record<string, unknown>>): unknown {
  if (values['skipped'] === true || 'skip_reason' in values) return undefined
  if ('censored' in values) return '<censored>'
  // One expression gives a number here, a text there: docs/differences.md
  if ('msg' in values) return typeof values['msg'] === 'number' ? String(values['msg']) : values['msg']
  const shown = Object.entries(values).filter(([key]) => !PLUMBING.test(key))
  return shown.length ? Object.fromEntries(shown) : undefined
}

const PLUMBING = /^(?:_ansible|ansible_loop|ansible_index_var|item$|changed$|failed$|attempts$|warnings$)/
