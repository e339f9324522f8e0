import type { Block, Node, Task } from '../../../engine/play/play.js'

const place = { file: 'play.yml', line: 1, column: 1 }
const shared = { place, tags: [], when: [], environment: [], moduleDefaults: [] }

/** A task of which only the name matters. */
export function task(name: string, more: Partial<Task> = {}): Task {
  return {
    ...shared,
    kind: 'task',
    name,
    action: 'ping',
    module: 'ping',
    params: new Map(),
    modulePlace: place,
    loopControl: {},
    until: [],
    notify: [],
    listen: [],
    handler: false,
    implicit: false,
    ...more,
  }
}

/** A block of tasks; names stand for tasks. */
export function block(parts: {
  block: (string | Node)[]
  rescue?: (string | Node)[]
  always?: (string | Node)[]
}): Block {
  return {
    ...shared,
    kind: 'block',
    block: nodes(parts.block),
    rescue: nodes(parts.rescue ?? []),
    always: nodes(parts.always ?? []),
  }
}

/** Nodes of which plain names are tasks. */
export function nodes(items: (string | Node)[]): Node[] {
  return items.map((item) => (typeof item === 'string' ? task(item) : item))
}
