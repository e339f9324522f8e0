import { existsSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { renderHandlebars } from '../language/handlebars/render.js'
import type { Scope } from '../language/jinja/scope.js'
import { renderFile } from '../language/template.js'
import { searchPaths } from '../play/files.js'
import { playOf } from '../play/inherit.js'
import type { Task } from '../play/play.js'
import type { Maybe } from '../unknown.js'
import type { ControllerFiles } from './controller-files.js'

/** Renders the text of a template file: Handlebars when it is named `.hbs`, otherwise Jinja with these settings. */
export function renderTemplateFile(
  text: string,
  scope: Scope,
  file: string,
  settings: Readonly<Record<string, string | boolean>> = {},
): Maybe<string> {
  return extname(file) === '.hbs'
    ? renderHandlebars(text, scope, file)
    : renderFile(text, scope, file, settings)
}

/**
 * Finds what a template includes: beside it, or where the task's templates are.
 * @param saw  told where it was looked for
 */
export function templateLoader(
  files: ControllerFiles,
  task: Task,
  saw?: (places: readonly string[]) => void,
): NonNullable<Scope['template']> {
  return (name, from) => {
    const places = [join(dirname(from), name), ...searchPaths(name, 'templates', task, playOf(task))]
    saw?.(places)
    const file = places.find((place) => existsSync(place))
    return file === undefined ? undefined : { text: files.text(file), file }
  }
}
