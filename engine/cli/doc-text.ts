import type { Module } from '../module/contract.js'
import type { Declaration } from '../module/declaration.js'
import type { ParamSpec, ParamTable } from '../module/params.js'

/** What can be told of a module: of a word of the engine there is less. */
export type Told = Declaration & Partial<Pick<Module, 'description' | 'returns' | 'examples'>>

/**
 * What a module does, its parameters, what it returns and examples, as text for a terminal of `width` columns; with
 * the file of one of the user's own.
 */
export function formatModule(name: string, module: Told, width = 100, file?: string): string {
  const parts = [
    `${name}: ${module.summary}`,
    file === undefined || module.summary.includes(file) ? '' : `In ${file}`,
    module.description === undefined ? '' : wrap(module.description, width),
    section('Parameters', formatParams(module.params, width - 2)),
    section('Rules', formatRules(module).join('\n')),
    section('Returns', formatReturns(module.returns ?? {}, width - 2)),
    section('Examples', module.examples?.trim() ?? ''),
  ]
  return `${parts.filter(Boolean).join('\n\n')}\n`
}

/** What must be given together, and the like, in sentences. */
export function formatRules({ rules = {}, freeForm, open }: Told): string[] {
  const list = (names: readonly string[]): string => names.join(', ')
  return [
    ...(freeForm === undefined ? [] : [`Text without a name is ${freeForm}.`]),
    ...(open ? ['Parameters of other names may be given.'] : []),
    ...(rules.oneOf ?? []).map((names) => `One of these is needed: ${list(names)}.`),
    ...(rules.exclusive ?? []).map((names) => `Only one of these may be given: ${list(names)}.`),
    ...(rules.together ?? []).map((names) => `These are given together: ${list(names)}.`),
    ...(rules.requiredIf ?? []).map(
      ([name, value, names]) => `With ${name}=${String(value)} these are needed: ${list(names)}.`,
    ),
    ...Object.entries(rules.requiredBy ?? {}).map(([name, names]) => `${name} needs ${list(names)}.`),
  ]
}

/** Type, default, choices and other names of a parameter, in words. */
export function paramFacts(spec: ParamSpec): string[] {
  const facts = [
    spec.type + (spec.elements ? ` of ${spec.elements}` : ''),
    spec.required ? 'required' : '',
    spec.default === undefined ? '' : `default ${JSON.stringify(spec.default)}`,
    spec.choices ? `one of ${spec.choices.join(', ')}` : '',
    spec.aliases?.length ? `also ${spec.aliases.join(', ')}` : '',
    spec.secret ? 'never shown' : '',
  ]
  return facts.filter(Boolean)
}

/** Words with a sentence each, in two columns. */
export function formatWords(words: readonly (readonly [string, string])[], width = 100): string {
  const column = Math.max(0, ...words.map(([name]) => name.length)) + 2
  return words
    .map(([name, text]) => {
      const lines = wrap(text, Math.max(30, width - column)).split('\n')
      return `${name.padEnd(column)}${lines.join(`\n${' '.repeat(column)}`)}\n`
    })
    .join('')
}

function section(title: string, text: string): string {
  return text && `${title}\n${indent(text, '  ')}`
}

function formatParams(table: ParamTable, width: number): string {
  return Object.entries(table)
    .map(([name, spec]) => formatParam(name, spec, width))
    .join('\n')
}

function formatParam(name: string, spec: ParamSpec, width: number): string {
  const below = spec.options ? `\n${indent(formatParams(spec.options, width - 4), '    ')}` : ''
  const head = wrap(`${name} (${paramFacts(spec).join('; ')})`, width, '        ')
  return `${head}\n${indent(wrap(spec.description, width - 4), '    ')}${below}`
}

function formatReturns(returns: Module['returns'], width: number): string {
  return Object.entries(returns)
    .map(([name, text]) => wrap(`${name}: ${text}`, width, '    '))
    .join('\n')
}

function indent(text: string, by: string): string {
  return text
    .split('\n')
    .map((line) => (line ? by + line : ''))
    .join('\n')
}

function wrap(text: string, width: number, hang = ''): string {
  return text
    .split('\n')
    .map((paragraph) => {
      const lines: string[] = ['']
      for (const word of paragraph.split(' ')) {
        const line = lines.at(-1)!
        if (line === '') lines[lines.length - 1] = word
        else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`
        else lines.push(`${hang}${word}`)
      }
      return lines.join('\n')
    })
    .join('\n')
}
