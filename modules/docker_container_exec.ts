import { defineModule, Fail, FRESH, type Wish } from '../engine/module/contract.js'
import { containerAsk, containerKey } from '../engine/module/docker/container.js'
import { checkVariables, texts, variablesFor } from '../engine/module/docker/environment.js'
import { runResult, runStep, OUTPUT_RETURNS } from '../engine/module/free-command.js'
import { join, sh } from '../engine/module/quote.js'
import { isUnknown } from '../engine/unknown.js'
import { splitWords } from '../engine/module/words.js'

/** Runs a program inside a running container. */
export default defineModule({
  summary: 'Run a program inside a running container',
  description: 'A dry run counts it as changed (unless changed_when settles it) and does not run it.',
  params: {
    container: { type: 'str', required: true, description: 'Name or id of the container.' },
    argv: { type: 'list', elements: 'str', description: 'The command as a list of words.' },
    command: { type: 'str', description: 'The command as a line, split as a shell does.' },
    chdir: { type: 'str', description: 'Folder inside the container.' },
    user: { type: 'str', description: 'User inside the container.' },
    env: { type: 'dict', description: 'Variables for the command.' },
    stdin: { type: 'str', description: 'Text for the standard input.' },
    stdin_add_newline: {
      type: 'bool',
      default: true,
      description: 'End the standard input with a line end.',
    },
    strip_empty_ends: {
      type: 'bool',
      default: true,
      description: 'Drop empty lines at the end of the output.',
    },
    detach: {
      type: 'bool',
      default: false,
      description: 'Do not wait for its end: there is no exit status and no output.',
    },
    tty: { type: 'bool', default: false, description: 'Give the command a terminal.' },
  },
  rules: { exclusive: [['argv', 'command']], oneOf: [['argv', 'command']] },
  returns: {
    ...OUTPUT_RETURNS,
  },
  examples: `
- docker_container_exec:
    container: confs-10000-fateflow-1
    argv: [flow, server, info]
  register: server
  changed_when: false
`,
  probe: ({ container }) => [containerAsk(container)],
  wanted: (given, before): Wish => {
    const { container } = given
    const { state } = before.own(containerKey(container))
    checkVariables('-e', texts(given.env, 'env'), 'env')
    if (given.stdin !== undefined && (given.detach || given.tty)) {
      throw new Fail(`with ${given.detach ? 'detach' : 'tty'} there is no stdin`)
    }
    if (state === 'absent') throw new Fail(`there is no container ${container}`, [containerKey(container)])
    if (state !== 'running' && !isUnknown(state)) {
      throw new Fail(
        `the container ${container} does not run, it is ${String(state)}`,
        [containerKey(container)],
        `see: docker logs ${container}`,
      )
    }
    return new Map([['run:container exec', { run: FRESH }]])
  },
  converge: (given) => {
    const variables = variablesFor('-e', texts(given.env, 'env'))
    const flags = [
      ...(given.stdin === undefined ? [] : ['-i']),
      ...(given.detach ? ['-d'] : []),
      ...(given.tty ? ['-t'] : []),
      ...(given.user === undefined ? [] : ['-u', given.user]),
      ...(given.chdir === undefined ? [] : ['-w', given.chdir]),
      ...variables.flags,
    ]
    const newline = given.stdin_add_newline ? '\n' : ''
    const line = join([
      ...variables.exports,
      sh`docker exec ${flags} -- ${given.container} ${commandOf(given)}`,
    ])
    return runStep({}, line, given.stdin === undefined ? undefined : given.stdin + newline)
  },
  result: (given, _before, _after, ran) => {
    const done = runResult({}, commandOf(given), ran, given.strip_empty_ends)
    if (!given.detach || done.failed !== undefined) return done
    const { cmd } = done.values
    return { values: { cmd } }
  },
})

function commandOf({
  argv,
  command,
}: {
  argv?: readonly string[] | undefined
  command?: string | undefined
}): readonly string[] {
  return argv ?? splitWords(command!)
}
