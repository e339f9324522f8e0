/**
 * What a run of the tests takes of this machine, given back at its end. Mocha loads it before the first test, once in a run of
 * one process, and in each process where several share the files (--parallel).
 */
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { tellFidelity } from './fidelity.js'
import { takeDownLabs } from './free-lab.js'

/** Temporary files of all tests and of what they start are in one folder, so that nothing stays of a run. */
function takeFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'fplay-tests-')))
  chmodSync(folder, 0o711) // tests become other users
  // tsx keeps there what it has compiled; the next run needs it too.
  const compiled = `tsx-${process.geteuid!()}`
  mkdirSync(join(tmpdir(), compiled), { recursive: true })
  symlinkSync(join(tmpdir(), compiled), join(folder, compiled))
  process.env['TMPDIR'] = folder
  return folder
}

/**
 * Each process has a home of its own: runs on this machine tidy up in theirs when they are the last there, and would take what
 * tests of another process are sending.
 */
function takeHome(): void {
  process.env['npm_config_cache'] ??= join(homedir(), '.npm')
  const home = join(folder, `home-${process.pid}`)
  mkdirSync(home, { mode: 0o700 })
  process.env['HOME'] = home
}

// A process that takes files from another has its folder.
const folder = process.env['MOCHA_WORKER_ID'] === undefined ? takeFolder() : tmpdir()
takeHome()

/** After the last test of all processes, in the first of them. */
export async function mochaGlobalTeardown(): Promise<void> {
  await takeDownLabs()
  tellFidelity()
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}
