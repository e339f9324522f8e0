import { defineModule, Fail, FRESH, type OwnAsk, type Wish } from '../engine/module/contract.js'
import { complaint, refuseDocker } from '../engine/module/docker.js'
import { runResult, runStep } from '../engine/module/free-command.js'
import { join, sh, Script } from '../engine/module/quote.js'
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
    tty: { type: 'bool', default: false, description: 'Give the command a terminal.' },
  },
  rules: { exclusive: [['argv', 'command']], oneOf: [['argv', 'command']] },
  returns: {
    rc: 'Exit status.',
    stdout: 'What it printed.',
    stdout_lines: 'The same as lines.',
    stderr: 'What it complained.',
    stderr_lines: 'The same as lines.',
  },
  examples: `
- docker_container_exec:
    container: confs-10000-fateflow-1
    argv: [flow, server, info]
  register: server
  changed_when: false
`,
  probe: ({ container }) => {
    const ask: OwnAsk = {
      kind: 'own',
      key: `container:${container}`,
      script: sh`docker inspect --type container --format '{{.State.Running}}' -- ${container}`,
      read: (output) => {
        refuseDocker(output)
        if (/no such container/i.test(output.stderr)) return { state: 'absent' }
        if (output.code !== 0)
          throw new Fail(`the Docker Engine refused a question: ${complaint(output.stderr)}`)
        return { state: output.stdout.trim() === 'true' ? 'running' : 'stopped' }
      },
    }
    return [ask]
  },
  wanted: ({ container }, before): Wish => {
    const { state } = before.own(`container:${container}`)
    if (state === 'absent') throw new Fail(`there is no container ${container}`, [`container:${container}`])
    if (state === 'stopped') {
      throw new Fail(
        `the container ${container} does not run`,
        [`container:${container}`],
        `see: docker logs ${container}`,
      )
    }
    return new Map([['run:container exec', { run: FRESH }]])
  },
  converge: (given) => {
    const words = given.argv ?? splitWords(given.command!)
    const names = [...(given.env ?? [])].map(([name, value]) => ({
      name: String(name),
      value: String(value),
    }))
    // Values reach docker through its environment: in its arguments every user of the host could read them. Those
    // that docker itself would heed are no secrets.
    const heeded = names.filter(({ name }) => HEEDED.test(name))
    const hidden = names.filter((one) => !heeded.includes(one))
    const exports = hidden.map(
      ({ name, value }) => sh`export ${Script.trusted(`${variable(name)}=`)}${value}`,
    )
    const flags = [
      ...(given.stdin === undefined ? [] : ['-i']),
      ...(given.tty ? ['-t'] : []),
      ...(given.user === undefined ? [] : ['-u', given.user]),
      ...(given.chdir === undefined ? [] : ['-w', given.chdir]),
      ...heeded.flatMap(({ name, value }) => ['-e', `${variable(name)}=${value}`]),
      ...hidden.flatMap(({ name }) => ['-e', name]),
    ]
    const newline =
      given.stdin_add_newline && given.stdin !== undefined && !given.stdin.endsWith('\n') ? '\n' : ''
    const line = join([...exports, sh`docker exec ${flags} -- ${given.container} ${words}`])
    return runStep({}, line, given.stdin === undefined ? undefined : given.stdin + newline)
  },
  result: (given, _before, _after, ran) =>
    runResult({}, [...(given.argv ?? splitWords(given.command!))], ran, given.strip_empty_ends),
})

/** Variables that change what the docker program, or the shell that starts it, does. */
const HEEDED = /^(PATH|HOME|IFS|ENV|LD_\w+|DOCKER_\w+|\w+_proxy|\w+_PROXY)$/

function variable(name: string): string {
  if (/^[A-Za-z_]\w*$/.test(name)) return name
  throw new Fail(`env has "${name}", which cannot be the name of a variable`)
}
