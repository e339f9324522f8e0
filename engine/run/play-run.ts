import { dirname } from 'node:path'
import { fail, formatProblem } from '../errors.js'
import type { Place } from '../errors.js'
import { selectHosts } from '../inventory/pattern.js'
import type { Value } from '../language/value.js'
import type { Play } from '../play/play.js'
import { matchesTask } from '../play/names.js'
import { ordered, serialBatches } from './batches.js'
import type { Batch, Run } from './context.js'
import { evaluated, text, toBoolean } from './evaluate.js'
import { FACTS_MODULE, gatheringTask, isGathering } from './facts.js'
import { free, hostPinned } from './free.js'
import { Handlers } from './handlers.js'
import { chosen } from './include.js'
import { linear } from './linear.js'
import { askPrompts, playScope, playSources } from './play-vars.js'
import { playNodes, Walk } from './walk.js'
import type { WalkNode } from './walk.js'
import { renderValue } from '../language/template.js'
import type { VariableScope } from '../language/variables.js'

/** How a play left things, in ansible-playbook's numbers. */
export interface PlayEnd {
  /** Exit status so far: 0, 2 for failed hosts, 4 for unreachable ones. */
  readonly code: 0 | 2 | 4
  /** No further play is run. */
  readonly stop: boolean
}

/** Strategies by name: each decides when a host goes. */
const STRATEGIES: Readonly<Record<string, (batch: Batch) => Promise<void>>> = {
  linear,
  free,
  host_pinned: hostPinned,
}

/** Runs one play, batch after batch. */
export async function runPlay(run: Run, written: Play): Promise<PlayEnd> {
  run.playing.folder = dirname(written.file)
  for (const host of run.lost) run.unreachable.add(host)
  const answers = await askPrompts(run, written)
  const scope = playScope(run, written, answers)
  const play = { ...written, title: nameOf(written.title, scope) ?? written.title }
  const hosts = hostsOf(run, play, scope)
  const batches = serialBatches(
    inOrder(hosts, play, scope),
    listOf(evaluated(play.serial, scope)),
    play.serial?.place,
  )
  if (!batches.length) announceNone(run, play, scope)
  let code: PlayEnd['code'] = 0
  let stop = false
  for (const names of batches) {
    const lostBefore = run.failed.size + run.unreachable.size
    const batch = await createBatch(run, play, scope, names, hosts, playSources(run, play, answers))
    run.emit({ kind: 'play-start', play: play.title, hosts: names.filter((host) => isIn(run, host)) })
    await strategyOf(run, play, scope)(batch)
    for (const [host, walk] of batch.walks) if (walk.failed) run.failed.add(host)
    if (run.interrupt.interrupted) return { code, stop: true }
    code = batch.broken ? 2 : run.unreachable.size ? 4 : run.failed.size ? 2 : 0
    if (batch.ended) break
    if (batch.broken) stop = true
    if (run.failed.size + run.unreachable.size - lostBefore === names.length) return { code, stop: true }
    for (const host of run.unreachable) run.lost.add(host)
  }
  return { code, stop }
}

/** A host that is neither failed nor unreachable. */
function isIn(run: Run, host: string): boolean {
  return !run.failed.has(host) && !run.unreachable.has(host)
}

function hostsOf(run: Run, play: Play, scope: VariableScope): string[] {
  const pattern = patternOf(play, scope)
  const { hosts, warnings } = selectHosts(run.inventory, pattern, {
    limit: run.settings.limit,
    place: play.hosts.place,
  })
  for (const warning of warnings)
    run.emit({ kind: 'message', level: 'warning', text: formatProblem(warning) })
  return hosts.map(({ name }) => name)
}

/** The order in which hosts are taken; variables that list the hosts of the play know nothing of it. */
function inOrder(hosts: readonly string[], play: Play, scope: VariableScope): string[] {
  const order = evaluated(play.order, scope)
  return ordered(hosts, order === undefined ? 'inventory' : text(order), play.order?.place)
}

function patternOf(play: Play, scope: VariableScope): string[] {
  return listOf(renderValue(play.hosts.value, scope, play.hosts.place)).map(text)
}

function announceNone(run: Run, play: Play, scope: VariableScope): void {
  run.emit({ kind: 'play-start', play: play.title, hosts: [] })
  run.emit({ kind: 'no-hosts', play: play.title, pattern: patternOf(play, scope).join(',') })
}

function listOf(value: Value | undefined): readonly Value[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value : [value]
}

async function createBatch(
  run: Run,
  play: Play,
  scope: VariableScope,
  hosts: readonly string[],
  playHosts: readonly string[],
  sources: Batch['playSources'],
): Promise<Batch> {
  const nodes = await nodesOf(run, play, scope)
  const handlers = new Handlers(play.handlers, (task) => nameOf(task.name, scope))
  const removed = new Set(playHosts.filter((host) => !isIn(run, host)))
  const walks = new Map(hosts.map((host) => [host, walkOf(run, nodes, handlers, host)]))
  return {
    run,
    play,
    hosts,
    playHosts,
    nodes,
    walks,
    handlers,
    removed,
    ownPace: goAtOwnPace(run, strategyName(run, play, scope), hosts),
    failed: new Set(),
    roles: { begun: new Set(), completed: new Set(), shown: [] },
    playSources: sources,
    maxFailPercentage: percentage(evaluated(play.maxFailPercentage, scope), play.maxFailPercentage?.place),
    ended: false,
    broken: false,
  }
}

function percentage(value: Value | undefined, place: Place | undefined): number | undefined {
  if (value === undefined) return undefined
  const number = Number(text(value).replace(/%$/, ''))
  if (Number.isFinite(number)) return number
  return fail({
    code: 'bad-keyword',
    message: `max_fail_percentage is "${text(value)}"`,
    place,
    allowed: 'allowed: a number from 0 to 100',
  })
}

async function nodesOf(run: Run, play: Play, scope: VariableScope): Promise<WalkNode[]> {
  const { settings } = run
  const sections = play.sections.map((section) => chosen(section, settings))
  const force = evaluated(play.forceHandlers, scope)
  const forced = settings.forceHandlers || (force !== undefined && toBoolean(force, 'force_handlers'))
  const nodes = playNodes(sections, forced)
  const gathering = gatheringTask(play, scope, settings)
  if (!gathering || !chosen([gathering], settings).length) return nodes
  await run.registry.load([FACTS_MODULE])
  return [gathering, ...nodes]
}

/** A host that is out of the run has nothing to walk; `--start-at-task` moves the others to that task. */
function walkOf(run: Run, nodes: readonly WalkNode[], handlers: Handlers, host: string): Walk {
  const walk = new Walk(nodes, () => handlers.tasks)
  if (run.failed.has(host)) walk.end()
  const { startAtTask: start } = run.settings
  if (start === undefined || run.starting.done) return walk
  if (hasStart(nodes, start)) walk.startAt((task) => matchesTask(task, start), isGathering)
  else walk.end()
  return walk
}

/** The name of a handler or play, with the templates in it that need no host. */
function nameOf(name: string | undefined, scope: VariableScope): string | undefined {
  if (name === undefined) return undefined
  try {
    return text(renderValue(name, scope))
  } catch {
    // A handler whose name depends on hosts can only be notified by a topic.
    return undefined
  }
}

/** With `free`, hosts that take turns (`forks`) each do one task in a turn. */
function goAtOwnPace({ settings }: Run, strategy: string, { length }: readonly string[]): boolean {
  if (strategy === 'free') return length <= settings.forks
  return length === 1 || strategy === 'host_pinned'
}

function strategyName(run: Run, play: Play, scope: VariableScope): string {
  const given = evaluated(play.strategy, scope) ?? run.settings.keywords?.strategy ?? 'linear'
  return text(given).replace(/^ansible\.builtin\./, '')
}

function strategyOf(run: Run, play: Play, scope: VariableScope): (batch: Batch) => Promise<void> {
  const name = strategyName(run, play, scope)
  if (Object.hasOwn(STRATEGIES, name)) return STRATEGIES[name]!
  return fail({
    code: 'bad-keyword',
    message: `strategy is "${name}"`,
    place: play.strategy?.place,
    allowed: `allowed: ${Object.keys(STRATEGIES).join(', ')}`,
  })
}

/** Whether the nodes hold the task that `--start-at-task` means. */
function hasStart(nodes: readonly WalkNode[], pattern: string): boolean {
  return nodes.some((node) => {
    if (node.kind === 'flush') return false
    if (node.kind === 'task') return matchesTask(node, pattern)
    return hasStart([...node.block, ...node.rescue, ...node.always], pattern)
  })
}
