import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail, formatProblem } from '../errors.js'
import type { Outcome, RunEvent } from '../events.js'
import { formatDiffs } from './diff-text.js'
import { plainJson } from './outcome-text.js'
import { createPaint } from './paint.js'
import { formatMessage } from './plain.js'
import type { PlainSinks } from './plain.js'
import type { Report } from './report.js'

/** How results of one task are shown. */
export interface AdhocLook {
  readonly colors: boolean
  /** Lines around a change that --diff shows; default 3. */
  readonly diffContext?: number | undefined
  /** A line for each host (`-o`). */
  readonly oneLine: boolean
  /** Folder in which each host gets a file with its result (`-t`). */
  readonly tree: string | undefined
}

/** Modules whose results are the output of a program, by Ansible's list. */
const PROGRAMS = new Set(['command', 'shell', 'raw', 'script'])

/** One task on many hosts, as `ansible` tells it: a host and its result, one after the other. */
export function createAdhocReport(sinks: PlainSinks, look: AdhocLook): Report {
  const paint = createPaint(look.colors)
  return {
    listen(event: RunEvent) {
      if (event.kind === 'host-result') {
        const { host, outcome, task } = event
        const diff = formatDiffs(outcome.diffs, paint, look.diffContext)
        if (diff) sinks.out.write(`${diff}\n\n`)
        const text = formatResult(host, outcome, task.module, look.oneLine)
        sinks.out.write(`${paint(outcome.status, text)}\n`)
        if (look.tree !== undefined) writeResult(look.tree, host, shownValues(outcome, task.module))
      }
      if (event.kind === 'no-hosts')
        sinks.err.write(
          `${formatMessage('warning', `no host matches ${event.pattern}, nothing to do`, paint)}\n`,
        )
      if (event.kind === 'message') sinks.err.write(`${formatMessage(event.level, event.text, paint)}\n`)
      if (event.kind === 'problem')
        sinks.err.write(`${paint('failed', 'ERROR:')} ${formatProblem(event.problem)}\n`)
    },
    settled: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}

function formatResult(host: string, outcome: Outcome, module: string, oneLine: boolean): string {
  const { status, values, changed } = outcome
  if (status === 'skipped') return `${host} | SKIPPED`
  if (status === 'unreachable' && oneLine) return `${host} | UNREACHABLE!: ${outcome.message ?? ''}`
  const failed = status === 'failed' || status === 'ignored'
  if (PROGRAMS.has(module) && typeof values['rc'] === 'number' && !(failed && oneLine))
    return program(host, failed ? 'FAILED' : changed ? 'CHANGED' : 'SUCCESS', values, oneLine)
  const word = failed ? 'FAILED!' : (WORDS[status] ?? (changed ? 'CHANGED' : 'SUCCESS'))
  const shown = shownValues(outcome, module)
  return `${host} | ${word} => ${oneLine ? onOneLine(shown) : JSON.stringify(shown, plainJson, 4)}`
}

const WORDS: Readonly<Partial<Record<Outcome['status'], string>>> = {
  unreachable: 'UNREACHABLE!',
  undecided: 'UNDECIDED',
}

function program(host: string, word: string, values: Outcome['values'], oneLine: boolean): string {
  const text = (name: string): string => (typeof values[name] === 'string' ? values[name] : '')
  const head = `${host} | ${word} | rc=${String(values['rc'])}`
  if (!oneLine) return `${head} >>\n${text('stdout')}${text('stderr')}${text('msg')}`
  const flat = (name: string): string => text(name).replaceAll('\n', '\\n').replaceAll('\r', '\\r')
  return `${head} | (stdout) ${flat('stdout')}${text('stderr') ? ` (stderr) ${flat('stderr')}` : ''}`
}

/** The registered values in order, without what the word before them has said. */
function shownValues({ values, status, message }: Outcome, module: string): Record<string, unknown> {
  const told = status === 'undecided' ? { ...values, msg: message } : values
  // debug tells its message only.
  const hidden = new Set(module === 'debug' ? ['failed', 'diff', 'changed'] : ['failed', 'diff'])
  const names = Object.keys(told).filter((name) => !hidden.has(name))
  return Object.fromEntries(
    names.sort().map((name) => [name, sortDeep((told as Record<string, unknown>)[name])]),
  )
}

function sortDeep(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortDeep)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return Object.fromEntries(entries.map(([key, item]) => [key, sortDeep(item)]))
}

/** As Python writes it with an indent of 0 and the line breaks taken out. */
function onOneLine(values: unknown): string {
  return JSON.stringify(values, plainJson, 1).replace(/\n */g, '')
}

function writeResult(folder: string, host: string, values: unknown): void {
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, host.replaceAll('/', '_')), `${JSON.stringify(values, plainJson)}\n`)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    fail({
      code: 'file-unreadable',
      message: `the result of ${host} cannot be written to ${folder}: ${code}`,
    })
  }
}
