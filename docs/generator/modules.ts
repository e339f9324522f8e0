import { formatRules, paramFacts } from '../../engine/cli/doc-text.js'
import type { Told } from '../../engine/cli/doc-text.js'
import type { ParamTable } from '../../engine/module/params.js'

/** The page of a module. */
export function modulePage(name: string, module: Told): string {
  const returns = Object.entries(module.returns ?? {})
  return [
    `# ${name}`,
    `${module.summary}.`,
    module.description ?? '',
    Object.keys(module.params).length ? `## Parameters\n\n${paramTable(module.params)}` : '',
    formatRules(module)
      .map((rule) => `- ${rule}`)
      .join('\n'),
    returns.length
      ? `## Returns\n\n${table(
          ['Name', 'Meaning'],
          returns.map(([key, text]) => [`\`${key}\``, text]),
        )}`
      : '',
    module.examples ? `## Examples\n\n\`\`\`yaml\n${module.examples.trim()}\n\`\`\`` : '',
  ]
    .filter(Boolean)
    .join('\n\n')
    .concat('\n')
}

/** The page that lists all modules. */
export function modulesIndex(modules: readonly (readonly [string, Told])[]): string {
  const rows = modules.map(([name, { summary }]) => [`[${name}](${name}.md)`, summary])
  return `# Modules\n\n${table(['Module', 'What it does'], rows)}\n`
}

function paramTable(params: ParamTable): string {
  const rows = (of: ParamTable, before: string): string[][] =>
    Object.entries(of).flatMap(([name, spec]) => [
      [`\`${before}${name}\``, paramFacts(spec).join('; '), spec.description],
      ...(spec.options ? rows(spec.options, `${before}${name}.`) : []),
    ])
  return table(['Parameter', 'Value', 'Meaning'], rows(params, ''))
}

/** A table of Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;')
}
