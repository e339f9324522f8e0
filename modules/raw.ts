import { defineModule } from '../engine/module/contract.js'
import { outputResult, runStep, runWish, shellLine, OUTPUT_RETURNS } from '../engine/module/free-command.js'

/** Runs text on a host that may have a shell and nothing else. */
export default defineModule({
  summary: 'Run a text in a shell of a host that may have nothing else',
  description:
    'Nothing is looked for on the host before, so it needs no program but the shell. A dry run counts it as changed (unless changed_when settles it) and does not run it.',
  params: {
    free_form: { type: 'str', required: true, description: 'The text.' },
    executable: { type: 'str', description: 'Another shell, by its absolute path.' },
  },
  freeForm: 'free_form',
  apart: true,
  returns: {
    ...OUTPUT_RETURNS,
    msg: 'Why it failed.',
  },
  examples: `
- name: Bring the packages that other tasks need
  raw: apk add --no-cache git openssh-keygen
`,
  wanted: (_given, before) => runWish({}, before),
  converge: ({ free_form: text, executable }) => runStep({}, shellLine(text, executable)),
  result: (_given, _before, _after, ran) => outputResult(ran),
})
