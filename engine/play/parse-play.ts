import { keyText, isDict } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import { PROMPT } from './keyword-words.js'
import { readClosed } from './parse-task.js'
import type { Play, Role, Task, VarsPrompt, Written } from './play.js'
import { list, mergeDicts, readKeywords, readShared, refuseKeyword } from './read-keywords.js'
import type { Keywords } from './read-keywords.js'
import { keyPlace, problem } from './scope.js'
import type { Scope } from './scope.js'
import { showValue } from './value-kinds.js'

/** What an `import_playbook` hands to the plays of its file. */
export interface Imported {
  readonly vars?: Dict | undefined
  readonly tags: readonly string[]
  readonly when: readonly Written[]
}

/** A play whose tasks, roles and handlers are still to be parsed; the lists for them are empty. */
export interface OpenPlay extends Play {
  readonly roles: Role[]
  readonly handlers: Task[]
}

/** A play and the keywords that hold its tasks. */
export interface ParsedPlay {
  readonly play: OpenPlay
  readonly keywords: Keywords
}

/** Parses what a play says of itself. Undefined when it has no usable `hosts`. */
export function parsePlay(
  dict: Dict,
  file: string,
  imported: Imported,
  scope: Scope,
): ParsedPlay | undefined {
  const { place } = scope
  const keywords = readKeywords(dict, 'play', scope)
  for (const name of keywords.others) refuseInPlay(dict, name, scope)
  const hosts = keywords.get('hosts')
  if (!hosts || hosts.value === null || isEmptyList(hosts.value)) {
    if (dict.has('hosts') && !hosts) return undefined
    return problem(scope, {
      code: 'bad-keyword',
      place,
      message: 'the play has no hosts',
      cure: 'add "hosts:" with a pattern',
    })
  }
  const shared = readShared(keywords, place, scope)
  const remoteUser = shared.remoteUser ?? keywords.get('user')
  const vars = imported.vars ? mergeDicts([shared.vars ?? new Map(), imported.vars]) : shared.vars
  const play: OpenPlay = {
    ...shared,
    kind: 'play',
    parent: undefined,
    vars,
    remoteUser,
    tags: [...new Set([...shared.tags, ...imported.tags])],
    when: imported.when,
    title: shared.name ?? titleOf(hosts.value),
    hosts,
    ...readSettings(keywords),
    varsFiles: list(keywords.get('vars_files')),
    varsPrompt: list(keywords.get('vars_prompt')).flatMap((entry) => readPrompt(entry, scope) ?? []),
    sections: [[], [], []],
    handlers: [],
    roles: [],
    file,
  }
  return { play, keywords }
}

function readSettings(keywords: Keywords) {
  return {
    gatherFacts: keywords.get('gather_facts'),
    gatherSubset: keywords.get('gather_subset'),
    gatherTimeout: keywords.get('gather_timeout'),
    factPath: keywords.get('fact_path'),
    strategy: keywords.get('strategy'),
    serial: keywords.get('serial'),
    order: keywords.get('order'),
    maxFailPercentage: keywords.get('max_fail_percentage'),
    forceHandlers: keywords.get('force_handlers'),
  }
}

function isEmptyList(value: Value): boolean {
  return Array.isArray(value) && (!value.length || value.includes(null))
}

function titleOf(hosts: Value): string {
  return Array.isArray(hosts) ? hosts.map(keyText).join(',') : keyText(hosts)
}

function refuseInPlay(dict: Dict, name: string, scope: Scope): void {
  const cure = scope.catalog.nameOf(name) ? `put the task below "tasks:" of a play with "hosts:"` : undefined
  refuseKeyword(dict, name, 'play', scope, cure)
}

function readPrompt({ value, place }: Written, scope: Scope): VarsPrompt | undefined {
  if (!isDict(value)) {
    return problem(scope, {
      code: 'bad-keyword',
      place,
      message: `vars_prompt has ${showValue(value)}`,
      allowed: 'allowed: dictionaries',
    })
  }
  const given = readClosed(value, PROMPT, 'vars_prompt', { ...scope, place })
  const name = given.get('name')?.value
  if (typeof name !== 'string') {
    if (value.has('name')) return undefined
    const at = [...value.keys()][0]
    return problem(scope, {
      code: 'bad-keyword',
      place: keyPlace(value, at ?? null, { place }),
      message: 'vars_prompt has no "name"',
    })
  }
  const text = (key: 'prompt' | 'encrypt' | 'salt') =>
    given.has(key) ? keyText(given.get(key)!.value) : undefined
  const flag = (key: 'private' | 'confirm' | 'unsafe', otherwise: boolean) =>
    isYes(given.get(key)?.value ?? otherwise)
  return {
    name,
    place,
    prompt: text('prompt') ?? name,
    default: given.get('default')?.value,
    private: flag('private', true),
    confirm: flag('confirm', false),
    unsafe: flag('unsafe', false),
    encrypt: text('encrypt'),
    salt: text('salt'),
    saltSize: given.has('salt_size') ? Number(given.get('salt_size')!.value) : undefined,
  }
}

function isYes(value: Value): boolean {
  return value === true || /^(?:yes|on|1|true|t|y)$/i.test(String(value))
}
