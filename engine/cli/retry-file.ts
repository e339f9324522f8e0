import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import type { Config } from './config.js'

/**
 * Writes the hosts that failed or could not be reached into NAME.retry, for `--limit @NAME.retry`, where
 * `retry_files_enabled` asks for it. Gives what is to be said.
 */
export function writeRetryFile(
  playbook: string,
  hosts: readonly string[],
  config: Config,
): string | undefined {
  if (!config.get('RETRY_FILES_ENABLED')) return undefined
  const folder = config.get('RETRY_FILES_SAVE_PATH') ?? dirname(resolve(playbook))
  const file = join(folder, `${basename(playbook, extname(playbook))}.retry`)
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(file, hosts.map((host) => `${host}\n`).join(''))
    return `to retry, use: --limit @${file}`
  } catch (error) {
    return `the file ${file} cannot be written: ${(error as Error).message}`
  }
}
