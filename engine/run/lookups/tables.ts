import { readFileSync } from 'node:fs'
import { findFile } from '../find-file.js'
import { matches } from '../../language/jinja/python/regex.js'
import type { Dict, Value } from '../../language/value.js'
import { readConfig } from './config-parser.js'
import { readCsv } from './csv.js'
import type { LookupContext, LookupPlugin } from './plugin.js'
import { opened, option, optionFlag, refuse, refuseUnknown, splitTerm, termText } from './terms.js'

/** A term with its options; those in the term (`key file=users.csv`) win over those beside it. */
interface Wanted {
  readonly key: string
  readonly option: (name: string) => string | undefined
  readonly flag: (name: string) => boolean
}

function wantedOf(lookup: string, term: Value, options: Dict, allowed: readonly string[]): Wanted {
  const { first: key, pairs } = splitTerm(termText(term))
  refuseUnknown(lookup, [...pairs.keys(), ...options.keys()], allowed)
  if (key === '') return refuse(lookup, 'the term names no key')
  const all: Dict = new Map<Value, Value>([...options, ...pairs])
  return { key, option: (name) => option(all, name), flag: (name) => optionFlag(all, name, false) }
}

function textOf({ task, run }: LookupContext, lookup: string, name: string, encoding = 'utf-8'): string {
  const path = task ? findFile(task, name, 'files', run.files) : name
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(readFileSync(path))
  } catch (error) {
    return refuse(lookup, `${path} cannot be read as ${encoding}: ${(error as Error).message}`)
  }
}

const INI_OPTIONS = ['type', 'file', 'section', 're', 'encoding', 'default', 'case_sensitive', 'allow_no_value', 'allow_none'] // prettier-ignore

const ini: LookupPlugin = (context) => (terms, options) =>
  opened(terms).flatMap((term): Value[] => {
    const wanted = wantedOf('ini', term, options, INI_OPTIONS)
    const file = wanted.option('file') ?? 'ansible.ini'
    const type = wanted.option('type') ?? 'ini'
    if (type !== 'ini' && type !== 'properties')
      return refuse('ini', `type is "${type}"`, 'allowed: ini, properties')
    const isProperties = type === 'properties'
    const text = textOf(context, 'ini', file, wanted.option('encoding'))
    const section = isProperties ? 'java_properties' : (wanted.option('section') ?? 'global')
    const isCased = wanted.flag('case_sensitive')
    const sections = readConfig(isProperties ? `[${section}]\n${text}` : text, {
      isCased,
      allowsNone: wanted.flag('allow_no_value') || wanted.flag('allow_none'),
      refuse: (message) => refuse('ini', `${file}: ${message}`),
    })
    const entries = sections.get(section)
    if (!entries) return refuse('ini', `No section '${section}' in ${file}`)
    if (wanted.flag('re'))
      return [...entries].flatMap(([name, value]) => (matches(wanted.key, '', name, 'match') ? [value] : []))
    const name = isCased ? wanted.key : wanted.key.toLowerCase()
    const value = entries.has(name) ? entries.get(name)! : (wanted.option('default') ?? '')
    return value === null ? [] : [value]
  })

const CSV_OPTIONS = ['col', 'default', 'delimiter', 'file', 'encoding']

const csvfile: LookupPlugin = (context) => (terms, options) =>
  opened(terms).flatMap((term): Value[] => {
    const wanted = wantedOf('csvfile', term, options, CSV_OPTIONS)
    const delimiter = wanted.option('delimiter') ?? 'TAB'
    if (delimiter !== 'TAB' && delimiter.length !== 1)
      return refuse('csvfile', `delimiter is "${delimiter}"`, 'allowed: TAB or one character')
    const column = Number(wanted.option('col') ?? 1)
    if (!Number.isInteger(column)) return refuse('csvfile', `col is "${wanted.option('col')}"`)
    const text = textOf(context, 'csvfile', wanted.option('file') ?? 'ansible.csv', wanted.option('encoding'))
    const row = readCsv(text, delimiter === 'TAB' ? '\t' : delimiter).find(([first]) => first === wanted.key)
    const value = row === undefined ? wanted.option('default') : row.at(column)
    if (row !== undefined && value === undefined)
      return refuse('csvfile', `the row of ${wanted.key} has no column ${column}`)
    return value === undefined ? [] : [value]
  })

/** Lookups in tables of the controller. */
export const TABLE_LOOKUPS: Readonly<Record<string, LookupPlugin>> = { ini, csvfile }
