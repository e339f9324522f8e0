import { posix } from 'node:path'
import { defineModule, Fail, type Content, type View, type Wish } from '../engine/module/contract.js'
import {
  FREE_COMMAND,
  guardAsks,
  guardCondition,
  outputResult,
  runStep,
  runWish,
  OUTPUT_RETURNS,
} from '../engine/module/free-command.js'
import type { InferParams } from '../engine/module/params.js'
import { join, sh, type Script } from '../engine/module/quote.js'
import { SCRATCH, scratchFile } from '../engine/module/scratch.js'
import { firstWord, splitWords } from '../engine/module/words.js'
import { input } from '../engine/module/write.js'

const params = {
  cmd: {
    type: 'str',
    required: true,
    searched: { folder: 'files', word: true },
    description:
      'The script, searched in files/ of the role or playbook, and its arguments, which the shell of the host expands.',
  },
  executable: { type: 'str', description: 'Program that runs the script, in place of its first line.' },
  decrypt: { type: 'bool', default: true, description: 'Decrypt a script that is encrypted with vault.' },
  ...FREE_COMMAND,
  chdir: { type: 'str', description: 'Absolute path of a folder to change to before.' },
} as const
type Params = InferParams<typeof params>

/** The script as it travels. */
interface Local {
  readonly content: Content
  readonly name: string
  /** Arguments as they are written. */
  readonly rest: string
}

function wanted(given: Params, before: View): Wish {
  const { chdir } = given
  if (chdir !== undefined && !chdir.startsWith('/')) {
    throw new Fail(`chdir ${chdir} must be an absolute path`, [], 'begin it with /')
  }
  return runWish(given, before, false)
}

/** The line that runs it: the file's own first line decides how, unless there is an executable. */
function line({ executable = '' }: Params, { name, rest }: Local): Script {
  return sh`(eval ${sh`${splitWords(executable)} ${scratchFile(name)}`.text + ` ${rest}`})`
}

/** Runs a script of the controller on the host. */
export default defineModule({
  summary: 'Run a script of the controller on the host',
  description:
    'The script is in a folder of its own only while it runs. A dry run counts it as changed (unless creates, removes or changed_when settle it) and does not run it.',
  params,
  freeForm: 'cmd',
  apart: true,
  returns: {
    ...OUTPUT_RETURNS,
    msg: 'Why it was not run, or failed.',
  },
  examples: `
- name: Make the tables, once
  script: init-tables.sh "{{ party_id }}"
  args: {creates: /data/projects/fate/.tables}
- name: Look at the disks
  script: {cmd: disks.py --json, executable: python3}
  register: disks
  changed_when: false
`,
  prepare: async ({ cmd, decrypt }, controller): Promise<Local> => {
    const { word, rest } = firstWord(cmd)
    const name = posix.basename(controller.find(word, 'files'))
    return { content: await controller.content(word, 'files', decrypt), name, rest }
  },
  probe: (given) => guardAsks(given, false),
  wanted,
  guard: (given) => (given.chdir?.startsWith('/') === false ? undefined : guardCondition(given, false)),
  converge: (given, _before, _differing, local) => {
    const { content, name } = local
    const file = scratchFile(name)
    const step = runStep(given, line(given, local))
    return {
      ...step,
      script: join([SCRATCH, sh`${input(0, content)} >${file}; chmod 700 ${file}`, step.script]),
      inputs: [content],
    }
  },
  result: ({ creates, removes }, before, _after, ran) => {
    if (ran.kind !== 'nothing') return outputResult(ran)
    const made = creates !== undefined && before.path(creates).type !== 'absent'
    const why = made
      ? `${creates} exists, matching creates option`
      : `${removes!} does not exist, matching removes option`
    return { values: {}, skipped: why }
  },
})
