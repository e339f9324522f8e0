import { fail, formatPlace } from '../errors.js'
import type { Place } from '../errors.js'
import type { Scope } from './jinja/scope.js'
import { placeOf } from './place.js'
import type { Dict, Value } from './value.js'

/**
 * Where variables come from, the weakest first: Ansible's table of precedence, and on top the magic variables, which
 * nothing overrides. Everything that looks a variable up walks this one list from its end.
 */
export const PRECEDENCE = [
  'role defaults',
  'inventory group vars',
  'inventory group_vars/all',
  'playbook group_vars/all',
  'inventory group_vars',
  'playbook group_vars',
  'inventory host vars',
  'inventory host_vars',
  'playbook host_vars',
  'facts',
  'play vars',
  'vars_prompt',
  'vars_files',
  'role vars',
  'block vars',
  'task vars',
  'include_vars',
  'set_fact and register',
  'role params',
  'include params',
  'extra vars',
  'magic variables',
] as const

/** A level of {@link PRECEDENCE}. */
export type Level = (typeof PRECEDENCE)[number]

/** A variable as it was given. */
export interface Found {
  readonly value: Value
  /** True: templates in it are evaluated. False: it came from a host or a person, and is data. */
  readonly templated: boolean
  /** Where it comes from: `play vars`, `group_vars/web.yml`. */
  readonly source: string
  readonly place?: Place | undefined
}

/** One set of variables. Layers are looked into, never merged or copied. */
export interface Layer {
  readonly source: string
  get(name: string): Found | undefined
  names(): Iterable<string>
}

/** How a layer treats its values. */
export interface LayerOptions {
  /** False for facts, registered results and answers to prompts. Default true. */
  readonly templated?: boolean
}

/** A layer of the entries of a dictionary; later changes of the dictionary are seen. */
export function dictLayer(source: string, dict: Dict, options: LayerOptions = {}): Layer {
  const templated = options.templated ?? true
  return {
    source,
    get(name) {
      const value = dict.get(name)
      return value === undefined ? undefined : { value, templated, source, place: placeOf(dict, name) }
    },
    *names() {
      for (const key of dict.keys()) if (typeof key === 'string') yield key
    },
  }
}

/** A layer whose values are computed when they are looked up; they are data. */
export function computedLayer(source: string, getters: ReadonlyMap<string, () => Value | undefined>): Layer {
  return {
    source,
    get(name) {
      const value = getters.get(name)?.()
      return value === undefined ? undefined : { value, templated: false, source }
    },
    names: () => getters.keys(),
  }
}

/** The layers of each level, the weaker first within a level. */
export type Sources = { readonly [Name in Level]?: readonly Layer[] }

/** All layers, the strongest first. Sources given later are stronger within a level. */
export function orderLayers(...sources: readonly Sources[]): Layer[] {
  const layers: Layer[] = []
  for (const level of PRECEDENCE) {
    for (const source of sources) {
      const own = source[level]
      if (own) layers.push(...own)
    }
  }
  return layers.reverse()
}

/** The variable as the strongest layer that has it gives it. */
export function findVariable(layers: readonly Layer[], name: string): Found | undefined {
  for (const layer of layers) {
    const found = layer.get(name)
    if (found) return found
  }
  return undefined
}

/** Every name that some layer has, once. */
export function variableNames(layers: readonly Layer[]): Set<string> {
  const names = new Set<string>()
  for (const layer of layers) for (const name of layer.names()) names.add(name)
  return names
}

/** Evaluates the templates in a value, at any depth, with the names of `scope`. */
export type Render = (value: Value, scope: Scope, place: Place | undefined) => Value

/** A scope over layers, which also tells where a variable comes from. */
export interface VariableScope extends Scope {
  /** The variable as given, unevaluated. */
  find(name: string): Found | undefined
  names(): Set<string>
}

/** What a scope has beside variables. */
export type ScopeTools = Pick<Scope, 'lookups' | 'template'>

/**
 * The names an expression sees. A variable is evaluated when it is looked up, once in the life of the scope: make one
 * scope for a task on a host (and one for each item of its loop). `lookup` fails with `expression-failed` when
 * variables refer to each other in a circle, and as their templates do.
 */
export function createScope(layers: readonly Layer[], render: Render, tools: ScopeTools = {}): VariableScope {
  const values = new Map<string, Value | undefined>()
  const open = new Map<string, Found>()
  const scope: VariableScope = {
    ...tools,
    find: (name) => findVariable(layers, name),
    names: () => variableNames(layers),
    lookup(name) {
      if (values.has(name)) return values.get(name)
      const found = findVariable(layers, name)
      if (!found?.templated) {
        values.set(name, found?.value)
        return found?.value
      }
      if (open.has(name)) refuseCircle(open, name)
      open.set(name, found)
      try {
        const value = render(found.value, scope, found.place)
        values.set(name, value)
        return value
      } finally {
        open.delete(name)
      }
    },
  }
  return scope
}

function refuseCircle(open: ReadonlyMap<string, Found>, name: string): never {
  const names = [...open.keys()]
  const circle = names.slice(names.indexOf(name))
  const where = circle.map((link) => {
    const { place, source } = open.get(link)!
    return `${link} (${place ? formatPlace(place) : source})`
  })
  return fail({
    code: 'expression-failed',
    place: open.get(name)!.place,
    message: `variables refer to each other in a circle: ${[...where, name].join(' -> ')}`,
    cure: 'give one of them another name; a variable cannot be defined by itself',
  })
}
