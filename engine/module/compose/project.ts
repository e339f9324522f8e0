import type { Key } from '../contract.js'
import { COMPOSE_FUNCTION } from '../docker/engine.js'
import { MEMORY_FUNCTION, memoryFile } from '../memory-file.js'
import { join, sh, Script } from '../quote.js'

/** Which compose project is meant, and how compose is to read it. */
export interface Project {
  readonly folder: string
  readonly name: string
  /** Compose files, absolute; without any, those that compose finds in the folder. */
  readonly files: readonly string[]
  /** The project itself as JSON, in place of files. */
  readonly definition: string | undefined
  readonly envFiles: readonly string[]
  readonly profiles: readonly string[]
}

/** Identity of a project. */
export function projectKey(project: Project): Key {
  return `compose:${project.name}`
}

/** Names that compose looks for, in its order, when no file is named; and those that it lays over. */
const DEFAULT_FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml']
const OVERRIDES = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
]

/** All files that the project may be read from, those of variables last. */
export function projectFiles(project: Project): readonly string[] {
  return [...composeFiles(project), ...project.envFiles]
}

/** The compose files that may be there. */
function composeFiles({ files, definition, folder }: Project): readonly string[] {
  if (definition !== undefined) return []
  return files.length > 0 ? files : [...DEFAULT_FILES, ...OVERRIDES].map((name) => `${folder}/${name}`)
}

/** Descriptor of a definition. */
const DEFINITION = 8

/**
 * Shell functions `fplay_project ARGUMENTS…`, compose on this project, and `fplay_config`, the same for what needs no
 * engine. When probing, `$FILE_n` are its files, or what a dry run has of them. `$F` and `$O` are the files that count
 * of the default names.
 */
export function projectFunctions(project: Project, probing: boolean): Script {
  const paths = projectFiles(project)
  const count = composeFiles(project).length
  const variable = (i: number): Script => (probing ? Script.trusted(`"$FILE_${i}"`) : sh`${paths[i]!}`)
  const words = (flag: string, first: number, last: number): Script =>
    join(
      paths.slice(first, last).map((_, i) => sh`${Script.trusted(flag)} ${variable(first + i)}`),
      ' ',
    )
  const found = isFound(project)
  const files = found ? Script.trusted('-f "$F" ${O:+-f "$O"}') : words('-f', 0, count)
  const named = project.definition === undefined ? files : sh`-f ${`/dev/fd/${DEFINITION}`}`
  const flags = sh`${named} ${words('--env-file', count, paths.length)} ${profileFlags(project)} --project-directory ${project.folder} -p ${project.name}`
  return join([
    COMPOSE_FUNCTION,
    ...(project.definition === undefined ? [] : [definitionScript(project.definition)]),
    ...(found ? [findScript(variable)] : []),
    sh`fplay_project() { fplay_compose ${flags} "$@"; }
fplay_config() { fplay_offline ${flags} "$@"; }`,
  ])
}

/** Words of compose for the profiles that are active. */
export function profileFlags({ profiles }: Project): readonly string[] {
  return profiles.flatMap((profile) => ['--profile', profile])
}

function isFound({ files, definition }: Project): boolean {
  return files.length === 0 && definition === undefined
}

function definitionScript(definition: string): Script {
  return sh`${MEMORY_FUNCTION}\n${memoryFile(DEFINITION, Buffer.from(definition), 'fplay-definition')}`
}

/** Of the default names the first that is there counts, of both lists. */
function findScript(variable: (i: number) => Script): Script {
  const [bases, overrides] = [
    DEFAULT_FILES.map((_, i) => variable(i)),
    OVERRIDES.map((_, i) => variable(4 + i)),
  ]
  return sh`for F in ${bases}; do if [ -e "$F" ]; then break; fi; done
O=; for X in ${overrides}; do if [ -e "$X" ]; then O=$X; break; fi; done`
}

/** Shell words: the files that are there. */
export function filesThatCount(project: Project): Script {
  if (project.definition !== undefined) return sh`${`/dev/fd/${DEFINITION}`}`
  if (isFound(project)) return Script.trusted('"$F" ${O:+"$O"}')
  return join(
    project.files.map((_, i) => Script.trusted(`"$FILE_${i}"`)),
    ' ',
  )
}
