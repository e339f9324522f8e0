import { createVarsFiles } from '../inventory/vars-files.js'
import { createRegistry } from '../module/registry.js'
import { createIncluder } from '../play/includer.js'
import { createInterrupt, interruption, onInterrupt } from '../run/interrupt.js'
import type { Interrupt } from '../run/interrupt.js'
import { runPlaybooks as run } from '../run/run.js'
import type { Caller } from './caller.js'
import { openDesk } from './desk.js'
import type { Desk } from './desk.js'
import { INTERRUPTED } from './exit-code.js'
import { readExtraVars } from './extra-vars.js'
import { formatLook, onlyLooks } from './listing.js'
import type { PlaybookOptions } from './options.js'
import { openVault, readPasswords } from './passwords.js'
import { createPrompt } from './prompt.js'
import { loadOptions, readHosts, readPlaybooks } from './read.js'
import { createSettings } from './settings.js'
import { readVersion } from './version.js'

/** Runs playbooks from the command line, and gives the exit status. */
export async function runPlaybooks(
  files: readonly string[],
  options: PlaybookOptions,
  caller: Caller,
): Promise<number> {
  const desk = await openDesk(options, caller, readVersion())
  const interrupt = createInterrupt()
  const release = onInterrupt(interrupt.stop, () => {
    desk.abandon()
    caller.exit(INTERRUPTED)
  })
  try {
    return await desk.close(await readAndRun(files, options, caller, desk, interrupt))
  } catch (error) {
    return await desk.close(desk.refuse(error))
  } finally {
    release()
  }
}

/** Everything is read and checked before anybody is asked for a password, and before any host is contacted. */
async function readAndRun(
  files: readonly string[],
  options: PlaybookOptions,
  caller: Caller,
  desk: Desk,
  interrupt: Interrupt,
): Promise<number> {
  const { secrets, warn } = desk
  const prompt = createPrompt(caller)
  const registry = createRegistry()
  const vault = await openVault(options, prompt, secrets)
  const extraVars = readExtraVars(options.extraVars, vault)
  const loading = loadOptions(options, caller.env, registry, extraVars, vault)
  const hosts = await readHosts(options, vault, warn)
  const books = await readPlaybooks(files, loading, warn)
  if (onlyLooks(options)) {
    caller.stdout.write(secrets.mask(formatLook(books, options, hosts)))
    return 0
  }
  const passwords = await readPasswords(options, prompt, secrets)
  if (interrupt.interrupted) throw interruption()
  const { version, settled } = desk
  const end = await run(books, {
    settings: createSettings({
      options,
      env: caller.env,
      passwords,
      prompt,
      extraVars,
      limit: hosts.limit,
      version,
      settled,
    }),
    emit: desk.emit,
    inventory: hosts.inventory,
    refreshInventory: hosts.refresh,
    varsFiles: createVarsFiles(vault, (problem) => warn([problem])),
    registry,
    includer: createIncluder(loading),
    secrets,
    vault,
    interrupt,
  })
  return end.exitCode
}
