import { dirname, isAbsolute, join, resolve } from 'node:path'
import { fail } from '../errors.js'
import { keyPlaceOf, placeOf } from '../language/place.js'
import { isDict } from '../language/value.js'
import type { Dict } from '../language/value.js'
import { parsePlay } from './parse-play.js'
import type { Imported } from './parse-play.js'
import { fileStart } from './parse-task.js'
import type { Node, Play, Written } from './play.js'
import { evaluateStatically, isFile, scopeBelow } from './planner.js'
import type { Planner, PlayPlan } from './planner.js'
import { mergeDicts, readKeywords, readShared, refuseKeyword } from './read-keywords.js'
import { applyRole, importRole, readRoleEntry } from './roles.js'
import { items, problem, writtenAt } from './scope.js'
import type { Scope } from './scope.js'
import { flatTasks, readTasks } from './unfold.js'
import { isTemplate, showValue } from './value-kinds.js'

const NOTHING: Imported = { tags: [], when: [] }

/** Reads the plays of a playbook, roles and imports unfolded. Problems are told to the planner. */
export async function readPlaybook(
  file: string,
  planner: Planner,
  imported: Imported = NOTHING,
  importing: readonly string[] = [],
): Promise<Play[]> {
  const value = planner.yaml(file)
  const place = placeOf(value) ?? fileStart(file)
  if (!Array.isArray(value) || !value.length) {
    const message = `a playbook is a list of plays, and this is ${Array.isArray(value) ? 'empty' : showValue(value)}`
    return fail({ code: 'bad-keyword', place, message, cure: 'begin each play with "- hosts: …"' })
  }
  await planner.catalog.add(join(dirname(file), 'library'))
  const plays: Play[] = []
  for (const entry of items({ value, place })) {
    const read = await planner.problems.attemptLater(() =>
      readEntry(entry, file, planner, imported, importing),
    )
    plays.push(...(read ?? []))
  }
  return plays
}

const IMPORT = ['import_playbook', 'ansible.builtin.import_playbook', 'ansible.legacy.import_playbook']

async function readEntry(
  { value, place }: Written,
  file: string,
  planner: Planner,
  imported: Imported,
  importing: readonly string[],
): Promise<Play[]> {
  if (!isDict(value)) {
    return fail({
      code: 'bad-keyword',
      place,
      message: `a play is a dictionary, and this is ${showValue(value)}`,
      cure: 'write "- hosts: …"',
    })
  }
  const scope = scopeBelow(planner, undefined, place)
  const word = IMPORT.find((name) => value.has(name))
  if (word !== undefined) return readImport(value, word, file, planner, scope, imported, importing)
  const parsed = parsePlay(value, file, imported, scope)
  if (!parsed) return []
  const plan: PlayPlan = {
    planner,
    play: parsed.play,
    handled: new Set(),
    imported: [],
    importRole,
    importing: [],
  }
  await fillPlay(plan, parsed.play, parsed.keywords)
  return [parsed.play]
}

type ParsedPlay = NonNullable<ReturnType<typeof parsePlay>>

/** Parses the lists of a play in Ansible's order: roles, then its tasks, with the roles' handlers first. */
async function fillPlay(
  plan: PlayPlan,
  play: ParsedPlay['play'],
  keywords: ParsedPlay['keywords'],
): Promise<void> {
  const [before, main, after] = play.sections as [Node[], Node[], Node[]]
  const roles = keywords.get('roles')
  for (const entry of roles && roles.value !== null ? items(roles) : []) {
    const applied = await plan.planner.problems.attemptLater(async () =>
      applyRole(readRoleEntry(entry, plan, play, []), plan),
    )
    if (!applied) continue
    play.roles.push(applied.role)
    main.push(applied.block)
    play.handlers.push(...applied.handlers)
  }
  const tasksOf = async (name: 'pre_tasks' | 'tasks' | 'post_tasks' | 'handlers'): Promise<Node[]> => {
    const written = keywords.get(name)
    return written ? readTasks(written.value, written.place, plan, play, name === 'handlers') : []
  }
  before.push(...(await tasksOf('pre_tasks')))
  main.push(...(await tasksOf('tasks')))
  after.push(...(await tasksOf('post_tasks')))
  play.handlers.push(...flatTasks(await tasksOf('handlers')), ...plan.imported)
}

async function readImport(
  dict: Dict,
  word: string,
  file: string,
  planner: Planner,
  scope: Scope,
  outer: Imported,
  importing: readonly string[],
): Promise<Play[]> {
  const keywords = readKeywords(dict, 'import_playbook', scope)
  for (const name of keywords.others.filter((key) => key !== word))
    refuseKeyword(dict, name, 'import_playbook', scope)
  const { vars, tags, when } = readShared(keywords, scope.place, scope)
  const inner: Imported = {
    vars: vars || outer.vars ? mergeDicts([vars ?? new Map(), outer.vars ?? new Map()]) : undefined,
    tags: [...tags, ...outer.tags],
    when: [...outer.when, ...when],
  }
  const written = writtenAt(dict, word, scope)!
  const target = importedFile(written, file, planner, vars)
  if (target === undefined) {
    return (
      problem(scope, {
        code: 'file-not-found',
        place: written.place,
        message: `there is no playbook ${showValue(written.value)}`,
      }) ?? []
    )
  }
  const chain = [...importing, resolve(file)]
  if (chain.includes(resolve(target))) {
    const place = keyPlaceOf(dict, word)
    return fail({ code: 'bad-keyword', place, message: `${target} imports itself, without end` })
  }
  return readPlaybook(target, planner, inner, chain)
}

function importedFile(
  { value, place }: Written,
  file: string,
  planner: Planner,
  vars: Dict | undefined,
): string | undefined {
  const name = isTemplate(value) ? evaluateStatically(planner, value, place, undefined, vars) : value
  if (typeof name !== 'string') return undefined
  const path = isAbsolute(name) ? name : join(dirname(file), name)
  return isFile(path) ? path : undefined
}
