import { shortLookup, unknownLookup } from '../language/jinja/lookup-names.js'
import type { Place } from '../errors.js'
import { suggest } from '../errors.js'
import { isDict } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import { LOOP_CONTROL } from './keyword-words.js'
import { INCLUDE_KEYWORDS, NOT_FOR_IMPORTS } from './keywords.js'
import type { Bearer } from './keywords.js'
import { parseAction } from './parse-action.js'
import type { ParsedAction } from './parse-action.js'
import type { Block, Loop, LoopControl, Node, Shared, Task, Written } from './play.js'
import {
  checkKind,
  conditions,
  isVariableName,
  list,
  readKeywords,
  readShared,
  refuseKeyword,
} from './read-keywords.js'
import type { Keywords } from './read-keywords.js'
import { items, keyPlace, problem, writtenAt } from './scope.js'
import type { Scope } from './scope.js'
import { showValue } from './value-kinds.js'

/** Parses a list of tasks and blocks. Tells its problems to the scope and leaves out what cannot be understood. */
export function parseTasks(written: Written | undefined, scope: Scope): Node[] {
  if (!written || written.value === null) return []
  if (!Array.isArray(written.value)) {
    const message = `a list of tasks is needed, and this is ${showValue(written.value)}`
    problem(scope, { code: 'bad-keyword', place: written.place, message, cure: 'begin each task with "- "' })
    return []
  }
  return items(written).flatMap(({ value, place }) => parseNode(value, { ...scope, place }) ?? [])
}

function parseNode(value: Value, scope: Scope): Node | undefined {
  if (value === null) return undefined
  if (isDict(value)) return value.has('block') ? parseBlock(value, scope) : parseTask(value, scope)
  return problem(scope, {
    code: 'bad-keyword',
    place: scope.place,
    message: `a task is a dictionary, and this is ${showValue(value)}`,
    cure: 'write "- name: …" and the module below it',
  })
}

function parseBlock(dict: Dict, scope: Scope): Block | undefined {
  const { place } = scope
  if (scope.handler) {
    const cure = 'list its tasks; give them a common topic with "listen"'
    return problem(scope, { code: 'bad-keyword', place, message: 'a handler cannot be a block', cure })
  }
  const keywords = readKeywords(dict, 'block', scope)
  for (const name of keywords.others) refuseKeyword(dict, name, 'block', scope)
  const [block, rescue, always]: Node[][] = [[], [], []]
  const node: Block = {
    kind: 'block',
    ...readShared(keywords, place, scope, scope.parent),
    block: block!,
    rescue: rescue!,
    always: always!,
  }
  const catalog = node.collections ? scope.catalog.within(node.collections) : scope.catalog
  const inner: Scope = { ...scope, catalog, parent: node }
  block!.push(...parseTasks(keywords.get('block'), inner))
  rescue!.push(...parseTasks(keywords.get('rescue'), inner))
  always!.push(...parseTasks(keywords.get('always'), inner))
  return node
}

function parseTask(dict: Dict, around: Scope): Task | undefined {
  const { place } = around
  const name = dict.get('name')
  const scope: Scope = { ...around, task: typeof name === 'string' ? name : undefined }
  const bearer: Bearer = scope.handler ? 'handler' : 'task'
  const keywords = readKeywords(dict, bearer, scope)
  for (const name of ['rescue', 'always']) {
    if (dict.has(name))
      return refuseKeyword(dict, name, bearer, scope, 'put the tasks before it below "block:"') as undefined
  }
  const shared = readShared(keywords, place, scope, scope.parent)
  const catalog = shared.collections ? scope.catalog.within(shared.collections) : scope.catalog
  const parsed = parseAction(keywords, place, bearer, { ...scope, catalog })
  if (!parsed) return undefined
  checkIncludeKeywords(keywords, parsed, bearer, scope)
  return {
    kind: 'task',
    ...shared,
    ...(parsed.local ? { delegateTo: { value: 'localhost', place: parsed.place } } : {}),
    ...readOutcome(keywords, scope),
    action: parsed.written,
    module: parsed.action.name,
    modulePlace: parsed.place,
    params: parsed.params,
    extraParams: parsed.extraParams,
    loop: readLoop(keywords, scope),
    loopControl: readLoopControl(keywords.get('loop_control'), scope),
    listen: list(keywords.get('listen')).map(({ value }) => String(value)),
    handler: scope.handler,
    implicit: false,
  }
}

function readOutcome(keywords: Keywords, scope: Scope) {
  const register = keywords.get('register')
  if (register && !isVariableName(register.value)) checkKind('register', register, 'name', scope, true)
  return {
    register:
      register && isVariableName(register.value)
        ? { value: register.value, place: register.place }
        : undefined,
    until: conditions(keywords.get('until')) ?? [],
    retries: keywords.get('retries'),
    delay: keywords.get('delay'),
    failedWhen: conditions(keywords.get('failed_when')),
    changedWhen: conditions(keywords.get('changed_when')),
    async: keywords.get('async'),
    poll: keywords.get('poll'),
  }
}

/** A dynamic include hands no keywords down, an import has no result: what would do nothing is refused. */
function checkIncludeKeywords(
  keywords: Keywords,
  { action, written }: ParsedAction,
  bearer: Bearer,
  scope: Scope,
): void {
  const { dict } = keywords
  const names = [...dict.keys()].filter((key): key is string => typeof key === 'string' && key !== written)
  if (/^include_(?:tasks|role)$/.test(action.name)) {
    const cure = 'give it to the included tasks: "apply: { … }" among the parameters'
    const bad = names.filter((name) => keywords.get(name as 'name') && !INCLUDE_KEYWORDS.has(name))
    for (const name of bad) refuseAt(dict, name, `"${name}" does nothing at ${action.name}`, cure, scope)
  }
  if (/^import_(?:tasks|role)$/.test(action.name)) {
    const bad = names.filter((name) => NOT_FOR_IMPORTS.has(name) || name.startsWith('with_'))
    const cure = `use ${action.name.replace('import', 'include')}, which happens during the run`
    for (const name of bad)
      refuseAt(dict, name, `${action.name} happens before the run and has no "${name}"`, cure, scope)
  }
  if (/^(?:import|include)_role$/.test(action.name) && bearer === 'handler') {
    refuseAt(
      dict,
      written,
      `${action.name} cannot be a handler`,
      "use include_tasks, or the role's own handlers",
      scope,
    )
  }
}

function refuseAt(dict: Dict, name: string, message: string, cure: string, scope: Scope): void {
  problem(scope, { code: 'bad-keyword', place: keyPlace(dict, name, scope), message, cure })
}

function readLoop(keywords: Keywords, scope: Scope): Loop | undefined {
  const loops = keywords.others.filter((name) => name.startsWith('with_'))
  const loop = keywords.get('loop')
  const [first, second] = [...(loop && loop.value !== null ? ['loop'] : []), ...loops]
  if (first === undefined) return undefined
  if (second !== undefined)
    refuseAt(keywords.dict, second, `a task loops once, and has "${first}" too`, 'keep one', scope)
  const written = writtenAt(keywords.dict, first, scope)!
  if (written.value === null)
    refuseAt(keywords.dict, first, `"${first}" has no value`, 'give it a list', scope)
  if (first === 'loop') return { lookup: undefined, ...written }
  const lookup = first.slice('with_'.length)
  const unknown = unknownLookup(lookup)
  if (unknown) {
    problem(scope, {
      code: 'unknown-filter',
      place: keyPlace(keywords.dict, first, scope),
      message: `${unknown.message} for ${first}`,
      allowed: unknown.allowed.replace(/"(\w+)"\?$/, '"with_$1"?'),
    })
  }
  return { lookup: shortLookup(lookup), ...written }
}

const LOOP_CONTROL_FIELDS = {
  loop_var: 'loopVar', index_var: 'indexVar', label: 'label', pause: 'pause', extended: 'extended',
  extended_allitems: 'extendedAllitems',
} as const satisfies Record<keyof typeof LOOP_CONTROL, keyof LoopControl> // prettier-ignore

function readLoopControl(written: Written | undefined, scope: Scope): LoopControl {
  const control: { -readonly [Name in keyof LoopControl]: LoopControl[Name] } = {}
  if (!written || !isDict(written.value)) return control
  for (const [name, value] of readClosed(written.value, LOOP_CONTROL, 'loop_control', scope)) {
    control[LOOP_CONTROL_FIELDS[name]] = value
  }
  return control
}

/** The entries of a dictionary that has a fixed set of keys; what is wrong is told and left out. */
export function readClosed<Name extends string>(
  dict: Dict,
  table: Readonly<Record<Name, { kind: Parameters<typeof checkKind>[2] }>>,
  owner: string,
  scope: Scope,
): Map<Name, Written> {
  const good = new Map<Name, Written>()
  for (const key of dict.keys()) {
    const name = String(key) as Name
    if (!Object.hasOwn(table, name)) refuseEntry(dict, key, owner, Object.keys(table), scope)
    else if (checkKind(`${owner}.${name}`, writtenAt(dict, name, scope)!, table[name].kind, scope)) {
      good.set(name, writtenAt(dict, name, scope)!)
    }
  }
  return good
}

function refuseEntry(dict: Dict, key: Value, owner: string, names: readonly string[], scope: Scope): void {
  problem(scope, {
    code: 'unknown-keyword',
    place: keyPlace(dict, key, scope),
    message: `${owner} has no "${String(key)}"`,
    allowed: suggest(String(key), names),
  })
}

/** All that nodes share; the compiler sees to it that none is missing. */
const SHARED: Readonly<Record<keyof Shared, true>> = {
  name: true, place: true, parent: true, vars: true, tags: true, when: true, environment: true, moduleDefaults: true, become: true,
  becomeUser: true, becomeMethod: true, becomeFlags: true, becomeExe: true, checkMode: true, diff: true, ignoreErrors: true,
  ignoreUnreachable: true, anyErrorsFatal: true, noLog: true, runOnce: true, throttle: true, timeout: true, connection: true, port: true,
  remoteUser: true, delegateTo: true, delegateFacts: true, notify: true, collections: true, role: true,
} // prettier-ignore

/** What a node that is unfolded from a task hands down: the task's own keywords. */
export function sharedOf(task: Task): Shared {
  const names = Object.keys(SHARED) as (keyof Shared)[]
  return Object.fromEntries(names.map((name) => [name, task[name]])) as unknown as Shared
}

/** The place of a list of tasks that is a file's whole content. */
export function fileStart(file: string): Place {
  return { file, line: 1, column: 1 }
}
