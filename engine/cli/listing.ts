import type { Inventory } from '../inventory/hosts.js'
import { selectHosts } from '../inventory/pattern.js'
import { formatListing, listPlays } from '../play/listing.js'
import type { LoadedBook } from '../run/run.js'
import type { PlaybookOptions } from './options.js'

/** `--limit` as patterns; undefined for all hosts. */
type Limit = readonly string[] | undefined

/** True when the options ask to look only: no host is contacted then. */
export function onlyLooks(options: PlaybookOptions): boolean {
  return options.syntaxCheck || options.listHosts || options.listTasks || options.listTags
}

/** What `--syntax-check` and the `--list-…` options print, as ansible-playbook does. */
export function formatLook(
  books: readonly LoadedBook[],
  options: PlaybookOptions,
  inventory: Inventory,
  limit: Limit,
): string {
  const lists = options.listHosts || options.listTasks || options.listTags
  return books
    .map(({ file, plays }) => {
      if (!lists) return `\nplaybook: ${file}\n`
      return formatListing(file, listPlays(plays, options.tags, options.skipTags), {
        tasks: options.listTasks,
        tags: options.listTags,
        hosts: options.listHosts ? ({ patterns }) => hostNames(inventory, patterns, limit) : undefined,
      })
    })
    .join('')
}

function hostNames(inventory: Inventory, patterns: readonly string[], limit: Limit): string[] {
  return selectHosts(inventory, patterns, { limit }).hosts.map(({ name }) => name)
}
