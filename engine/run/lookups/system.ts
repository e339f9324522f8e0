import { spawnSync } from 'node:child_process'
import { selectHosts } from '../../inventory/pattern.js'
import type { Value } from '../../language/value.js'
import type { LookupPlugin } from './plugin.js'
import { opened, refuse, termText } from './terms.js'
import { url } from './url.js'

/** Bytes a command of a lookup may print. */
const OUTPUT_LIMIT = 64 * 1024 * 1024

const env: LookupPlugin =
  ({ run }) =>
  (terms, options) =>
    opened(terms).map((term) => run.settings.env[termText(term)] ?? options.get('default') ?? '')

function command(lookup: string, term: Value): string {
  const text = termText(term)
  const { status, stdout, stderr, error } = spawnSync('/bin/sh', ['-c', text], {
    encoding: 'utf8',
    maxBuffer: OUTPUT_LIMIT,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (status === 0) return stdout
  const why = error ? error.message : `status ${status}: ${stderr.trim().slice(-500)}`
  return refuse(lookup, `the command "${text}" failed (${why})`)
}

const vars: LookupPlugin = (context) => (terms, options) =>
  opened(terms).map((term) => {
    const name = termText(term)
    const value = context.scope().lookup(name) ?? options.get('default')
    return value ?? refuse('vars', `no variable is named "${name}"`, 'give a default')
  })

const varnames: LookupPlugin = (context) => (terms) => {
  const names = [...(context.scope().names?.() ?? [])]
  return terms.flatMap((term) => {
    const pattern = new RegExp(termText(term))
    return names.filter((name) => pattern.test(name))
  })
}

const hostnames: LookupPlugin = (context) => (terms) =>
  selectHosts(context.run.inventory, opened(terms).map(termText)).hosts.map(({ name }) => name)

/** Lookups of variables, of the environment and of commands on the controller. */
export const SYSTEM_LOOKUPS: Readonly<Record<string, LookupPlugin>> = {
  env,
  pipe: () => (terms) => opened(terms).map((term) => command('pipe', term).trimEnd()),
  lines: () => (terms) => opened(terms).flatMap((term) => linesOf(command('lines', term))),
  vars,
  varnames,
  inventory_hostnames: hostnames,
  url,
}

function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trimEnd())
  if (lines.at(-1) === '') lines.pop()
  return lines
}
