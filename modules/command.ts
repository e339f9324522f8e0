import { defineModule } from '../engine/module/contract.js'
import {
  FREE_COMMAND,
  guardAsks,
  guardCondition,
  programLine,
  runResult,
  runStep,
  runWish,
  COMMAND_RETURNS,
  STANDARD_INPUT,
} from '../engine/module/free-command.js'
import { join, sh, word, Script } from '../engine/module/quote.js'
import { splitWords } from '../engine/module/words.js'

/** Runs a program without a shell. */
export default defineModule({
  summary: 'Run a program, without a shell between',
  description:
    'Words are split as a shell does, `$NAME` and a leading `~` are replaced, and nothing else is special. A dry run counts it as changed (unless creates, removes or changed_when settle it) and does not run it.',
  params: {
    cmd: { type: 'str', description: 'The command line.' },
    argv: {
      type: 'list',
      elements: 'str',
      description: 'The command as a list of words, taken as they are.',
    },
    ...STANDARD_INPUT,
    strip_empty_ends: {
      type: 'bool',
      default: true,
      description: 'Drop empty lines at the end of the output.',
    },
    expand_argument_vars: { type: 'bool', default: true, description: 'Replace $NAME in the words.' },
    ...FREE_COMMAND,
  },
  freeForm: 'cmd',
  apart: true,
  rules: { exclusive: [['cmd', 'argv']], oneOf: [['cmd', 'argv']] },
  returns: {
    cmd: 'The words that were run.',
    ...COMMAND_RETURNS,
  },
  examples: `
- name: Initialise the client
  command:
    cmd: flow init --ip fateflow --port 9380
    creates: /data/projects/fate/.initialised
`,
  probe: guardAsks,
  wanted: runWish,
  guard: (given) => guardCondition(given),
  converge: (given) => {
    const words = given.argv ?? splitWords(given.cmd!)
    const line = given.expand_argument_vars ? join(words.map(expandable), ' ') : sh`${words}`
    const newline =
      given.stdin_add_newline && given.stdin !== undefined && !given.stdin.endsWith('\n') ? '\n' : ''
    return runStep(given, programLine(line), given.stdin === undefined ? undefined : given.stdin + newline)
  },
  result: (given, _before, _after, ran) =>
    runResult(given, [...(given.argv ?? splitWords(given.cmd!))], ran, given.strip_empty_ends),
})

/** A word in which the host's shell replaces `$NAME`, `${NAME}` and a leading `~`; unknown names stay as written. */
function expandable(text: string): Script {
  const parts = text.split(/(\$\{[A-Za-z_]\w*\}|\$[A-Za-z_]\w*|^~(?=\/|$))/)
  const pieces = parts.filter(Boolean).map((part, i): Script => {
    if (part === '~' && i === 0) return Script.trusted('"$HOME"')
    const name = /^\$\{?(\w+)\}?$/.exec(part)?.[1]
    return name === undefined ? word(part) : Script.trusted(`"\${${name}-\\${part.replace('}', '\\}')}}"`)
  })
  return pieces.length === 0 ? word('') : join(pieces, '')
}
