import { formatProblem } from '../errors.js'
import type { RunEvent, TaskInfo } from '../events.js'
import { formatOutcome } from './outcome-text.js'
import { createPaint } from './paint.js'
import type { Paint } from './paint.js'
import { formatRecap } from './recap-text.js'
import { createRemarks } from './remarks.js'
import type { Look, Report, Sink } from './report.js'

/** Where plain lines go: results to one, warnings and errors to the other. */
export interface PlainSinks {
  readonly out: Sink
  readonly err: Sink
}

type Formatters = { readonly [Kind in RunEvent['kind']]: (event: Extract<RunEvent, { kind: Kind }>) => void }

/** Lines, one after the other, for pipes and logs. */
export function createPlainReport(sinks: PlainSinks, look: Look): Report {
  const paint = createPaint(look.colors)
  const remarks = createRemarks()
  const itemized = new Set<string>()
  let heading: TaskInfo | undefined
  const line = (text: string): void => void sinks.out.write(`${text}\n`)
  const under = (task: TaskInfo, text: string): void => {
    if (heading?.id !== task.id) line(`\n${formatTask((heading = task), look, paint)}`)
    line(text)
  }
  const formatters: Formatters = {
    'run-start': ({ checkMode }) => void (checkMode && line(CHECK_MODE)),
    'play-start': ({ play }) => {
      heading = undefined
      line(`\n${paint('heading', `PLAY [${play}]`)}`)
    },
    'no-hosts': ({ pattern }) => line(noHosts(pattern, paint)),
    // Where results are hidden, a task that has nothing else to tell has no heading either.
    'task-start': ({ task }) => {
      if (!look.hidden?.size) line(`\n${formatTask((heading = task), look, paint)}`)
    },
    'host-start': () => undefined,
    'host-output': ({ task, host, line: text }) => {
      if (look.verbosity > 1) under(task, paint('quiet', `  ${host} | ${text}`))
    },
    'host-progress': () => undefined,
    'host-retry': ({ task, host, left, message }) => under(task, formatRetry(host, left, message, paint)),
    'item-result': ({ task, host, outcome }) => {
      itemized.add(`${task.id} ${host}`)
      if (look.hidden?.has(outcome.status)) return
      under(task, formatOutcome(task, host, outcome, look, paint))
    },
    'host-result': ({ task, host, outcome }) => {
      // The items have said it all, except what became of a failure.
      const told =
        itemized.delete(`${task.id} ${host}`) &&
        !['rescued', 'ignored', 'unreachable'].includes(outcome.status)
      if (told || look.hidden?.has(outcome.status)) return
      under(task, formatOutcome(task, host, outcome, look, paint))
    },
    'task-end': () => undefined,
    message: ({ level, text }) => void sinks.err.write(`${formatMessage(level, text, paint)}\n`),
    problem: ({ problem }) =>
      void sinks.err.write(`${paint('failed', 'ERROR:')} ${formatProblem(problem)}\n`),
    'run-end': (event) => line(`\n${formatRecap(event, remarks, paint)}`),
  }
  return {
    listen(event) {
      remarks.note(event)
      ;(formatters[event.kind] as (event: RunEvent) => void)(event)
    },
    settled: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}

/** The first line of a dry run. */
export const CHECK_MODE = 'CHECK MODE: nothing is changed; what follows is what a real run would do'

/** `TASK [name]`, with its place where people want to know more. */
export function formatTask(task: TaskInfo, look: Look, paint: Paint): string {
  const title = paint('heading', `${task.handler ? 'HANDLER' : 'TASK'} [${task.name}]`)
  return look.verbosity > 1 ? `${title} ${paint('quiet', task.where)}` : title
}

/** A play that nobody takes part in. */
export function noHosts(pattern: string, paint: Paint): string {
  return paint('skipped', `skipped: no host matches ${pattern}`)
}

/** One more attempt of `until`. */
export function formatRetry(host: string, left: number, message: string, paint: Paint): string {
  const why = message.trim() ? `: ${message.trim().split('\n')[0]}` : ''
  return paint('quiet', `retrying: [${host}] (${left} left)${why}`)
}

/** A warning or a note. */
export function formatMessage(level: 'info' | 'warning', text: string, paint: Paint): string {
  return level === 'warning' ? paint('warning', `WARNING: ${text}`) : text
}
