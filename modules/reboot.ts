import {
  defineModule,
  Fail,
  FRESH,
  type Controller,
  type Converge,
  type Key,
  type OwnAsk,
  type ScriptOutput,
} from '../engine/module/contract.js'
import type { InferParams } from '../engine/module/params.js'
import { sh, type Script } from '../engine/module/quote.js'

const params = {
  reboot_timeout: {
    type: 'int',
    default: 600,
    description: 'Seconds until the host must have started again, and again until test_command succeeds.',
  },
  connect_timeout: { type: 'int', description: 'Seconds that one look at the host may take; default 10.' },
  pre_reboot_delay: {
    type: 'int',
    default: 0,
    description: 'Seconds to wait before; `shutdown` counts minutes, so less than 60 is none.',
  },
  post_reboot_delay: {
    type: 'int',
    default: 0,
    description: 'Seconds to wait once the host has started again, before test_command.',
  },
  msg: { type: 'str', default: 'Reboot initiated by Ansible', description: 'What people on the host are told.' },
  test_command: { type: 'str', default: 'whoami', description: 'Command that succeeds once the host is ready.' },
  boot_time_command: {
    type: 'str',
    default: 'cat /proc/sys/kernel/random/boot_id',
    description: 'Command that prints something else after each start, and the same until then.',
  },
  reboot_command: {
    type: 'str',
    description:
      'Command that restarts the host, in place of `shutdown` (on Alpine, or where there is no other, `reboot`); delays and msg do not count then.',
  },
  search_paths: {
    type: 'list',
    elements: 'str',
    default: ['/sbin', '/bin', '/usr/sbin', '/usr/bin', '/usr/local/sbin'],
    description: 'Folders where the command is looked for.',
  },
} as const // prettier-ignore
type Params = InferParams<typeof params>

const KEY: Key = 'boot:id'

async function prepare(_given: Params, controller: Controller): Promise<void> {
  if (!controller.isLocal()) return
  throw new Fail(
    'this host is the controller: its restart would end the run',
    [],
    'leave it out with hosts or --limit, and restart it by hand',
  )
}

/** What the host says that changes with each start. */
function bootAsk({ boot_time_command: command }: Params): OwnAsk {
  return { kind: 'own', key: KEY, script: sh`sh -c ${command}`, read: (output) => ({ id: bootId(output) }) }
}

function bootId({ stdout, stderr, code }: ScriptOutput): string {
  const id = stdout.trim()
  if (code === 0 && id !== '') return id
  const said = stderr.trim() || `it ended with status ${code} and printed ${id === '' ? 'nothing' : id}`
  throw new Fail(`boot_time_command does not tell when the host was started: ${said}`, [KEY])
}

/** The same once more, and whether the host is ready. */
function backAsk(given: Params, id: string): OwnAsk {
  const { post_reboot_delay: delay, test_command: test, boot_time_command: command } = given
  const wait =
    delay > 0 && given.reboot_command === undefined ? sh`[ "$ID" = ${id} ] || sleep ${delay}` : sh`:`
  return {
    kind: 'own',
    key: KEY,
    script: sh`ID=$(sh -c ${command}) || exit 0
printf 'id %s\\n' "$ID"
${wait}
if E=$(sh -c ${test} 2>&1 </dev/null); then echo ready; else printf '%s\\n' "$E" >&2; fi`,
    read: ({ stdout }) => ({
      id: /^id ([^]*?)\n(?:ready\n)?$/.exec(stdout)?.[1]?.trim() ?? id,
      ready: /(?:^|\n)ready\n$/.test(stdout),
    }),
  }
}

function rebootScript(given: Params): Script {
  const { reboot_command: command, search_paths: paths, msg } = given
  const path = paths.join(':')
  const minutes = Math.floor(Math.max(0, given.pre_reboot_delay) / 60)
  if (command !== undefined) {
    const [program = ''] = command.trim().split(/\s/)
    return sh`PATH=${path}
export PATH
command -v ${program} >/dev/null || { echo ${`there is no ${program} in ${paths.join(', ')}`} >&2; exit 1; }
/bin/sh -c ${command} </dev/null`
  }
  // What restarts at once would take the connection away before the shell could answer.
  return sh`P=$PATH; PATH=${path}
S=$(command -v shutdown || :); R=$(command -v reboot || :); PATH=$P
if [ -e /etc/alpine-release ]; then S=; fi
if [ -n "$S" ]; then "$S" -r ${minutes === 0 ? 'now' : `+${minutes}`} ${msg.startsWith('-') ? ['--', msg] : msg} </dev/null
elif [ -n "$R" ]; then (sleep ${Math.max(1, given.pre_reboot_delay)}; exec "$R") </dev/null >/dev/null 2>&1 &
else echo ${`there is no shutdown or reboot in ${paths.join(', ')}`} >&2; exit 1; fi`
}

function converge(given: Params, id: string): Converge {
  const { reboot_timeout: seconds, connect_timeout: attempt = 10, post_reboot_delay: delay } = given
  return {
    script: rebootScript(given),
    away: {
      seconds,
      sleep: 2,
      attempt: Math.max(1, attempt) + Math.max(0, delay),
      asks: [backAsk(given, id)],
    },
  }
}

/** Restarts the host and waits for it. */
export default defineModule({
  summary: 'Restart the host, and wait until it is back',
  description:
    'It is back once boot_time_command prints something else and test_command succeeds. Tried with hosts of the lab that lose their power; shutdown and reboot themselves were not run on a real host.',
  params,
  returns: {
    rebooted: 'Whether the host was restarted.',
    elapsed: 'Whole seconds that it took.',
  },
  examples: `
- name: Start the new kernel
  reboot: {reboot_timeout: 900, msg: A new kernel is installed}
`,
  prepare,
  probe: (given) => [bootAsk(given)],
  wanted: () => new Map([[KEY, { id: FRESH, ready: true }]]),
  converge: (given, before) => converge(given, String(before.own(KEY)['id'])),
  result: (_given, _before, _after, ran) => ({
    values: { rebooted: true, elapsed: ran.kind === 'ran' ? Math.round(ran.seconds) : 0 },
  }),
})
