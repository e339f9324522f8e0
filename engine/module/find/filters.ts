import { isUtf8 } from 'node:buffer'
import { Fail, isUnknown, type Content, type Maybe, type PathState } from '../contract.js'
import { fnmatch } from '../fnmatch.js'
import type { InferParams } from '../params.js'
import { regexOf, type Regex } from '../regex.js'
import type { FIND } from './params.js'

/** Values of the parameters of `find`. */
export type Find = InferParams<typeof FIND>

/** Whether an entry is taken; undefined where only the run can tell. */
export type Verdict = boolean | undefined

/** What is asked of an entry, made once from the parameters. */
export interface Filters {
  /** By name. */
  name(name: string): boolean
  /** By kind, age and size. `now` is the host's, in seconds. */
  state(found: PathState, now: number): Verdict
  /** By the text in it; files only. */
  content(content: Maybe<Content> | undefined): Verdict
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }
const BYTES: Readonly<Record<string, number>> = { b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

/** Reads the parameters. Throws Fail for what is no age, size or regular expression. */
export function filtersOf(given: Find): Filters {
  const age = amount('age', given.age, SECONDS)
  const size = amount('size', given.size, BYTES)
  const text = given.contains === undefined ? undefined : regexOf(given.contains)
  return {
    name: nameFilter(given),
    state: (found, now) => every([kindIs(given, found), aged(given, found, age, now), sized(found, size)]),
    content: (content) =>
      text === undefined || given.file_type !== 'file' ? true : holds(text, given.read_whole_file, content),
  }
}

/** False if one is false, undefined if one of the others is. */
function every(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes(false)) return false
  return verdicts.includes(undefined) ? undefined : true
}

/** A number with a unit, negative for "at most". */
function amount(
  name: string,
  text: string | undefined,
  units: Readonly<Record<string, number>>,
): number | undefined {
  if (text === undefined) return undefined
  const [, number, unit] = /^(-?\d+)([a-z])?$/.exec(text.toLowerCase()) ?? []
  const times = unit === undefined ? 1 : units[unit]
  if (number !== undefined && times !== undefined) return Number(number) * times
  const allowed = `write a number, alone or with one of ${Object.keys(units).join(', ')}`
  throw new Fail(`failed to process ${name} ${JSON.stringify(text)}`, [], allowed, { [name]: text })
}

function nameFilter({ patterns, excludes = [], use_regex: regex }: Find): (name: string) => boolean {
  const matcher = (pattern: string): ((name: string) => boolean) => {
    // In a pattern of Python a backslash is a character like any other.
    if (!regex) {
      const whole = fnmatch(pattern.replaceAll('\\', '\\\\'))
      return (name) => whole.test(name)
    }
    const start = regexOf(pattern)
    return (name) => start.search(name)?.index === 0
  }
  const wanted = patterns.map(matcher)
  const unwanted = excludes.map(matcher)
  return (name) =>
    (wanted.length === 0 || wanted.some((matches) => matches(name))) &&
    !unwanted.some((matches) => matches(name))
}

function kindIs({ file_type: kind }: Find, { type }: PathState): Verdict {
  if (kind === 'any') return true
  return isUnknown(type) ? undefined : type === kind
}

/** What the run has yet to write is as good as new. */
function aged(given: Find, found: PathState, age: number | undefined, now: number): Verdict {
  if (age === undefined) return true
  const time = found[given.age_stamp]
  const passed = typeof time === 'number' ? now - time : 0
  return age >= 0 ? passed >= age : passed <= -age
}

function sized({ type, size }: PathState, limit: number | undefined): Verdict {
  if (limit === undefined || (type !== 'file' && !isUnknown(type))) return true
  if (typeof size !== 'number') return undefined
  return limit >= 0 ? size >= limit : size <= -limit
}

/** A line that begins with the expression, or with the whole file the expression anywhere. A file that is no text has none. */
function holds(text: Regex, whole: boolean, content: Maybe<Content> | undefined): Verdict {
  if (content === undefined || isUnknown(content)) return undefined
  const bytes = content.bytes()
  if (!isUtf8(bytes)) return false
  const lines = bytes.toString('utf8').replace(/\r\n?/g, '\n')
  if (whole) return text.search(lines) !== undefined
  return (lines.match(/[^\n]*\n|[^\n]+$/g) ?? []).some((line) => text.search(line)?.index === 0)
}
