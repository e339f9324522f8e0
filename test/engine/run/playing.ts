import { createConnection } from '../../../engine/connection/connect.js'
import type { Outcome, RunEvent } from '../../../engine/events.js'
import { loadInventory } from '../../../engine/inventory/load.js'
import { createVarsFiles } from '../../../engine/inventory/vars-files.js'
import { createRegistry } from '../../../engine/module/registry.js'
import { createIncluder } from '../../../engine/play/includer.js'
import { loadPlaybook } from '../../../engine/play/load.js'
import { runPlaybooks } from '../../../engine/run/run.js'
import type { RunEnd, RunParts } from '../../../engine/run/run.js'
import type { RunSettings } from '../../../engine/run/settings.js'
import { createSecrets } from '../../../engine/secrets.js'

/** Settings of a run without any flags. */
export const PLAIN: RunSettings = {
  checkMode: false,
  diff: false,
  verbosity: 0,
  forks: 5,
  connection: { become: false },
  tags: [],
  skipTags: [],
  forceHandlers: false,
  gathering: 'implicit',
  env: {},
  lockTimeout: 1,
  version: '2.14.0',
  extraVars: new Map(),
}

/** A run and what it told. */
export interface Played {
  readonly end: RunEnd
  readonly events: readonly RunEvent[]
}

/** Loads and runs a playbook, as the command does. */
export async function play(
  file: string,
  inventory: readonly string[],
  settings: Partial<RunSettings> = {},
  parts: Partial<RunParts> = {},
): Promise<Played> {
  const events: RunEvent[] = []
  const registry = createRegistry()
  const secrets = createSecrets()
  const options = { registry, extraVars: settings.extraVars }
  const { plays } = await loadPlaybook(file, options)
  const { inventory: hosts } = await loadInventory(inventory)
  const end = await runPlaybooks([{ file, plays }], {
    settings: { ...PLAIN, ...settings },
    emit: (event) => events.push(event),
    inventory: hosts,
    varsFiles: createVarsFiles(undefined, () => undefined),
    registry,
    includer: createIncluder(options),
    secrets,
    connect: createConnection,
    ...parts,
  })
  return { end, events }
}

/** One line for each play, and for each task how it ended on which host, as the recorded expectations have it. */
export function traceOf(events: readonly RunEvent[]): string[] {
  const lines: { id?: number; text: string; hosts: Map<string, string> }[] = []
  for (const event of events) {
    if (event.kind === 'play-start') lines.push({ text: `PLAY ${event.play}`, hosts: new Map() })
    if (event.kind === 'task-start')
      lines.push({ id: event.task.id, text: event.task.name, hosts: new Map() })
    if (event.kind === 'host-result') {
      const line = lines.find(({ id }) => id === event.task.id)
      line?.hosts.set(event.host, endOf(event.outcome))
    }
  }
  return lines.map(({ text, hosts }) =>
    [text, ...[...hosts].sort().map(([name, status]) => `${name}=${status}`)].join(' '),
  )
}

/** The end of a task before anybody asks whether it was rescued or ignored because the host was unreachable. */
function endOf({ status, values }: Outcome): string {
  if (status === 'rescued') return 'failed'
  return status === 'ignored' && values['unreachable'] === true ? 'unreachable' : status
}
