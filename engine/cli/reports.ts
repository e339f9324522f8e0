import { fail, formatProblem, FplayError, suggest } from '../errors.js'
import type { Status } from '../events.js'
import type { Look, Report, Sink } from '../report/report.js'
import { gathered } from '../report/gathered.js'
import { createPlainReport, type PlainSinks } from '../report/plain.js'
import { wantsColors } from './caller.js'
import type { Caller } from './caller.js'
import type { Config } from './config.js'
import type { PlaybookOptions } from './options.js'

/** Options that say what is told, and how. */
export type ReportOptions = Pick<PlaybookOptions, 'report' | 'verbose' | 'noColor' | 'step'>

/** A report as asked for: to a file, or to the output. */
interface Wish {
  readonly kind: Kind
  readonly file: string | undefined
}

const KINDS = ['plain', 'live', 'json', 'junit', 'log'] as const
type Kind = (typeof KINDS)[number]

/** Opens the report that is shown when nobody asks for another. */
export type OpenSuited = (options: ReportOptions, caller: Caller, look: Look) => Promise<Report>

/** All reports of a run as one. What suits the terminal is shown unless another report takes the output. */
export async function openReports(
  options: ReportOptions,
  caller: Caller,
  config: Config,
  suited: OpenSuited = openSuited,
): Promise<Report> {
  const wishes = options.report.map(readWish)
  const shown = wishes.filter(({ file }) => file === undefined)
  if (shown.length > 1) {
    const kinds = shown.map(({ kind }) => kind).join(' and ')
    fail({
      code: 'bad-option',
      message: `${kinds} would both be written to the output`,
      cure: 'give one of them a file: --report KIND=FILE',
    })
  }
  const look = lookOf(options, caller, config)
  const first = shown[0] ? await openShown(shown[0].kind, caller, look) : await suited(options, caller, look)
  const others = wishes.filter(({ file }) => file !== undefined)
  const files = await Promise.all(others.map(({ kind, file }) => openFile(kind, file!)))
  const { log, warning } = await openLog(config)
  const report = together([first, ...files, ...log])
  if (warning !== undefined) report.listen({ kind: 'message', level: 'warning', text: warning })
  return report
}

/** The log that the settings name. One that cannot be written keeps nobody from running; it is told. */
async function openLog(config: Config): Promise<{ log: Report[]; warning?: string }> {
  const file = config.get('DEFAULT_LOG_PATH')
  if (file === undefined) return { log: [] }
  try {
    return { log: [await openFile('log', file)] }
  } catch (error) {
    if (!(error instanceof FplayError)) throw error
    return { log: [], warning: `log_path: ${error.problems.map(formatProblem).join('; ')}` }
  }
}

function readWish(text: string): Wish {
  const [, word, , file] = /^([^=]*)(=(.*))?$/s.exec(text)!
  const kind = KINDS.find((name) => name === word)
  if (kind === undefined)
    return fail({
      code: 'bad-option',
      message: `--report cannot be "${word}"`,
      allowed: suggest(word!, KINDS),
    })
  if (file === '') fail({ code: 'bad-option', message: `--report ${text} names no file` })
  if (kind === 'live' && file !== undefined)
    fail({
      code: 'bad-option',
      message: 'the live view needs a terminal',
      cure: `use --report plain=${file}`,
    })
  return { kind, file }
}

function lookOf(options: ReportOptions, caller: Caller, config: Config): Look {
  const hidden: Status[] = []
  if (!config.get('DISPLAY_OK_HOSTS')) hidden.push('ok')
  if (!config.get('DISPLAY_SKIPPED_HOSTS')) hidden.push('skipped')
  return {
    colors: wantsColors(caller, options.noColor, config.get('ANSIBLE_FORCE_COLOR')!),
    verbosity: options.verbose,
    resultFormat: config.get('CALLBACK_RESULT_FORMAT') as 'json' | 'yaml',
    diffContext: config.get('DIFF_CONTEXT'),
    hidden: new Set(hidden),
  }
}

/** The live view at a terminal; plain lines in a pipe, and where questions are asked between tasks. */
async function openSuited(options: ReportOptions, caller: Caller, look: Look): Promise<Report> {
  const isLive = caller.stdout.isTTY && !options.step && caller.env['TERM'] !== 'dumb'
  return openShown(isLive ? 'live' : 'plain', caller, look)
}

async function openShown(kind: Kind, { stdout, stderr }: Caller, look: Look): Promise<Report> {
  if (kind === 'plain') return openPlain({ out: stdout, err: stderr }, look, stdout.isTTY)
  if (kind !== 'live') return openInto(kind, stdout)
  if (!stdout.isTTY)
    fail({ code: 'bad-option', message: 'the live view needs a terminal, and the output is none' })
  return (await import('../report/live.js')).createLiveReport(stdout as NodeJS.WriteStream, look)
}

function openPlain(sinks: PlainSinks, look: Look, isTTY: boolean | undefined): Report {
  if (isTTY) return createPlainReport(sinks, look)
  const { flush, ...both } = gathered(sinks)
  const written = async (): Promise<void> => flush()
  return { ...createPlainReport(both, look), settled: written, abandon: flush, close: written }
}

/** A log is added to, and only its owner may read it. */
async function openFile(kind: Kind, file: string): Promise<Report> {
  const { createFileSink } = await import('../report/file-sink.js')
  return openInto(kind, createFileSink(file, kind === 'log' ? { append: true, mode: 0o600 } : {}))
}

async function openInto(kind: Kind, out: Sink): Promise<Report> {
  if (kind === 'json') return (await import('../report/json.js')).createJsonReport(out)
  if (kind === 'junit') return (await import('../report/junit.js')).createJunitReport(out)
  if (kind === 'log') return (await import('../report/full-log.js')).createFullLog(out)
  return createPlainReport({ out, err: out }, { colors: false, verbosity: 0 })
}

function together(reports: readonly Report[]): Report {
  return {
    listen(event) {
      for (const report of reports) report.listen(event)
    },
    async settled() {
      for (const report of reports) await report.settled()
    },
    abandon() {
      for (const report of reports) report.abandon?.()
    },
    async close() {
      for (const report of reports) await report.close()
    },
  }
}
