import { fail, FplayError, formatProblem } from '../errors.js'
import type { Caller } from './caller.js'
import type { Config } from './config.js'
import { idleSettings } from './config-remarks.js'
import { exitCodeOf } from './exit-code.js'
import type { ConfigOptions } from './config-options.js'
import { SETTINGS } from './setting-table.js'
import type { SettingName } from './setting-table.js'

/** A setting as it is shown. */
interface Shown {
  readonly name: string
  readonly origin: string
  readonly value: unknown
}

/** `fplay config dump`: every setting with its origin. Gives the exit status. */
export function showConfig(
  operands: readonly string[],
  options: ConfigOptions,
  caller: Caller,
  config: Config,
): number {
  try {
    if (operands.length !== 1 || operands[0] !== 'dump') {
      fail({
        code: 'bad-option',
        message: operands.length
          ? `fplay config cannot ${operands.join(' ')}`
          : 'fplay config is told nothing to do',
        allowed: 'allowed: dump',
      })
    }
    const format = options.format ?? 'display'
    if (format !== 'display' && format !== 'json')
      fail({ code: 'bad-option', message: `--format is "${format}"`, allowed: 'allowed: display, json' })
    caller.stdout.write(format === 'json' ? asJson(options, config) : asText(options, config))
    for (const warning of config.warnings) caller.stderr.write(`WARNING: ${formatProblem(warning)}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof FplayError)) throw error
    caller.stderr.write(error.problems.map((problem) => `ERROR: ${formatProblem(problem)}\n`).join(''))
    return exitCodeOf(error)
  }
}

function shown({ onlyChanged }: ConfigOptions, config: Config): Shown[] {
  const names = (Object.keys(SETTINGS) as SettingName[]).sort()
  const all = names.map((name) => ({
    name,
    origin: config.origin(name),
    value: config.get(name) ?? null,
  }))
  const file = {
    name: 'CONFIG_FILE',
    origin: config.file ? 'found' : 'default',
    value: config.file?.path ?? null,
  }
  return [file, ...all].filter(({ origin }) => !onlyChanged || origin !== 'default')
}

function asText(options: ConfigOptions, config: Config): string {
  const lines = shown(options, config).map(({ name, origin, value }) => `${name}(${origin}) = ${say(value)}`)
  const idle = idleSettings(config).map(
    ({ called, origin, value, why }) => `${called}(${origin}) = ${say(value)}\n    no effect: ${why}`,
  )
  const all = idle.length ? [...lines, '', 'Set, and without effect:', ...idle] : lines
  return all.map((line) => `${line}\n`).join('')
}

function asJson(options: ConfigOptions, config: Config): string {
  const idle = idleSettings(config).map(({ called, origin, value, why }) => ({
    name: called,
    origin,
    value,
    no_effect: why,
  }))
  return `${JSON.stringify([...shown(options, config), ...idle], null, 2)}\n`
}

function say(value: unknown): string {
  if (value === null) return 'none'
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value)
}
