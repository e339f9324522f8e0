import { formatProblem } from '../errors.js'
import type { Outcome, RunEvent, Status, TaskInfo } from '../events.js'
import { createArea } from './live-area.js'
import type { AreaGroup, Terminal } from './live-area.js'
import { groupOf, rowOf, startTask } from './live-rows.js'
import type { RunningTask } from './live-rows.js'
import { formatOutcome, isTerse } from './outcome-text.js'
import { createPaint } from './paint.js'
import type { Paint } from './paint.js'
import { CHECK_MODE, formatMessage, formatTask, noHosts } from './plain.js'
import { formatRecap } from './recap-text.js'
import { createRemarks } from './remarks.js'
import type { Look, Report } from './report.js'

type Handlers = { readonly [Kind in RunEvent['kind']]: (event: Extract<RunEvent, { kind: Kind }>) => void }

/** Milliseconds that a task runs before its hosts are shown: shorter ones would only flicker. */
const PATIENCE = 150
/** Lines of the terminal that the live area leaves free. */
const FREE = 6

/**
 * A view for people at a terminal: the hosts side by side under the running task; a task that has ended is a line for
 * each way in which hosts ended it, and what somebody must read.
 */
export function createLiveReport(terminal: Terminal, look: Look): Report {
  const paint = createPaint(look.colors)
  const remarks = createRemarks()
  const running = new Map<number, RunningTask>()
  const screen = createScreen(terminal, look, () =>
    [...running.values()].flatMap((task) => groupOf(task, roomFor(terminal, running.size)) ?? []),
  )
  const { print } = screen
  const of = (task: TaskInfo): RunningTask => {
    const known = running.get(task.id) ?? startTask(task, [])
    running.set(task.id, known)
    return known
  }
  const tell = (task: TaskInfo, text: string): void => {
    const entry = of(task)
    if (!entry.headed) print(`\n${formatTask(task, look, paint)}`)
    entry.headed = true
    print(text)
  }
  const handlers: Handlers = {
    'run-start': ({ checkMode }) => void (checkMode && print(CHECK_MODE)),
    'play-start': ({ play }) => print(`\n${paint('heading', `PLAY [${play}]`)}`),
    'no-hosts': ({ pattern }) => print(noHosts(pattern, paint)),
    'task-start': ({ task, hosts }) => {
      running.set(task.id, startTask(task, hosts))
      screen.refresh()
    },
    'host-start': ({ task, host }) => {
      rowOf(of(task), host).started = Date.now()
    },
    'host-output': ({ task, host, line }) => {
      rowOf(of(task), host).output = line
    },
    'host-progress': ({ task, host, sent, total }) => {
      rowOf(of(task), host).progress = { sent, total }
    },
    'host-retry': ({ task, host, left, message }) => {
      rowOf(of(task), host).state = `again (${left} left) ${message.split('\n')[0]}`.trimEnd()
    },
    'item-result': ({ task, host, outcome }) => {
      const row = rowOf(of(task), host)
      row.state = `${++row.items} done, last: ${outcome.item ?? ''}`
      row.progress = undefined
      if (!isTerse(task, outcome, look)) tell(task, formatOutcome(task, host, outcome, look, paint))
    },
    'host-result': ({ task, host, outcome }) => {
      const entry = of(task)
      const row = rowOf(entry, host)
      row.outcome = outcome
      const isQuiet = isTerse(task, outcome, look) || (row.items > 0 && !isJudged(outcome))
      if (isQuiet) return
      entry.told.add(host)
      tell(task, formatOutcome(task, host, outcome, look, paint))
    },
    'task-end': ({ task }) => {
      const entry = of(task)
      const groups = groupLines(entry, paint)
      running.delete(task.id)
      if (!entry.headed) print(`\n${formatTask(task, look, paint)}`)
      if (groups) print(groups)
    },
    message: ({ level, text }) => print(formatMessage(level, text, paint)),
    problem: ({ problem }) => print(`${paint('failed', 'ERROR:')} ${formatProblem(problem)}`),
    'run-end': (event) => {
      for (const entry of running.values())
        print(`\n${formatTask(entry.task, look, paint)}\n${unended(entry, paint)}`)
      running.clear()
      print(`\n${formatRecap(event, remarks, paint, terminal.columns)}`)
    },
  }
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

/** What became of a failure is told also where items have told of themselves. */
function isJudged({ status }: Outcome): boolean {
  return status === 'rescued' || status === 'ignored' || status === 'unreachable'
}

const ORDER: readonly Status[] = [
  'ok',
  'changed',
  'skipped',
  'undecided',
  'rescued',
  'ignored',
  'failed',
  'unreachable',
]

/** `ok  party-10000 party-9999`: a line for each status, of the hosts that were not told one by one. */
function groupLines(entry: RunningTask, paint: Paint): string {
  const rows = [...entry.hosts.values()].filter(({ host, outcome }) => outcome && !entry.told.has(host))
  const width = Math.max(0, ...rows.map(({ outcome }) => outcome!.status.length))
  return ORDER.flatMap((status) => {
    const hosts = rows.filter(({ outcome }) => outcome!.status === status).map(({ host }) => host)
    return hosts.length ? [paint(status, `  ${status.padEnd(width)}  ${hosts.join(' ')}`)] : []
  }).join('\n')
}

/** The hosts of a task that was cut short. */
function unended({ hosts }: RunningTask, paint: Paint): string {
  const names = [...hosts.values()].filter(({ outcome }) => !outcome).map(({ host }) => host)
  return paint('warning', `  not ended  ${names.join(' ')}`)
}

function roomFor({ rows }: Terminal, tasks: number): number {
  return Math.max(1, Math.floor(((rows || 24) - FREE) / (2 * Math.max(1, tasks))))
}

/** Writes lines above the live area, one thing after the other. */
interface Screen {
  print(text: string): void
  /** The running hosts are others than before. */
  refresh(): void
  settled(): Promise<void>
}

function createScreen(terminal: Terminal, look: Look, groups: () => AreaGroup[]): Screen {
  const area = createArea(terminal, look.colors)
  let lines: string[] = []
  let work = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  const open = (): void => {
    const shown = groups()
    if (shown.length && !area.isOpen) area.open(shown)
  }
  const redraw = async (): Promise<void> => {
    clearTimeout(timer)
    await area.close()
    const text = lines
    lines = []
    if (text.length) terminal.write(`${text.join('\n')}\n`)
    if (groups().length) timer = setTimeout(() => (work = work.then(open)), PATIENCE)
  }
  const refresh = (): void => void (work = work.then(redraw))
  return {
    print(text) {
      if (lines.push(text) === 1) refresh()
    },
    refresh,
    settled: async () => {
      refresh()
      await work
    },
  }
}
