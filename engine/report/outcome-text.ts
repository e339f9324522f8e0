import { dump } from 'js-yaml'
import type { Outcome, Status, TaskInfo } from '../events.js'
import { isUnknown } from '../unknown.js'
import { formatDiffs } from './diff-text.js'
import type { Paint } from './paint.js'
import type { Look } from './report.js'

/** How a status is said in front of a host. */
const WORDS: Record<Status, string> = {
  ok: 'ok',
  changed: 'changed',
  skipped: 'skipped',
  failed: 'failed',
  rescued: 'failed, rescued',
  ignored: 'failed, ignored',
  unreachable: 'unreachable',
  undecided: 'undecided',
}

/** Modules that exist to show something: what they return is always told. */
const SPEAKING = new Set(['debug'])
/** Lines of a failed command's output that are shown. */
const TAIL = 20
const INDENT = '    '

/** One outcome of a task on a host, as lines without a final line break. */
export function formatOutcome(
  task: TaskInfo,
  host: string,
  outcome: Outcome,
  look: Look,
  paint: Paint,
): string {
  const { status } = outcome
  const head = `${WORDS[status]}: [${whereOf(host, outcome)}]${outcome.item === undefined ? '' : ` (item=${outcome.item})`}`
  const parts = [
    paint(status, head + joined(sentenceOf(task, outcome, look))),
    details(task, outcome, look),
    formatDiffs(outcome.diffs, paint, look.diffContext),
  ]
  return parts.filter(Boolean).join('\n')
}

/** True when an outcome is said by its status and its host: nothing more is to be read. */
export function isTerse(task: TaskInfo, outcome: Outcome, look: Look): boolean {
  const { status, diffs } = outcome
  if (status !== 'ok' && status !== 'changed' && status !== 'skipped') return false
  return look.verbosity === 0 && !diffs.length && !sentenceOf(task, outcome, look)
}

function whereOf(host: string, { delegatedTo }: Outcome): string {
  return delegatedTo === undefined || delegatedTo === host ? host : `${host} -> ${delegatedTo}`
}

/** `: text` on the same line, or the lines of a longer text below. */
function joined(text: string | undefined): string {
  if (text === undefined || text === '') return ''
  return text.includes('\n') ? `:\n${indent(text)}` : `: ${text}`
}

function sentenceOf(task: TaskInfo, outcome: Outcome, look: Look): string | undefined {
  const { status, message, unproven } = outcome
  if (SPEAKING.has(task.module) && (status === 'ok' || status === 'changed') && look.verbosity === 0)
    return spoken(outcome)
  if (status === 'skipped' && look.verbosity === 0) return undefined
  const doubt = unproven === undefined ? '' : `(unproven: ${unproven})`
  return [message?.trimEnd(), doubt].filter(Boolean).join(' ')
}

/** What a module like `debug` has to say: the text of msg, or the values as JSON. */
function spoken({ values }: Outcome): string {
  const shown = Object.entries(values).filter(([name]) => name !== 'changed' && name !== 'failed')
  const [first] = shown
  if (shown.length === 1 && first?.[0] === 'msg') return textOf(first[1])
  return shown.map(([name, value]) => `${name}: ${textOf(value)}`).join('\n')
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : formatJson(value)
}

/** Values as JSON for people. What only the real run can tell is told in words. */
export function formatJson(value: unknown): string {
  return JSON.stringify(value, plainJson, 2)
}

/** A replacer for values that JSON cannot write. */
export function plainJson(_: string, item: unknown): unknown {
  return isUnknown(item) || typeof item === 'bigint' ? String(item) : item
}

function formatValues(values: Outcome['values'], { resultFormat }: Look): string {
  if (resultFormat !== 'yaml') return formatJson(values)
  return dump(JSON.parse(formatJson(values)), { lineWidth: -1, noRefs: true }).trimEnd()
}

function details(task: TaskInfo, outcome: Outcome, look: Look): string {
  const failed = outcome.status === 'failed' || outcome.status === 'unreachable'
  const parts =
    look.verbosity > 0 ? [indent(formatValues(outcome.values, look))] : failed ? failure(outcome) : []
  if (failed) parts.push(`${INDENT}at ${task.where}`)
  return parts.join('\n')
}

/** The command that failed, how it ended, and the end of what it printed, as far as the message has not said it. */
function failure({ values, message = '' }: Outcome): string[] {
  const { cmd, rc, stderr, stdout } = values
  const command = Array.isArray(cmd) ? cmd.join(' ') : cmd
  const lines: string[] = []
  if (typeof command === 'string') lines.push(indent(`command: ${command}`))
  if (typeof rc === 'number' && rc !== 0 && !message.includes(`status ${rc}`)) lines.push(INDENT + exitOf(rc))
  const [name, text] = typeof stderr === 'string' && stderr.trim() ? ['stderr', stderr] : ['stdout', stdout]
  if (typeof text === 'string' && text.trim() && !message.includes(text.trim())) {
    lines.push(indent(`${name}: ${tail(text)}`))
  }
  return lines
}

const SIGNALS: Readonly<Record<number, string>> = {
  1: 'HUP',
  2: 'INT',
  3: 'QUIT',
  6: 'ABRT',
  9: 'KILL',
  11: 'SEGV',
  13: 'PIPE',
  15: 'TERM',
}

function exitOf(rc: number): string {
  const signal = rc < 0 ? -rc : rc - 128
  return SIGNALS[signal] ? `exit status ${rc} (signal ${SIGNALS[signal]})` : `exit status ${rc}`
}

function tail(text: string): string {
  const lines = text.trimEnd().split('\n')
  const more = lines.length - TAIL
  return more > 0 ? `(${more} lines before)\n${lines.slice(-TAIL).join('\n')}` : lines.join('\n')
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => INDENT + line)
    .join('\n')
}
