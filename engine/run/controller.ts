import { stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { scopeOf } from '../language/jinja/scope.js'
import type { Scope } from '../language/jinja/scope.js'
import { str } from '../language/jinja/python/render.js'
import type { Item } from '../language/jinja/item.js'
import { evaluateExpression } from '../language/template.js'
import { FplayError } from '../errors.js'
import type { Value } from '../language/value.js'
import type { Controller } from '../module/contract.js'
import type { Maybe } from '../unknown.js'
import type { ControllerFiles } from './controller-files.js'
import { connectionSettings } from './connect.js'
import type { Turn } from './context.js'
import { filePlaces, findFile } from './find-file.js'
import type { SearchFolder } from '../play/files.js'
import { playOf } from '../play/inherit.js'
import { playbookDir } from '../play/planner.js'
import { templateVariables } from './template-variables.js'
import { renderTemplateFile } from './templates.js'
import { withVariables } from './turn.js'

/** What a module may use of the controller in this turn. */
export function controllerOf(turn: Turn, files: ControllerFiles): Controller {
  const { task, host, scope, info } = turn
  const find: Controller['find'] = (path, folder) => findSeen(turn, path, folder, files)
  const { settings, secrets, emit } = turn.batch.run
  return {
    host,
    task: info.name,
    isLocal: () => connectionSettings(turn).kind === 'local',
    find,
    entry: async (path) => {
      if (files.foreseen(path) !== undefined) return { folder: false, mode: 0o644 }
      const info = await stat(path)
      return { folder: info.isDirectory(), mode: info.mode & 0o7777 }
    },
    resolve: (path) => resolve(playbookDir(playOf(task)), path.replace(/^~(?=\/|$)/, homedir())),
    content: async (path, folder, decrypt) => files.content(find(path, folder), decrypt),
    unhashed: async (path, folder, decrypt) => files.unhashed(find(path, folder), decrypt),
    large: (path) => files.large(find(path, 'files')),
    render: async (path, options, dest) =>
      renderTemplate(turn, files, { path, dest, options: options ?? {} }),
    evaluate: (expression) => evaluateExpression(expression, scope, task.modulePlace),
    display: (expression) => display(expression, scope),
    variable: (name) => scope.lookup(name),
    text: (value) => str(value as Item),
    json: toJson,
    ask: async (question, hidden) => {
      const answer = await settings.prompt?.({ text: question, hidden, confirm: false })
      if (hidden && answer) secrets.add(answer)
      return answer
    },
    say: (message, level) => emit({ kind: 'message', level, text: secrets.mask(message) }),
  }
}

/** Finds a file, and notes that the task rests on it. */
function findSeen(turn: Turn, path: string, folder: SearchFolder, files: ControllerFiles): string {
  turn.speculation?.sawFiles(filePlaces(turn.task, path, folder))
  return findFile(turn.task, path, folder, files)
}

/** What `debug: var=` shows of a name that is not defined. */
const NOT_DEFINED = 'VARIABLE IS NOT DEFINED!'

function display(expression: string, scope: Scope): Value {
  try {
    return evaluateExpression(expression, scope)
  } catch (error) {
    if (!(error instanceof FplayError) || !error.problems.every(({ code }) => code === 'undefined-name'))
      throw error
    return NOT_DEFINED
  }
}

function toJson(value: Value): string {
  return str(evaluateExpression('value | to_json', scopeOf(new Map([['value', value]]))) as Item)
}

function renderTemplate(
  turn: Turn,
  files: ControllerFiles,
  what: { path: string; dest: string | undefined; options: Readonly<Record<string, unknown>> },
): Maybe<string> {
  const { path, dest, options } = what
  const file = findSeen(turn, path, 'templates', files)
  const { managed } = turn.batch.run.settings
  const { scope } = withVariables(turn, 'template', templateVariables({ path, file, dest, managed }))
  return renderTemplateFile(files.text(file), scope, file, options as Record<string, string | boolean>)
}
