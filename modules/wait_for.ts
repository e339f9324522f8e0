import { defineModule, Fail, NotYet, type Ask, type OwnAsk, type View } from '../engine/module/contract.js'
import type { InferParams } from '../engine/module/params.js'
import { regexOf } from '../engine/module/regex.js'
import {
  connectionsAsk,
  greetingAsk,
  portAsk,
  searchAsk,
  STATES,
  type Found,
} from '../engine/module/waiting.js'

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
    description:
      'Python regular expression that the file must hold, or what the port says when it is opened; `^` and `$` stand at line ends. Of a long file the last 4 MiB count.',
  },
  state: {
    type: 'str',
    default: 'started',
    choices: ['absent', 'drained', 'present', 'started', 'stopped'],
    description:
      'started, present: the port is open, the path is there; stopped, absent: it is not; drained: nobody is connected to the port.',
  },
  exclude_hosts: {
    type: 'list',
    elements: 'str',
    description: 'Names or addresses whose connections do not count for drained.',
  },
  active_connection_states: {
    type: 'list',
    elements: 'str',
    choices: STATES,
    default: STATES,
    description: 'States of connections that count for drained.',
  },
  timeout: {
    type: 'int',
    default: 300,
    description: 'Seconds to wait at most; without port and path, seconds to wait.',
  },
  connect_timeout: { type: 'int', default: 5, description: 'Seconds one attempt to connect may take.' },
  delay: { type: 'int', default: 0, description: 'Seconds to wait before the first look.' },
  sleep: { type: 'int', default: 1, description: 'Seconds between two looks.' },
  msg: { type: 'str', description: 'What to say when it took too long.' },
} as const
type Params = InferParams<typeof params>

function isTimer({ port, path, state }: Params): boolean {
  return port === undefined && path === undefined && state !== 'drained'
}

function probe(given: Params): readonly Ask[] {
  refuseMisfits(given)
  const { path } = given
  const own = ownAsk(given)
  return [
    ...(path === undefined ? [] : [{ kind: 'path', path, need: 'stat', follow: true } as const]),
    ...(own ? [own] : []),
  ]
}

/** What is asked of a port, or of the text of a file. */
function ownAsk(given: Params): OwnAsk | undefined {
  const { host, port, path, connect_timeout: seconds, exclude_hosts: except = [] } = given
  const pattern = wantsThere(given) ? given.search_regex : undefined
  if (path !== undefined) return pattern === undefined ? undefined : searchAsk(path, pattern)
  if (port === undefined) return undefined
  if (given.state === 'drained') return connectionsAsk(host, port, given.active_connection_states, except)
  return pattern === undefined ? portAsk(host, port, seconds) : greetingAsk(host, port, seconds, pattern)
}

/** Throws for parameters that do not fit together. */
function refuseMisfits({ path, port, state, exclude_hosts: except, search_regex: pattern }: Params): void {
  if (pattern !== undefined) regexOf(pattern, 'm')
  if (path !== undefined && (state === 'stopped' || state === 'drained'))
    throw new Fail(`state=${state} should only be used for checking a port in the wait_for module`)
  if (state === 'drained' && port === undefined) throw new Fail('state=drained needs a port')
  if (except !== undefined && state !== 'drained')
    throw new Fail('exclude_hosts should only be with state=drained')
}

function wantsThere({ state }: Params): boolean {
  return state === 'started' || state === 'present'
}

/** Whether what is waited for has come; with what was found. */
function isReached(given: Params, before: View): boolean | Found {
  const isThere = given.path === undefined || before.path(given.path).type !== 'absent'
  const ask = ownAsk(given)
  if (!isThere || !ask) return isThere === wantsThere(given)
  const { state, found } = before.own(ask.key)
  if (given.state === 'drained') return state === '0'
  if (state === 'found') return found as Found
  return state !== 'missing' && (state === 'open') === wantsThere(given)
}

function late(given: Params): string {
  const { host, port, path, search_regex: pattern, state } = given
  const where = port === undefined ? path! : `${host}:${port}`
  if (state === 'drained') return `Timeout when waiting for ${where} to drain`
  if (!wantsThere(given))
    return `Timeout when waiting for ${where} to ${port === undefined ? 'be absent' : 'stop'}.`
  if (pattern !== undefined) return `Timeout when waiting for search string ${pattern} in ${where}`
  return `Timeout when waiting for ${port === undefined ? 'file ' : ''}${where}`
}

/** Waits until a port is open or closed, or a path is there or gone. */
export default defineModule({
  summary: 'Wait until a port is open or closed, or a path is there or gone',
  description:
    'A dry run looks once and does not wait. Without port and path it waits for the time of `timeout`.',
  params,
  rules: { exclusive: [['port', 'path']] },
  returns: {
    elapsed: 'Seconds that were waited.',
    port: 'The port.',
    path: 'The path.',
    search_regex: 'The expression.',
    match_groups: 'What its groups matched.',
    match_groupdict: 'What its groups with names matched.',
    state: 'What was waited for.',
  },
  examples: `
- wait_for: {host: 192.168.7.2, port: 9370, timeout: 60}
- wait_for: {port: 22, search_regex: OpenSSH}
`,
  prepare: async () => Date.now(),
  probe,
  wanted: (given, before) => {
    if (isTimer(given) || isReached(given, before) !== false) return new Map()
    throw new NotYet(given.msg ?? late(given), [], undefined, { elapsed: given.timeout })
  },
  until: (given) => ({
    seconds: given.timeout,
    delay: given.delay + (isTimer(given) ? given.timeout : 0),
    sleep: Math.max(1, given.sleep),
  }),
  result: (given, before, _after, _ran, started) => {
    const reached = isTimer(given) || isReached(given, before)
    const found = typeof reached === 'boolean' ? undefined : reached
    const { port = null, path = null, search_regex: pattern = null, state } = given
    return {
      values: {
        elapsed: Math.round((Date.now() - started) / 1000),
        port,
        path,
        search_regex: pattern,
        match_groups: found?.groups ?? [],
        match_groupdict: found?.named ?? {},
        state,
      },
    }
  },
})
