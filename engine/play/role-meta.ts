import { join } from 'node:path'
import { suggest } from '../errors.js'
import type { Place } from '../errors.js'
import { placeOf } from '../language/place.js'
import { isDict, keyText } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import { ARGUMENT_TYPES } from '../module/argument-spec.js'
import type { Play, Written } from './play.js'
import { isFile, scopeBelow } from './planner.js'
import type { PlayPlan } from './planner.js'
import { readCollections } from './read-keywords.js'
import { dictOf, roleFile } from './role-files.js'
import { items, keyPlace, problem, writtenAt } from './scope.js'
import type { Scope } from './scope.js'
import { showValue } from './value-kinds.js'

/** What a role's meta/ says that matters to a run. */
export interface RoleMeta {
  readonly dependencies: readonly Written[]
  readonly allowDuplicates: boolean
  /** Where its tasks look for short names of modules. */
  readonly collections: readonly string[] | undefined
  /** Arguments by entry point (file of tasks/). */
  readonly argumentSpecs: Dict
}

/** Reads meta/main.yml and meta/argument_specs.yml of a role; `place` is where the role is applied. */
export function readMeta({ planner }: PlayPlan, path: string, place: Place, parent: Play): RoleMeta {
  const file = roleFile(path, 'meta', undefined, place)
  const meta =
    file === undefined ? new Map<Value, Value>() : dictOf(planner.yaml(file), file, 'the meta of a role')
  const dependencies = writtenAt(meta, 'dependencies', { place })
  const specFile = ['.yml', '.yaml']
    .map((ending) => join(path, 'meta', `argument_specs${ending}`))
    .find(isFile)
  const specs = specFile ? dictOf(planner.yaml(specFile), specFile, 'the argument specs of a role') : meta
  const argumentSpecs = specs.get('argument_specs')
  const scope = scopeBelow(planner, parent, place)
  if (isDict(argumentSpecs)) checkSpecs(argumentSpecs, scope)
  return {
    dependencies: dependencies && dependencies.value !== null ? items(dependencies) : [],
    allowDuplicates: /^(?:true|yes|on|1)$/i.test(String(meta.get('allow_duplicates') ?? false)),
    collections: readCollections(writtenAt(meta, 'collections', { place }), scope),
    argumentSpecs: isDict(argumentSpecs) ? argumentSpecs : new Map(),
  }
}

/** What an entry point of `argument_specs` may say. All but `options` and `short_description` is for readers. */
const ENTRY_KEYS = [
  'short_description', 'description', 'author', 'options', 'version_added', 'notes', 'seealso', 'examples', 'deprecated', 'requirements',
  'attributes', 'todo',
] // prettier-ignore

/** What an argument may say. */
const ARGUMENT_KEYS = [
  'type', 'description', 'required', 'default', 'choices', 'aliases', 'elements', 'options', 'no_log', 'version_added',
  'removed_in_version', 'removed_at_date', 'removed_from_collection', 'deprecated_aliases', 'apply_defaults',
] // prettier-ignore

function checkSpecs(specs: Dict, scope: Scope): void {
  for (const [entry, spec] of specs) {
    const name = `argument_specs.${keyText(entry)}`
    if (!isDict(spec)) refuseShape(specs, entry, name, scope)
    else {
      checkKeys(spec, ENTRY_KEYS, name, scope)
      checkOptions(spec, name, scope)
    }
  }
}

function checkOptions(spec: Dict, owner: string, scope: Scope): void {
  const options = spec.get('options')
  if (options === undefined || options === null) return
  if (!isDict(options)) return refuseShape(spec, 'options', `${owner}.options`, scope)
  for (const [key, argument] of options) {
    const name = `${owner}.options.${keyText(key)}`
    if (!isDict(argument)) {
      refuseShape(options, key, name, scope)
      continue
    }
    checkKeys(argument, ARGUMENT_KEYS, name, scope)
    for (const part of ['type', 'elements'] as const) checkType(argument, part, name, scope)
    checkOptions(argument, name, scope)
  }
}

function checkKeys(dict: Dict, known: readonly string[], owner: string, scope: Scope): void {
  for (const key of dict.keys()) {
    const name = keyText(key)
    if (known.includes(name)) continue
    problem(scope, {
      code: 'unknown-keyword',
      place: keyPlace(dict, key, scope),
      message: `${owner} has no "${name}"`,
      allowed: suggest(name, known),
    })
  }
}

function checkType(argument: Dict, part: 'type' | 'elements', owner: string, scope: Scope): void {
  const value = argument.get(part)
  if (value === undefined || value === null || ARGUMENT_TYPES.includes(keyText(value))) return
  problem(scope, {
    code: 'bad-keyword',
    place: placeOf(argument, part) ?? scope.place,
    message: `${owner}.${part} is ${showValue(value)}`,
    allowed: suggest(keyText(value), ARGUMENT_TYPES),
  })
}

function refuseShape(dict: Dict, key: Value, name: string, scope: Scope): void {
  problem(scope, {
    code: 'bad-keyword',
    place: placeOf(dict, key) ?? scope.place,
    message: `${name} is ${showValue(dict.get(key)!)}`,
    allowed: 'allowed: a dictionary',
  })
}
