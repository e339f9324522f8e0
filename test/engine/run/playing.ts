import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Connection, ConnectionSettings } from '../../../engine/connection/connection.js'
import { FplayError } from '../../../engine/errors.js'
import type { Call, Converged, Target } from '../../../engine/run/target.js'
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
    // Other processes on this machine, tests too, are no concern of this one.
    lockPath: () => join(tmpdir(), `fplay-${process.pid}.lock`),
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

/** A converge that changes nothing, but for what `ends` says by module; it keeps the calls. */
export function fakeConverge(
  ends: Readonly<Record<string, (call: Call, target: Target) => Partial<Converged>>> = {},
): {
  readonly calls: { readonly call: Call; readonly target: Target }[]
  readonly converge: NonNullable<RunParts['converge']>
} {
  const calls: { readonly call: Call; readonly target: Target }[] = []
  return {
    calls,
    converge: async (call, target) => {
      calls.push({ call, target })
      const { module, controller, params } = call
      const local = await module.prepare?.(params as never, controller)
      const own = ends[call.moduleName]?.(call, target)
      const answers = !own && !module.probe
      const returned = answers
        ? module.result?.(params as never, NO_VIEW, NO_VIEW, { kind: 'nothing' }, local as never)
        : undefined
      const status = own?.status ?? (own?.changed ? 'changed' : 'ok')
      return { status, changed: false, values: {}, diffs: [], ...returned, ...own }
    },
  }
}

const NO_VIEW = {} as never

/** Runs the text of a playbook on hosts that exist in name only. */
export async function playText(
  text: string,
  options: {
    readonly hosts?: string
    readonly files?: Readonly<Record<string, string>>
    readonly settings?: Partial<RunSettings>
    readonly parts?: Partial<RunParts>
  } = {},
): Promise<Played> {
  const folder = mkdtempSync(join(tmpdir(), 'fplay-run-'))
  try {
    for (const [name, content] of Object.entries({ ...options.files, 'play.yml': text })) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), content)
    }
    const inventory = options.hosts?.includes('\n') ? join(folder, 'hosts') : (options.hosts ?? 'a,b,')
    if (options.hosts?.includes('\n')) writeFileSync(inventory, options.hosts)
    return await play(join(folder, 'play.yml'), [inventory], options.settings, {
      connect: neverConnected,
      ...fakeConverge(),
      ...options.parts,
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A connection that fails when it is used. */
export function neverConnected(settings: ConnectionSettings): Connection {
  const refuse = async (): Promise<never> => {
    throw new FplayError([{ code: 'unreachable', message: `${settings.address} does not answer` }])
  }
  const counts = { connections: 0, roundTrips: 0 }
  return {
    counts,
    open: refuse,
    run: refuse,
    upload: refuse,
    download: refuse,
    tcp: refuse,
    close: async () => {},
  }
}

/** What a task gave on a host: its outcome. */
export function outcomeOn({ events }: Played, task: string, host = 'a'): Outcome {
  const found = events.find(
    (event) => event.kind === 'host-result' && event.task.name === task && event.host === host,
  )
  if (found?.kind !== 'host-result') throw new Error(`no result of "${task}" on ${host}`)
  return found.outcome
}
