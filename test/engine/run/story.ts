import type { Node, Task } from '../../../engine/play/play.js'
import { playNodes, Walk } from '../../../engine/run/walk.js'
import { nodes, task } from './nodes.js'

/** Sections of a play, and what happens in them. */
export interface Story {
  sections: (string | Node)[][]
  handlers?: string[]
  /** Tasks that fail. */
  fail?: string[]
  /** Task to the handlers it notifies. */
  notify?: Record<string, string[]>
  force?: boolean
  /** Task to what it includes. */
  include?: Record<string, (string | Node)[]>
  end?: string
  flushAt?: string
}

/** Runs a walk to its end; what was taken, in order, flush points left out. */
export function tell(story: Story): { taken: string[]; walk: Walk; ends: string[] } {
  const handlers = (story.handlers ?? []).map((name) => task(name, { handler: true }))
  const sections = story.sections.map(nodes)
  const walk = new Walk(playNodes(sections, story.force ?? false), () => handlers)
  const taken: string[] = []
  const ends: string[] = []
  for (let step = walk.take(); step; step = walk.take()) {
    if (step.kind === 'flush') {
      walk.flush()
      continue
    }
    const name = step.name!
    taken.push(name)
    act(story, walk, step, handlers, ends)
    if (taken.length > 1000) throw new Error('the walk does not end')
  }
  return { taken, walk, ends }
}

function act(story: Story, walk: Walk, step: Task, handlers: Task[], ends: string[]): void {
  const name = step.name!
  for (const target of story.notify?.[name] ?? []) walk.notify(handlers.find((h) => h.name === target)!)
  if (step.handler) walk.handled(step)
  if (story.include?.[name]) walk.insert(nodes(story.include[name]))
  if (story.fail?.includes(name)) ends.push(`${name} ${walk.fail()}`)
  if (story.end === name) walk.end()
  if (story.flushAt === name) walk.flush()
}
