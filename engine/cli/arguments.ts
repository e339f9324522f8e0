import { fail, nearest } from '../errors.js'
import { REFUSED } from './options.js'
import type { Options, OptionSpec } from './options.js'

/** A command line taken apart. */
export interface Parsed<T extends Readonly<Record<string, OptionSpec>>> {
  readonly options: Options<T>
  /** What is no option: playbooks. */
  readonly operands: readonly string[]
}

type Given = Map<string, (string | true)[]>

/**
 * Takes a command line apart as GNU getopt and Python's argparse do: `-vvv`, `-f5`, `-f 5`, `--forks=5`, unique
 * beginnings (`--fork 5`), options after operands, `--` before operands. What is not given is taken from the
 * environment. Fails with `bad-option`.
 */
export function parseArguments<T extends Readonly<Record<string, OptionSpec>>>(
  table: T,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Parsed<T> {
  const byFlag = new Map(
    Object.entries(table).flatMap(([name, spec]) => spec.flags.map((flag) => [flag, name])),
  )
  const given: Given = new Map()
  const operands: string[] = []
  const rest = [...argv]
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    if (argument === '--') operands.push(...rest.splice(0))
    else if (argument.startsWith('--')) readLong(argument, rest)
    else if (argument.startsWith('-') && argument !== '-') readShort(argument, rest)
    else operands.push(argument)
  }
  const entries = Object.entries(table).map(([name, spec]) => [name, valueOf(spec, given.get(name), env)])
  return { options: Object.fromEntries(entries) as Options<T>, operands }

  function readLong(argument: string, rest: string[]): void {
    const [, flag, inline] = /^(--[^=]*)(?:=(.*))?$/s.exec(argument)!
    const name = findLong(flag!)
    const spec = table[name]!
    if (spec.value !== undefined) return note(name, inline ?? takeValue(flag!, spec, rest))
    if (inline !== undefined) return refuse(`${flag} takes no value, and got "${inline}"`)
    note(name, true)
  }

  function readShort(argument: string, rest: string[]): void {
    for (let at = 1; at < argument.length; at++) {
      const flag = `-${argument[at]}`
      const name = byFlag.get(flag) ?? unknown(at === 1 ? argument : flag)
      const spec = table[name]!
      if (spec.value === undefined) note(name, true)
      else {
        const inline = argument.slice(at + 1).replace(/^=/, '')
        return note(name, inline || takeValue(flag, spec, rest))
      }
    }
  }

  function takeValue(flag: string, spec: OptionSpec, rest: string[]): string {
    const value = rest[0]
    const isOption = value !== undefined && (byFlag.has(value.split('=')[0]!) || value === '--')
    if (value === undefined || isOption) return refuse(`${flag} needs a value (${spec.value})`)
    return rest.shift()!
  }

  function findLong(flag: string): string {
    const exact = byFlag.get(flag)
    if (exact !== undefined) return exact
    const found = [...byFlag].filter(([candidate]) => candidate.startsWith(flag))
    const names = new Set(found.map(([, name]) => name))
    if (names.size === 1 && flag.length > 2) return found[0]![1]!
    if (names.size > 1)
      return refuse(`${flag} may mean ${found.map(([candidate]) => candidate).join(' or ')}`)
    return unknown(flag)
  }

  function note(name: string, value: string | true): void {
    given.set(name, [...(given.get(name) ?? []), value])
  }

  function unknown(flag: string): never {
    const instead = Object.hasOwn(REFUSED, flag) ? REFUSED[flag] : undefined
    if (instead) return refuse(`there is no option ${flag}`, undefined, instead)
    const near = nearest(flag, byFlag.keys())
    return refuse(
      `there is no option ${flag}`,
      near && `did you mean ${near}?`,
      near ? undefined : 'see --help',
    )
  }
}

function valueOf(
  spec: OptionSpec,
  given: (string | true)[] | undefined,
  env: Readonly<Record<string, string | undefined>>,
) {
  const fromEnv = spec.env === undefined ? undefined : env[spec.env] || undefined
  const texts = (given ?? []).map(String)
  switch (spec.kind) {
    case 'flag':
      return given ? true : fromEnv !== undefined && isYes(fromEnv)
    case 'count':
      return given ? given.length : fromEnv === undefined ? 0 : wholeNumber(spec, spec.env!, fromEnv)
    case 'number':
      if (given) return wholeNumber(spec, spec.flags.at(-1)!, texts.at(-1)!)
      return fromEnv === undefined ? undefined : wholeNumber(spec, spec.env!, fromEnv)
    case 'text':
      return texts.at(-1) ?? fromEnv
    case 'list':
      return given ? texts : fromEnv === undefined ? [] : listInEnvironment(spec, fromEnv)
    case 'commas':
      return (given ? texts : fromEnv === undefined ? [] : [fromEnv]).flatMap((text) =>
        text
          .split(',')
          .map((word) => word.trim())
          .filter(Boolean),
      )
  }
}

/** Several sources in one variable have commas between them; a list of hosts ends in one. */
function listInEnvironment(spec: OptionSpec, text: string): string[] {
  if (text.endsWith(',') || !spec.env?.startsWith('ANSIBLE_')) return [text]
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
}

function isYes(text: string): boolean {
  return /^(?:y|yes|on|1|true|t)$/i.test(text)
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
