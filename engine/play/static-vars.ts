import { dirname, isAbsolute, join, resolve } from 'node:path'
import { existsSync } from 'node:fs'
import { isDict } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import { dictLayer, orderLayers } from '../language/variables.js'
import type { Layer, Sources } from '../language/variables.js'
import { includeParams, nodeVars, playOf } from './inherit.js'
import type { Block, Play, Role } from './play.js'
import { withDependencies } from './role-order.js'
import { items } from './scope.js'
import { isTemplate } from './value-kinds.js'

/** What is needed to know them. */
export interface Known {
  readonly extraVars: Dict
  /** The content of a YAML file, or undefined when it cannot be read. */
  readonly read: (file: string) => Value | undefined
}

/** The variables that are known before any host is: of play, files, roles, blocks and the command line. */
export function staticLayers(known: Known, node?: Block | Play, vars?: Dict): Layer[] {
  const own: Sources = {
    'task vars': vars ? [dictLayer('task vars', vars)] : [],
    'extra vars': [dictLayer('extra vars', known.extraVars)],
  }
  return node ? orderLayers(ofPlay(known, playOf(node)), ofNode(node), own) : orderLayers(own)
}

function ofPlay(known: Known, play: Play): Sources {
  const dir = resolve(dirname(play.file))
  const roles = play.roles.flatMap(withDependencies)
  return {
    'role defaults': roles.map((role) => dictLayer(`defaults of role ${role.name}`, role.defaults)),
    'play vars': play.vars ? [dictLayer('play vars', play.vars)] : [],
    vars_files: varsFiles(known, play).map((dict) => dictLayer('vars_files', dict)),
    'role vars': roles.flatMap(varsOf),
    'magic variables': [dictLayer('magic variables', new Map([['playbook_dir', dir]]))],
  }
}

function ofNode(node: Block | Play): Sources {
  if (node.kind === 'play') return {}
  const roles: Role[] = node.role ? [...node.role.parents, node.role] : []
  const magic: Dict = new Map()
  if (node.role) magic.set('role_name', node.role.name).set('role_path', resolve(node.role.path))
  return {
    'role defaults': roles.map((role) => dictLayer(`defaults of role ${role.name}`, role.defaults)),
    'role vars': roles.flatMap(varsOf),
    'block vars': nodeVars(node).map((dict) => dictLayer('block vars', dict)),
    'include params': includeParams(node).map((dict) => dictLayer('include params', dict)),
    'role params': roles.map((role) => dictLayer('role params', role.params)),
    'magic variables': [dictLayer('magic variables', magic)],
  }
}

const varsOf = (role: Role): Layer[] => [
  dictLayer('vars of a role', role.entryVars),
  dictLayer('vars of a role', role.vars),
]

/** The files of `vars_files` whose names hold no template and that exist. */
function varsFiles(known: Known, play: Play): Dict[] {
  return play.varsFiles.flatMap((written) => {
    const names = items(written).map(({ value }) => value)
    if (names.some(isTemplate)) return []
    const file = names.map((name) => besidePlaybook(play, String(name))).find((path) => existsSync(path))
    const value = file === undefined ? undefined : known.read(file)
    return isDict(value) ? [value] : []
  })
}

/** A path of a play: relative ones are looked for in `vars/` (for variables) and beside the playbook. */
export function besidePlaybook(play: Play, path: string, folder = 'vars'): string {
  if (isAbsolute(path)) return path
  const inFolder = join(dirname(play.file), folder, path)
  return existsSync(inFolder) ? inFolder : join(dirname(play.file), path)
}
