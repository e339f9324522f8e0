import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { clock } from '../clock.js'
import { createConnection } from '../connection/connect.js'
import type { ConnectionSettings, Connection } from '../connection/connection.js'
import { FplayError } from '../errors.js'
import type { Listener, RunEvent } from '../events.js'
import type { Group, Inventory } from '../inventory/hosts.js'
import { inventoryVars } from '../inventory/host-vars.js'
import { findHost, selectHosts } from '../inventory/pattern.js'
import { groupsOf } from '../inventory/relations.js'
import type { VarsFiles } from '../inventory/vars-files.js'
import type { Sources } from '../language/variables.js'
import type { Vault } from '../language/vault.js'
import type { Registry } from '../module/registry.js'
import type { Includer } from '../play/include.js'
import { matchesTask, tasksOfPlay } from '../play/names.js'
import type { Play } from '../play/play.js'
import type { Secrets } from '../secrets.js'
import type { Run } from './context.js'
import { createControllerFiles } from './controller-files.js'
import { converge } from './converge.js'
import { createInterrupt } from './interrupt.js'
import type { Interrupt } from './interrupt.js'
import { controllerUser } from './connect.js'
import { createLocks, describeHolder } from './lock.js'
import type { Locks } from './lock.js'
import { createFactCache } from './fact-cache.js'
import type { FactCache } from './fact-cache.js'
import { createKnowledge } from './known.js'
import { runPlay } from './play-run.js'
import type { RunSettings } from './settings.js'
import { Tally } from './tally.js'
import { foreseenFile } from './forecast.js'
import { createTargets } from './targets.js'

/** A playbook that was loaded and checked. */
export interface LoadedBook {
  readonly file: string
  readonly plays: readonly Play[]
}

/** What a run needs. */
export interface RunParts {
  readonly settings: RunSettings
  readonly emit: Listener
  readonly inventory: Inventory
  readonly varsFiles: VarsFiles
  readonly registry: Registry
  readonly includer: Includer
  readonly secrets: Secrets
  readonly vault?: Vault | undefined
  /** In place of SSH and local connections, for tests. */
  readonly connect?: ((settings: ConnectionSettings) => Connection) | undefined
  readonly interrupt?: Interrupt | undefined
  /** Reads the inventory's sources again, into the same inventory. */
  readonly refreshInventory?: (() => Promise<void>) | undefined
  /** Told of the hosts that failed or could not be reached in a playbook, by name, when it has ended the run. */
  readonly onFailure?: ((playbook: string, hosts: readonly string[]) => void) | undefined
  /** In place of the envelope, for tests. */
  readonly converge?: Run['converge'] | undefined
  /** Path of a host's lock, in place of the one that all runs share, for tests. */
  readonly lockPath?: ((host: string) => string) | undefined
}

/** How a run ended. */
export type RunEnd = Extract<RunEvent, { kind: 'run-end' }>

/** Exit status of an interrupted run. */
const INTERRUPTED = 99
/** Exit status of a run that an error ended outside of any task. */
const ERROR = 1

/**
 * Runs playbooks, one after the other, as long as none fails. Everything is told as events, the last of which is also
 * returned; only defects of fplay are thrown. All connections are closed at the end, however it comes.
 */
export async function runPlaybooks(books: readonly LoadedBook[], parts: RunParts): Promise<RunEnd> {
  const started = clock()
  const run = createRun(books, parts)
  run.emit({ kind: 'run-start', checkMode: run.settings.checkMode, playbooks: books.map(({ file }) => file) })
  let exitCode = ERROR
  try {
    exitCode = await runBooks(run, books, parts.onFailure)
  } catch (error) {
    if (!(error instanceof FplayError)) throw error
    tell(run, error)
  } finally {
    await run.targets.close()
  }
  const { interrupted } = run.interrupt
  const end: RunEnd = {
    kind: 'run-end',
    hosts: run.tally.counts(),
    tasks: run.tally.records,
    exitCode: interrupted ? INTERRUPTED : exitCode,
    interrupted,
    seconds: clock() - started,
  }
  run.emit(end)
  return end
}

async function runBooks(
  run: Run,
  books: readonly LoadedBook[],
  onFailure: RunParts['onFailure'],
): Promise<number> {
  let exitCode = 0
  for (const { file, plays } of books) {
    for (const play of plays) {
      const { code, stop } = await runPlay(run, play)
      exitCode = code
      noteStart(run, play)
      if (stop || run.interrupt.interrupted) break
    }
    const left = [...new Set([...run.failed, ...run.unreachable])].sort()
    if (left.length) onFailure?.(file, left)
    if (exitCode !== 0 || run.interrupt.interrupted) break
  }
  const { startAtTask } = run.settings
  if (startAtTask !== undefined && !run.starting.done) {
    const text = `no task is named "${startAtTask}" (--start-at-task does not look into includes)`
    run.emit({ kind: 'message', level: 'warning', text })
  }
  return exitCode
}

/** Plays behind the one with the task of `--start-at-task` run from their beginning. */
function noteStart(run: Run, play: Play): void {
  const { startAtTask: start } = run.settings
  if (start !== undefined && tasksOfPlay(play).some((task) => matchesTask(task, start)))
    run.starting.done = true
}

function tell(run: Run, { problems }: FplayError): void {
  for (const problem of problems) {
    if (problem.code === 'interrupted' && run.interrupt.interrupted) continue
    run.emit({ kind: 'problem', problem: { ...problem, message: run.secrets.mask(problem.message) } })
  }
}

function createRun(books: readonly LoadedBook[], parts: RunParts): Run {
  const { inventory, connect = createConnection } = parts
  const playing = { folder: dirname(books[0]?.file ?? '') }
  const interrupt = parts.interrupt ?? createInterrupt()
  const locks = locksOf(parts, interrupt)
  const targets = createTargets((settings) => {
    const connection = connect(settings)
    // The controller is no host of two runs; and a dry run changes nothing and leaves nothing.
    const isLocked = settings.kind === 'ssh' && !parts.settings.checkMode
    return isLocked ? locks.guard(connection, settings) : connection
  })
  let id = 0
  return {
    settings: parts.settings,
    emit: parts.emit,
    inventory,
    registry: parts.registry,
    includer: parts.includer,
    secrets: parts.secrets,
    vault: parts.vault,
    interrupt,
    tally: new Tally(),
    locks,
    targets,
    hostSources: remembered(parts, playing),
    playing,
    files: createControllerFiles(parts.vault, (path) => foreseenFile(targets.controller, path)),
    jobs: new Map(),
    known: createKnowledge(factCacheOf(parts)),
    failed: new Set(),
    unreachable: new Set(),
    lost: new Set(),
    converge: parts.converge ?? converge,
    refreshInventory: () => parts.refreshInventory?.(),
    stepping: { on: parts.settings.step !== undefined },
    starting: { done: false },
    nextId: () => ++id,
  }
}

function factCacheOf({ settings, emit, inventory, secrets, vault }: RunParts): FactCache | undefined {
  const { factCache, checkMode, limit } = settings
  if (!factCache) return undefined
  const warn = (text: string): void => emit({ kind: 'message', level: 'warning', text: secrets.mask(text) })
  const cache = createFactCache({ settings: factCache, checkMode, warn, secrets, vault })
  if (factCache.flush)
    for (const { name } of selectHosts(inventory, ['all'], { limit }).hosts) cache.remove(name)
  return cache
}

function locksOf({ settings, emit, lockPath }: RunParts, interrupt: Interrupt): Locks {
  const timeout = settings.lockTimeout * 1000
  return createLocks({
    who: `${controllerUser()}@${hostname()}`,
    timeout,
    path: lockPath,
    signal: interrupt.signal,
    waiting: (host, holder) => {
      const text = `${host}: another run works on this host: ${describeHolder(holder)}; waiting up to ${settings.lockTimeout} s`
      emit({ kind: 'message', level: 'warning', text })
    },
  })
}

/** The inventory's variables of a host, put together once as long as its groups and the playbook's folder stay the same. */
function remembered({ inventory, varsFiles }: RunParts, playing: Run['playing']): Run['hostSources'] {
  const known = new Map<
    string,
    { readonly groups: readonly Group[]; readonly folder: string; readonly sources: Sources }
  >()
  return (name) => {
    const host = findHost(inventory, name)
    if (!host) return {}
    const groups = groupsOf(inventory, host)
    const old = known.get(name)
    const { folder } = playing
    if (old?.groups === groups && old.folder === folder) return old.sources
    const sources = inventoryVars(inventory, host, varsFiles, [folder])
    known.set(name, { groups, folder, sources })
    return sources
  }
}
