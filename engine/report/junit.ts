import { hostname } from 'node:os'
import { formatProblem } from '../errors.js'
import type { Outcome, RunEvent, TaskInfo } from '../events.js'
import { formatOutcome } from './outcome-text.js'
import { createPaint } from './paint.js'
import type { Report, Sink } from './report.js'

/** A task on a host. */
interface Case {
  readonly name: string
  readonly className: string
  readonly seconds: number
  readonly verdict: 'passed' | 'skipped' | 'failure' | 'error'
  /** `failed`, `unreachable`, `undecided` … */
  readonly type: string
  readonly message: string
  readonly details: string
}

/** A play on a host. */
interface Suite {
  readonly name: string
  readonly host: string
  readonly begun: Date
  readonly cases: Case[]
}

/**
 * JUnit XML, as the schema of Ant's JUnit task has it: a suite for each play and host, a test case for each task, written
 * at the end of the run.
 */
export function createJunitReport(out: Sink, now: () => Date = () => new Date()): Report {
  const suites = new Map<string, Suite>()
  let written = false
  const suiteOf = (play: string, host: string): Suite => {
    const key = `${play}\0${host}`
    const suite = suites.get(key) ?? { name: `${play} [${host}]`, host, begun: now(), cases: [] }
    suites.set(key, suite)
    return suite
  }
  const finish = (): void => {
    if (!written) out.write(formatSuites([...suites.values()]))
    written = true
  }
  return {
    listen(event: RunEvent) {
      if (event.kind === 'host-result')
        suiteOf(event.task.play, event.host).cases.push(caseOf(event.task, event.host, event.outcome))
      if (event.kind === 'problem') {
        const details = formatProblem(event.problem)
        const { code: type, message } = event.problem
        const told = { name: 'what is to be run', className: 'fplay', seconds: 0, type, message, details }
        suiteOf('fplay', event.problem.host ?? (hostname() || 'localhost')).cases.push({
          ...told,
          verdict: 'error',
        })
      }
      if (event.kind === 'run-end') finish()
    },
    settled: () => Promise.resolve(),
    abandon: finish,
    close() {
      finish()
      return Promise.resolve()
    },
  }
}

const VERDICTS: Readonly<Partial<Record<Outcome['status'], Case['verdict']>>> = {
  failed: 'failure',
  unreachable: 'error',
  skipped: 'skipped',
  undecided: 'skipped',
}

function caseOf(task: TaskInfo, host: string, outcome: Outcome): Case {
  const { status, message = status, seconds } = outcome
  const look = { colors: false, verbosity: 0 }
  return {
    name: task.name,
    className: task.play || 'play',
    seconds,
    verdict: VERDICTS[status] ?? 'passed',
    type: status,
    message: message.split('\n')[0]!,
    details: `${formatOutcome(task, host, outcome, look, createPaint(false))}\n${task.where}`,
  }
}

function formatSuites(suites: readonly Suite[]): string {
  const text = suites.map(formatSuite).join('')
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${text}</testsuites>\n`
}

function formatSuite({ name, host, begun, cases }: Suite, id: number): string {
  const count = (verdict: Case['verdict']): number => cases.filter((one) => one.verdict === verdict).length
  const attributes = attributesOf({
    name: name || 'play',
    package: 'fplay',
    id,
    timestamp: begun.toISOString().slice(0, 19),
    hostname: host,
    tests: cases.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: cases.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3),
  })
  const body = cases.map(formatCase).join('')
  return `  <testsuite${attributes}>\n    <properties/>\n${body}    <system-out/>\n    <system-err/>\n  </testsuite>\n`
}

function formatCase({ name, className, seconds, verdict, type, message, details }: Case): string {
  const head = `    <testcase${attributesOf({ name, classname: className, time: seconds.toFixed(3) })}`
  if (verdict === 'passed') return `${head}/>\n`
  if (verdict === 'skipped')
    return `${head}>\n      <skipped${attributesOf({ message })}/>\n    </testcase>\n`
  const told = `<${verdict}${attributesOf({ message, type })}>${escapeXml(details)}</${verdict}>`
  return `${head}>\n      ${told}\n    </testcase>\n`
}

function attributesOf(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value)).replace(/\s+/g, ' ').trim()}"`)
    .join('')
}

/** XML has no way to write most control characters, nor halves of pairs. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replace(/[&<>"]/g, (character) => ESCAPES[character]!)
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
