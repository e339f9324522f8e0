import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Outcome, RunEvent } from '../../engine/events.js'
import { isUnknown } from '../../engine/unknown.js'

/** How a task ended on a host. */
export interface TaskEnd {
  readonly host: string
  readonly where: string
  readonly task: string
  readonly module: string
  readonly outcome: Pick<Outcome, 'status' | 'changed' | 'values' | 'message'>
}

/** Tasks on hosts whose verdict a dry run was asked for, their results, and what it got wrong of both. */
interface Count {
  readonly tasks: number
  readonly missed: readonly string[]
  readonly shapes: number
  readonly wrongShapes: readonly string[]
}

// What all processes of a run of the tests noted: a line of JSON for each dry run that was compared, and lines to print.
const counts = (): string => join(tmpdir(), 'fidelity.jsonl')
const lines = (): string => join(tmpdir(), 'fidelity.txt')

/** Modules that run what the user wrote: what it does and prints only the run can tell. */
const FREE = new Set(['command', 'shell', 'raw', 'script', 'docker_container_exec'])
/** Modules whose result is what variables hold: judged where these come from. */
const TALKING = new Set(['debug', 'set_fact', 'assert', 'fail', 'pause', 'meta'])
/** Modules whose result is what the host is at that moment: clocks and ports of connections. */
const MOMENTS = new Set(['setup', 'gather_facts'])
/** What a dry run does itself on the controller (`check_mode: false`): the run finds it done, so neither foretells the other. */
const DONE_ALREADY = /playbooks\/tasks\/render\.yml:/
/** What a result may have in one of two runs only: what the options of the call bring, waiting and waking. */
const OF_THE_CALL = /^(?:attempts|diff|invocation|warnings)$/
/** Values of results that differ by their nature: moments, names with a process in them, what comes of waiting. */
const OF_THE_RUN =
  /^(?:backup|backup_file|elapsed|start|end|delta|seconds|results_file|started|finished|stderr|stdout|stderr_lines|stdout_lines|ansible_job_id)$/

/** How the tasks of a run ended, in the order of its events. */
export function taskEnds(events: readonly RunEvent[]): TaskEnd[] {
  return events.flatMap((event): TaskEnd[] => {
    if (event.kind !== 'host-result') return []
    const { host, task, outcome } = event
    const module = task.module.split('.').at(-1)!
    return [{ host, where: task.where, task: task.name, module, outcome }]
  })
}

/**
 * Counts how a dry run foretold a run, task by task: whether it changes something, and the shape of the registered result.
 * "Only the run can tell" is a miss, but for commands of the user's. Values of a result that are others are told at the end
 * of all tests.
 * @returns  a line for each task that was not foretold, and for each result that has another shape than was foretold
 */
export function countFidelity(foretold: readonly TaskEnd[], was: readonly TaskEnd[]): string[] {
  const waiting = new Map<string, TaskEnd[]>()
  const missed: string[] = []
  const results: Compared[] = []
  for (const one of foretold) waiting.set(nameOf(one), [...(waiting.get(nameOf(one)) ?? []), one])
  for (const real of was) {
    const dry = waiting.get(nameOf(real))?.shift()
    const wrong = mistake(dry, real)
    if (wrong !== undefined) missed.push(`${nameOf(real)} (${wrong})`)
    if (dry && comparable(dry, real)) results.push(compare(dry, real))
  }
  const extra = [...waiting.values()].flat().filter(({ outcome }) => outcome.changed)
  missed.push(...extra.map((one) => `${nameOf(one)} (the run did not come to it)`))
  note({
    tasks: was.length + extra.length,
    missed,
    shapes: results.length,
    wrongShapes: results.flatMap(({ wrong }) => wrong ?? []),
  })
  return [...missed, ...results.flatMap(({ misshapen }) => misshapen ?? [])]
}

/** A line to print at the end of all tests: the processes that run them have no place of their own on the screen. */
export function noteLine(line: string): void {
  appendFileSync(lines(), `${line}\n`)
}

function note(count: Count): void {
  appendFileSync(counts(), `${JSON.stringify(count)}\n`)
}

function nameOf({ host, where, task }: TaskEnd): string {
  return `${host} ${where} ${task}`
}

function mistake(dry: TaskEnd | undefined, real: TaskEnd): string | undefined {
  if (!dry) return real.outcome.changed ? 'the dry run did not come to it' : undefined
  if (dry.outcome.status === 'undecided' && !FREE.has(real.module))
    return `undecided: ${dry.outcome.message ?? ''}`
  if (dry.outcome.changed !== real.outcome.changed)
    return real.outcome.changed ? 'it changes something' : 'it changes nothing'
  return undefined
}

function comparable(dry: TaskEnd, real: TaskEnd): boolean {
  const done = ({ outcome: { status } }: TaskEnd): boolean => status === 'ok' || status === 'changed'
  return (
    !FREE.has(real.module) &&
    !TALKING.has(real.module) &&
    !MOMENTS.has(real.module) &&
    !DONE_ALREADY.test(real.where) &&
    done(dry) &&
    done(real)
  )
}

/** What differs of a result, and what of it is the shape, as a line; undefined where nothing does. */
interface Compared {
  readonly wrong: string | undefined
  readonly misshapen: string | undefined
}

function compare(dry: TaskEnd, real: TaskEnd): Compared {
  const wrong = differences(dry.outcome.values, real.outcome.values, '')
  const told = (some: readonly Mismatch[]): string | undefined =>
    some.length === 0
      ? undefined
      : `${real.module}: ${some.map(({ text }) => text).join(', ')}: ${nameOf(real)}`
  return { wrong: told(wrong), misshapen: told(wrong.filter(({ kind }) => kind === 'shape')) }
}

/** What differs between two results: the shape (a name that only one has, a value of another type), or a value. */
export interface Mismatch {
  readonly kind: 'shape' | 'value'
  readonly text: string
}

/** Where two results differ in shape, and values that were foretold and are others. */
export function differences(dry: unknown, real: unknown, at: string): Mismatch[] {
  if (isLate(dry) || isDeepStrictEqual(dry, real)) return []
  if (Array.isArray(dry) && Array.isArray(real)) return listDifferences(dry, real, at)
  if (isDict(dry) && isDict(real)) return dictDifferences(dry, real, at)
  const kind = typeName(dry) === typeName(real) ? 'value' : 'shape'
  return [{ kind, text: `${at} is ${shown(real)}, not ${shown(dry)}` }]
}

function listDifferences(dry: readonly unknown[], real: readonly unknown[], at: string): Mismatch[] {
  const common = dry.slice(0, real.length).flatMap((one, i) => differences(one, real[i], `${at}[${i}]`))
  if (dry.length === real.length) return common
  return [...common, { kind: 'value', text: `${at} has ${real.length} entries, not ${dry.length}` }]
}

type PlainDict = Readonly<Record<string, unknown>>

function dictDifferences(dry: PlainDict, real: PlainDict, at: string): Mismatch[] {
  return [...new Set([...Object.keys(dry), ...Object.keys(real)])].flatMap((name): Mismatch[] => {
    if (OF_THE_CALL.test(name) || name === REST) return []
    if (!(name in dry)) return REST in dry ? [] : [{ kind: 'shape', text: `no ${at}.${name} foretold` }]
    if (!(name in real)) return [{ kind: 'shape', text: `no ${at}.${name} in the run` }]
    return differences(dry[name], real[name], `${at}.${name}`).filter(
      ({ kind }) => kind === 'shape' || !OF_THE_RUN.test(name),
    )
  })
}

/** Under this name stands that a result has more names, which only the run can tell. */
const REST = '*'

function typeName(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'list' : typeof value
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'undefined').slice(0, 60)
}

function isDict(value: unknown): value is PlainDict {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value that is told as such, and the name of a backup as a dry run gives it. */
const LATE = /known after the run: |\.0\.0000-00-00@00:00:00~$/

function isLate(value: unknown): boolean {
  // A program of the user's that does not know of dry runs has only this to say.
  if (isDict(value) && value['msg'] === 'would run') return true
  return isUnknown(value) || (typeof value === 'string' && LATE.test(value))
}

/** Prints how well dry runs have foretold, over all tests of all processes. */
export function tellFidelity(): void {
  if (existsSync(lines())) console.log(readFileSync(lines(), 'utf8').trimEnd())
  if (!existsSync(counts())) return
  const all = readFileSync(counts(), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Count)
  tell(
    'tasks',
    sum(all.map(({ tasks }) => tasks)),
    'not foretold',
    all.flatMap(({ missed }) => missed),
  )
  const wrong = all.flatMap(({ wrongShapes }) => wrongShapes)
  tell('results', sum(all.map(({ shapes }) => shapes)), 'not as foretold', wrong)
}

/** Characters of a line: a result of many items has as many checksums that are others. */
const LONGEST = 300

function tell(what: string, all: number, name: string, wrong: readonly string[]): void {
  if (all === 0) return
  const right = all - wrong.length
  console.log(`    dry runs foretold ${right} of ${all} ${what}: ${((100 * right) / all).toFixed(1)} %`)
  for (const one of wrong)
    console.log(`      ${name}: ${one.length > LONGEST ? `${one.slice(0, LONGEST)} …` : one}`)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0)
}
