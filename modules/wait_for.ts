import { defineModule, Fail, NotYet, type Ask, type OwnAsk, type View } from '../engine/module/contract.js'
import type { InferParams } from '../engine/module/params.js'
import { sh } from '../engine/module/quote.js'

const params = {
  host: {
    type: 'str',
    default: '127.0.0.1',
    description: 'Name or address to reach, as seen from the host.',
  },
  port: { type: 'int', description: 'TCP port.' },
  path: { type: 'path', description: 'Path that should be there (or not).' },
  search_regex: {
    type: 'str',
    description: 'Extended regular expression that a line of the file must match.',
  },
  state: {
    type: 'str',
    default: 'started',
    choices: ['absent', 'present', 'started', 'stopped'],
    description: 'started, present: the port is open, the path is there; stopped, absent: it is not.',
  },
  timeout: { type: 'int', default: 300, description: 'Seconds to wait at most.' },
  connect_timeout: { type: 'int', default: 5, description: 'Seconds one attempt to connect may take.' },
  delay: { type: 'int', default: 0, description: 'Seconds to wait before the first look.' },
  sleep: { type: 'int', default: 1, description: 'Seconds between two looks.' },
  msg: { type: 'str', description: 'What to say when it took too long.' },
} as const
type Params = InferParams<typeof params>

function probe(given: Params): readonly Ask[] {
  if (given.port !== undefined) return [portAsk(given.host, given.port, given.connect_timeout)]
  const path: Ask = { kind: 'path', path: given.path!, need: 'stat', follow: true }
  return given.search_regex === undefined ? [path] : [path, searchAsk(given.path!, given.search_regex)]
}

/** Connects with what the host has: bash, nc of either kind, or busybox. */
function portAsk(host: string, port: number, seconds: number): OwnAsk {
  const address = `${host}/${port}`
  return {
    kind: 'own',
    key: `port:${address}`,
    script: sh`yes() { if "$@" >/dev/null 2>&1 </dev/null; then echo open; else echo closed; fi; }
if command -v nc >/dev/null 2>&1; then N=nc; elif command -v busybox >/dev/null 2>&1; then N='busybox nc'; else N=; fi
if command -v bash >/dev/null 2>&1; then yes timeout ${seconds} bash -c ': <"/dev/tcp/$0"' ${address}
elif [ -z "$N" ]; then echo nothing
elif $N -h 2>&1 | grep -q -e '-[a-zA-Z]*z'; then yes $N -w ${seconds} -z ${host} ${port}
else yes $N -w ${seconds} ${host} ${port}; fi`,
    read: ({ stdout }) => {
      if (stdout.trim() === 'nothing') {
        throw new Fail('the host has nothing to connect with', [], 'install bash, netcat or busybox')
      }
      return { state: stdout.trim() }
    },
  }
}

function searchAsk(path: string, pattern: string): OwnAsk {
  return {
    kind: 'own',
    key: `search:${path}`,
    script: sh`grep -qE -e ${pattern} -- "$FILE_0" 2>/dev/null && echo found || echo missing`,
    files: [path],
    read: ({ stdout }) => ({ state: stdout.trim() }),
  }
}

/** Whether what is waited for is there. */
function isThere(given: Params, before: View): boolean {
  if (given.port !== undefined) return before.own(`port:${given.host}/${given.port}`)['state'] === 'open'
  if (before.path(given.path!).type === 'absent') return false
  return given.search_regex === undefined || before.own(`search:${given.path}`)['state'] === 'found'
}

function subject(given: Params): string {
  if (given.port !== undefined) return `${given.host}:${given.port}`
  return given.search_regex === undefined ? given.path! : `"${given.search_regex}" in ${given.path!}`
}

/** Waits until a port is open or closed, or a path is there or gone. */
export default defineModule({
  summary: 'Wait until a port is open or closed, or a path is there or gone',
  description: 'A dry run looks once and does not wait.',
  params,
  rules: { exclusive: [['port', 'path']], oneOf: [['port', 'path']], requiredBy: { search_regex: ['path'] } },
  returns: {
    elapsed: 'Seconds that were waited.',
    port: 'The port.',
    path: 'The path.',
    search_regex: 'The expression.',
    state: 'What was waited for.',
  },
  examples: `
- wait_for: {host: 192.168.7.2, port: 9370, timeout: 60}
`,
  prepare: async () => Date.now(),
  probe,
  wanted: (given, before) => {
    const wantsThere = given.state === 'started' || given.state === 'present'
    if (isThere(given, before) === wantsThere) return new Map()
    const late = `Timeout when waiting for ${subject(given)}${wantsThere ? '' : ' to go'}`
    throw new NotYet(given.msg ?? late, [], undefined, { elapsed: given.timeout })
  },
  until: (given) => ({ seconds: given.timeout, delay: given.delay, sleep: Math.max(1, given.sleep) }),
  result: (given, _before, _after, _ran, started) => {
    const { port = null, path = null, search_regex: pattern = null, state } = given
    return {
      values: {
        elapsed: Math.round((Date.now() - started) / 1000),
        port,
        path,
        search_regex: pattern,
        state,
      },
    }
  },
})
