import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Recap } from '../../engine/report/recap.js'
import { fplay, type Ended } from './caller.js'

/** How a run in a workplace ended, with what `--recap-json` wrote. */
export interface Ran extends Ended {
  readonly recap: Recap
}

/** How a run is called. */
export interface Calling {
  readonly env?: Readonly<Record<string, string>> | undefined
  /** What stands on its input. A process of its own has nothing there, and its input stays open, unless told. */
  readonly input?: string | undefined
}

/** A run in a process of its own. */
export interface Started {
  readonly child: ChildProcess
  /** What it wrote to both streams so far. */
  readonly text: () => string
  /** Resolves when the text has it; rejects when the process ends before. */
  until(wanted: RegExp): Promise<void>
  /** Its end: exit status (128 + n for a signal) and all it wrote. */
  readonly end: Promise<Ran>
}

/** A folder with playbooks and inventories, from which runs are called. */
export interface Workplace {
  readonly folder: string
  path(name: string): string
  /** Writes a file, with the folders above it, and gives its path. */
  write(name: string, content: string | Buffer, mode?: number): string
  /** Runs fplay in this process. Names of the workplace's files are given with their path. */
  run(argv: readonly string[], calling?: Calling): Promise<Ran>
  /** Runs fplay in a process of its own, for signals and process lists. */
  start(argv: readonly string[], calling?: Calling): Started
}

const MAIN = join(import.meta.dirname, '../../engine/cli/main.ts')
const TSX = import.meta.resolve('tsx/esm')

/**
 * For a `describe`: an empty folder for each suite, gone after the last test of all. `environment` holds for every run; logs
 * of runs stay in the folder.
 */
export function useWorkplace(environment: () => Readonly<Record<string, string>> = () => ({})): Workplace {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'fplay-work-')))
  let runs = 0
  const env = (more: Calling['env']): Record<string, string> => ({
    XDG_STATE_HOME: folder,
    ...environment(),
    ...more,
  })
  const path = (name: string): string => join(folder, name)
  const recapFile = (): string => path(`.recap-${++runs}.json`)
  return {
    folder,
    path,
    write(name, content, mode = 0o644) {
      mkdirSync(dirname(path(name)), { recursive: true })
      writeFileSync(path(name), content, { mode })
      return path(name)
    },
    async run(argv, { env: more, input } = {}) {
      const recap = recapFile()
      const ended = await fplay([...argv, '--recap-json', recap], env(more), input)
      return { ...ended, recap: readRecap(recap) }
    },
    start(argv, { env: more, input } = {}) {
      const recap = recapFile()
      const child = spawn(process.execPath, ['--import', TSX, MAIN, ...argv, '--recap-json', recap], {
        env: { ...process.env, ...env(more) },
        stdio: 'pipe',
      })
      child.stdin.on('error', () => undefined)
      if (input !== undefined) child.stdin.end(input)
      return watch(child, recap)
    },
  }
}

function watch(child: ChildProcess, recap: string): Started {
  const written = { out: '', err: '' }
  child.stdout!.on('data', (bytes: Buffer) => (written.out += bytes.toString()))
  child.stderr!.on('data', (bytes: Buffer) => (written.err += bytes.toString()))
  const text = (): string => written.out + written.err
  const end = new Promise<Ran>((resolve) => {
    child.on('close', (code) => resolve({ code: code ?? 128, ...written, recap: readRecap(recap) }))
  })
  const until = (wanted: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (wanted.test(text())) resolve()
      }
      look()
      for (const stream of [child.stdout!, child.stderr!]) stream.on('data', look)
      child.on('close', () => reject(new Error(`it ended without ${wanted}:\n${text()}`)))
    })
  return { child, text, until, end }
}

const NONE: Recap = { hosts: {}, tasks: [], exit_code: -1 }

/** What a run wrote; exit code -1 when it wrote nothing. */
function readRecap(file: string): Recap {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Recap
  } catch {
    return NONE
  }
}
