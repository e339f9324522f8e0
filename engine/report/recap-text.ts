import type { HostCounts, RunEvent } from '../events.js'
import type { Meaning, Paint } from './paint.js'
import { columnsOf, padColumns } from './width.js'

type RunEnd = Extract<RunEvent, { kind: 'run-end' }>

/** Something that the end of a report repeats: which task, on which host, and why. */
export interface Remark {
  readonly host: string
  readonly task: string
  readonly where: string
  readonly message: string
}

/** What the recap needs beside the counts. */
export interface RecapParts {
  readonly checkMode: boolean
  readonly failures: readonly Remark[]
  readonly undecided: readonly Remark[]
}

const COLUMNS = [
  'ok',
  'changed',
  'unreachable',
  'failed',
  'skipped',
  'rescued',
  'ignored',
] as const satisfies (keyof HostCounts)[]

/** The columns of Ansible's recap, and below them what failed and what a dry run could not decide. */
export function formatRecap(end: RunEnd, parts: RecapParts, paint: Paint): string {
  const prediction = parts.checkMode ? ' (check mode: nothing was changed, the counts are predictions)' : ''
  const names = Object.keys(end.hosts)
  const width = Math.max(0, ...names.map(columnsOf))
  const lines = names.map((name) => formatHost(name, width, end.hosts[name]!, paint))
  return [
    paint('heading', `PLAY RECAP${prediction}`),
    ...lines,
    ...remarks('failed', 'Failed:', parts.failures, paint),
    ...remarks('undecided', 'Undecided, only the real run can tell:', parts.undecided, paint),
    paint('quiet', `${end.interrupted ? 'Interrupted after' : 'Finished in'} ${formatSeconds(end.seconds)}`),
  ].join('\n')
}

function formatHost(name: string, width: number, counts: HostCounts, paint: Paint): string {
  const columns = COLUMNS.map((column) => {
    const text = `${column}=${counts[column]}`.padEnd(column.length + 5)
    return counts[column] ? paint(column, text) : text
  })
  return `${paint(meaningOf(counts), padColumns(name, width))} : ${columns.join(' ').trimEnd()}`
}

function meaningOf(counts: HostCounts): Meaning {
  if (counts.unreachable) return 'unreachable'
  if (counts.failed) return 'failed'
  return counts.changed ? 'changed' : 'ok'
}

function remarks(meaning: Meaning, title: string, list: readonly Remark[], paint: Paint): string[] {
  if (!list.length) return []
  const lines = list.map(({ host, task, where, message }) => {
    const [first = '', ...more] = message.trimEnd().split('\n')
    return `  ${where} [${host}] ${task}: ${first}${more.length ? ' …' : ''}`
  })
  return ['', paint(meaning, title), ...lines]
}

/** `3.2 s`, `4 min 10 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}
