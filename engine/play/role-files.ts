import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { fail, nearest } from '../errors.js'
import type { Place } from '../errors.js'
import { isDict } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import type { Planner } from './planner.js'
import { mergeDicts } from './read-keywords.js'
import { showValue } from './value-kinds.js'

/** Which files of a role are used instead of its `main` ones. */
export interface RoleFiles {
  readonly tasks?: string | undefined
  readonly vars?: string | undefined
  readonly defaults?: string | undefined
  readonly handlers?: string | undefined
}

type Part = 'tasks' | 'handlers' | 'vars' | 'defaults' | 'meta'

/** Folders in which a role is looked for: beside the playbook, the option, beside the dependent role. */
export function roleFolders(playbookDir: string, rolesPath: readonly string[], dependent?: string): string[] {
  return [join(playbookDir, 'roles'), ...rolesPath, ...(dependent ? [dirname(dependent)] : []), playbookDir]
}

/** The folders of all roles in these folders, in the order of their names. */
export function rolesIn(folders: readonly string[]): string[] {
  return folders
    .filter(isFolder)
    .flatMap((folder) =>
      readdirSync(folder)
        .sort()
        .map((name) => join(folder, name)),
    )
    .filter(isFolder)
}

/** A role as it was found: its folder, and its name in tasks, handlers and `role_name`. */
export interface FoundRole {
  readonly path: string
  readonly name: string
}

/**
 * Looks for a role. Its name is as written, but for one that is only there from where fplay was called: then its last
 * part. Fails with `role-not-found`.
 */
export function findRole(name: string, folders: readonly string[], place: Place): FoundRole {
  const found = folders.map((folder) => (isAbsolute(name) ? name : join(folder, name))).find(isFolder)
  if (found !== undefined) return { path: found, name }
  if (isFolder(name)) return { path: name, name: basename(name) }
  const names = folders.slice(0, -1).flatMap((folder) => (isFolder(folder) ? readdirSync(folder) : []))
  const near = nearest(name, names)
  return fail({
    code: 'role-not-found',
    place,
    message: `there is no role "${name}"`,
    allowed: near && `did you mean "${near}"?`,
    cure: `looked in ${[...new Set(folders)].join(', ')}`,
  })
}

/** The file of a role's part. Undefined when it has none; fails with `file-not-found` when `from` is not there. */
export function roleFile(
  role: string,
  part: Part,
  from: string | undefined,
  place: Place,
): string | undefined {
  const endings = from === undefined ? ['.yml', '.yaml', '.json', ''] : ['', '.yml', '.yaml', '.json']
  const base = join(role, part, from ?? 'main')
  const found = endings.map((ending) => base + ending).find((path) => existsSync(path) && !isFolder(path))
  if (found !== undefined || from === undefined) return found
  const names = isFolder(join(role, part)) ? readdirSync(join(role, part)) : []
  const near = nearest(
    from,
    names.flatMap((name) => [name, name.replace(/\.ya?ml$/, '')]),
  )
  return fail({
    code: 'file-not-found',
    place,
    message: `the role ${basename(role)} has no file ${part}/${from}`,
    allowed: near && `did you mean "${near}"?`,
  })
}

/** Variables of a role's `vars/` or `defaults/`: one file, or a folder `main/` of them. */
export function roleVars(
  planner: Planner,
  role: string,
  part: 'vars' | 'defaults',
  from: string | undefined,
  place: Place,
): Dict {
  const folder = join(role, part, from ?? 'main')
  const files = isFolder(folder)
    ? filesBelow(folder)
    : [roleFile(role, part, from, place)].filter((file) => file !== undefined)
  return mergeDicts(files.map((file) => dictOf(planner.yaml(file), file, `variables of a role`)))
}

/** The content of a YAML file that must be a dictionary; an empty file is an empty one. Fails with `bad-keyword`. */
export function dictOf(value: Value, file: string, what: string): Dict {
  if (value === null) return new Map()
  if (isDict(value)) return value
  const place = { file, line: 1, column: 1 }
  return fail({
    code: 'bad-keyword',
    place,
    message: `${what}: this is ${showValue(value)}`,
    allowed: 'allowed: a dictionary',
  })
}

function filesBelow(folder: string): string[] {
  const names = readdirSync(folder)
    .filter((name) => !/^\.|~$/.test(name))
    .sort()
  return names.flatMap((name) => {
    const path = join(folder, name)
    if (isFolder(path)) return filesBelow(path)
    return /\.(?:ya?ml|json)$/.test(name) ? [path] : []
  })
}

export function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory()
}
