import { FplayError, formatProblem } from '../errors.js'
import { parseArguments } from './arguments.js'
import type { Parsed } from './arguments.js'
import type { Caller } from './caller.js'
import { USAGE } from './exit-code.js'
import { formatHelp, formatUsage } from './help.js'
import type { CommandHelp } from './help.js'
import { DOC_OPTIONS, INVENTORY_OPTIONS, PLAYBOOK_OPTIONS } from './options.js'
import type { OptionTable } from './option.js'

/** A command: its help, and what it does with its options. */
interface Command<T extends OptionTable> extends CommandHelp {
  readonly options: T
  readonly run: (parsed: Parsed<T>, caller: Caller) => Promise<number>
}

const PLAYBOOK: Command<typeof PLAYBOOK_OPTIONS> = {
  usage: [
    'fplay PLAYBOOK… -i SOURCE [options]',
    'fplay doc [MODULE…]',
    'fplay inventory -i SOURCE --list | --graph | --host HOST',
  ],
  about: 'Runs playbooks: brings hosts into the state that they describe, over SSH.',
  options: PLAYBOOK_OPTIONS,
  run: async ({ operands, options }, caller) => {
    if (operands.length) return (await import('./playbook.js')).runPlaybooks(operands, options, caller)
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
  run: async (parsed, caller) =>
    (await import('./inventory.js')).showInventory(parsed.operands, parsed.options, caller),
}

const DOC: Command<typeof DOC_OPTIONS> = {
  usage: ['fplay doc [MODULE…]'],
  about: 'Lists all modules, or tells what a module does, its parameters and examples.',
  options: DOC_OPTIONS,
  run: async (parsed, caller) => (await import('./doc.js')).showDoc(parsed.operands, caller),
}

/** Runs the command that the arguments name, and gives its exit status. Errors of the command line are told here. */
export async function runCommand(argv: readonly string[], caller: Caller): Promise<number> {
  const [first, ...rest] = argv
  if (first === 'inventory') return runOne(INVENTORY, rest, caller)
  if (first === 'doc') return runOne(DOC, rest, caller)
  return runOne(PLAYBOOK, argv, caller)
}

async function runOne<T extends OptionTable>(
  command: Command<T>,
  argv: readonly string[],
  caller: Caller,
): Promise<number> {
  const parsed = parse(command, argv, caller)
  if (typeof parsed === 'number') return parsed
  const { help, version } = parsed.options as { readonly help: boolean; readonly version?: boolean }
  if (help) return say(caller, formatHelp(command, caller.stdout.columns))
  if (version) return say(caller, `fplay ${(await import('./version.js')).readVersion()}\n`)
  return command.run(parsed, caller)
}

function parse<T extends OptionTable>(
  command: Command<T>,
  argv: readonly string[],
  caller: Caller,
): Parsed<T> | number {
  try {
    return parseArguments(command.options, argv, caller.env)
  } catch (error) {
    if (!(error instanceof FplayError)) throw error
    caller.stderr.write(error.problems.map((problem) => `ERROR: ${formatProblem(problem)}\n`).join(''))
    return USAGE
  }
}

function say(caller: Caller, text: string): number {
  caller.stdout.write(text)
  return 0
}
