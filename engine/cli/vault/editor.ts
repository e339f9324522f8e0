import { spawn } from 'node:child_process'
import { accessSync, constants, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fail } from '../../errors.js'
import { splitWords } from '../../module/words.js'
import { shredFile } from '../../replace-file.js'
import { onInterrupt } from '../../run/interrupt.js'
import type { Caller } from '../caller.js'

/**
 * Lets a person edit a text: in a folder that nobody else can enter, in memory where the machine has such a place, and
 * removed with all that the editor left beside it, however the editor ends. Fails with `task-failed` when the editor
 * does; then nothing is changed.
 */
export async function editText(text: Buffer, name: string, { env }: Caller): Promise<Buffer> {
  const folder = mkdtempSync(join(memoryFolder(), 'fplay-vault-'))
  const file = join(folder, basename(name))
  // Ctrl-C is for the editor; after a signal to fplay the editor is waited for, and the plain text removed.
  const release = onInterrupt(
    () => undefined,
    () => undefined,
  )
  try {
    writeFileSync(file, text, { mode: 0o600 })
    await runEditor(env['EDITOR'] || env['VISUAL'] || 'vi', file, env)
    return readFileSync(file)
  } finally {
    release()
    removeFolder(folder)
  }
}

function runEditor(command: string, file: string, env: Caller['env']): Promise<void> {
  const [program = 'vi', ...words] = splitWords(command)
  return new Promise((resolve, reject) => {
    const refuse = (why: string): void => {
      try {
        fail({
          code: 'task-failed',
          message: `the editor ${program} ${why}; nothing was changed`,
          cure: 'name another with the variable EDITOR',
        })
      } catch (error) {
        reject(error as Error)
      }
    }
    const child = spawn(program, [...words, file], { stdio: 'inherit', env: { ...env } })
    child.on('error', (error: NodeJS.ErrnoException) => refuse(`cannot be started: ${error.code}`))
    child.on('exit', (code, signal) => {
      if (code === 0) resolve()
      else refuse(signal ? `was ended by ${signal}` : `ended with exit status ${code}`)
    })
  })
}

/** A file system in memory, if there is one: what never was on a disk need not be wiped from it. */
function memoryFolder(): string {
  try {
    accessSync('/dev/shm', constants.W_OK | constants.X_OK)
    return '/dev/shm'
  } catch {
    return tmpdir()
  }
}

/** Editors leave swap files and backups, with plain text in them. */
function removeFolder(folder: string): void {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isFile()) shredFile(join(folder, entry.name))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
