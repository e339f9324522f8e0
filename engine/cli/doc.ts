import { join } from 'node:path'
import { fail, FplayError, formatProblem, suggest, type Problem } from '../errors.js'
import { FOREIGN_CURE } from '../module/foreign.js'
import { createRegistry, type Registry } from '../module/registry.js'
import { createCatalog } from '../play/actions.js'
import type { Catalog } from '../play/actions.js'
import { isFolder, rolesIn } from '../play/role-files.js'
import type { Caller } from './caller.js'
import type { Config } from './config.js'
import type { DocOptions } from './doc-options.js'
import { formatModule, formatWords } from './doc-text.js'
import type { Told } from './doc-text.js'
import { WORDS } from './reference.js'
import type { Word, WordKind } from './reference.js'
import { modulePath, rolesPath, splitPaths } from './settings.js'

/**
 * Lists the modules, filters and so on with a sentence each, or tells all of those named; modules of `library/` are among
 * them. Gives the exit status.
 */
export async function showDoc(
  names: readonly string[],
  options: DocOptions,
  { stdout, stderr }: Caller,
  config: Config,
): Promise<number> {
  const kind = options.type ?? 'module'
  const warn = (problem: Problem): void => void stderr.write(`WARNING: ${formatProblem(problem)}\n`)
  try {
    const width = Math.min(stdout.columns ?? 100, 120)
    if (kind === 'module') stdout.write(await modules(names, options, config, { width, warn }))
    else if (Object.hasOwn(WORDS, kind)) stdout.write(words(kind as WordKind, names, options, width))
    else {
      fail({
        code: 'bad-option',
        message: `--type is "${kind}"`,
        allowed: suggest(kind, ['module', ...Object.keys(WORDS)]),
      })
    }
    return 0
  } catch (error) {
    if (!(error instanceof FplayError)) throw error
    stderr.write(error.problems.map((problem) => `ERROR: ${formatProblem(problem)}\n`).join(''))
    return error.problems.some(({ code }) => code === 'bad-option') ? 5 : 1
  }
}

async function modules(
  names: readonly string[],
  options: DocOptions,
  config: Config,
  { width, warn }: { readonly width: number; readonly warn: (problem: Problem) => void },
): Promise<string> {
  const { list, json } = options
  const registry = createRegistry()
  const catalog = createCatalog(registry)
  await addOwn(registry, options, config)
  const isList = !names.length || list === true
  const wanted = isList ? await loadable(catalog, warn) : names
  await catalog.load(wanted)
  const found = wanted.map((name) => findModule(name, catalog))
  if (json) return `${JSON.stringify(Object.fromEntries(found), plainModule, 2)}\n`
  if (isList)
    return formatWords(
      found.map(([name, { summary }]) => [name, summary]),
      width,
    )
  return found.map(([name, module]) => formatModule(name, module, width, registry.ownFile(name))).join('\n')
}

/** Takes in the modules beside playbooks, those of the roles found from there, and those of configured folders. */
async function addOwn(
  registry: Registry,
  { playbookDir = '.', rolesPath: given = [], modulePath: folders }: DocOptions,
  config: Config,
): Promise<void> {
  if (!isFolder(playbookDir))
    fail({ code: 'bad-option', message: `--playbook-dir: no folder ${playbookDir}` })
  await registry.add(join(playbookDir, 'library'))
  const roles = [join(playbookDir, 'roles'), ...splitPaths(given), ...rolesPath(config)]
  for (const role of rolesIn(roles)) await registry.add(join(role, 'library'))
  for (const folder of modulePath(config, folders)) await registry.add(folder, 'configured')
}

/** The modules that can be told of. One of the user's own that cannot be loaded hides none of the others. */
async function loadable(catalog: Catalog, warn: (problem: Problem) => void): Promise<readonly string[]> {
  const loaded = await Promise.all(
    catalog.names.map((name) =>
      catalog.load([name]).then(
        () => [name],
        (error: unknown) => {
          if (!(error instanceof FplayError)) throw error
          error.problems.forEach(warn)
          return []
        },
      ),
    ),
  )
  return loaded.flat()
}

function findModule(written: string, catalog: Catalog): readonly [string, Told] {
  if (catalog.isForeign(written)) {
    fail({ code: 'unknown-module', message: `fplay has no module "${written}"`, cure: FOREIGN_CURE })
  }
  const action = catalog.find(written)
  if (action) return [action.name, action.declaration as Told]
  return fail({
    code: 'unknown-module',
    message: `there is no module "${written}"`,
    allowed: suggest(written, catalog.names),
  })
}

/** What a module does is no data. */
function plainModule(_: string, value: unknown): unknown {
  return typeof value === 'function' ? undefined : value
}

function words(kind: WordKind, names: readonly string[], { list, json }: DocOptions, width: number): string {
  const all: readonly Word[] = WORDS[kind]()
  const find = (name: string): Word => {
    const short = name.split('.').at(-1)!
    const found = all.find((word) => word.name === short || word.aliases.includes(short))
    if (found) return found
    const allowed = suggest(
      short,
      all.map((word) => word.name),
    )
    return fail({ code: 'bad-option', message: `there is no ${kind} "${name}"`, allowed })
  }
  const shown = names.length && !list ? names.map(find) : all
  if (json) return `${JSON.stringify(shown, null, 2)}\n`
  if (!names.length || list)
    return formatWords(
      shown.map(({ name, summary }) => [name, summary]),
      width,
    )
  const also = ({ aliases }: Word): string => (aliases.length ? `\n    also ${aliases.join(', ')}` : '')
  return shown.map((word) => `${word.usage}${also(word)}\n    ${word.summary}\n`).join('\n')
}
