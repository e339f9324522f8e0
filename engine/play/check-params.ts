import { Unknown } from '../unknown.js'
import { hasTemplate } from '../language/template.js'
import { placeOf } from '../language/place.js'
import { isDict, keyText } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import type { Declaration } from '../module/declaration.js'
import { validateParams } from '../module/validate.js'
import { splitWords } from '../module/words.js'
import type { Catalog } from './actions.js'
import type { TextChecker } from './check-texts.js'
import { findFile, searchPaths } from './files.js'
import { defaultsFor } from './inherit.js'
import type { Play, Task } from './play.js'
import type { Problems } from './problems.js'
import { mergeDicts } from './read-keywords.js'
import { items } from './scope.js'
import { isTemplate } from './value-kinds.js'

/** What the check of a task's parameters needs. */
export interface ParamCheck {
  readonly catalog: Catalog
  readonly problems: Problems
  readonly texts: TextChecker
  readonly play: Play
}

const LATER = new Unknown('the value of a template')

/**
 * Checks a task's parameters as far as no template decides: names, types, choices, what is required, expressions, and
 * when `certain` (the task runs, and its failure ends the run) the files they name.
 */
export function checkParams(task: Task, check: ParamCheck, certain: boolean): void {
  const { texts, problems } = check
  const action = check.catalog.find(task.module)
  if (!action) return
  texts.value(task.extraParams, task.place, task.name)
  if (typeof task.params === 'string') return texts.value(task.params, task.modulePlace, task.name)
  const { declaration } = action
  for (const [key, value] of task.params) checkTexts(task, task.params, key, value, declaration, texts)
  const values = withDefaults(task, task.params)
  const subject = { name: action.name, place: task.modulePlace, written: values, task: task.name }
  const validated = validateParams(declaration, withoutTemplates(values) as Dict, subject)
  for (const problem of validated.problems) problems.add(problem)
  if (certain) checkFiles(task, validated.params, declaration, values, check)
  checkTemplates(task, validated.params, declaration, check)
}

function checkTexts(
  task: Task,
  params: Dict,
  key: Value,
  value: Value,
  declaration: Declaration,
  texts: TextChecker,
): void {
  const place = placeOf(params, key) ?? task.modulePlace
  const name = keyText(key)
  const spec = Object.hasOwn(declaration.params, name) ? declaration.params[name] : undefined
  if (!spec?.expression) return texts.value(value, place, task.name)
  for (const expression of items({ value, place })) texts.expression(expression, task.name)
}

/** The parameters over those of module_defaults. */
export function withDefaults(task: Task, params: Dict): Dict {
  const defaults = defaultsFor(task)?.value
  return isDict(defaults) ? mergeDicts([defaults, params]) : params
}

/** The value with Unknown in place of every template; what has none stays the same object. */
function withoutTemplates(value: Value): Value {
  if (typeof value === 'string') return hasTemplate(value) ? LATER : value
  if (Array.isArray(value)) {
    const list = value.map(withoutTemplates)
    return list.some((item, index) => item !== value[index]) ? list : value
  }
  if (!isDict(value)) return value
  const dict: Dict = new Map([...value].map(([key, item]) => [key, withoutTemplates(item)]))
  return [...dict].some(([key, item]) => item !== value.get(key)) ? dict : value
}

/** Template files whose names need no host are parsed, unless the task has another syntax for them. */
function checkTemplates(
  task: Task,
  params: Readonly<Record<string, unknown>>,
  declaration: Declaration,
  check: ParamCheck,
): void {
  if (
    Object.keys(params).some(
      (name) => /^(?:variable|block|comment)_(?:start|end)_string$/.test(name) && isGiven(task, name),
    )
  )
    return
  for (const [name, { searched }] of Object.entries(declaration.params)) {
    const path = params[name]
    if (searched?.folder !== 'templates' || typeof path !== 'string' || path.startsWith('~')) continue
    const file = findFile(path, searched.folder, task, check.play)
    if (file !== undefined) check.texts.file(file, task.name)
  }
}

function isGiven({ params }: Task, name: string): boolean {
  return typeof params !== 'string' && params.has(name)
}

/** Relative files that a task names must exist; absolute ones may be made by tasks before it. */
function checkFiles(
  task: Task,
  params: Readonly<Record<string, unknown>>,
  declaration: Declaration,
  values: Dict,
  check: ParamCheck,
): void {
  for (const [name, { searched }] of Object.entries(declaration.params)) {
    const value = params[name]
    const path = searched?.word && typeof value === 'string' ? splitWords(value)[0] : value
    if (!searched || typeof path !== 'string' || /^[/~]|:\/\//.test(path) || isTemplate(path)) continue
    const unless = searched.unless === undefined ? false : params[searched.unless]
    if (unless !== undefined && unless !== false) continue
    if (findFile(path, searched.folder, task, check.play) !== undefined) continue
    check.problems.add({
      code: 'file-not-found',
      place: placeOf(values, name) ?? task.modulePlace,
      task: task.name,
      message: `there is no file "${path}"`,
      cure: `looked for ${searchPaths(path, searched.folder, task, check.play).join(', ')}`,
    })
  }
}
