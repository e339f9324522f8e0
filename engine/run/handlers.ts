import { formatPlace } from '../errors.js'
import type { Task } from '../play/play.js'

/** The handlers of a play, and which of them a notification means. */
export class Handlers {
  #tasks: readonly Task[]
  readonly #nameOf: (handler: Task) => string | undefined
  /** Where the handlers stand that includes have added. */
  readonly #included = new Set<string>()
  readonly #names = new Map<Task, string | undefined>()

  /**
   * @param tasks  in the order of their definition
   * @param nameOf  the name with its templates evaluated; undefined when that is not possible
   */
  constructor(tasks: readonly Task[], nameOf: (handler: Task) => string | undefined) {
    this.#tasks = tasks
    this.#nameOf = nameOf
  }

  /** All handlers, in the order in which they run. */
  get tasks(): readonly Task[] {
    return this.#tasks
  }

  /** Adds the handlers of a role that was included; those of a role that is included again are there already. */
  add(tasks: readonly Task[]): void {
    const fresh = tasks.filter((task) => !this.#included.has(homeOf(task)))
    for (const task of fresh) this.#included.add(homeOf(task))
    this.#tasks = [...this.#tasks, ...fresh]
  }

  /** The handlers that `name` notifies: the one of that name, and all that listen to it. Empty: there is none. */
  notified(name: string): Task[] {
    const named = this.#named(name)
    const listening = this.#tasks.filter((task) => task.listen.includes(name) && task !== named)
    return named ? [named, ...listening] : listening
  }

  /** Of equal names the last list of handlers counts, and in it the first handler: so does ansible-core. */
  #named(name: string): Task | undefined {
    const matches = this.#tasks.filter((task) => this.#namesOf(task).includes(name))
    const last = matches.at(-1)
    return matches.find((task) => task.parent === last?.parent)
  }

  #namesOf(task: Task): string[] {
    if (!this.#names.has(task))
      this.#names.set(task, task.name === undefined ? undefined : this.#nameOf(task))
    const name = this.#names.get(task)
    if (name === undefined) return []
    return task.role ? [name, `${task.role.name} : ${name}`] : [name]
  }
}

function homeOf(task: Task): string {
  return `${formatPlace(task.place)} ${task.role?.path ?? ''}`
}
