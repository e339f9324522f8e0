import { homedir } from 'node:os'
import { dirname, resolve } from 'node:path'
import { fail, FplayError } from '../errors.js'
import type { Place, Problem } from '../errors.js'
import type { Caller } from './caller.js'
import { findConfigFile, readConfigFile } from './config-file.js'
import type { ConfigFile } from './config-file.js'
import type { SettingSpec } from './setting-spec.js'
import { SETTINGS } from './setting-table.js'
import type { SettingName, SettingValue } from './setting-table.js'

/** The settings of the environment and of fplay.cfg or ansible.cfg. Options of the command line win over them. */
export interface Config {
  readonly env: Caller['env']
  /** The file that is read; undefined when there is none. Fails with `bad-setting`. */
  readonly file: ConfigFile | undefined
  /** What somebody has set; undefined where nobody has. Fails with `bad-setting`. */
  given<Name extends SettingName>(name: Name): SettingValue<Name> | undefined
  /** The same, or the default where there is one. */
  get<Name extends SettingName>(name: Name): SettingValue<Name> | undefined
  /** `default`, `env: ANSIBLE_FORKS`, `/etc/ansible/ansible.cfg:3`. */
  origin(name: SettingName): string
  /** Fails with `bad-setting` for everything that is set and not allowed. */
  check(): void
  /** Files that exist and are not read. */
  readonly warnings: readonly Problem[]
}

/** A text that somebody wrote, and where. */
interface Written {
  readonly text: string
  /** For people. */
  readonly origin: string
  /** How messages call it: `ANSIBLE_FORKS`, `defaults.forks`. */
  readonly called: string
  readonly place?: Place
  /** Where relative paths start. */
  readonly folder: string
}

/** Nothing is read before it is asked for. */
export function createConfig(env: Caller['env']): Config {
  const warnings: Problem[] = []
  let found: { readonly file: ConfigFile | undefined } | undefined
  const file = (): ConfigFile | undefined => {
    if (!found) {
      const path = findConfigFile(env, (problem) => warnings.push(problem))
      found = { file: path === undefined ? undefined : readConfigFile(path) }
    }
    return found.file
  }
  const given = <Name extends SettingName>(name: Name): SettingValue<Name> | undefined => {
    const written = findWritten(SETTINGS[name], env, file)
    return written && (convert(SETTINGS[name], written, env) as SettingValue<Name>)
  }
  return {
    env,
    warnings,
    get file() {
      return file()
    },
    given,
    check: () => checkAll(given),
    get: (name) => given(name) ?? (defaultOf(SETTINGS[name], env) as SettingValue<typeof name>),
    origin: (name) => findWritten(SETTINGS[name], env, file)?.origin ?? 'default',
  }
}

function checkAll(given: (name: SettingName) => unknown): void {
  const problems = (Object.keys(SETTINGS) as SettingName[]).flatMap((name) => {
    try {
      given(name)
      return []
    } catch (error) {
      if (error instanceof FplayError) return error.problems
      throw error
    }
  })
  // A file that cannot be read is met with every setting.
  const different = new Map(problems.map((problem) => [JSON.stringify(problem), problem]))
  if (problems.length) throw new FplayError([...different.values()])
}

/** The environment wins over the file; within each the last name wins. What is empty is not set. */
function findWritten(
  spec: SettingSpec,
  env: Caller['env'],
  file: () => ConfigFile | undefined,
): Written | undefined {
  const variable = spec.env?.findLast((name) => env[name])
  if (variable !== undefined)
    return { text: env[variable]!, origin: `env: ${variable}`, called: variable, folder: '.' }
  const entries = file()?.entries
  const key = spec.keys.findLast((name) => entries?.get(name)?.value)
  const entry = key === undefined ? undefined : entries?.get(key)
  if (key === undefined || !entry) return undefined
  const { value, place } = entry
  return {
    text: value,
    origin: `${place.file}:${place.line}`,
    called: key,
    place,
    folder: dirname(place.file),
  }
}

function defaultOf(spec: SettingSpec, env: Caller['env']): unknown {
  if (spec.kind === 'boolean') return spec.default ?? false
  if (spec.kind === 'paths')
    return (spec.default as readonly string[] | undefined)?.map((path) => expand(path, '.', env))
  return spec.default
}

function convert(spec: SettingSpec, written: Written, env: Caller['env']): unknown {
  const { text, folder } = written
  const path = (one: string): string => expand(unquote(one.trim()), folder, env)
  switch (spec.kind) {
    case 'boolean':
      return toBoolean(text) ?? refuse(written, 'allowed: yes, no')
    case 'integer':
      return toInteger(spec, written)
    case 'text':
      return toWord(spec, written)
    case 'list':
      return split(text, ',').map(unquote)
    case 'path':
      return path(text)
    case 'paths':
      return split(text, ':').map(path)
    // A list of hosts ends in a comma.
    case 'sources':
      return text.trim().endsWith(',') ? [text.trim()] : split(text, ',').map(path)
  }
}

function toInteger({ least = 0 }: SettingSpec, written: Written): number {
  const number = /^\d+$/.test(written.text.trim()) ? Number(written.text) : NaN
  return number >= least ? number : refuse(written, `allowed: a whole number from ${least} on`)
}

function toWord({ choices }: SettingSpec, written: Written): string {
  const word = unquote(written.text.trim())
  if (!choices || choices.includes(word)) return word
  const truth = choices.includes('yes') ? toBoolean(word) : undefined
  if (truth !== undefined) return truth ? 'yes' : 'no'
  return refuse(written, `allowed: ${choices.filter((choice) => !choice.includes('.')).join(', ')}`)
}

/** The truth that a word of the environment or a settings file says; undefined for other words. */
export function toBoolean(text: string): boolean | undefined {
  const word = text.trim().toLowerCase()
  if (['y', 'yes', 'on', '1', 'true', 't', '1.0'].includes(word)) return true
  return ['n', 'no', 'off', '0', 'false', 'f', '0.0'].includes(word) ? false : undefined
}

function split(text: string, at: string): string[] {
  return text
    .split(at)
    .map((part) => part.trim())
    .filter(Boolean)
}

function unquote(text: string): string {
  return /^(["']).*\1$/s.test(text) && text.length > 1 ? text.slice(1, -1) : text
}

function expand(path: string, folder: string, env: Caller['env']): string {
  const known = path
    .replaceAll('{{CWD}}', resolve('.'))
    .replace(/^~(?=\/|$)/, env['HOME'] || homedir())
    .replace(/\$(?:(\w+)|\{(\w+)\})/g, (whole, bare?: string, braced?: string) => {
      return env[bare ?? braced ?? ''] ?? whole
    })
  return resolve(folder, known)
}

function refuse({ called, text, place }: Written, allowed: string): never {
  return fail({ code: 'bad-setting', message: `${called} is "${text}"`, place, allowed })
}
