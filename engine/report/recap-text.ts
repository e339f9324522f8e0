import type { HostCounts, RunEvent } from '../events.js'
import type { Meaning, Paint } from './paint.js'
import { columnsOf, padColumns } from './width.js'

/** The end of a run. */
export type RunEnd = Extract<RunEvent, { kind: 'run-end' }>

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

/** Columns that stay in a narrow terminal also where they are 0 for every host. */
const NARROW: ReadonlySet<string> = new Set(['ok', 'changed', 'unreachable', 'failed'])

const COLUMNS = [
  'ok',
  'changed',
  'unreachable',
  'failed',
  'skipped',
  'rescued',
  'ignored',
] as const satisfies (keyof HostCounts)[]
type Column = (typeof COLUMNS)[number]

/**
 * The columns of Ansible's recap, and below them what failed and what a dry run could not decide. At a terminal of
 * `columns` the rows are made to fit.
 */
export function formatRecap(end: RunEnd, parts: RecapParts, paint: Paint, columns = Infinity): string {
  const prediction = parts.checkMode ? ' (check mode: nothing was changed, the counts are predictions)' : ''
  const names = Object.keys(end.hosts)
  return [
    ...(names.length ? [paint('heading', `PLAY RECAP${prediction}`)] : []),
    ...formatHosts(end, paint, columns),
    ...remarks('failed', 'Failed:', parts.failures, paint),
    ...remarks('undecided', 'Undecided, only the real run can tell:', parts.undecided, paint),
    paint('quiet', `${end.interrupted ? 'Interrupted after' : 'Finished in'} ${formatSeconds(end.seconds)}`),
  ].join('\n')
}

function formatHosts({ hosts }: RunEnd, paint: Paint, columns: number): string[] {
  const names = Object.keys(hosts)
  const width = Math.max(0, ...names.map(columnsOf))
  const row = (name: string, shown: readonly Column[], room: number): string => {
    const counts = hosts[name]!
    const cells = shown.map((column) => {
      const text = `${column}=${counts[column]}`.padEnd(column.length + 1 + room)
      return counts[column] ? paint(column, text) : text
    })
    return `${paint(meaningOf(counts), padColumns(name, width))} : ${cells.join(' ').trimEnd()}`
  }
  const wide = names.map((name) => row(name, COLUMNS, 4))
  if (wide.every((line) => columnsOf(line) <= columns)) return wide
  const digits = Math.max(
    ...names.flatMap((name) => COLUMNS.map((column) => String(hosts[name]![column]).length)),
  )
  const shown = COLUMNS.filter((column) => NARROW.has(column) || names.some((name) => hosts[name]![column]))
  return names.map((name) => row(name, shown, digits))
}

function meaningOf(counts: HostCounts): Meaning {
  if (counts.unreachable) return 'unreachable'
  if (counts.failed) return 'failed'
  return counts.changed ? 'changed' : 'ok'
}

function remarks(meaning: Meaning, title: string, list: readonly Remark[], paint: Paint): string[] {
  if (!list.length) return []
  const lines = list.map(
    ({ host, task, where, message }) => `  ${where} [${host}] ${task}: ${beginning(message)}`,
  )
  return ['', paint(meaning, title), ...lines]
}

/** The first line of a message, with those after it as long as it says no more than that something follows (`Error:`). */
function beginning(message: string): string {
  const lines = message.trimEnd().split('\n')
  let end = 1
  while (end < lines.length && lines[end - 1]!.trimEnd().endsWith(':')) end++
  const said = lines.slice(0, end).map((line, i) => (i > 0 ? line.trim() : line.trimEnd()))
  return said.join(' ') + (end < lines.length ? ' …' : '')
}

/** `3.2 s`, `4 min 10 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}
