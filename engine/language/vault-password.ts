import { execFileSync } from 'node:child_process'
import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { fail } from '../errors.js'

/** A vault password and its id; the id of one given without is `default`. */
export interface VaultPassword {
  readonly id: string
  readonly password: string
}

/** Asks the person at the terminal for the password with this id; what is typed is not shown. */
export type AskPassword = (id: string) => Promise<string>

/**
 * Reads the passwords that --vault-id and --vault-password-file name, as `label@source` or `source`: the source is
 * `prompt`, a file, or an executable that prints the password (one named `…-client` is told the label with
 * `--vault-id`). Fails with `vault-password`, `file-not-found` or `file-unreadable`.
 */
export async function readVaultPasswords(
  sources: readonly string[],
  ask: AskPassword,
): Promise<VaultPassword[]> {
  const passwords: VaultPassword[] = []
  for (const written of sources) {
    const at = written.indexOf('@')
    const id = at > 0 ? written.slice(0, at) : 'default'
    const source = written.slice(at + 1)
    const password = source === 'prompt' ? (await ask(id)).trim() : readPasswordFile(source, id)
    if (password === '')
      fail({ code: 'vault-password', message: `the vault password from ${source} is empty` })
    passwords.push({ id, password })
  }
  return passwords
}

/** The password in a file, or printed by an executable. Fails as {@link readVaultPasswords} does. */
export function readPasswordFile(path: string, id = 'default'): string {
  const file = path.startsWith('~/') ? `${process.env['HOME'] ?? ''}${path.slice(1)}` : resolve(path)
  try {
    return isExecutable(file) ? run(file, id) : readFileSync(file, 'utf8').trim()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT')
      return fail({ code: 'file-not-found', message: `there is no vault password file ${path}` })
    if (code === undefined) throw error
    return fail({
      code: 'file-unreadable',
      message: `the vault password file ${path} cannot be read: ${code}`,
    })
  }
}

function isExecutable(file: string): boolean {
  if (!statSync(file).isFile()) return false
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function run(file: string, id: string): string {
  const isClient = /-client(\.[^.]*)?$/.test(basename(file))
  try {
    return execFileSync(file, isClient ? ['--vault-id', id] : [], {
      encoding: 'utf8',
      stdio: ['inherit', 'pipe', 'pipe'],
    }).replace(/[\r\n]+$/, '')
  } catch (error) {
    const { status, stderr, code } = error as { status?: number | null; stderr?: string; code?: string }
    const why = stderr?.trim() || (typeof status === 'number' ? `exit status ${status}` : code)
    return fail({
      code: 'vault-password',
      message: `the vault password script ${file} failed: ${why}`,
      cure: 'a password file that is no script must not be executable (chmod -x)',
    })
  }
}
