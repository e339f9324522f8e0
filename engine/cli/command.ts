import { FplayError, formatProblem } from '../errors.js'
import { parseArguments } from './arguments.js'
import type { Parsed } from './arguments.js'
import type { Caller } from './caller.js'
import type { Config } from './config.js'
import { exitCodeOf, USAGE } from './exit-code.js'
import { formatHelp, formatUsage } from './help.js'
import type { CommandHelp } from './help.js'
import { INVENTORY_OPTIONS, PLAYBOOK_OPTIONS } from './options.js'
import type { OptionTable } from './option.js'

/** A command: its help, and what it does with its options. */
export interface Command<T extends OptionTable> extends CommandHelp {
  readonly options: T
  readonly run: (parsed: Parsed<T>, caller: Caller, config: Config) => Promise<number>
}

const PLAYBOOK: Command<typeof PLAYBOOK_OPTIONS> = {
  usage: [
    'fplay PLAYBOOK… -i SOURCE [options]',
    'fplay adhoc PATTERN -m MODULE -a ARGS',
    'fplay inventory -i SOURCE --list | --graph | --host HOST',
    'fplay vault encrypt | decrypt | view | edit | rekey | …',
    'fplay doc [MODULE…]',
    'fplay config dump',
  ],
  about: 'Runs playbooks: brings hosts into the state that they describe, over SSH.',
  options: PLAYBOOK_OPTIONS,
  run: async ({ operands, options }, caller, config) => {
    if (operands.length)
      return (await import('./playbook.js')).runPlaybooks(operands, options, caller, config)
    caller.stderr.write(`${formatUsage(PLAYBOOK)}
All options: fplay --help
`)
    return USAGE
  },
}

const INVENTORY: Command<typeof INVENTORY_OPTIONS> = {
  usage: ['fplay inventory -i SOURCE --list | --graph [GROUP] | --host HOST'],
  about: 'Shows the inventory as fplay reads it.',
  options: INVENTORY_OPTIONS,
  run: async (parsed, caller, config) =>
    (await import('./inventory.js')).showInventory(parsed.operands, parsed.options, caller, config),
}

/** Runs one command with the arguments behind its name. */
type Run = (argv: readonly string[], caller: Caller) => Promise<number>

/** The commands; what a command needs is loaded when it is called. */
const COMMANDS: Readonly<Record<string, Run>> = {
  inventory: (argv, caller) => runOne(INVENTORY, argv, caller),
  doc: async (argv, caller) => {
    const { DOC_OPTIONS } = await import('./doc-options.js')
    return runOne(
      {
        usage: ['fplay doc [-t KIND] [NAME…]'],
        about:
          'Lists all modules (or filters, tests, lookups, keywords, errors), or tells all of those named.',
        options: DOC_OPTIONS,
        run: async ({ operands, options }, _, config) =>
          (await import('./doc.js')).showDoc(operands, options, caller, config),
      },
      argv,
      caller,
    )
  },
  adhoc: async (argv, caller) => {
    const { ADHOC_OPTIONS } = await import('./adhoc-options.js')
    return runOne(
      {
        usage: ['fplay adhoc PATTERN [-m MODULE] [-a ARGS] -i SOURCE [options]'],
        about: 'Runs one module on the hosts of a pattern.',
        options: ADHOC_OPTIONS,
        run: async ({ operands, options }, _, config) =>
          (await import('./adhoc.js')).runAdhoc(operands, options, caller, config),
      },
      argv,
      caller,
    )
  },
  vault: async (argv, caller) => {
    const { createConfig } = await import('./config.js')
    return (await import('./vault/command.js')).runVault(argv, caller, createConfig(caller.env))
  },
  config: async (argv, caller) => {
    const { CONFIG_OPTIONS } = await import('./config-options.js')
    return runOne(
      {
        usage: ['fplay config dump'],
        about: 'Shows every setting with its origin: the default, the environment, fplay.cfg or ansible.cfg.',
        options: CONFIG_OPTIONS,
        run: async ({ operands, options }, _, config) =>
          (await import('./config-command.js')).showConfig(operands, options, caller, config),
      },
      argv,
      caller,
    )
  },
}

/** Runs the command that the arguments name, and gives its exit status. Errors of the command line are told here. */
export async function runCommand(argv: readonly string[], caller: Caller): Promise<number> {
  const [first = '', ...rest] = argv
  const run = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined
  return run ? run(rest, caller) : runOne(PLAYBOOK, argv, caller)
}

/** Reads the options of a command, and runs it unless only its help is wanted. */
async function runOne<T extends OptionTable>(
  command: Command<T>,
  argv: readonly string[],
  caller: Caller,
): Promise<number> {
  const { createConfig } = await import('./config.js')
  const config = createConfig(caller.env)
  const parsed = parse(command, argv, caller, config)
  if (typeof parsed === 'number') return parsed
  const { help, version } = onlyTold(parsed)
  if (help) return say(caller, formatHelp(command, caller.stdout.columns))
  if (version) return say(caller, `fplay ${(await import('./version.js')).readVersion()}\n`)
  return command.run(parsed, caller, config)
}

function onlyTold(parsed: { readonly options: object }): {
  readonly help?: boolean
  readonly version?: boolean
} {
  return parsed.options
}

function parse<T extends OptionTable>(
  command: Command<T>,
  argv: readonly string[],
  caller: Caller,
  config: Config,
): Parsed<T> | number {
  try {
    const parsed = parseArguments(command.options, argv, config)
    const { help, version } = onlyTold(parsed)
    if (!help && !version) config.check()
    return parsed
  } catch (error) {
    if (!(error instanceof FplayError)) throw error
    caller.stderr.write(error.problems.map((problem) => `ERROR: ${formatProblem(problem)}\n`).join(''))
    return error.problems.some(({ code }) => code === 'bad-option') ? USAGE : exitCodeOf(error)
  }
}

function say(caller: Caller, text: string): number {
  caller.stdout.write(text)
  return 0
}
