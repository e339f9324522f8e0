import type { Caller } from './caller.js'
import type { Config } from './config.js'
import { openDesk } from './desk.js'
import { formatLook, onlyLooks } from './listing.js'
import type { PlaybookOptions } from './options.js'
import { readPlaybooks } from './read.js'
import { writeRetryFile } from './retry-file.js'
import { runBooks } from './run.js'

/** Runs playbooks from the command line, and gives the exit status. `open` stands in for the desk, for tests. */
export function runPlaybooks(
  files: readonly string[],
  options: PlaybookOptions,
  caller: Caller,
  config: Config,
  open: typeof openDesk = openDesk,
): Promise<number> {
  return runBooks({
    options,
    caller,
    config,
    open,
    read: (loading, warn) => readPlaybooks(files, loading, warn),
    onFailure: (playbook, hosts) => writeRetryFile(playbook, hosts, config),
    look: (books, inventory, limit) =>
      onlyLooks(options) ? formatLook(books, options, inventory, limit) : undefined,
  })
}
