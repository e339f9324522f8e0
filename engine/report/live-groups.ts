import type { Status } from '../events.js'
import type { HostRow, RunningTask } from './live-rows.js'
import type { Paint } from './paint.js'

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

/**
 * `ok  party-10000 party-9999`: a line for each status, of the hosts that were not told one by one; those whose task went
 * elsewhere on a line of their own, `ok  party-10000 party-9999 -> localhost`.
 */
export function groupLines(entry: RunningTask, paint: Paint): string {
  const rows = [...entry.hosts.values()].filter(({ host, outcome }) => outcome && !entry.told.has(host))
  const width = Math.max(0, ...rows.map(({ outcome }) => outcome!.status.length))
  return ORDER.flatMap((status) => {
    const told = rows.filter(({ outcome }) => outcome!.status === status)
    return [...new Set(told.map(targetOf))].map((target) => {
      const hosts = told.filter((row) => targetOf(row) === target).map(({ host }) => host)
      return paint(status, `  ${status.padEnd(width)}  ${hosts.join(' ')}${target}`)
    })
  }).join('\n')
}

function targetOf({ host, outcome }: HostRow): string {
  const target = outcome!.delegatedTo
  return target === undefined || target === host ? '' : ` -> ${target}`
}

/** The hosts of a task that was cut short. */
export function unended({ hosts }: RunningTask, paint: Paint): string {
  const names = [...hosts.values()].filter(({ outcome }) => !outcome).map(({ host }) => host)
  return paint('warning', `  not ended  ${names.join(' ')}`)
}
