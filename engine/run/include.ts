import { fromPlain, toPlain } from '../language/value.js'
import type { Included } from '../play/include.js'
import type { Node, Task } from '../play/play.js'
import { selected } from '../play/tags.js'
import type { Batch, Turn } from './context.js'
import { asData } from './evaluate.js'
import { failure, resultOfError } from './result.js'
import type { Include, Result } from './result.js'
import type { RunSettings } from './settings.js'

/** A host that has come to an include, with its result so far. */
export interface Including {
  readonly turn: Turn
  readonly result: Result
}

/** Nodes that were loaded, and the hosts that go through them. */
export interface Expansion {
  readonly nodes: readonly Node[]
  readonly hosts: readonly string[]
}

/** What came of the includes of one task. */
export interface Expanded {
  /** In the order in which they were met first; hosts that include the same share one. */
  readonly expansions: readonly Expansion[]
  /** Results of hosts whose include could not be loaded. */
  readonly failures: ReadonlyMap<string, Result>
}

/** Loads what hosts include, once for all hosts that include the same with the same variables. */
export async function expand(batch: Batch, including: readonly Including[]): Promise<Expanded> {
  const groups = new Map<string, { readonly include: Include; readonly hosts: string[] }>()
  for (const { turn, result } of including) {
    for (const include of result.includes ?? []) {
      const key = keyOf(include)
      const group = groups.get(key)
      if (group) group.hosts.push(turn.host)
      else groups.set(key, { include, hosts: [turn.host] })
    }
  }
  const expansions: Expansion[] = []
  const failures = new Map<string, Result>()
  for (const { include, hosts } of groups.values()) {
    const loaded = await load(batch, including[0]!.turn.task, include)
    if ('end' in loaded) for (const host of hosts) failures.set(host, loaded)
    else expansions.push({ nodes: adopt(batch, including[0]!.turn.task, loaded), hosts })
  }
  return { expansions, failures }
}

async function load(batch: Batch, task: Task, { params, variables }: Include): Promise<Included | Result> {
  try {
    return await batch.run.includer.load(task, params, batch.play, variables && asData(variables))
  } catch (error) {
    const { message, end } = resultOfError(error)
    return end === 'failed' ? failure(message ?? '') : resultOfError(error)
  }
}

/** The nodes that tags choose; handlers of a role join the play's. */
function adopt(batch: Batch, task: Task, { block, handlers, shown }: Included): readonly Node[] {
  batch.roles.shown.push(...shown)
  if (task.handler) return [block]
  batch.handlers.add(handlers)
  return chosen([block], batch.run.settings)
}

/** The nodes that `--tags` and `--skip-tags` leave; blocks without tasks are left out. */
export function chosen(nodes: readonly Node[], settings: Pick<RunSettings, 'tags' | 'skipTags'>): Node[] {
  return nodes.flatMap((node): Node[] => {
    if (node.kind === 'task') return selected(node, settings.tags, settings.skipTags) ? [node] : []
    const [block, rescue, always] = [node.block, node.rescue, node.always].map((list) =>
      chosen(list, settings),
    )
    const isEmpty = !block!.length && !rescue!.length && !always!.length
    return isEmpty ? [] : [{ ...node, block: block!, rescue: rescue!, always: always! }]
  })
}

function keyOf({ params, variables }: Include): string {
  return JSON.stringify([toPlain(fromPlain(params)), variables && toPlain(variables)])
}
