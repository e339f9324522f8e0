import { fail, FplayError } from '../errors.js'
import type { Problem } from '../errors.js'
import type { Inventory } from '../inventory/hosts.js'
import { loadInventory } from '../inventory/load.js'
import type { LoadOptions as InventoryOptions } from '../inventory/load.js'
import { readLimit, selectHosts } from '../inventory/pattern.js'
import { forgetRelations } from '../inventory/relations.js'
import type { Dict } from '../language/value.js'
import type { Vault } from '../language/vault.js'
import type { Registry } from '../module/registry.js'
import { loadPlaybook } from '../play/load.js'
import type { LoadOptions } from '../play/planner.js'
import type { LoadedBook } from '../run/run.js'
import type { Config } from './config.js'
import type { PlaybookOptions } from './options.js'
import { inventoryIgnores, inventorySources, rolesPath } from './settings.js'

/** The inventory of a run and the hosts that it may touch. */
export interface Hosts {
  readonly inventory: Inventory
  /** `--limit` as patterns. */
  readonly limit: readonly string[] | undefined
  /** Reads the sources again, into the same inventory. */
  readonly refresh: () => Promise<void>
}

/** Tells what is odd and keeps nothing from running. */
export type Warn = (problems: readonly Problem[]) => void

/** Reads the inventory and the limit. Fails with `unknown-host` when the limit leaves nobody. */
export async function readHosts(
  options: PlaybookOptions,
  config: Config,
  vault: Vault,
  warn: Warn,
): Promise<Hosts> {
  const sources = inventorySources(options, config)
  const reading = { vault, ...inventoryIgnores(config) }
  const { inventory, warnings } = await loadInventory(sources, reading)
  warn(warnings)
  if (!inventory.hosts.size) warn([noHosts(sources)])
  const limit = options.limit.length ? readLimit(options.limit) : undefined
  if (
    limit &&
    !selectHosts(inventory, 'all', { limit }).hosts.length &&
    !selectsLocalhost(inventory, limit)
  ) {
    fail({ code: 'unknown-host', message: `--limit ${options.limit.join(',')} leaves no host to work on` })
  }
  return { inventory, limit, refresh: () => refresh(inventory, sources, reading) }
}

function selectsLocalhost(inventory: Inventory, limit: readonly string[]): boolean {
  return selectHosts(inventory, 'localhost', { limit }).hosts.length > 0
}

function noHosts(sources: readonly string[]): Problem {
  const message = sources.length
    ? `the inventory ${sources.join(', ')} has no hosts`
    : 'no inventory was given'
  return {
    code: 'bad-inventory',
    message,
    allowed: 'only localhost is there',
    cure: sources.length ? undefined : 'use -i SOURCE',
  }
}

async function refresh(
  inventory: Inventory,
  sources: readonly string[],
  reading: InventoryOptions,
): Promise<void> {
  const { inventory: fresh } = await loadInventory(sources, reading)
  for (const name of ['hosts', 'groups'] as const) {
    const old: Map<string, unknown> = inventory[name]
    old.clear()
    for (const [key, value] of fresh[name]) old.set(key, value)
  }
  forgetRelations(inventory)
}

/** What loading playbooks depends on, for those named on the command line and for what they include later. */
export function loadOptions(
  options: PlaybookOptions,
  config: Config,
  registry: Registry,
  extraVars: Dict,
  vault: Vault,
): LoadOptions {
  return {
    registry,
    extraVars,
    vault,
    rolesPath: rolesPath(config),
    tags: options.tags,
    skipTags: options.skipTags,
  }
}

/** Reads and checks all playbooks. Throws everything that is wrong with any of them. */
export async function readPlaybooks(
  files: readonly string[],
  options: LoadOptions,
  warn: Warn,
): Promise<LoadedBook[]> {
  const books: LoadedBook[] = []
  const problems: Problem[] = []
  for (const file of files) {
    try {
      const { plays, warnings } = await loadPlaybook(file, options)
      warn(warnings)
      books.push({ file, plays })
    } catch (error) {
      if (!(error instanceof FplayError)) throw error
      problems.push(...error.problems)
    }
  }
  if (problems.length) throw new FplayError(problems)
  return books
}
