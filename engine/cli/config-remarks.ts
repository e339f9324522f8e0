import { nearest } from '../errors.js'
import type { Place, Problem } from '../errors.js'
import type { Config } from './config.js'
import { knownKeys, UNFOLLOWED } from './setting-notes.js'
import type { Unfollowed } from './setting-notes.js'

/** A setting that somebody has made and fplay does not follow, or does not know. */
export interface Idle {
  /** Ansible's name; the key itself where nobody knows it. */
  readonly name: string
  /** What was written: `defaults.strategy`, `ANSIBLE_STRATEGY`. */
  readonly called: string
  readonly value: string
  readonly origin: string
  readonly place: Place | undefined
  readonly why: string
  /** False where nothing is lost. */
  readonly said: boolean
}

/** Every setting of the environment and the file that has no effect. */
export function idleSettings(config: Config): Idle[] {
  return [...UNFOLLOWED.flatMap((setting) => idle(setting, config)), ...unknownKeys(config)]
}

/** What a run says about its settings: files that are not read, unknown keys, and what has no effect. */
export function settingRemarks(config: Config): Problem[] {
  const all = idleSettings(config).filter(({ said }) => said)
  const [first] = all
  const unknown = all.filter(({ name, called }) => name === called)
  const others = all.filter(({ name, called }) => name !== called)
  const told = unknown.map(({ called, place, why }): Problem => ({
    code: 'bad-setting',
    message: `there is no setting ${called}`,
    place,
    allowed: why,
  }))
  if (!first || !others.length) return [...config.warnings, ...told]
  const list = others.map(({ called, value }) => `${called} (${value.split('\n')[0]!})`).join(', ')
  const summary: Problem = {
    code: 'bad-setting',
    message: `settings that have no effect here: ${list}`,
    place: others[0]!.place,
    cure: '"fplay config dump" tells why',
  }
  return [...config.warnings, ...told, summary]
}

function idle({ name, keys, env, why, said, always }: Unfollowed, config: Config): Idle[] {
  const variables = env.flatMap((called) => {
    const value = config.env[called]
    return value ? [{ called, value, origin: `env: ${called}`, place: undefined }] : []
  })
  const entries = keys.flatMap((called) => {
    const entry = config.file?.entries.get(called)
    return entry?.value ? [{ called, ...entry, origin: `${entry.place.file}:${entry.place.line}` }] : []
  })
  const written = [...variables, ...entries]
  return written.map(({ called, value, origin, place }) => {
    const same = always !== undefined && isSame(value, always)
    const reason = always === undefined ? why : `${why}: ${always}`
    return { name, called, value, origin, place, why: reason, said: said && !same }
  })
}

function isSame(value: string, always: string): boolean {
  const word = value.trim().toLowerCase()
  if (always === 'true') return ['true', 'yes', 'y', 'on', '1', 't'].includes(word)
  if (always === 'false') return ['false', 'no', 'n', 'off', '0', 'f'].includes(word)
  return word.replace(/^ansible\.builtin\./, '') === always.toLowerCase()
}

function unknownKeys(config: Config): Idle[] {
  const known = new Set(knownKeys())
  return [...(config.file?.entries ?? [])].flatMap(([called, { value, place }]) => {
    if (known.has(called)) return []
    const [section] = called.split('.')
    const near = [...known].filter((key) => key.startsWith(`${section!}.`))
    const why = near.length ? nearKey(called, near) : `fplay has no section [${section!}]`
    const origin = `${place.file}:${place.line}`
    return [{ name: called, called, value, origin, place, why, said: true }]
  })
}

/** Only a near name is told: a list of all would be a page. */
function nearKey(called: string, keys: readonly string[]): string {
  const [section] = called.split('.')
  const bare = keys.map((key) => key.slice(section!.length + 1))
  const near = nearest(called.slice(section!.length + 1), bare)
  return near ? `did you mean "${near}"?` : `Ansible has none of that name in [${section!}] either`
}
