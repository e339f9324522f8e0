import { fail, nearest } from '../errors.js'
import type { Config } from './config.js'
import type { Options, OptionSpec, OptionTable } from './option.js'

/** Options of ansible-playbook that fplay has no use for, and what to do instead. */
const REFUSED: Readonly<Record<string, string>> = {
  '--scp-extra-args': 'files travel over the one SSH connection; use --ssh-common-args',
  '--sftp-extra-args': 'files travel over the one SSH connection; use --ssh-common-args',
}

/** A command line taken apart. */
export interface Parsed<T extends OptionTable> {
  readonly options: Options<T>
  /** What is no option: playbooks. */
  readonly operands: readonly string[]
}

/** A command line that is being read. */
interface Line {
  readonly table: OptionTable
  /** Names of options by flag. */
  readonly flags: ReadonlyMap<string, string>
  /** Arguments that were not read yet. */
  readonly rest: string[]
  /** What was given for an option; true for one without a value. */
  readonly given: Map<string, (string | true)[]>
  readonly operands: string[]
}

/**
 * Takes a command line apart as GNU getopt and Python's argparse do: `-vvv`, `-f5`, `-f 5`, `--forks=5`, unique
 * beginnings (`--fork 5`), options after operands, `--` before operands. What is not given is taken from the
 * settings, except where only help is wanted. Fails with `bad-option` and `bad-setting`.
 */
export function parseArguments<T extends OptionTable>(
  table: T,
  argv: readonly string[],
  config: Pick<Config, 'given'>,
): Parsed<T> {
  const specs = Object.entries<OptionSpec>(table)
  const flags = new Map(specs.flatMap(([name, spec]) => spec.flags.map((flag) => [flag, name])))
  const line: Line = { table, flags, rest: [...argv], given: new Map(), operands: [] }
  for (let argument = line.rest.shift(); argument !== undefined; argument = line.rest.shift())
    read(argument, line)
  const onlyHelp = line.given.has('help') || line.given.has('version')
  const setting = (spec: OptionSpec): unknown =>
    spec.setting === undefined || onlyHelp ? undefined : config.given(spec.setting)
  const entries = specs.map(([name, spec]) => {
    const given = line.given.get(name)
    if (!given) return [name, absent(spec, setting(spec))]
    const own = valueOf(spec, given)
    return [name, spec.joins ? join(spec, own as string[], setting(spec)) : own]
  })
  return { options: Object.fromEntries(entries) as Options<T>, operands: line.operands }
}

function read(argument: string, line: Line): void {
  if (argument === '--') line.operands.push(...line.rest.splice(0))
  else if (argument.startsWith('--')) readLong(argument, line)
  else if (argument.startsWith('-') && argument !== '-') readShort(argument, line)
  else line.operands.push(argument)
}

function readLong(argument: string, line: Line): void {
  const [, flag, inline] = /^(--[^=]*)(?:=(.*))?$/s.exec(argument)!
  const name = findLong(flag!, line)
  const spec = line.table[name]!
  if (spec.value !== undefined) return note(name, inline ?? takeValue(flag!, spec, line), line)
  if (inline !== undefined) return refuse(`${flag} takes no value, and got "${inline}"`)
  note(name, true, line)
}

/** Short options may stand together; what follows one that takes a value is its value. */
function readShort(argument: string, line: Line): void {
  for (let at = 1; at < argument.length; at++) {
    const flag = `-${argument[at]}`
    const name = line.flags.get(flag) ?? unknown(at === 1 ? argument : flag, line)
    const spec = line.table[name]!
    if (spec.value !== undefined) {
      const inline = argument.slice(at + 1).replace(/^=/, '')
      return note(name, inline || takeValue(flag, spec, line), line)
    }
    note(name, true, line)
  }
}

function takeValue(flag: string, spec: OptionSpec, { rest, flags }: Line): string {
  const value = rest[0]
  const isOption = value !== undefined && (flags.has(value.split('=')[0]!) || value === '--')
  if (value === undefined || isOption) return refuse(`${flag} needs a value (${spec.value})`)
  return rest.shift()!
}

function findLong(flag: string, line: Line): string {
  const exact = line.flags.get(flag)
  if (exact !== undefined) return exact
  const found = [...line.flags].filter(([candidate]) => candidate.startsWith(flag))
  const names = new Set(found.map(([, name]) => name))
  if (names.size === 1 && flag.length > 2) return found[0]![1]
  if (names.size > 1) return refuse(`${flag} may mean ${found.map(([candidate]) => candidate).join(' or ')}`)
  return unknown(flag, line)
}

function note(name: string, value: string | true, { given }: Line): void {
  given.set(name, [...(given.get(name) ?? []), value])
}

function unknown(flag: string, { flags }: Line): never {
  const instead = Object.hasOwn(REFUSED, flag) ? REFUSED[flag] : undefined
  if (instead) return refuse(`there is no option ${flag}`, undefined, instead)
  const near = nearest(flag, flags.keys())
  return refuse(
    `there is no option ${flag}`,
    near && `did you mean ${near}?`,
    near ? undefined : 'see --help',
  )
}

function valueOf(spec: OptionSpec, given: readonly (string | true)[]): unknown {
  const texts = given.map(String)
  switch (spec.kind) {
    case 'flag':
      return true
    case 'count':
      return given.length
    case 'number':
      return wholeNumber(spec, spec.flags.at(-1)!, texts.at(-1)!)
    case 'text':
      return texts.at(-1)
    case 'list':
      return texts
    case 'commas':
      return texts.flatMap(splitCommas)
  }
}

/** The value of an option that is not given, from its setting. */
function absent(spec: OptionSpec, setting: unknown): unknown {
  switch (spec.kind) {
    case 'flag':
      return setting ?? false
    case 'count':
      return setting ?? 0
    case 'number':
    case 'text':
      return setting
    case 'list':
    case 'commas':
      return typeof setting === 'string' ? [setting] : (setting ?? [])
  }
}

function join(spec: OptionSpec, own: readonly string[], setting: unknown): readonly string[] {
  const more = absent(spec, setting) as readonly string[]
  return spec.joins === 'before' ? [...more, ...own] : [...own, ...more]
}

function splitCommas(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean)
}

function wholeNumber(spec: OptionSpec, name: string, text: string): number {
  const least = spec.least ?? 0
  const number = /^\d+$/.test(text) ? Number(text) : NaN
  if (number >= least) return number
  return refuse(`${name} is "${text}"`, `allowed: a whole number from ${least} on`)
}

function refuse(message: string, allowed?: string, cure?: string): never {
  return fail({ code: 'bad-option', message, allowed, cure })
}
