import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Where the cases stand, one folder an area. */
export const CASES = join(import.meta.dirname, '../../differential')

/** A playbook that ansible-playbook has run; test/differential/README.md tells what may stand in its head. */
export interface Case {
  /** `area/name`. */
  readonly name: string
  readonly file: string
  /** Options of each call of the playbook, one after the other on the same hosts. */
  readonly runs: readonly (readonly string[])[]
  /** Inventory sources beside the one that has the lab's hosts. */
  readonly inventory: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** More paths of the hosts that the case makes, or that are part of the state. */
  readonly watch: readonly string[]
  /** Packages of Debian whose files h1 has for it. */
  readonly packages: readonly string[]
  /** False where plays let hosts go on by themselves: the order of tasks is left to chance. */
  readonly ordered: boolean
  /** What a dry run on fresh hosts is held to; nobody doubts that it leaves them untouched. */
  readonly check: 'foretold' | 'untouched' | 'none'
  /** Whether the last call, once more, changes nothing. */
  readonly settles: boolean
  /** What is taken out of the playbook, one by one, to see that the case would notice (take-out.ts). */
  readonly without: readonly string[]
}

type Draft = { -readonly [Key in keyof Case]: Case[Key] }

const HEAD = /^# ([a-z]+): (.*)$/

/** What each key of a head does with its value. */
const KEYS: Readonly<Record<string, (draft: Draft, value: string) => void>> = {
  run: (draft, value) => (draft.runs = [...draft.runs, words(value)]),
  inventory: (draft, value) => {
    draft.inventory = [...draft.inventory, ...words(value).map((word) => join(dirname(draft.file), word))]
  },
  env: (draft, value) => (draft.env = { ...draft.env, ...pair(value) }),
  watch: (draft, value) => (draft.watch = [...draft.watch, ...words(value)]),
  package: (draft, value) => (draft.packages = [...draft.packages, ...words(value)]),
  order: (draft, value) => (draft.ordered = choice(draft, value, ['any', 'told']) === 'told'),
  check: (draft, value) => (draft.check = choice(draft, value, ['foretold', 'untouched', 'none'])),
  again: (draft, value) => (draft.settles = choice(draft, value, ['settles', 'changes']) === 'settles'),
  without: (draft, value) => (draft.without = [...draft.without, value]),
}

/** All cases, those of one area together. */
export function allCases(): Case[] {
  return readdirSync(CASES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: area }) =>
      readdirSync(join(CASES, area))
        .filter((file) => file.endsWith('.yml'))
        .map((file) => `${area}/${file.slice(0, -'.yml'.length)}`),
    )
    .sort()
    .map(readCase)
}

function readCase(name: string): Case {
  const file = join(CASES, `${name}.yml`)
  const draft: Draft = {
    name,
    file,
    runs: [],
    inventory: [],
    env: {},
    watch: [],
    packages: [],
    ordered: true,
    check: 'foretold',
    settles: true,
    without: [],
  }
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (!line.startsWith('#')) break
    const [, key, value] = HEAD.exec(line) ?? []
    if (key === undefined || value === undefined) continue
    const take = KEYS[key] ?? refuse(draft, `no key "${key}"; there are ${Object.keys(KEYS).join(', ')}`)
    take(draft, value)
  }
  if (!draft.runs.length) draft.runs = [[]]
  return draft
}

/** Words between blanks; quotes hold words together. */
function words(text: string): string[] {
  return (text.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []).map((word) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'),
  )
}

function pair(text: string): Record<string, string> {
  const at = text.indexOf('=')
  return { [text.slice(0, at)]: text.slice(at + 1) }
}

/** The first word; what follows a comma is the reason. */
function choice<Word extends string>(draft: Draft, value: string, allowed: readonly Word[]): Word {
  const word = value.split(',')[0]!.trim()
  return allowed.find((one) => one === word) ?? refuse(draft, `"${word}" is none of ${allowed.join(', ')}`)
}

function refuse({ name }: Draft, why: string): never {
  throw new Error(`test/differential/${name}.yml: ${why}`)
}

/** One task: where it ended how, and what it said there (debug, fail and assert). */
export interface TaskTrace {
  readonly task: string
  readonly ends: Readonly<Record<string, string>>
  readonly says?: Readonly<Record<string, unknown>>
}

/** What one call of a playbook did, the same for Ansible and for fplay. */
export interface RunTrace {
  readonly exit: number
  /** Columns of the recap that are not zero. */
  readonly hosts: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Plays (each batch of hosts again) and tasks in the order in which they began. */
  readonly tasks: readonly ({ readonly play: string } | TaskTrace)[]
}

/** What a case does: its calls, and how hosts and controller are afterwards. */
export interface Course {
  readonly runs: readonly RunTrace[]
  readonly state: Readonly<Record<string, readonly string[]>>
}

/** A course that Ansible took. */
export interface Recording extends Course {
  readonly 'recorded with': string
}

/** Where the recording of a case stands. */
export function recordingFile({ file }: Case): string {
  return join(dirname(file), 'recorded', `${file.slice(dirname(file).length + 1, -'.yml'.length)}.json`)
}

/** The files of all recordings, whether they have a case or not. */
export function allRecordings(): string[] {
  return readdirSync(CASES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(CASES, entry.name, 'recorded')))
    .flatMap(({ name: area }) =>
      readdirSync(join(CASES, area, 'recorded')).map((file) => join(CASES, area, 'recorded', file)),
    )
    .sort()
}

/** What Ansible did with a case; fails when nobody has asked it yet. */
export function readRecording(one: Case): Recording {
  const file = recordingFile(one)
  if (!existsSync(file))
    refuse(one, `it is not recorded yet: npx tsx test/differential/record.ts ${one.name}`)
  return JSON.parse(readFileSync(file, 'utf8')) as Recording
}
