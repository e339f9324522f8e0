import { FplayError, formatProblem } from '../errors.js'
import { createRegistry } from '../module/registry.js'
import type { Caller } from './caller.js'
import type { Config } from './config.js'
import { formatModule } from './doc-text.js'
import { modulePath } from './settings.js'

/**
 * Lists the modules with a sentence each, or tells all of the modules named; those of `library/` are among them. Gives the
 * exit status.
 */
export async function showDoc(
  names: readonly string[],
  { stdout, stderr }: Caller,
  config: Config,
): Promise<number> {
  const registry = createRegistry()
  try {
    await registry.add('library')
    for (const folder of modulePath(config)) await registry.add(folder, 'configured')
    if (names.length === 0) {
      await registry.load(registry.names)
      const width = Math.max(0, ...registry.names.map((name) => name.length)) + 2
      stdout.write(
        registry.names.map((name) => `${name.padEnd(width)}${registry.get(name).summary}\n`).join(''),
      )
      return 0
    }
    const short = names.map(shortName)
    await registry.load(short)
    stdout.write(short.map((name) => formatModule(name, registry.get(name))).join('\n'))
    return 0
  } catch (error) {
    if (!(error instanceof FplayError)) throw error
    stderr.write(error.problems.map((problem) => `ERROR: ${formatProblem(problem)}\n`).join(''))
    return 1
  }
}

/** `ansible.builtin.copy` is `copy`. */
function shortName(name: string): string {
  return name.split('.').at(-1)!
}
