import { setFlagsFromString } from 'node:v8'
import { FplayError } from '../errors.js'
import type { Inventory } from '../inventory/hosts.js'
import { createVarsFiles } from '../inventory/vars-files.js'
import { createRegistry } from '../module/registry.js'
import { createIncluder } from '../play/includer.js'
import type { LoadOptions } from '../play/planner.js'
import { createInterrupt, interruption, onInterrupt } from '../run/interrupt.js'
import type { Interrupt } from '../run/interrupt.js'
import { runPlaybooks as run } from '../run/run.js'
import type { LoadedBook } from '../run/run.js'
import type { Caller } from './caller.js'
import type { Config } from './config.js'
import { settingRemarks } from './config-remarks.js'
import type { openDesk } from './desk.js'
import type { Desk } from './desk.js'
import { exitCodeOf, INTERRUPTED } from './exit-code.js'
import { readExtraVars } from './extra-vars.js'
import type { PlaybookOptions } from './options.js'
import { openVault, readPasswords } from './passwords.js'
import { createPrompt } from './prompt.js'
import { loadOptions, readHosts } from './read.js'
import type { Warn } from './read.js'
import { createSettings, modulePath } from './settings.js'
import { readVersion } from './version.js'

/** What a run is made of. */
export interface RunParts {
  readonly options: PlaybookOptions
  readonly caller: Caller
  readonly config: Config
  /** Reads what is to be run, and checks it. */
  readonly read: (loading: LoadOptions, warn: Warn) => Promise<readonly LoadedBook[]>
  /** What is told instead of running; undefined: it runs. */
  readonly look: (
    books: readonly LoadedBook[],
    inventory: Inventory,
    limit: readonly string[] | undefined,
  ) => string | undefined
  readonly open: typeof openDesk
  /** What is said when hosts of a playbook failed or could not be reached. */
  readonly onFailure?: (playbook: string, hosts: readonly string[]) => string | undefined
}

/** Runs what `read` gives, as the options say, and gives the exit status. */
export async function runBooks(parts: RunParts): Promise<number> {
  const { options, caller, config, open } = parts
  const desk = await openOrTell(() => open(options, caller, config, readVersion()), caller)
  if (typeof desk === 'number') return desk
  const interrupt = createInterrupt()
  const release = onInterrupt(interrupt.stop, () => {
    desk.abandon(INTERRUPTED)
    caller.exit(INTERRUPTED)
  })
  caller.onDefect((error) => desk.abandon(desk.refuse(error)))
  try {
    return await desk.close(await readAndRun(parts, desk, interrupt))
  } catch (error) {
    return await desk.close(desk.refuse(error))
  } finally {
    release()
  }
}

/** A report that cannot be opened is told where errors of the command line are. */
async function openOrTell(open: () => Promise<Desk>, { stderr }: Caller): Promise<Desk | number> {
  try {
    return await open()
  } catch (error) {
    if (!(error instanceof FplayError)) throw error
    stderr.write(`ERROR: ${error.message}\n`)
    return exitCodeOf(error)
  }
}

/** Hosts from which on memory counts more than a few percent of the controller's CPU. */
const MANY = 100

/** What a run leaves behind is collected before the heap has grown to more than double: 500 hosts took 254 MiB, then 183. */
function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=100')
}

/** Everything is read and checked before anybody is asked for a password, and before any host is contacted. */
async function readAndRun(parts: RunParts, desk: Desk, interrupt: Interrupt): Promise<number> {
  const { options, caller, config } = parts
  const { secrets, warn } = desk
  warn(settingRemarks(config))
  const prompt = createPrompt(caller, interrupt.signal)
  const registry = createRegistry()
  for (const folder of modulePath(config, options.modulePath)) await registry.add(folder, 'configured')
  const vault = await openVault(options, prompt, secrets)
  const extraVars = readExtraVars(options.extraVars, vault)
  const loading = loadOptions(options, config, registry, extraVars, vault)
  const { inventory, limit, refresh } = await readHosts(options, config, vault, warn)
  const books = await parts.read(loading, warn)
  const look = parts.look(books, inventory, limit)
  if (look !== undefined) return desk.say(look)
  const passwords = await readPasswords(options, prompt, secrets)
  if (interrupt.interrupted) throw interruption()
  const settings = createSettings({ options, config, passwords, prompt, extraVars, limit, desk })
  const includer = createIncluder(loading)
  const varsFiles = createVarsFiles(vault, (problem) => warn([problem]))
  if (inventory.hosts.size > MANY) keepHeapSmall()
  const hosts = { inventory, varsFiles, refreshInventory: refresh }
  const { exitCode } = await run(books, {
    ...hosts,
    settings,
    emit: desk.emit,
    registry,
    includer,
    secrets,
    vault,
    interrupt,
    onFailure: (playbook, left) => {
      const text = parts.onFailure?.(playbook, left)
      if (text !== undefined) desk.emit({ kind: 'message', level: 'info', text })
    },
  })
  return exitCode
}
