import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Where a variable can stand, in the order of Ansible's table ("command line values" are asked apart: they are no
 * variables). Where the table has one row for two places, both are here.
 */
export const LEVELS = [
  'role defaults',
  'inventory file, group all',
  'inventory file, group',
  'inventory group_vars/all',
  'playbook group_vars/all',
  'inventory group_vars/*',
  'playbook group_vars/*',
  'inventory file, host',
  'inventory host_vars/*',
  'playbook host_vars/*',
  'facts',
  'play vars',
  'vars_prompt',
  'vars_files',
  'role vars',
  'block around the include',
  'block vars',
  'task vars',
  'include_vars',
  'set_fact',
  'registered',
  'role params',
  'include params',
  'extra vars',
] as const

export type Level = (typeof LEVELS)[number]

/** How the role comes into the play. */
export type Way = 'roles' | 'import_role' | 'include_role'

/** Variables by the level they stand at. */
export type Standing = ReadonlyMap<Level, Readonly<Record<string, string>>>

/** A project in a folder, with what a call of it needs. */
export interface Project {
  readonly playbook: string
  readonly inventory: string
  /** Values of `-e`. */
  readonly extraVars: Readonly<Record<string, string>>
  /** The folder of cached facts. */
  readonly facts: string
}

/** Writes a play for the host `h` whose last task, `last`, sees every level. */
export function writeProject(folder: string, standing: Standing, way: Way, last: object): Project {
  const at = (level: Level): Readonly<Record<string, string>> => standing.get(level) ?? {}
  const write = (name: string, content: unknown): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), `${JSON.stringify(content, undefined, 1)}\n`)
  }
  const host = { h: at('inventory file, host') }
  const group = { vars: at('inventory file, group'), hosts: host }
  write('inv/hosts.yml', { all: { vars: at('inventory file, group all'), children: { grp: group } } })
  write('inv/group_vars/all.yml', at('inventory group_vars/all'))
  write('inv/group_vars/grp.yml', at('inventory group_vars/*'))
  write('inv/host_vars/h.yml', at('inventory host_vars/*'))
  write('group_vars/all.yml', at('playbook group_vars/all'))
  write('group_vars/grp.yml', at('playbook group_vars/*'))
  write('host_vars/h.yml', at('playbook host_vars/*'))
  write('facts/h', at('facts'))
  write('files.yml', at('vars_files'))
  write('roles/r/defaults/main.yml', at('role defaults'))
  write('roles/r/vars/main.yml', at('role vars'))
  write('roles/r/vars/more.yml', at('include_vars'))
  write('roles/r/tasks/inner.yml', [{ block: [{ ...last, vars: at('task vars') }], vars: at('block vars') }])
  write('roles/r/tasks/main.yml', roleTasks(at))
  write('play.yml', [
    {
      hosts: 'h',
      gather_facts: false,
      vars: at('play vars'),
      vars_prompt: Object.entries(at('vars_prompt')).map(([name, value]) => ({
        name,
        default: value,
        private: false,
      })),
      vars_files: ['files.yml'],
      ...withRole(way, at('role params')),
    },
  ])
  const path = (name: string): string => join(folder, name)
  return {
    playbook: path('play.yml'),
    inventory: path('inv'),
    facts: path('facts'),
    extraVars: at('extra vars'),
  }
}

function roleTasks(at: (level: Level) => Readonly<Record<string, string>>): object[] {
  const facts = at('set_fact')
  const include = { include_tasks: 'inner.yml', vars: at('include params') }
  return [
    { include_vars: 'more.yml' },
    ...(Object.keys(facts).length ? [{ set_fact: facts }] : []),
    ...Object.entries(at('registered')).map(([name, msg]) => ({ debug: { msg }, register: name })),
    { block: [include], vars: at('block around the include') },
  ]
}

function withRole(way: Way, vars: Readonly<Record<string, string>>): object {
  if (way === 'roles') return { roles: [{ role: 'r', ...vars }] }
  return { tasks: [{ [way]: { name: 'r' }, vars }] }
}

/** A variable for each level, and one for each two of them, which stands at both. */
export function allPairs(): Map<string, readonly Level[]> {
  const pairs = new Map<string, readonly Level[]>()
  for (const [a, one] of LEVELS.entries()) {
    pairs.set(`v${a}`, [one])
    for (const [b, other] of LEVELS.entries()) if (a < b) pairs.set(`v${a}_${b}`, [one, other])
  }
  return pairs
}

/** Each variable at its levels, with the level's name as its value. */
export function standingOf(pairs: ReadonlyMap<string, readonly Level[]>): Standing {
  const standing = new Map<Level, Record<string, string>>()
  for (const [name, levels] of pairs) {
    for (const level of levels) {
      if (!standing.has(level)) standing.set(level, {})
      standing.get(level)![name] = level
    }
  }
  return standing
}

/** A task that says the value of each variable; that of a registered one is the message of its result. */
export function sayAll(names: Iterable<string>): object {
  const msg = Object.fromEntries([...names].map((name) => [name, `{{ ${name}.msg | default(${name}) }}`]))
  return { name: 'say', debug: { msg } }
}
