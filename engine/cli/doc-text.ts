import type { Module } from '../module/contract.js'
import type { ParamSpec, ParamTable } from '../module/params.js'

/** What a module does, its parameters, what it returns and examples, as text for a terminal. */
export function formatModule(name: string, module: Module): string {
  const parts = [
    `${name}: ${module.summary}`,
    module.description ?? '',
    section('Parameters', formatParams(module.params)),
    section('Returns', formatReturns(module.returns)),
    section('Examples', module.examples.trim()),
  ]
  return `${parts.filter(Boolean).join('\n\n')}\n`
}

function section(title: string, text: string): string {
  return (
    text &&
    `${title}\n${text
      .split('\n')
      .map((line) => (line ? `  ${line}` : ''))
      .join('\n')}`
  )
}

function formatParams(table: ParamTable): string {
  return Object.entries(table)
    .map(([name, spec]) => formatParam(name, spec))
    .join('\n')
}

function formatParam(name: string, spec: ParamSpec): string {
  const facts = [
    spec.type + (spec.elements ? ` of ${spec.elements}` : ''),
    spec.required ? 'required' : '',
    spec.default === undefined ? '' : `default ${JSON.stringify(spec.default)}`,
    spec.choices ? `one of ${spec.choices.join(', ')}` : '',
    spec.aliases?.length ? `also ${spec.aliases.join(', ')}` : '',
  ]
  const below = spec.options ? `\n${indent(formatParams(spec.options))}` : ''
  return `${name} (${facts.filter(Boolean).join('; ')})\n${indent(spec.description)}${below}`
}

function formatReturns(returns: Module['returns']): string {
  return Object.entries(returns)
    .map(([name, text]) => `${name}: ${text}`)
    .join('\n')
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')
}
