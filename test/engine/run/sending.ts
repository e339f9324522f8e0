import { createConnection } from '../../../engine/connection/connect.js'
import type { RunEvent } from '../../../engine/events.js'
import { converge } from '../../../engine/run/converge.js'
import type { RunParts } from '../../../engine/run/run.js'
import { playText, traceOf, type Played } from './playing.js'

/** What a run has sent. */
export interface Sent {
  readonly trips: number
  /** Times that it was waited for an answer, of which several may come. */
  readonly waits: number
  /** Calls that were made before their turn. */
  readonly speculated: number
}

/** A run whose hosts are all this machine, and have a folder each. */
export async function played(
  tasks: readonly string[],
  together = true,
  head = '',
  hosts = 'a,',
  more: Partial<RunParts> = {},
): Promise<Played & Sent> {
  let trips = 0
  let waits = 0
  let open = 0
  let speculated = 0
  const parts: Partial<RunParts> = {
    connect: (settings) => {
      const connection = createConnection({ ...settings, kind: 'local' })
      const run = connection.run.bind(connection)
      return Object.assign(connection, {
        run: (...args: Parameters<typeof run>) => {
          trips++
          if (open++ === 0) waits++
          return run(...args).finally(() => open--)
        },
      })
    },
    converge: (call, target) => {
      if (call.speculation) speculated++
      return converge(together ? call : { ...call, successors: undefined }, target)
    },
  }
  const lines = tasks.map((task) => `    - ${task}\n`).join('')
  const text = `- hosts: all\n  gather_facts: false\n${head}  tasks:\n${lines}`
  return { ...(await playText(text, { hosts, parts: { ...parts, ...more } })), trips, waits, speculated }
}

/** All that was told of tasks, without what no two runs have alike. */
export function told(events: readonly RunEvent[], folder: string): readonly string[] {
  const outcomes = events
    .flatMap((event) => (event.kind === 'host-result' ? [event] : []))
    .sort((one, other) => one.task.id - other.task.id || one.host.localeCompare(other.host))
  return [
    ...traceOf(events),
    ...outcomes.map(({ outcome: { status, changed, message, values } }) =>
      JSON.stringify([status, changed, message, values], (_, value: unknown) =>
        value instanceof Map ? [...value] : value,
      ),
    ),
  ].map((line) => line.replaceAll(folder, ''))
}

/** Times, inodes, names of backups and the playbook's folder are others in each run. */
export function withoutTimes(line: string): string {
  return line
    .replace(/"(atime|mtime|ctime|inode|version|start|end|delta)":[^,}]*/g, '"$1"')
    .replace(/\/\S*fplay-run-\w+/g, '')
    .replace(/\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~/g, '.backup~')
}
