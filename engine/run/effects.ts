import { createBuilder, reconcile } from '../inventory/build.js'
import type { Builder } from '../inventory/build.js'
import { findHost } from '../inventory/pattern.js'
import type { Returned } from '../module/contract.js'
import type { Run, Turn } from './context.js'
import { asData, flag } from './evaluate.js'
import { gathersFacts } from './facts.js'
import { withValues } from './result.js'
import type { Result } from './result.js'

/**
 * Lets a result have its effects beyond `register`: facts of the host, new hosts, new groups. A task that changes the
 * inventory is changed.
 */
export function applyEffects(turn: Turn, result: Result): Result {
  const { effects } = result
  if (!effects || result.end === 'failed' || result.end === 'unreachable') return result
  const { run } = turn.batch
  if (effects.facts) for (const host of factHosts(turn, result)) learn(turn, host, effects)
  if (!effects.addHost && !effects.groupBy) return result
  const before = extent(run)
  if (effects.addHost) addHost(run, effects.addHost)
  if (effects.groupBy) joinGroup(run, turn.host, effects.groupBy)
  const changed = extent(run) !== before
  return turn.task.changedWhen ? result : { ...withValues(result, { changed }), changed }
}

/** How many hosts, groups and memberships an inventory has; all of them only grow. */
function extent({ inventory: { hosts, groups } }: Run): number {
  const members = [...groups.values()].map((group) => group.hosts.size + group.children.size)
  return members.reduce((sum, size) => sum + size, hosts.size + groups.size)
}

/** The hosts of a result: with `run_once` all hosts of the batch that can be reached. */
export function resultHosts({ batch, task, scope, host }: Turn): readonly string[] {
  if (!flag(task, 'runOnce', scope)) return [host]
  return batch.hosts.filter((name) => !batch.run.unreachable.has(name))
}

function factHosts(turn: Turn, { delegatedTo }: Result): readonly string[] {
  const delegated = delegatedTo !== undefined && flag(turn.task, 'delegateFacts', turn.scope)
  return delegated ? [delegatedTo] : resultHosts(turn)
}

/** Facts of `set_fact` are variables; with `cacheable` they are facts as well. */
function learn(
  { batch, task }: Turn,
  host: string,
  { facts, cacheable }: NonNullable<Result['effects']>,
): void {
  const known = batch.run.known(host)
  if (gathersFacts(task)) known.gathered = true
  if (cacheable !== undefined) for (const [name, value] of facts!) known.set.set(name, value)
  if (cacheable !== false) known.addFacts(facts!)
}

function addHost(run: Run, { name, groups, vars }: NonNullable<Returned['addHost']>): void {
  const builder = builderOf(run)
  const host = builder.addHost(name, 'all')
  for (const group of groups) {
    builder.addGroup(group)
    builder.addHost(name, group)
  }
  for (const [key, value] of asData(vars)) builder.setVar(host, key, value)
  reconcile(run.inventory)
}

function joinGroup(run: Run, host: string, { group, parents }: NonNullable<Returned['groupBy']>): void {
  const builder = builderOf(run)
  builder.addGroup(group)
  for (const parent of parents) {
    builder.addGroup(parent)
    builder.addChild(parent, group)
  }
  const implicit = run.inventory.hosts.has(host) ? undefined : findHost(run.inventory, host)
  const joined = builder.addHost(host, group)
  // The controller is still connected to locally when it has joined a group.
  for (const [name, value] of implicit?.vars ?? []) builder.setVar(joined, name, value)
  reconcile(run.inventory)
}

function builderOf(run: Run): Builder {
  return createBuilder(run.inventory, {}, [])
}
