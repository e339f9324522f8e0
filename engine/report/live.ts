import { formatProblem } from '../errors.js'
import type { Outcome, RunEvent, TaskInfo } from '../events.js'
import type { Terminal } from './live-area.js'
import { groupLines, unended } from './live-groups.js'
import { groupOf, rowOf, startTask } from './live-rows.js'
import type { HostRow, RunningTask } from './live-rows.js'
import { createScreen } from './live-screen.js'
import type { Screen } from './live-screen.js'
import { formatOutcome, isTerse } from './outcome-text.js'
import { createPaint } from './paint.js'
import type { Paint } from './paint.js'
import { CHECK_MODE, formatMessage, formatTask, noHosts } from './plain.js'
import { formatRecap } from './recap-text.js'
import type { RecapParts, RunEnd } from './recap-text.js'
import { createRemarks } from './remarks.js'
import type { Look, Report } from './report.js'

type Handlers = { readonly [Kind in RunEvent['kind']]: (event: Extract<RunEvent, { kind: Kind }>) => void }

/** Lines of the terminal that the live area leaves free. */
const FREE = 6

/**
 * A view for people at a terminal: the hosts side by side under the running task; a task that has ended is a line for
 * each way in which hosts ended it, and what somebody must read.
 */
export function createLiveReport(terminal: Terminal, look: Look): Report {
  const running = new Map<number, RunningTask>()
  const screen = createScreen(terminal, look.colors, () =>
    [...running.values()].flatMap((task) => groupOf(task, roomFor(terminal, running.size)) ?? []),
  )
  const remarks = createRemarks()
  const view: View = {
    terminal,
    look,
    paint: createPaint(look.colors),
    remarks,
    running,
    screen,
    print: screen.print,
  }
  const handlers = createHandlers(view)
  return {
    listen(event) {
      remarks.note(event)
      ;(handlers[event.kind] as (event: RunEvent) => void)(event)
    },
    settled: screen.settled,
    async close() {
      running.clear()
      await screen.settled()
    },
  }
}

/** What the handlers of events share. */
interface View {
  readonly terminal: Terminal
  readonly look: Look
  readonly paint: Paint
  readonly remarks: RecapParts
  readonly running: Map<number, RunningTask>
  readonly screen: Screen
  readonly print: Screen['print']
}

function createHandlers(view: View): Handlers {
  const { paint, print, running } = view
  const row = (task: TaskInfo, host: string): HostRow => rowOf(entryOf(view, task), host)
  return {
    'run-start': ({ checkMode }) => void (checkMode && print(CHECK_MODE)),
    'play-start': ({ play }) => print(`\n${paint('heading', `PLAY [${play}]`)}`),
    'no-hosts': ({ pattern }) => print(noHosts(pattern, paint)),
    'task-start': ({ task, hosts }) => {
      running.set(task.id, startTask(task, hosts))
      view.screen.refresh()
    },
    'host-start': ({ task, host }) => void (row(task, host).started = Date.now()),
    'host-output': ({ task, host, line }) => void (row(task, host).output = line),
    'host-progress': ({ task, host, sent, total }) => void (row(task, host).progress = { sent, total }),
    'host-retry': ({ task, host, left, message }) => {
      row(task, host).state = `again (${left} left) ${message.split('\n')[0]}`.trimEnd()
    },
    'item-result': ({ task, host, outcome }) => showItem(view, task, row(task, host), outcome),
    'host-result': ({ task, host, outcome }) => showResult(view, task, row(task, host), outcome),
    'task-end': ({ task }) => endTask(view, task),
    message: ({ level, text }) => print(formatMessage(level, text, paint)),
    problem: ({ problem }) => print(`${paint('failed', 'ERROR:')} ${formatProblem(problem)}`),
    'run-end': (event) => endRun(view, event),
  }
}

function entryOf({ running }: View, task: TaskInfo): RunningTask {
  const known = running.get(task.id) ?? startTask(task, [])
  running.set(task.id, known)
  return known
}

/** Writes something about a task below its heading. */
function tell(view: View, task: TaskInfo, text: string): void {
  const entry = entryOf(view, task)
  if (!entry.headed) view.print(`\n${formatTask(task, view.look, view.paint)}`)
  entry.headed = true
  if (text) view.print(text)
}

function showItem(view: View, task: TaskInfo, row: HostRow, outcome: Outcome): void {
  row.state = `${++row.items} done, last: ${outcome.item ?? ''}`
  row.progress = undefined
  if (!view.look.hidden?.has(outcome.status) && !isTerse(task, outcome, view.look))
    tell(view, task, formatOutcome(task, row.host, outcome, view.look, view.paint))
}

function showResult(view: View, task: TaskInfo, row: HostRow, outcome: Outcome): void {
  row.outcome = outcome
  if (view.look.hidden?.has(outcome.status)) return void entryOf(view, task).told.add(row.host)
  const isQuiet = isTerse(task, outcome, view.look) || (row.items > 0 && !isJudged(outcome))
  if (isQuiet) return
  entryOf(view, task).told.add(row.host)
  tell(view, task, formatOutcome(task, row.host, outcome, view.look, view.paint))
}

function endTask(view: View, task: TaskInfo): void {
  const entry = entryOf(view, task)
  const lines = groupLines(entry, view.paint)
  if (lines || entry.headed || !view.look.hidden?.size) tell(view, task, lines)
  view.running.delete(task.id)
}

function endRun({ running, terminal, look, paint, remarks, print }: View, end: RunEnd): void {
  for (const entry of running.values()) {
    print(`\n${formatTask(entry.task, look, paint)}\n${unended(entry, paint)}`)
  }
  running.clear()
  print(`\n${formatRecap(end, remarks, paint, terminal.columns)}`)
}

/** What became of a failure is told also where items have told of themselves. */
function isJudged({ status }: Outcome): boolean {
  return status === 'rescued' || status === 'ignored' || status === 'unreachable'
}

function roomFor({ rows }: Terminal, tasks: number): number {
  return Math.max(1, Math.floor(((rows || 24) - FREE) / (2 * Math.max(1, tasks))))
}
