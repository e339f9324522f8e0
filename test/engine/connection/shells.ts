import { execFileSync } from 'node:child_process'
import { mkdtempSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConnectionSettings } from '../../../engine/connection/connection.js'

/** Shells of hosts, by name, as far as this machine has them; undefined where it has not. */
export const SHELLS: Readonly<Record<string, string | undefined>> = {
  dash: find('dash'),
  bash: named('bash', 'sh'),
  busybox: named('busybox', 'ash'),
}

/** Settings of a local connection. */
export function localSettings(shell?: string): ConnectionSettings {
  return { name: 'here', kind: 'local', address: 'localhost', hostKeyChecking: 'yes', timeout: 10, shell }
}

function find(program: string): string | undefined {
  try {
    return execFileSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', program], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}

/** A program under the name by which it knows which shell to be. */
function named(program: string, name: string): string | undefined {
  const path = find(program)
  if (path === undefined) return undefined
  const link = join(mkdtempSync(join(tmpdir(), 'fplay-shell-')), name)
  symlinkSync(path, link)
  return link
}
