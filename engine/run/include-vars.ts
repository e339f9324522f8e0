import { readdirSync, statSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { fail } from '../errors.js'
import { isDict } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import type { Turn } from './context.js'
import { findFile } from './find-file.js'
import { dict, resultOfError, withValues } from './result.js'
import type { Result } from './result.js'

/** Parameters of `include_vars`, validated. */
interface Params {
  readonly file?: string
  readonly dir?: string
  readonly name?: string
  readonly depth?: number
  readonly files_matching?: string
  readonly ignore_files?: readonly string[]
  readonly extensions?: readonly string[]
  readonly ignore_unknown_extensions?: boolean
  readonly hash_behaviour?: 'replace' | 'merge'
}

/** Reads variables from files of the controller. They may hold templates. A failure is also the value `message`, as with Ansible. */
export function includeVars(turn: Turn, given: Readonly<Record<string, unknown>>): Result {
  try {
    return read(turn, given)
  } catch (error) {
    const result = resultOfError(error)
    return withValues(result, { message: result.message ?? '' })
  }
}

function read(turn: Turn, given: Readonly<Record<string, unknown>>): Result {
  const params = given as Params
  const files =
    params.dir === undefined
      ? [findFile(turn.task, params.file!, 'vars', turn.batch.run.files)]
      : filesOf(findFile(turn.task, params.dir, 'vars', turn.batch.run.files), params)
  const all: Dict = new Map()
  for (const file of files) merge(all, readDict(turn, file), false)
  const variables: Dict = params.name === undefined ? all : new Map([[params.name, all]])
  if (params.hash_behaviour === 'merge')
    for (const [name, value] of variables) variables.set(name, merged(turn.scope.lookup(String(name)), value))
  merge(turn.batch.run.known(turn.host).included, variables, false)
  const values = dict({
    changed: false,
    failed: false,
    ansible_facts: variables,
    ansible_included_var_files: files,
  })
  return { end: 'ok', changed: false, values, diffs: [] }
}

function readDict(turn: Turn, file: string): Dict {
  const value = turn.batch.run.files.yaml(file)
  if (isDict(value)) return value
  if (value === null) return new Map()
  return fail({
    code: 'bad-keyword',
    message: 'a file of variables is a dictionary',
    place: { file, line: 1, column: 1 },
    cure: 'write "name: value" lines',
  })
}

function filesOf(folder: string, params: Params, level = 1): string[] {
  const deep = !params.depth || level < params.depth
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .flatMap((path) => {
      if (statSync(path).isDirectory()) return deep ? filesOf(path, params, level + 1) : []
      return isWanted(path, params) ? [path] : []
    })
}

function isWanted(path: string, params: Params): boolean {
  const name = basename(path)
  if ((params.ignore_files ?? []).some((pattern) => new RegExp(pattern).test(name))) return false
  if (params.files_matching !== undefined && !new RegExp(params.files_matching).test(name)) return false
  const extensions = params.extensions ?? ['json', 'yaml', 'yml']
  if (extensions.includes(extname(name).slice(1))) return true
  if (params.ignore_unknown_extensions) return false
  return fail({
    code: 'bad-param',
    message: `${path} is not a file of variables`,
    allowed: `endings: ${extensions.join(', ')}`,
    cure: 'set extensions, ignore_files or ignore_unknown_extensions',
  })
}

/** Puts variables into others; `deep` merges dictionaries instead of replacing them. */
function merge(into: Dict, from: Dict, deep: boolean): void {
  for (const [name, value] of from) into.set(name, deep ? merged(into.get(name), value) : value)
}

function merged(old: Value | undefined, value: Value): Value {
  if (!isDict(old) || !isDict(value)) return value
  const both: Dict = new Map(old)
  merge(both, value, true)
  return both
}
