import { FplayError, formatProblem, suggest } from '../../errors.js'
import { parseArguments } from '../arguments.js'
import type { Caller } from '../caller.js'
import type { Config } from '../config.js'
import { INTERRUPTED, USAGE } from '../exit-code.js'
import { formatHelp } from '../help.js'
import { createPrompt } from '../prompt.js'
import { VAULT_ACTIONS } from './actions.js'
import { VAULT_ABOUT, VAULT_OPTIONS } from './options.js'
import type { VaultAction, VaultOptionsGiven } from './options.js'

/** Other spellings of an action: ansible-vault's own. */
const SPELLINGS: Readonly<Record<string, string>> = { encrypt_string: 'encrypt-string' }

/** `fplay vault ACTION …`, as ansible-vault. Gives the exit status: 1 for a failure, 2 or 5 for a wrong call. */
export async function runVault(argv: readonly string[], caller: Caller, config: Config): Promise<number> {
  const [word = '', ...rest] = argv
  const action = Object.hasOwn(SPELLINGS, word) ? SPELLINGS[word]! : word
  if (!isAction(action)) return showActions(word, caller)
  const help = {
    usage: [`fplay vault ${action} ${VAULT_ABOUT[action].operands}`],
    about: VAULT_ABOUT[action].about,
    options: VAULT_OPTIONS[action],
  }
  try {
    const { options, operands } = parseArguments(VAULT_OPTIONS[action], rest, config)
    if (options.help) {
      caller.stdout.write(formatHelp(help, caller.stdout.columns))
      return 0
    }
    const given = options as VaultOptionsGiven
    await VAULT_ACTIONS[action]({ operands, options: given, caller, config, prompt: createPrompt(caller) })
    return 0
  } catch (error) {
    if (!(error instanceof FplayError)) throw error
    caller.stderr.write(error.problems.map((problem) => `ERROR: ${formatProblem(problem)}\n`).join(''))
    const codes = error.problems.map(({ code }) => code)
    if (codes.includes('interrupted')) return INTERRUPTED
    return codes.includes('bad-option') || codes.includes('bad-setting') ? 5 : 1
  }
}

function isAction(word: string): word is VaultAction {
  return Object.hasOwn(VAULT_OPTIONS, word)
}

function showActions(word: string, { stdout, stderr }: Caller): number {
  const rows = Object.entries(VAULT_ABOUT).map(
    ([name, { operands, about }]) => `  ${`${name} ${operands}`.padEnd(26)}${about}\n`,
  )
  const text = `Usage: fplay vault ACTION [options]\n\n${rows.join('')}\nOptions: fplay vault ACTION --help\n`
  if (word === '-h' || word === '--help') {
    stdout.write(text)
    return 0
  }
  if (word === '') stderr.write(text)
  else
    stderr.write(
      `ERROR: fplay vault cannot "${word}"; ${suggest(word, Object.keys(VAULT_OPTIONS))} (bad-option)\n`,
    )
  return USAGE
}
