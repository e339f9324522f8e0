import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import type { Listener, RunEvent } from '../events.js'

/** Keeps what a run has told, to be written to a file when fplay itself fails. */
export interface Log {
  readonly listen: Listener
  /** Writes the error, with what came before it, to a file that only the user can read; returns its path. */
  write(error: unknown): string
}

/** What a log is written with. */
export interface LogOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly version: string
  /** Hides secrets. */
  readonly mask: (text: string) => string
}

/** Events that are kept, and log files that are. */
const EVENTS = 500
const FILES = 10

/** A log with nothing in it. */
export function createLog(options: LogOptions): Log {
  const events: RunEvent[] = []
  return {
    listen(event) {
      if (events.push(event) > EVENTS) events.shift()
    },
    write(error) {
      const folder = logFolder(options.env)
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const file = join(folder, `${new Date().toISOString().replace(/[:.]/g, '-')}-${process.pid}.log`)
      writeFileSync(file, options.mask(textOf(error, events, options.version)), { mode: 0o600 })
      for (const old of listLogs(folder).slice(0, -FILES)) rmSync(join(folder, old), { force: true })
      return file
    },
  }
}

/** `$XDG_STATE_HOME/fplay`, or `~/.local/state/fplay`. */
export function logFolder(env: LogOptions['env']): string {
  return join(env['XDG_STATE_HOME'] || join(env['HOME'] || homedir(), '.local', 'state'), 'fplay')
}

/** Names begin with the time: the oldest come first. */
function listLogs(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}-.*\.log$/.test(name))
    .sort()
}

function textOf(error: unknown, events: readonly RunEvent[], version: string): string {
  const head = `fplay ${version}, Node.js ${process.version}, ${process.platform} ${process.arch}`
  const lines = events.map((event) =>
    inspect(event, { depth: 6, breakLength: Infinity, maxStringLength: 2000 }),
  )
  return [head, inspect(error, { depth: 6 }), '', ...lines, ''].join('\n')
}
