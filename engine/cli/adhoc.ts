import { join } from 'node:path'
import { fail, FplayError } from '../errors.js'
import { selectHosts } from '../inventory/pattern.js'
import { isDict } from '../language/value.js'
import { parseYaml } from '../language/yaml.js'
import { toPlain } from '../language/value.js'
import { loadPlaybookText } from '../play/load.js'
import type { LoadOptions } from '../play/planner.js'
import type { LoadedBook } from '../run/run.js'
import type { AdhocOptions } from './adhoc-options.js'
import type { Caller } from './caller.js'
import type { Config } from './config.js'
import { openDesk } from './desk.js'
import { exitCodeOf } from './exit-code.js'
import type { PlaybookOptions } from './options.js'
import type { OpenSuited } from './reports.js'
import { runBooks } from './run.js'

/** What a playbook may be asked for and one task may not. */
const UNUSED = {
  tags: [],
  skipTags: [],
  startAtTask: undefined,
  step: false,
  forceHandlers: false,
  flushCache: false,
  listTasks: false,
  listTags: false,
  syntaxCheck: false,
} as const

/** Modules that do nothing without arguments, by Ansible's list. */
const NEED_ARGS = ['command', 'shell', 'raw', 'script']
/** Where the playbook would be that is made of the options. */
const FILE = 'ad-hoc'

/** Runs one module on the hosts of a pattern, as `ansible` does. Gives the exit status. */
export async function runAdhoc(
  operands: readonly string[],
  options: AdhocOptions,
  caller: Caller,
  config: Config,
): Promise<number> {
  const file = join(options.playbookDir ?? '.', FILE)
  const suited: OpenSuited = async (_, { stdout, stderr }, { colors, diffContext }) => {
    const { createAdhocReport } = await import('../report/adhoc.js')
    const { oneLine, tree } = options
    return createAdhocReport({ out: stdout, err: stderr }, { colors, diffContext, oneLine, tree })
  }
  const all: PlaybookOptions = { ...UNUSED, ...options }
  try {
    const pattern = patternOf(operands)
    const text = options.listHosts ? '' : playbookOf(pattern, options)
    return await runBooks({
      options: all,
      caller,
      config,
      open: (given, who, settings, version) => openDesk(given, who, settings, version, suited),
      read: async (loading) => (options.listHosts ? [] : [await readTask(text, file, loading)]),
      look: (_, inventory, limit) => {
        if (!options.listHosts) return undefined
        const { hosts } = selectHosts(inventory, pattern, { limit })
        return `  hosts (${hosts.length}):\n${hosts.map(({ name }) => `    ${name}\n`).join('')}`
      },
    })
  } catch (error) {
    if (!(error instanceof FplayError)) throw error
    caller.stderr.write(`ERROR: ${error.message}\n`)
    return exitCodeOf(error)
  }
}

function patternOf(operands: readonly string[]): string {
  const [pattern, ...more] = operands
  if (pattern === undefined)
    fail({ code: 'bad-option', message: 'no hosts are named', cure: 'fplay adhoc PATTERN' })
  if (more.length) {
    fail({
      code: 'bad-option',
      message: `fplay adhoc takes one pattern, and these are too many: ${more.join(' ')}`,
      cure: 'put the pattern, or what stands behind -a, into quotes',
    })
  }
  return pattern
}

function playbookOf(pattern: string, options: AdhocOptions): string {
  const module = options.module ?? 'command'
  if (NEED_ARGS.includes(module.split('.').at(-1)!) && !options.args?.trim()) {
    fail({
      code: 'bad-option',
      message: `${module} needs something to run`,
      cure: /\.ya?ml$/.test(pattern)
        ? `a playbook is run with: fplay ${pattern}`
        : "give it with -a, as in -a 'uptime'",
    })
  }
  const keywords = { async: options.background, poll: options.poll, timeout: options.taskTimeout }
  const task = { [module]: argsOf(options.args), ...keywords }
  return JSON.stringify([{ name: 'Ad-hoc', hosts: pattern, gather_facts: false, tasks: [task] }])
}

/** JSON becomes parameters; any other text is read as in a playbook. */
function argsOf(args: string | undefined): unknown {
  if (!args?.trim()) return null
  if (!/^\s*\{.*\}\s*$/s.test(args)) return args
  const { value } = parseYaml(args, '-a')
  return isDict(value) ? toPlain(value) : args
}

/** Places in a playbook that nobody wrote help nobody. */
async function readTask(text: string, file: string, loading: LoadOptions): Promise<LoadedBook> {
  try {
    const { plays } = await loadPlaybookText(text, file, loading)
    return { file, plays }
  } catch (error) {
    if (!(error instanceof FplayError)) throw error
    throw new FplayError(
      error.problems.map((problem) =>
        problem.place?.file === file ? { ...problem, place: undefined } : problem,
      ),
    )
  }
}
