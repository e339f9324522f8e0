import type { Place } from '../errors.js'
import { nearest } from '../errors.js'
import { placeOf, setKeyPlace, setPlace } from '../language/place.js'
import { Float, isDict, keyText, Unsafe } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import { COLLECTIONS, shortName } from './actions.js'
import { BEARER_WORDS } from './keyword-words.js'
import { keyword, keywordsOf } from './keywords.js'
import type { Bearer, KeywordName } from './keywords.js'
import type { Block, Play, Shared, Written } from './play.js'
import { items, keyPlace, problem, writtenAt } from './scope.js'
import type { Scope } from './scope.js'
import { isOfKind, isTemplate, kindWords, showValue } from './value-kinds.js'
import type { ValueKind } from './value-kinds.js'

/** The keywords of one dictionary, checked. */
export interface Keywords {
  readonly dict: Dict
  /** A keyword that is there and has a value of the right kind. */
  get(name: KeywordName): Written | undefined
  /** Keys that are no keywords of the bearer, in order. */
  readonly others: readonly string[]
}

/** Reads the keywords of a play, block, task …; what has a wrong value is told and left out. */
export function readKeywords(dict: Dict, bearer: Bearer, scope: Scope): Keywords {
  const known: ReadonlySet<string> = keywordsOf(bearer)
  const good = new Map<string, Written>()
  const others: string[] = []
  for (const key of dict.keys()) {
    const name = keyText(key)
    if (typeof key !== 'string' || !known.has(name)) others.push(name)
    else if (checkKeyword(dict, name, scope)) good.set(name, writtenAt(dict, name, scope)!)
  }
  return { dict, get: (name) => good.get(name), others }
}

function checkKeyword(dict: Dict, name: string, scope: Scope): boolean {
  const { kind, static: fixed, refused } = keyword(name)!
  const place = keyPlace(dict, name, scope)
  if (refused)
    problem(scope, { code: 'bad-keyword', place, message: `"${name}": ${refused.why}`, cure: refused.cure })
  return !refused && checkKind(name, writtenAt(dict, name, scope)!, kind, scope, fixed)
}

/** True when the value is of the kind; otherwise tells what is wrong. */
export function checkKind(
  name: string,
  { value, place }: Written,
  kind: ValueKind,
  scope: Scope,
  fixed = false,
): boolean {
  if (value === null && kind !== 'name') return true
  if (isOfKind(value, kind, fixed)) return true
  const template = isTemplate(value)
  problem(scope, {
    code: 'bad-keyword',
    place,
    message: template ? `"${name}" cannot be a template` : `"${name}" is ${showValue(value)}`,
    allowed: `allowed: ${kindWords(kind)}`,
  })
  return false
}

/** Tells that a key is no keyword of the bearer, with the nearest right one. */
export function refuseKeyword(dict: Dict, name: string, bearer: Bearer, scope: Scope, cure?: string): void {
  const elsewhere = keyword(name)
  const near = nearest(name, keywordsOf(bearer))
  problem(scope, {
    code: 'unknown-keyword',
    place: keyPlace(dict, name, scope),
    message: elsewhere
      ? `"${name}" is a keyword of ${elsewhere.on.map((on) => BEARER_WORDS[on]).join(', ')}, not of ${BEARER_WORDS[bearer]}`
      : `${BEARER_WORDS[bearer]} has no keyword "${name}"`,
    allowed: !elsewhere && near ? `did you mean "${near}"?` : undefined,
    cure,
  })
}

const INHERITED = {
  become: 'become', become_user: 'becomeUser', become_method: 'becomeMethod', become_flags: 'becomeFlags',
  become_exe: 'becomeExe', check_mode: 'checkMode', diff: 'diff', ignore_errors: 'ignoreErrors',
  ignore_unreachable: 'ignoreUnreachable', any_errors_fatal: 'anyErrorsFatal', no_log: 'noLog', run_once: 'runOnce',
  throttle: 'throttle', timeout: 'timeout', connection: 'connection', port: 'port', remote_user: 'remoteUser',
  delegate_to: 'delegateTo', delegate_facts: 'delegateFacts',
} as const satisfies Partial<Record<KeywordName, keyof Shared>> // prettier-ignore

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] }

/** The keywords that all nodes share, for a node whose parent is the scope's. */
export function readShared(keywords: Keywords, place: Place, scope: Scope, parent?: Block | Play): Shared {
  const shared: Mutable<Shared> = {
    name: nameOf(keywords.get('name')),
    place,
    parent,
    vars: readVars(keywords.get('vars'), scope),
    tags: readTags(keywords.get('tags'), scope),
    when: conditions(keywords.get('when')) ?? [],
    environment: list(keywords.get('environment')),
    moduleDefaults: readModuleDefaults(keywords.get('module_defaults'), scope),
    notify: keywords.get('notify') && list(keywords.get('notify')),
    collections: readCollections(keywords.get('collections'), scope),
    role: scope.role,
  }
  for (const [name, property] of Object.entries(INHERITED)) {
    const written = keywords.get(name as keyof typeof INHERITED)
    if (written && written.value !== null) shared[property] = written
  }
  return shared
}

function nameOf(written: Written | undefined): string | undefined {
  if (!written || written.value === null) return undefined
  return written.value instanceof Unsafe ? written.value.text : keyText(written.value)
}

/** Items that are not null. */
export function list(written: Written | undefined): Written[] {
  return written ? items(written).filter(({ value }) => value !== null) : []
}

/** Expressions that are not empty; undefined when the keyword is not there. */
export function conditions(written: Written | undefined): Written[] | undefined {
  return written && list(written).filter(({ value }) => value !== '')
}

const PYTHON_WORDS = new Set(
  'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield'.split(' '),
) // prettier-ignore

/** True for what may be the name of a variable. */
export function isVariableName(name: unknown): name is string {
  return typeof name === 'string' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !PYTHON_WORDS.has(name)
}

/** Variables, with names checked; a list of dictionaries is one. */
export function readVars(written: Written | undefined, scope: Scope): Dict | undefined {
  const dicts = list(written).flatMap(({ value }) => (isDict(value) ? [value] : []))
  for (const dict of dicts) {
    for (const key of dict.keys()) if (!isVariableName(key)) refuseName(dict, key, scope)
  }
  return dicts.length > 1 ? mergeDicts(dicts) : dicts[0]
}

function refuseName(dict: Dict, key: Value, scope: Scope): void {
  problem(scope, {
    code: 'bad-keyword',
    place: keyPlace(dict, key, scope),
    message: `${showValue(key)} cannot be the name of a variable`,
    allowed: 'allowed: letters, digits and _, no digit first, and no word of Python',
  })
}

/** One dictionary of several, the later ones winning; places are kept. */
export function mergeDicts(dicts: readonly Dict[]): Dict {
  const merged: Dict = new Map()
  for (const dict of dicts) {
    for (const [key, value] of dict) {
      merged.set(key, value)
      copyPlaces(dict, key, merged, key)
    }
  }
  return merged
}

/** Lets an entry of one dictionary stand where an entry of another stands. */
export function copyPlaces(from: Dict, fromKey: Value, to: Dict, toKey: Value): void {
  const value = placeOf(from, fromKey)
  const key = keyPlace(from, fromKey, { place: value ?? { file: '', line: 0, column: 0 } })
  if (!value) return
  setPlace(to, value, toKey)
  setKeyPlace(to, key, toKey)
  if (!placeOf(to)) setPlace(to, key)
}

function readTags(written: Written | undefined, scope: Scope): string[] {
  if (!written || written.value === null) return []
  const split = typeof written.value === 'string' && !isTemplate(written.value)
  const tags = items(written).flatMap(({ value, place }) => {
    const given = isTemplate(value)
      ? scope.problems.attempt(() => scope.evaluate(value, place, scope.parent))
      : value
    return Array.isArray(given) ? given : [given ?? null]
  })
  const texts = tags
    .filter((tag) => tag !== null)
    .map((tag) => (tag instanceof Float ? keyText(tag) : String(tag)))
  return split
    ? texts
        .flatMap((text) => text.split(','))
        .map((text) => text.trim())
        .filter(Boolean)
    : texts
}

/** Names of collections; those of which fplay has nothing are told. */
export function readCollections(written: Written | undefined, scope: Scope): readonly string[] | undefined {
  if (!written || written.value === null) return undefined
  return items(written).map(({ value, place }) => {
    const name = keyText(value)
    const near = nearest(name, COLLECTIONS)
    const allowed = near ? `did you mean "${near}"?` : `it has modules of ${COLLECTIONS.join(', ')}`
    const message = `fplay has no modules of the collection "${name}"`
    if (!COLLECTIONS.includes(name)) scope.warn({ code: 'bad-keyword', place, message, allowed })
    return name
  })
}

function readModuleDefaults(written: Written | undefined, scope: Scope): Written<Dict>[] {
  return list(written).map(({ value, place }) => {
    const defaults: Dict = new Map()
    setPlace(defaults, place)
    for (const [key, params] of value as Dict) {
      const at = keyPlace(value as Dict, key, { place })
      const name = defaultsName(keyText(key), at, scope)
      if (name === undefined) continue
      if (!isDict(params)) checkKind(name, { value: params, place: at }, 'args', scope)
      defaults.set(name, params)
      copyPlaces(value as Dict, key, defaults, name)
    }
    return { value: defaults, place }
  })
}

function defaultsName(written: string, place: Place, scope: Scope): string | undefined {
  if (written.startsWith('group/')) return refuseGroup(written, place, scope)
  const name = scope.catalog.nameOf(written)
  if (name !== undefined) return name
  // Its tasks are told of; where none is reached, the defaults are in nobody's way.
  if (scope.catalog.isForeign(written)) return written
  const near = nearest(shortName(written), scope.catalog.names)
  const allowed = near && `did you mean "${near}"?`
  return problem(scope, {
    code: 'unknown-module',
    place,
    message: `there is no module "${written}"`,
    allowed,
  })
}

function refuseGroup(name: string, place: Place, scope: Scope): undefined {
  return problem(scope, {
    code: 'bad-keyword',
    place,
    message: `"${name}": groups of modules are not supported in module_defaults`,
    cure: 'name each module',
  })
}
