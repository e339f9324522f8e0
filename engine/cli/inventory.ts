import { writeFileSync } from 'node:fs'
import { fail, FplayError, formatProblem, suggest } from '../errors.js'
import type { Inventory } from '../inventory/hosts.js'
import { graphInventory, hostVars, listAsYaml, listInventory } from '../inventory/listing.js'
import type { ListingOptions } from '../inventory/listing.js'
import { formatJson, formatYaml } from '../inventory/listing-text.js'
import { findHost, readLimit, selectHosts } from '../inventory/pattern.js'
import { loadInventory } from '../inventory/load.js'
import type { Loaded } from '../inventory/load.js'
import { createVarsFiles } from '../inventory/vars-files.js'
import type { Dict, Value } from '../language/value.js'
import type { Vault } from '../language/vault.js'
import { createSecrets } from '../secrets.js'
import type { Caller } from './caller.js'
import type { Config } from './config.js'
import { settingRemarks } from './config-remarks.js'
import { exitCodeOf } from './exit-code.js'
import { readExtraVars } from './extra-vars.js'
import type { InventoryOptions } from './options.js'
import { openVault } from './passwords.js'
import { createPrompt } from './prompt.js'
import { inventoryIgnores, inventorySources } from './settings.js'

/** Shows the inventory as ansible-inventory does. Gives the exit status. */
export async function showInventory(
  operands: readonly string[],
  options: InventoryOptions,
  caller: Caller,
  config: Config,
): Promise<number> {
  try {
    const vault = await openVault(options, createPrompt(caller), createSecrets())
    const loaded = await loadInventory(inventorySources(options, config), {
      vault,
      ...inventoryIgnores(config),
    })
    for (const warning of [...settingRemarks(config), ...loaded.warnings])
      caller.stderr.write(`WARNING: ${formatProblem(warning)}
`)
    const file = options.list && options.yaml ? translatedFile(loaded, options) : undefined
    const listing = listingOf(loaded.inventory, options, vault)
    const text = file ? formatYaml(file, false) : answer(operands, options, loaded.inventory, listing)
    if (options.output === undefined) caller.stdout.write(text)
    else writeOutput(options.output, text)
    return 0
  } catch (error) {
    if (!(error instanceof FplayError)) throw error
    caller.stderr.write(error.problems.map((problem) => `ERROR: ${formatProblem(problem)}\n`).join(''))
    return exitCodeOf(error)
  }
}

/** The plugin file that stands for the whole inventory, when that is one file of another tool. */
function translatedFile({ inventory, translated }: Loaded, options: InventoryOptions): Dict | undefined {
  const [file, ...others] = translated.values()
  const isAll = file && others.length === 0 && inventory.sources.every((source) => translated.has(source))
  return isAll && !options.limit.length && !options.extraVars.length ? file : undefined
}

function listingOf(inventory: Inventory, options: InventoryOptions, vault: Vault): ListingOptions {
  const { limit, extraVars, playbookDir } = options
  const hosts = limit.length ? selectHosts(inventory, 'all', { limit: readLimit(limit) }).hosts : undefined
  return {
    files: createVarsFiles(vault, () => undefined),
    export: options.export,
    playbookFolders: playbookDir === undefined ? [] : [playbookDir],
    shown: hosts && new Set(hosts.map(({ name }) => name)),
    extraVars: readExtraVars(extraVars, vault),
  }
}

function answer(
  operands: readonly string[],
  options: InventoryOptions,
  inventory: Inventory,
  listing: ListingOptions,
): string {
  const wanted = [options.list, options.graph, options.host !== undefined].filter(Boolean).length
  if (wanted !== 1) {
    return fail({
      code: 'bad-option',
      message: 'fplay inventory shows one thing',
      allowed: 'allowed: --list, --graph, --host HOST',
    })
  }
  if (options.graph) {
    const name = operands[0] ?? 'all'
    const group = inventory.groups.get(name)
    if (group) return `${graphInventory(inventory, group, { ...listing, vars: options.vars })}\n`
    return fail({
      code: 'unknown-host',
      message: `there is no group "${name}"`,
      allowed: suggest(name, inventory.groups.keys()),
    })
  }
  const format = (data: Value): string => (options.yaml ? formatYaml(data) : `${formatJson(data)}\n`)
  if (options.host === undefined)
    return format(options.yaml ? listAsYaml(inventory, listing) : listInventory(inventory, listing))
  const host = findHost(inventory, options.host)
  if (host) return format(hostVars(inventory, host, listing))
  return fail({
    code: 'unknown-host',
    message: `there is no host "${options.host}"`,
    allowed: suggest(options.host, inventory.hosts.keys()),
  })
}

function writeOutput(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    fail({ code: 'file-unreadable', message: `the listing cannot be written to ${file}: ${code}` })
  }
}
