import { fail, FplayError, formatProblem, suggest } from '../errors.js'
import { findHost } from '../inventory/pattern.js'
import { loadInventory } from '../inventory/load.js'
import type { Loaded } from '../inventory/load.js'
import { createSecrets } from '../secrets.js'
import type { Caller } from './caller.js'
import type { Config } from './config.js'
import { settingRemarks } from './config-remarks.js'
import { exitCodeOf } from './exit-code.js'
import { createView, formatGraph, listInventory, nestInventory, plain } from './inventory-text.js'
import type { InventoryView } from './inventory-text.js'
import type { InventoryOptions } from './options.js'
import { openVault } from './passwords.js'
import { createPrompt } from './prompt.js'
import { inventorySources } from './settings.js'

/** Shows the inventory as ansible-inventory does. Gives the exit status. */
export async function showInventory(
  operands: readonly string[],
  options: InventoryOptions,
  caller: Caller,
  config: Config,
): Promise<number> {
  try {
    const vault = await openVault(options, createPrompt(caller), createSecrets())
    const loaded = await loadInventory(inventorySources(options, config), { vault })
    for (const warning of [...settingRemarks(config), ...loaded.warnings])
      caller.stderr.write(`WARNING: ${formatProblem(warning)}
`)
    const file = options.list && options.yaml ? translatedFile(loaded, options) : undefined
    const view = createView(loaded.inventory, { vault, ...options })
    caller.stdout.write(file ? await format(file, true) : await answer(operands, options, view))
    return 0
  } catch (error) {
    if (!(error instanceof FplayError)) throw error
    caller.stderr.write(error.problems.map((problem) => `ERROR: ${formatProblem(problem)}\n`).join(''))
    return exitCodeOf(error)
  }
}

/** The plugin file that stands for the whole inventory, when that is one file of another tool. */
function translatedFile({ inventory, translated }: Loaded, options: InventoryOptions): unknown {
  const [file, ...others] = translated.values()
  const isAll = file && others.length === 0 && inventory.sources.every((source) => translated.has(source))
  return isAll && !options.limit.length && !options.extraVars.length ? plain(file) : undefined
}

async function answer(
  operands: readonly string[],
  options: InventoryOptions,
  view: InventoryView,
): Promise<string> {
  const { inventory } = view
  const wanted = [options.list, options.graph, options.host !== undefined].filter(Boolean).length
  if (wanted !== 1) {
    return fail({
      code: 'bad-option',
      message: 'fplay inventory shows one thing',
      allowed: 'allowed: --list, --graph, --host HOST',
    })
  }
  if (options.graph) {
    const group = operands[0] ?? 'all'
    if (!inventory.groups.has(group)) {
      return fail({
        code: 'unknown-host',
        message: `there is no group "${group}"`,
        allowed: suggest(group, inventory.groups.keys()),
      })
    }
    return formatGraph(view, group, options.vars)
  }
  if (options.host === undefined)
    return format(options.yaml ? nestInventory(view) : listInventory(view), options.yaml)
  const host = findHost(inventory, options.host)
  if (host) return format(view.vars(host), options.yaml)
  return fail({
    code: 'unknown-host',
    message: `there is no host "${options.host}"`,
    allowed: suggest(options.host, inventory.hosts.keys()),
  })
}

async function format(data: unknown, yaml: boolean): Promise<string> {
  if (!yaml)
    return `${JSON.stringify(data, (_, item: unknown) => (typeof item === 'bigint' ? String(item) : item), 4)}\n`
  const { dump } = await import('js-yaml')
  return dump(data, { noRefs: true, lineWidth: 160 })
}
