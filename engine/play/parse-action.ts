import type { Place } from '../errors.js'
import { nearest } from '../errors.js'
import { setKeyPlace, setPlace } from '../language/place.js'
import { isDict, keyText, Unsafe } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import { shortName } from './actions.js'
import type { Action } from './actions.js'
import { firstWord, parseFreeForm, Unbalanced } from './free-form.js'
import { keyword, keywordsOf } from './keywords.js'
import type { Bearer } from './keywords.js'
import type { Written } from './play.js'
import { copyPlaces, mergeDicts, refuseKeyword } from './read-keywords.js'
import type { Keywords } from './read-keywords.js'
import { keyPlace, problem, writtenAt } from './scope.js'
import type { Scope } from './scope.js'
import { isTemplate, showValue } from './value-kinds.js'

/** The module of a task and its parameters. */
export interface ParsedAction {
  /** As written: `ansible.builtin.copy`. */
  readonly written: string
  readonly action: Action
  readonly place: Place
  readonly params: Dict | string
  readonly extraParams?: Dict | undefined
  /** From `local_action`. */
  readonly local: boolean
}

/** A name of a module, where it stands, and what follows it. */
interface Call {
  readonly written: string
  readonly place: Place
  readonly value: Written
  /** More parameters, as text: `module: copy src=a`, beside the dictionary it stands in. */
  readonly text?: string
  readonly local: boolean
}

/** Finds the one module of a task among its keys, with the parameters in any of the forms that Ansible reads. */
export function parseAction(
  keywords: Keywords,
  place: Place,
  bearer: Bearer,
  scope: Scope,
): ParsedAction | undefined {
  const { dict } = keywords
  const keys = keywords.others.filter((name) => !name.startsWith('with_'))
  const named = keys.filter((name) => scope.catalog.find(name))
  const calls = [
    ...named.map((name): Call => ({
      written: name,
      place: keyPlace(dict, name, scope),
      value: writtenAt(dict, name, scope)!,
      local: false,
    })),
    ...(['action', 'local_action'] as const).flatMap(
      (name) => readActionKeyword(keywords, name, scope) ?? [],
    ),
  ]
  const strangers = keys.filter((name) => !named.includes(name))
  for (const name of strangers) refuseStranger(dict, name, calls[0], bearer, scope)
  if (calls.length > 1) return refuseSecond(calls, scope)
  if (calls[0]) return readCall(calls[0], keywords, scope)
  const said = strangers.length || dict.has('action') || dict.has('local_action')
  if (said) return undefined
  return problem(scope, {
    code: 'bad-keyword',
    place,
    message: 'the task names no module',
    cure: 'add one, for example "debug:"',
  })
}

/** `action: copy src=a`, `action: {module: copy, src: a}`; the same of local_action. */
function readActionKeyword(
  keywords: Keywords,
  name: 'action' | 'local_action',
  scope: Scope,
): Call | undefined {
  const written = keywords.get(name)
  if (!written) return undefined
  const local = name === 'local_action'
  const { value, place } = written
  if (!isDict(value)) {
    const { word, rest } = firstWord(String(value))
    return { written: word, place, value: { value: rest, place }, local }
  }
  const params: Dict = new Map()
  for (const [key, item] of value) {
    if (key === 'module') continue
    params.set(key, item)
    copyPlaces(value, key, params, key)
  }
  if (value.has('module')) {
    const { word, rest } = firstWord(keyText(value.get('module')!))
    return { written: word, place, value: { value: params, place }, text: rest, local }
  }
  return problem(scope, {
    code: 'bad-keyword',
    place,
    message: `"${name}" names no module`,
    cure: 'add "module: NAME"',
  })
}

function refuseSecond(calls: readonly Call[], scope: Scope): undefined {
  const names = calls.map((call) => `"${call.written}"`).join(' and ')
  const second = calls[1]!
  const cure = 'make a task of each; begin the second with "- "'
  return problem(scope, {
    code: 'bad-keyword',
    place: second.place,
    message: `one task names the modules ${names}`,
    cure,
  })
}

/** Tells of a key that is neither a module nor a keyword, guessing what it was meant to be. */
function refuseStranger(
  dict: Dict,
  name: string,
  call: Call | undefined,
  bearer: Bearer,
  scope: Scope,
): void {
  const action = call && scope.catalog.find(call.written)
  const isParam = action && Object.hasOwn(action.declaration.params, name)
  if (isParam) {
    const cure = `it is a parameter of ${call.written}: write it below "${call.written}:", two columns deeper`
    return refuseKeyword(dict, name, bearer, scope, cure)
  }
  if (call || keyword(name)) return refuseKeyword(dict, name, bearer, scope)
  problem(scope, unknownModule(name, keyPlace(dict, name, scope), scope, keywordsOf(bearer)))
}

function unknownModule(name: string, place: Place, scope: Scope, keywords: ReadonlySet<string> = new Set()) {
  const near = nearest(shortName(name), [...keywords, ...scope.catalog.names])
  const what = keywords.size ? 'module or keyword' : 'module'
  return {
    code: 'unknown-module' as const,
    place,
    message: `there is no ${what} "${name}"`,
    allowed: near && `did you mean "${near}"?`,
    cure:
      name === 'include'
        ? 'use include_tasks or import_tasks'
        : near
          ? undefined
          : '"fplay doc" lists all modules',
  }
}

function readCall(call: Call, keywords: Keywords, scope: Scope): ParsedAction | undefined {
  if (isTemplate(call.written)) {
    const cure = 'write a task for each module, with "when"'
    return problem(scope, {
      code: 'unknown-module',
      place: call.place,
      message: 'the name of a module cannot be a template',
      cure,
    })
  }
  const action = scope.catalog.find(call.written)
  if (!action) return problem(scope, unknownModule(call.written, call.place, scope))
  const given = readParams(call, action, scope)
  const more = call.text ? readText(call.text, call.place, action, scope) : undefined
  if (!given) return undefined
  const merged = withArgs(more ? withText(given, more) : given, keywords.get('args'), scope)
  return { written: call.written, action, place: call.place, local: call.local, ...merged }
}

function withText(given: Params, { params }: Params): Params {
  if (typeof given.params === 'string' || typeof params === 'string') return given
  return { params: mergeDicts([given.params, params]) }
}

type Params = Pick<ParsedAction, 'params' | 'extraParams'>

function readParams(call: Call, action: Action, scope: Scope): Params | undefined {
  const { value, place } = call.value
  if (isDict(value)) return { params: value }
  if (value === null) return { params: emptyAt(call.place) }
  if (typeof value === 'string') return readText(value, place, action, scope)
  const { freeForm } = action.declaration
  if (freeForm && !Array.isArray(value)) return { params: entry(freeForm, value, place) }
  return problem(scope, {
    code: 'bad-param',
    place,
    message: `the parameters of ${call.written} are ${showValue(value)}`,
    allowed: 'allowed: a dictionary, or key=value text',
  })
}

/** `src=a dest=b`, `ls -l chdir=/x`, or a template that gives all parameters. */
function readText(text: string, place: Place, action: Action, scope: Scope): Params | undefined {
  const { declaration, engine, name } = action
  const names = new Set(
    Object.entries(declaration.params).flatMap(([param, { aliases = [] }]) => [param, ...aliases]),
  )
  const anyKey = engine || !declaration.freeForm
  const parsed = takeApart(text, place, (key) => anyKey || names.has(key), scope)
  if (!parsed) return undefined
  const params = emptyAt(place)
  for (const { key, value } of parsed.options) addEntry(params, key, value, place)
  if (parsed.rest && declaration.freeForm) addEntry(params, declaration.freeForm, parsed.rest, place)
  else if (isTemplate(parsed.rest)) return { params: parsed.rest, extraParams: params }
  else if (parsed.rest) {
    const message = `${name} takes no text, and "${parsed.rest}" is no key=value`
    return problem(scope, {
      code: 'bad-param',
      place,
      message,
      cure: `write the parameters below "${name}:", one a line`,
    })
  }
  return { params }
}

function takeApart(text: string, place: Place, isOption: (key: string) => boolean, scope: Scope) {
  try {
    return parseFreeForm(text, isOption)
  } catch (error) {
    if (!(error instanceof Unbalanced)) throw error
    const cure = 'write the parameters as a dictionary below the module (for a command: "cmd: …")'
    return problem(scope, { code: 'bad-param', place, message: error.message, cure })
  }
}

/** The module's own parameters win over `args:`. */
function withArgs(given: Params, args: Written | undefined, scope: Scope): Params {
  if (!args || args.value === null) return given
  const { params } = given
  if (isDict(args.value)) {
    if (typeof params !== 'string') return { params: mergeDicts([args.value, params]) }
    return { params, extraParams: mergeDicts([args.value, given.extraParams ?? emptyAt(args.place)]) }
  }
  const text = args.value instanceof Unsafe ? args.value.text : String(args.value)
  if (typeof params !== 'string') return { params: text, extraParams: params }
  problem(scope, {
    code: 'bad-param',
    place: args.place,
    message: 'two templates give the parameters',
    cure: 'keep one',
  })
  return given
}

function emptyAt(place: Place): Dict {
  const dict: Dict = new Map()
  setPlace(dict, place)
  return dict
}

function entry(key: string, value: Value, place: Place): Dict {
  const dict = emptyAt(place)
  addEntry(dict, key, value, place)
  return dict
}

function addEntry(dict: Dict, key: string, value: Value, place: Place): void {
  dict.set(key, value)
  setPlace(dict, place, key)
  setKeyPlace(dict, place, key)
}
