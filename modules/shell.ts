import { defineModule } from '../engine/module/contract.js'
import {
  FREE_COMMAND,
  guardAsks,
  guardCondition,
  runResult,
  runStep,
  runWish,
  shellLine,
  COMMAND_RETURNS,
  STANDARD_INPUT,
} from '../engine/module/free-command.js'

/** Runs text in a shell of the host. */
export default defineModule({
  summary: 'Run a text in a shell of the host',
  description:
    'A dry run counts it as changed (unless creates, removes or changed_when settle it) and does not run it.',
  params: {
    cmd: { type: 'str', required: true, description: 'The text.' },
    executable: { type: 'path', description: 'Absolute path of the shell; default /bin/sh.' },
    ...STANDARD_INPUT,
    ...FREE_COMMAND,
  },
  freeForm: 'cmd',
  apart: true,
  returns: {
    cmd: 'The text that was run.',
    ...COMMAND_RETURNS,
  },
  examples: `
- name: Count the cores
  shell: grep -c ^processor /proc/cpuinfo
  register: cores
  changed_when: false
`,
  probe: guardAsks,
  wanted: runWish,
  guard: (given) => guardCondition(given),
  converge: (given) => {
    const line = shellLine(given.cmd, given.executable)
    const newline =
      given.stdin_add_newline && given.stdin !== undefined && !given.stdin.endsWith('\n') ? '\n' : ''
    return runStep(given, line, given.stdin === undefined ? undefined : given.stdin + newline)
  },
  result: (given, _before, _after, ran) => runResult(given, given.cmd, ran),
})
