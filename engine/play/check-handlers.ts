import { nearest } from '../errors.js'
import { hasTemplate } from '../language/template.js'
import { notifiedBy } from './inherit.js'
import { tasksOfPlay } from './names.js'
import type { Play, Task } from './play.js'
import type { Problems } from './problems.js'

/** By what a handler may be notified: its name, that with its role, and the topics it listens to. */
export function handlerNames(handler: Task): string[] {
  const { name, role, listen } = handler
  const named = name === undefined ? [] : [name, ...(role ? [`${role.name} : ${name}`] : [])]
  return [...named, ...listen]
}

/**
 * Refuses to notify a handler that does not exist, where both names are known before the run. `more` are handlers of
 * includes; `open` says that others may come.
 */
export function checkHandlers(play: Play, more: readonly Task[], open: boolean, problems: Problems): void {
  const handlers = [...play.handlers, ...more]
  if (open || handlers.some(({ name }) => name !== undefined && hasTemplate(name))) return
  const names = new Set(handlers.flatMap(handlerNames))
  for (const task of tasksOfPlay(play)) {
    for (const { value, place } of notifiedBy(task)) {
      if (typeof value !== 'string' || hasTemplate(value) || names.has(value)) continue
      const near = nearest(value, names)
      problems.add({
        code: 'unknown-handler',
        place,
        task: task.name,
        message: `there is no handler "${value}"`,
        allowed: near && `did you mean "${near}"?`,
        cure: near || names.size ? undefined : 'the play has no handlers',
      })
    }
  }
}
