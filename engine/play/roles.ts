import { basename, join } from 'node:path'
import { fail } from '../errors.js'
import type { Place } from '../errors.js'
import { placeOf, setPlace } from '../language/place.js'
import { isDict, keyText } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import { fingerprint } from './fingerprint.js'
import { chain } from './inherit.js'
import { sharedOf } from './parse-task.js'
import type { Block, Node, Play, Role, Shared, Task, Written } from './play.js'
import { evaluateStatically, playbookDir, scopeBelow } from './planner.js'
import type { PlayPlan } from './planner.js'
import { readKeywords, readShared } from './read-keywords.js'
import { findRole, roleFile, roleFolders, roleVars } from './role-files.js'
import type { RoleFiles } from './role-files.js'
import { readMeta } from './role-meta.js'
import type { RoleMeta } from './role-meta.js'
import { writtenAt } from './scope.js'
import type { Scope } from './scope.js'
import { flatTasks, readTaskFile } from './unfold.js'
import { isTemplate, showValue } from './value-kinds.js'

/** A role to apply somewhere. */
export interface RoleRequest {
  readonly name: string
  readonly place: Place
  /** The keywords of the entry or task that applies it; without `vars` unless they are for its tasks only. */
  readonly shared: Shared
  readonly entryVars?: Dict | undefined
  readonly params?: Dict | undefined
  readonly files?: RoleFiles | undefined
  /** Instead of what the role's meta/main.yml says. */
  readonly allowDuplicates?: boolean | undefined
  readonly checkArguments?: boolean | undefined
  /** Roles that bring it in, the outermost first. */
  readonly parents: readonly Role[]
  readonly origin: NonNullable<Block['origin']>
}

/** A role, unfolded: its dependencies and tasks in one block, and the handlers the play does not have yet. */
export interface AppliedRole {
  readonly role: Role
  readonly block: Block
  readonly handlers: readonly Task[]
}

type OpenRole = Role & { readonly dependencies: Role[] }
type OpenBlock = Block & { readonly block: Node[] }

/** Parses one entry of `roles:` or of a role's dependencies. Fails when it names no role. */
export function readRoleEntry(
  entry: Written,
  plan: PlayPlan,
  parent: Block | Play,
  parents: readonly Role[],
): RoleRequest {
  const { value, place } = entry
  const scope = scopeBelow(plan.planner, parent, place)
  const dict = isDict(value) ? value : new Map<Value, Value>([['role', value]])
  const keywords = readKeywords(dict, 'role', scope)
  const written = writtenAt(dict, 'role', { place }) ?? writtenAt(dict, 'name', { place })
  if (!written || written.value === null || isDict(written.value) || Array.isArray(written.value)) {
    return fail({
      code: 'bad-keyword',
      place,
      message: `an entry of roles names no role: ${showValue(value)}`,
      cure: 'write "- role: NAME"',
    })
  }
  const { vars, collections, ...shared } = readShared(keywords, place, scope, parent)
  if (collections) refuseCollections(keywords.get('collections')!, scope)
  const params: Dict = new Map(
    keywords.others.filter((key) => key !== 'name').map((key) => [key, dict.get(key) ?? null]),
  )
  const name = nameOf(written, plan, parent, vars)
  return {
    name,
    place: written.place,
    shared: { ...shared, name: undefined },
    entryVars: vars,
    params,
    parents,
    origin: 'role',
  }
}

/** A role looks in its own collections. */
function refuseCollections({ place }: Written, scope: Scope): void {
  scope.warn({
    code: 'bad-keyword',
    place,
    message: '"collections" says nothing to a role',
    cure: "name them in the role's meta/main.yml",
  })
}

function nameOf(
  { value, place }: Written,
  plan: PlayPlan,
  parent: Block | Play,
  vars: Dict | undefined,
): string {
  return isTemplate(value)
    ? keyText(evaluateStatically(plan.planner, value, place, parent, vars))
    : keyText(value!)
}

/** Reads a role and unfolds its dependencies and tasks. */
export async function applyRole(request: RoleRequest, plan: PlayPlan): Promise<AppliedRole> {
  const { planner, play } = plan
  const { options } = planner
  const dependent = request.parents.at(-1)?.path
  const { path, name } = findRole(
    request.name,
    roleFolders(playbookDir(play), options.rolesPath ?? [], dependent),
    request.place,
  )
  await planner.catalog.add(join(path, 'library'))
  const meta = readMeta(plan, path, request.place, play)
  const role = openRole({ ...request, name }, plan, path, meta)
  const block: OpenBlock = {
    ...request.shared,
    collections: meta.collections,
    kind: 'block',
    role,
    block: [],
    rescue: [],
    always: [],
    origin: request.origin,
  }
  const handlers: Task[] = []
  for (const entry of meta.dependencies) {
    const dependency = readRoleEntry(entry, plan, block, [...request.parents, role])
    refuseCircle(dependency, path, request.parents, plan)
    const applied = await applyRole(dependency, plan)
    role.dependencies.push(applied.role)
    block.block.push(applied.block)
    handlers.push(...applied.handlers)
  }
  block.block.push(...(await roleTasks(request, plan, role, block, meta)), roleComplete(block, role))
  if (plan.handled.has(role.identity)) return { role, block, handlers }
  plan.handled.add(role.identity)
  return { role, block, handlers: [...handlers, ...(await roleHandlers(request, plan, role, block))] }
}

function openRole(request: RoleRequest, plan: PlayPlan, path: string, meta: RoleMeta): OpenRole {
  const { files = {}, place, parents } = request
  const { planner } = plan
  const [params, entryVars]: [Dict, Dict] = [request.params ?? new Map(), request.entryVars ?? new Map()]
  const { when, tags } = request.shared
  return {
    name: request.name,
    path,
    place,
    identity: fingerprint([
      path, params, entryVars, when.map(({ value }) => value), [...tags], request.origin !== 'role',
      Object.entries(files).map(([part, file]) => `${part}=${file}`).sort(),
    ]), // prettier-ignore
    allowDuplicates: request.allowDuplicates ?? meta.allowDuplicates,
    defaults: roleVars(planner, path, 'defaults', files.defaults, place),
    vars: roleVars(planner, path, 'vars', files.vars, place),
    entryVars,
    params,
    parents,
    dependencies: [],
  }
}

function refuseCircle(dependency: RoleRequest, path: string, parents: readonly Role[], plan: PlayPlan): void {
  const folders = roleFolders(playbookDir(plan.play), plan.planner.options.rolesPath ?? [], path)
  const circle = [...parents.map((role) => role.path), path]
  if (!circle.includes(findRole(dependency.name, folders, dependency.place).path)) return
  const names = [...circle.map((folder) => basename(folder)), dependency.name].join(' -> ')
  fail({
    code: 'bad-keyword',
    place: dependency.place,
    message: `roles depend on each other in a circle: ${names}`,
  })
}

async function roleTasks(
  request: RoleRequest,
  plan: PlayPlan,
  role: Role,
  block: Block,
  meta: RoleMeta,
): Promise<Node[]> {
  const from = request.files?.tasks
  const file = roleFile(role.path, 'tasks', from, request.place)
  const spec = request.checkArguments === false ? undefined : meta.argumentSpecs.get(from ?? 'main')
  const check = isDict(spec) ? [argumentCheck(spec, role, block, from ?? 'main')] : []
  return [...check, ...(file === undefined ? [] : await readTaskFile(file, plan, block))]
}

async function roleHandlers(request: RoleRequest, plan: PlayPlan, role: Role, block: Block): Promise<Task[]> {
  const file = roleFile(role.path, 'handlers', request.files?.handlers, request.place)
  return file === undefined ? [] : flatTasks(await readTaskFile(file, plan, block, true))
}

function engineTask(
  parent: Block,
  role: Role,
  task: Pick<Task, 'module' | 'params' | 'tags' | 'implicit' | 'name'>,
): Task {
  const { place } = role
  return {
    kind: 'task', action: task.module, place, modulePlace: place, parent, role, when: [], environment: [],
    moduleDefaults: [], loopControl: {}, until: [], listen: [], handler: false, ...task,
  } // prettier-ignore
}

function roleComplete(parent: Block, role: Role): Task {
  const params: Dict = new Map([['action', 'role_complete']])
  return engineTask(parent, role, {
    name: undefined,
    module: 'meta',
    params,
    tags: ['always'],
    implicit: true,
  })
}

/** The task that checks a role's arguments before its own tasks, as Ansible names it. */
function argumentCheck(spec: Dict, role: Role, parent: Block, entry: string): Task {
  const options = spec.get('options') ?? new Map()
  const context = [['type', 'role'], ['name', role.name], ['argument_spec_name', entry], ['path', role.path]] as const // prettier-ignore
  const params: Dict = new Map<Value, Value>([
    ['argument_spec', options],
    ['provided_arguments', role.params],
    ['validate_args_context', new Map(context)],
  ])
  setPlace(params, role.place)
  const summary = spec.get('short_description')
  const name = `Validating arguments against arg spec '${entry}'${summary ? ` - ${keyText(summary)}` : ''}`
  return engineTask(parent, role, {
    name,
    module: 'validate_argument_spec',
    params,
    tags: ['always'],
    implicit: false,
  })
}

/** Applies the role of an `import_role` task. */
export async function importRole(
  task: Task,
  params: Readonly<Record<string, unknown>>,
  plan: PlayPlan,
): Promise<Block> {
  const { role, block, handlers } = await applyRole(
    { ...roleRequest(task, params), shared: sharedOf(task), origin: 'import_role' },
    plan,
  )
  plan.play.roles.push(role)
  plan.imported.push(...handlers)
  return block
}

/** What the parameters of `import_role` and `include_role` ask for, but the keywords. */
export function roleRequest(
  task: Task,
  params: Readonly<Record<string, unknown>>,
): Omit<RoleRequest, 'shared' | 'origin'> {
  const from = (part: string): string | undefined => {
    const name = params[`${part}_from`]
    return typeof name === 'string' && name !== 'main' ? basename(name) : undefined
  }
  return {
    name: String(params['name']),
    place: isDict(task.params) ? (placeOf(task.params, 'name') ?? task.modulePlace) : task.modulePlace,
    entryVars: task.vars,
    files: {
      tasks: from('tasks'),
      vars: from('vars'),
      defaults: from('defaults'),
      handlers: from('handlers'),
    },
    allowDuplicates: params['allow_duplicates'] !== false,
    checkArguments: params['rolespec_validate'] !== false,
    parents: rolesAround(task),
  }
}

/** The roles around a task, for a role that it brings in. */
function rolesAround(task: Task): Role[] {
  const role = chain(task).find((node) => node.role)?.role
  return role ? [...role.parents, role] : []
}
