import type { Dict } from '../language/value.js'
import type { Block, Play, Shared, Task, Written } from './play.js'

/** Keywords that a node without them takes from the nearest parent that has them. */
export type Inherited = {
  [Name in keyof Shared]-?: Exclude<Shared[Name], undefined> extends Written ? Name : never
}[keyof Shared]

/** Keywords whose lists add up along the parents. */
export type Added = 'when' | 'environment' | 'moduleDefaults'

/** The node itself and its parents, the play last. */
export function chain(node: Task | Block | Play): (Task | Block | Play)[] {
  const nodes: (Task | Block | Play)[] = []
  for (let at: Task | Block | Play | undefined = node; at; at = at.parent) nodes.push(at)
  return nodes
}

/** The keyword of the node, or of the nearest parent that has it. */
export function inherit(node: Task | Block | Play, name: Inherited): Written | undefined {
  for (let at: Task | Block | Play | undefined = node; at; at = at.parent) if (at[name]) return at[name]
  return undefined
}

/** All values of the keyword along the chain, the play's first, the node's own last. */
export function inheritAll<Name extends Added>(
  node: Task | Block | Play,
  name: Name,
): Shared[Name][number][] {
  return chain(node)
    .reverse()
    .flatMap((at) => at[name] as Shared[Name][number][])
}

/** What module_defaults give the module of a task: the entry that is nearest to it, as a whole. */
export function defaultsFor(task: Task): Written | undefined {
  const entry = inheritAll(task, 'moduleDefaults').findLast(({ value }) => value.has(task.module))
  return entry && { value: entry.value.get(task.module)!, place: entry.place }
}

/** Names and topics the node notifies: its own, or those of the nearest block that has some. */
export function notifiedBy(node: Task | Block): readonly Written[] {
  return chain(node).find((at) => at.notify)?.notify ?? []
}

/** The variables of blocks and of the task, the outermost first; the play's and the roles' are not among them. */
export function nodeVars(node: Task | Block): NonNullable<Shared['vars']>[] {
  return chain(node)
    .reverse()
    .flatMap((at) => (at.kind !== 'play' && at.vars ? [at.vars] : []))
}

/** What the dynamic includes around a node hand down, the outermost first; an include's own variables are among them. */
export function includeParams(node: Task | Block): Dict[] {
  return chain(node)
    .reverse()
    .flatMap((at) => {
      if (at.kind === 'block') return at.includeParams ?? []
      return at.kind === 'task' && INCLUDES.has(at.module) && at.vars ? [at.vars] : []
    })
}

const INCLUDES = new Set(['include_tasks', 'include_role'])

/** The collections of the node, or of the nearest parent that names some; a role has its own. */
export function collectionsOf(node: Block | Play | undefined): readonly string[] {
  for (let at = node; at; at = at.parent) {
    if (at.collections) return at.collections
    if (at.role && at.parent?.role !== at.role) return []
  }
  return []
}

/** The play a node belongs to. */
export function playOf(node: Task | Block | Play): Play {
  const top = chain(node).at(-1)!
  if (top.kind !== 'play') throw new TypeError(`the node at line ${node.place.line} belongs to no play`)
  return top
}
