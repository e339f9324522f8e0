import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Place, Problem } from '../errors.js'
import type { Scope as NameScope } from '../language/jinja/scope.js'
import { evaluateTemplate, renderValue } from '../language/template.js'
import type { Dict, Value } from '../language/value.js'
import { createScope } from '../language/variables.js'
import { loadYamlFile } from '../language/yaml.js'
import type { VaultReader } from '../language/vault.js'
import type { Registry } from '../module/registry.js'
import { createCatalog } from './actions.js'
import type { Catalog } from './actions.js'
import type { Block, Play, Role, Task } from './play.js'
import { collectionsOf } from './inherit.js'
import { collectProblems } from './problems.js'
import type { Problems } from './problems.js'
import type { Scope } from './scope.js'
import { staticLayers } from './static-vars.js'

/** What loading a playbook depends on. */
export interface LoadOptions {
  readonly registry: Registry
  /** Folders in which roles are looked for, after `roles/` beside the playbook. */
  readonly rolesPath?: readonly string[] | undefined
  /** `-e`: with the playbook's own variables they fill templates in the names of imports, roles and tags. */
  readonly extraVars?: Dict | undefined
  readonly vault?: VaultReader | undefined
  /** `--tags` and `--skip-tags`: what a run leaves out need not find its files. */
  readonly tags?: readonly string[] | undefined
  readonly skipTags?: readonly string[] | undefined
  /** Lookup plugins for those templates. */
  readonly lookups?: NameScope['lookups']
}

/** What the loading of one playbook shares. */
export interface Planner {
  readonly options: LoadOptions
  readonly catalog: Catalog
  readonly problems: Problems
  readonly warnings: Problem[]
  /** The content of a YAML file, read once. Throws. */
  yaml(file: string): Value
}

/** A planner with nothing read yet, except values that stand in for files. */
export function createPlanner(options: LoadOptions, given: ReadonlyMap<string, Value> = new Map()): Planner {
  const files = new Map<string, Value>(given)
  const warnings: Problem[] = []
  return {
    options,
    catalog: createCatalog(options.registry),
    problems: collectProblems(),
    warnings,
    yaml: (file) => {
      if (!files.has(file)) {
        const read = loadYamlFile(file, { vault: options.vault })
        warnings.push(...read.warnings)
        files.set(file, read.value)
      }
      return files.get(file)!
    },
  }
}

/** What is collected while one play is unfolded. */
export interface PlayPlan {
  readonly planner: Planner
  readonly play: Play & { readonly roles: Role[] }
  /** Identities of roles whose handlers the play has. */
  readonly handled: Set<string>
  /** Handlers of roles that tasks import; they come after the play's own. */
  readonly imported: Task[]
  /** Applies the role that an `import_role` names; a function of roles.ts, which reads its tasks with unfold.ts. */
  readonly importRole: (
    task: Task,
    params: Readonly<Record<string, unknown>>,
    plan: PlayPlan,
  ) => Promise<Block>
  /** Files being imported, the outermost first: an import of one of them would have no end. */
  readonly importing: readonly string[]
}

/** The scope in which the nodes below `parent` are parsed; plays are below nothing. */
export function scopeBelow(
  planner: Planner,
  parent: Block | Play | undefined,
  place: Place,
  handler = false,
): Scope {
  return {
    problems: planner.problems,
    catalog: planner.catalog.within(collectionsOf(parent)),
    warn: (problem) => planner.warnings.push(problem),
    parent,
    role: parent?.role,
    handler,
    place,
    evaluate: (text, place, node) => evaluateStatically(planner, text, place, node),
  }
}

/** The value of a template by the variables known before the run; fails with `undefined-name` for others. */
export function evaluateStatically(
  planner: Planner,
  text: string,
  place: Place,
  node?: Block | Play,
  vars?: Dict,
): Value {
  const known = {
    extraVars: planner.options.extraVars ?? new Map(),
    read: (file: string) => planner.problems.attempt(() => planner.yaml(file)),
  }
  const layers = staticLayers(known, node, vars)
  return evaluateTemplate(text, createScope(layers, renderValue, { lookups: planner.options.lookups }), place)
}

/** True for a file that exists and is no folder. */
export function isFile(path: string): boolean {
  return existsSync(path) && !statSync(path).isDirectory()
}

/** `playbook_dir` of a play. */
export function playbookDir(play: Play): string {
  return dirname(play.file)
}
