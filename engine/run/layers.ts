import { renderValue } from '../language/template.js'
import { computedLayer, createScope, dictLayer, orderLayers } from '../language/variables.js'
import type { Layer, Sources } from '../language/variables.js'
import type { Dict, Value } from '../language/value.js'
import { includeParams, nodeVars } from '../play/inherit.js'
import { withDependencies } from '../play/role-order.js'
import type { Block, Play, Role, Task } from '../play/play.js'
import type { Batch, Run } from './context.js'
import { LazyDict } from './lazy-dict.js'
import { lookupsOf } from './lookups.js'
import { hostMagic, playMagic, runMagic, taskMagic } from './magic.js'

/** Everything a task on a host sees, each part a set of layers. */
export function taskSources(batch: Batch, task: Task | Block, host: string): Sources[] {
  const { run, playSources } = batch
  return [
    ...hostSources(run, host),
    playSources(host),
    ofRoles(batch.roles.shown),
    ofNode(task),
    ofBatch(batch),
  ]
}

/** What is known of a host whatever play it is in: what `hostvars` shows. */
export function hostSources(run: Run, host: string): Sources[] {
  const magic: Sources = { 'magic variables': [computedLayer('magic variables', hostMagic(run, host))] }
  return [run.hostSources(host), run.known(host).sources, ...sharedSources(run), magic]
}

/** What is the same for all hosts: the variables of the command line, and magic ones. */
export function sharedSources(run: Run): Sources[] {
  return [
    { 'extra vars': [dictLayer('extra vars', run.settings.extraVars)] },
    { 'magic variables': sharedLayers(run) },
  ]
}

const shared = new WeakMap<Run, readonly Layer[]>()

/** The layers that are the same for all hosts. */
function sharedLayers(run: Run): readonly Layer[] {
  let layers = shared.get(run)
  if (!layers) {
    const getters = new Map([...runMagic(run), ['hostvars', () => hostvars(run)] as const])
    shared.set(run, (layers = [computedLayer('magic variables', getters)]))
  }
  return layers
}

function hostvars(run: Run): Dict {
  const { hosts } = run.inventory
  const has = (name: Value): boolean => hosts.has(String(name)) || name === 'localhost'
  return new LazyDict(
    () => hosts.keys(),
    (name) => (has(name) ? variablesOf(run, String(name)) : undefined),
  )
}

/** What every host sees and is no variable of one: shown as such, `hostvars` would hold itself without end. */
const OF_NOBODY = new Set(['hostvars', 'omit'])

/** All variables of a host, each evaluated when it is asked for. */
export function variablesOf(run: Run, host: string): Dict {
  const scope = createScope(orderLayers(...hostSources(run, host)), renderValue, { lookups: lookupsOf(run) })
  return new LazyDict(
    () => [...scope.names()].filter((name) => !OF_NOBODY.has(name)),
    (name) => (typeof name === 'string' ? scope.lookup(name) : undefined),
  )
}

/** The variables of a play, without those of `vars_files`, which may differ from host to host. */
export function playVariables(play: Play, answers: Dict, files: readonly Layer[]): Sources {
  return {
    ...ofRoles(play.roles),
    'play vars': play.vars ? [dictLayer('play vars', play.vars)] : [],
    vars_prompt: [dictLayer('vars_prompt', answers)],
    vars_files: files,
  }
}

/** What roles show to a whole play, their dependencies before them. */
function ofRoles(roles: readonly Role[]): Sources {
  const all = roles.flatMap(withDependencies)
  return { 'role defaults': all.map(defaultsOf), 'role vars': all.flatMap(varsOf) }
}

const defaultsOf = ({ name, defaults }: Role): Layer => dictLayer(`defaults of role ${name}`, defaults)

const varsOf = ({ name, entryVars, vars }: Role): Layer[] => [
  dictLayer(`vars given to role ${name}`, entryVars),
  dictLayer(`vars of role ${name}`, vars),
]

function ofNode(node: Task | Block): Sources {
  const blocks = nodeVars(node)
  const own = node.vars ? blocks.pop() : undefined
  return {
    ...(node.role ? ofRole(node.role) : {}),
    'block vars': blocks.map((dict) => dictLayer('block vars', dict)),
    'task vars': own ? [dictLayer('task vars', own)] : [],
    'include params': includeParams(node).map((dict) => dictLayer('include params', dict)),
    'magic variables': [computedLayer('magic variables', taskMagic(node))],
  }
}

/** A role's own variables win over those of the roles around it, and those over its dependencies'. */
function ofRole(role: Role): Sources {
  const [own, ...below] = withDependencies(role).reverse()
  const chain = [...role.parents, own!]
  return {
    'role defaults': [...below.reverse(), ...chain].map(defaultsOf),
    'role vars': [...role.parents, ...withDependencies(role)].flatMap(varsOf),
    'role params': chain.map(({ name, params }) => dictLayer(`parameters of role ${name}`, params)),
  }
}

function ofBatch(batch: Batch): Sources {
  return { 'magic variables': [computedLayer('magic variables', playMagic(batch))] }
}
