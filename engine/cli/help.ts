import { SECTIONS } from './option.js'
import type { OptionSpec } from './option.js'
import { SETTINGS } from './setting-table.js'
import type { SettingSpec } from './setting-spec.js'

/** How a command is called, for its help. */
export interface CommandHelp {
  /** `fplay PLAYBOOK… -i SOURCE [options]`. */
  readonly usage: readonly string[]
  /** One sentence. */
  readonly about: string
  readonly options: Readonly<Record<string, OptionSpec>>
}

/** The whole help of a command, at most `width` columns wide. */
export function formatHelp(command: CommandHelp, width = 100): string {
  const rows = Object.values(command.options).map((spec) => ({ spec, left: flagsOf(spec) }))
  const column = Math.min(34, Math.max(...rows.map(({ left }) => left.length)) + 4)
  const sections = SECTIONS.map((section) => {
    const own = rows.filter(({ spec }) => spec.section === section)
    if (!own.length) return ''
    return `\n${section}:\n${own.map(({ left, spec }) => formatRow(left, textOf(spec), column, width)).join('')}`
  })
  return `${formatUsage(command)}${sections.join('')}`
}

/** Usage and one sentence. */
export function formatUsage(command: CommandHelp): string {
  return `Usage: ${command.usage.join('\n       ')}\n\n${command.about}\n`
}

function flagsOf({ flags, value }: OptionSpec): string {
  const short = flags.filter((flag) => !flag.startsWith('--'))
  const text = flags.join(', ') + (value === undefined ? '' : ` ${value}`)
  return short.length ? text : `    ${text}`
}

function textOf({ about, setting }: OptionSpec): string {
  const env = setting && (SETTINGS[setting] as SettingSpec).env?.[0]
  return env === undefined ? about : `${about} [${env}]`
}

function formatRow(left: string, text: string, column: number, width: number): string {
  const [first, ...more] = wrapWords(text, width - column)
  const head =
    left.length + 2 < column ? `  ${left}`.padEnd(column) + first : `  ${left}\n${' '.repeat(column)}${first}`
  return [head, ...more.map((line) => ' '.repeat(column) + line)].join('\n') + '\n'
}

function wrapWords(text: string, width: number): string[] {
  const lines: string[] = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!
    if (line === '') lines[lines.length - 1] = word
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines
}
