import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fail } from '../../errors.js'
import { isUnknown } from '../../unknown.js'
import type { Scope } from '../../language/jinja/scope.js'
import { readPythonLiteral } from '../../language/python-literal.js'
import { isDict, keyText } from '../../language/value.js'
import type { Dict, Value } from '../../language/value.js'
import { searchPaths } from '../../play/files.js'
import type { SearchFolder } from '../../play/files.js'
import { playOf } from '../../play/inherit.js'
import { findFile } from '../find-file.js'
import type { LookupContext, LookupPlugin } from './plugin.js'
import { templateVariables } from '../template-variables.js'
import { renderTemplateFile } from '../templates.js'
import { opened, option, optionFlag, refuse, refuseUnknown, termText } from './terms.js'

const file: LookupPlugin = (context) => (terms, options) =>
  opened(terms).map((term) => {
    const path = find(context, 'file', termText(term), 'files')
    const foreseen = context.run.files.foreseen(path)
    if (isUnknown(foreseen)) return foreseen
    const text = context.run.files.text(path)
    const tail = optionFlag(options, 'rstrip', true) ? text.trimEnd() : text
    return optionFlag(options, 'lstrip', false) ? tail.trimStart() : tail
  })

const MARKERS = [
  'variable_start_string',
  'variable_end_string',
  'comment_start_string',
  'comment_end_string',
] as const
const TEMPLATE_OPTIONS: readonly string[] = [...MARKERS, 'template_vars', 'convert_data', 'jinja2_native']

/** Text of templates. What writes out a list or a dictionary is that value, unless convert_data is no. */
const template: LookupPlugin = (context) => (terms, options) => {
  refuseUnknown('template', options.keys(), TEMPLATE_OPTIONS)
  const markers = MARKERS.flatMap((name) => {
    const value = option(options, name)
    return value === undefined ? [] : [[name, value] as const]
  })
  const more = options.get('template_vars') ?? new Map<Value, Value>()
  if (!isDict(more)) return refuse('template', 'template_vars is no dictionary')
  const { managed } = context.run.settings
  const converts = optionFlag(options, 'convert_data', true) && !optionFlag(options, 'jinja2_native', false)
  return opened(terms).map((term) => {
    const name = termText(term)
    const path = find(context, 'template', name, 'templates')
    const own = templateVariables({ path: name, file: path, dest: undefined, managed })
    const scope = overlaid(context.scope(), new Map([...own, ...more]))
    const text = renderTemplateFile(context.run.files.text(path), scope, path, Object.fromEntries(markers))
    if (isUnknown(text) || !converts || !/^(?:\[|\{)/.test(text)) return text
    return readPythonLiteral(text, { json: true }) ?? text
  })
}

/** A scope with variables that hide those of another. */
function overlaid(base: Scope, variables: Dict): Scope {
  return {
    lookup: (name) => (variables.has(name) ? variables.get(name) : base.lookup(name)),
    names: () => [...[...variables.keys()].map(keyText), ...(base.names?.() ?? [])],
    lookups: base.lookups,
    template: (name, from) => base.template?.(name, from),
  }
}

const fileglob: LookupPlugin = (context) => (terms) =>
  opened(terms).flatMap((term) => {
    const pattern = termText(term)
    for (const path of places(context, pattern, 'files')) {
      const found = glob(path)
      if (found.length) return found
    }
    return []
  })

/** Files that match a pattern in the last part of a path. */
function glob(path: string): string[] {
  const folder = dirname(path)
  if (!existsSync(folder)) return []
  const source = basename(path).replace(/\[[^\]]*\]|[\s\S]/g, (char) => {
    if (char === '*') return '[^/]*'
    if (char === '?') return '[^/]'
    return char.length > 1 ? char.replace(/^\[!/, '[^') : char.replace(/[.+^${}()|[\]\\]/, '\\$&')
  })
  const pattern = new RegExp(`^${source}$`)
  const names = readdirSync(folder).filter(
    (name) => pattern.test(name) && (!name.startsWith('.') || source[1] === '.'),
  )
  return names
    .sort()
    .map((name) => join(folder, name))
    .filter((name) => statSync(name).isFile())
}

const firstFound: LookupPlugin = (context) => (terms, options) => {
  const { names, skip } = wanted(terms, options)
  for (const name of names) {
    const folders: SearchFolder[] = ['files', 'templates', 'vars']
    const found = folders.flatMap((folder) => places(context, name, folder)).find((path) => existsSync(path))
    if (found !== undefined) return [found]
  }
  if (skip) return []
  return refuse(
    'first_found',
    `none of these files exists: ${names.join(', ')}`,
    'add one, or set skip: true',
  )
}

/** What `first_found` looks for, and whether it may find nothing. */
interface Wanted {
  readonly names: readonly string[]
  readonly skip: boolean
}

/**
 * Terms of `first_found` in their order: names, dictionaries with files, paths and skip, and lists of such. As in
 * Ansible, files without paths take the place of all that was named before them, and the last word on skip counts.
 */
function wanted(terms: readonly Value[], options: Dict): Wanted {
  return terms.reduce<Wanted>(
    (before, term) => {
      if (Array.isArray(term)) {
        const inner = wanted(term, options)
        return { names: [...before.names, ...inner.names], skip: inner.skip }
      }
      const given = isDict(term) ? term : options
      const skip = optionFlag(given, 'skip', false)
      const files = list(given.get('files'))
      const paths = list(given.get('paths'))
      if (paths.length) {
        const below = paths.flatMap((path) => files.map((name) => join(path, name)))
        return { names: [...before.names, ...below], skip }
      }
      if (files.length) return { names: files, skip }
      return { names: isDict(term) ? before.names : [...before.names, termText(term)], skip }
    },
    { names: [], skip: false },
  )
}

function list(value: Value | undefined): string[] {
  if (value === undefined || value === null) return []
  const items = Array.isArray(value) ? value.map(termText) : [termText(value)]
  return items.flatMap((item) => item.split(/[,;:]/)).filter(Boolean)
}

function find({ task, run }: LookupContext, lookup: string, name: string, folder: SearchFolder): string {
  if (task) return findFile(task, name, folder, run.files)
  if (existsSync(name)) return name
  return fail({
    code: 'file-not-found',
    message: `lookup ${lookup}: there is no file "${name}" on the controller`,
  })
}

function places({ task }: LookupContext, name: string, folder: SearchFolder): string[] {
  return task ? searchPaths(name, folder, task, playOf(task)) : [join(dirname('.'), name)]
}

/** Lookups of files on the controller. */
export const FILE_LOOKUPS: Readonly<Record<string, LookupPlugin>> = {
  file,
  unvault: (context) => (terms) => file(context)(terms, new Map([['rstrip', false]])),
  template,
  fileglob,
  first_found: firstFound,
}
