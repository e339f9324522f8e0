import {
  defineModule,
  Fail,
  FRESH,
  NotYet,
  Unknown,
  type Ask,
  type Controller,
  type Dict,
  type Key,
  type Ran,
  type Returned,
  type Value,
  type View,
  type Wish,
} from '../engine/module/contract.js'
import { guardAsks, runWish } from '../engine/module/free-command.js'
import { readAnswer, type HttpAnswer } from '../engine/module/http-answer.js'
import { hasHeader, HTTP, HTTP_RULES, requestOf } from '../engine/module/http-params.js'
import { requestScript, type HttpRequest } from '../engine/module/http-request.js'
import type { InferParams } from '../engine/module/params.js'

const params = {
  ...HTTP,
  url: { type: 'str', required: true, description: 'The http or https URL.' },
  method: { type: 'str', default: 'GET', description: 'Method, in capital letters.' },
  body: { type: 'raw', description: 'What is sent.' },
  body_format: {
    type: 'str',
    default: 'raw',
    choices: ['form-urlencoded', 'json', 'raw'],
    description:
      'How a body that is no text is written. Content-Type says JSON for json, otherwise a form, unless headers do.',
  },
  status_code: {
    type: 'list',
    elements: 'int',
    default: [200],
    description: 'Statuses that mean success.',
  },
  return_content: { type: 'bool', default: false, description: 'Return the body as content.' },
  url_username: { type: 'str', aliases: ['user'], description: 'User for basic or digest authentication.' },
  follow_redirects: {
    type: 'str',
    default: 'safe',
    choices: ['all', 'no', 'none', 'safe', 'urllib2', 'yes'],
    description: 'Which redirects are followed: all, none, or with safe those of GET and HEAD.',
  },
  ca_path: { type: 'path', description: 'PEM file on the host with the certificates to trust.' },
  timeout: {
    type: 'int',
    default: 30,
    description: 'Seconds to wait for the connection, and for each byte.',
  },
  creates: { type: 'path', description: 'Path or glob pattern; when it exists nothing is requested.' },
  removes: {
    type: 'path',
    description: 'Path or glob pattern; when it does not exist nothing is requested.',
  },
} as const
type Params = InferParams<typeof params>

const KEY: Key = 'http:answer'

async function prepare(given: Params, controller: Controller): Promise<HttpRequest> {
  const { method, follow_redirects: follow } = given
  const request = requestOf(given)
  if (!/^[A-Z]+$/.test(method)) throw new Fail(`method "${method}" is not one word in capital letters`)
  return {
    ...request,
    method,
    headers: withType(request.headers, given),
    body: given.body === undefined ? undefined : bodyText(given, controller),
    redirects:
      ['all', 'yes', 'urllib2'].includes(follow) || (['safe', 'no'].includes(follow) && reads(given)),
    trusted: given.ca_path,
  }
}

function withType(
  list: HttpRequest['headers'],
  { body, body_format: format }: Params,
): HttpRequest['headers'] {
  if (body === undefined || hasHeader(list, 'content-type')) return list
  return [
    ['Content-Type', format === 'json' ? 'application/json' : 'application/x-www-form-urlencoded'],
    ...list,
  ]
}

function bodyText({ body, body_format: format }: Params, controller: Controller): string {
  if (typeof body === 'string') return body
  if (format !== 'form-urlencoded') return controller.json(body!)
  const pairs = body instanceof Map ? [...(body as Dict)] : pairsOf(body!)
  const fields = new URLSearchParams()
  for (const [name, value] of pairs) {
    for (const item of Array.isArray(value) ? value : [value]) fields.append(String(name), String(item))
  }
  return fields.toString()
}

/** A list of pairs, for fields that come more than once. */
function pairsOf(body: Value): readonly (readonly [Value, Value])[] {
  if (Array.isArray(body) && body.every((pair) => Array.isArray(pair) && pair.length === 2)) {
    return body as unknown as readonly (readonly [Value, Value])[]
  }
  throw new Fail('a form-urlencoded body is a dictionary or a list of pairs')
}

/** GET and HEAD change nothing: a dry run makes them too. */
function reads({ method }: Params): boolean {
  return method === 'GET' || method === 'HEAD'
}

function guarded({ creates, removes }: Params): boolean {
  return creates !== undefined || removes !== undefined
}

function answerAsk(request: HttpRequest): Ask {
  return {
    kind: 'own',
    key: KEY,
    script: requestScript(request),
    read: (output) => ({ answer: readAnswer(request, output) }),
  }
}

/** What is requested when no guard says that it is done. */
function due(given: Params, before: View): boolean {
  return runWish(given, before).size > 0
}

function wanted(given: Params, before: View): Wish {
  if (!due(given, before)) return new Map()
  if (!reads(given)) return new Map([['run:uri' as Key, { run: FRESH }]])
  const { values, failed } = valuesOf(given, before.own(KEY)['answer'] as HttpAnswer)
  // In a dry run the server may be one that an earlier task has yet to start.
  if (failed !== undefined) throw new NotYet(failed, [], undefined, values)
  return new Map()
}

function result(given: Params, before: View, ran: Ran, request: HttpRequest): Returned {
  if (!due(given, before)) {
    const [path, state] =
      given.creates === undefined ? [given.removes, 'does not exist'] : [given.creates, 'exists']
    const stdout = `skipped, since '${path!}' ${state}`
    return { values: { stdout, stdout_lines: [stdout] } }
  }
  if (ran.kind === 'foreseen') {
    const late = (name: string): Unknown => new Unknown(`${name} of the answer from ${given.url}`)
    const names = ['status', 'msg', 'redirected', 'elapsed', ...(given.return_content ? ['content'] : [])]
    return { values: { url: given.url, ...Object.fromEntries(names.map((name) => [name, late(name)])) } }
  }
  const answer = ran.kind === 'ran' ? readAnswer(request, ran) : (before.own(KEY)['answer'] as HttpAnswer)
  return valuesOf(given, answer)
}

function valuesOf(given: Params, answer: HttpAnswer): Returned {
  const { status, reason, headers, cookies, body, url, elapsed } = answer
  const named = [...headers].map(([name, value]) => [name.replaceAll('-', '_'), value] as const)
  const base = {
    ...Object.fromEntries(named),
    url,
    status,
    redirected: url !== given.url,
    elapsed,
    ...(headers.has('location') ? { location: absolute(headers.get('location')!, url) } : {}),
    ...(given.return_content ? { content: body } : {}),
    ...jsonOf(answer),
  }
  const why = status < 0 ? `Request failed: ${reason}` : `HTTP Error ${status}: ${reason}`
  if (!given.status_code.includes(status)) {
    const failed = `Status code was ${status} and not [${given.status_code.join(', ')}]: ${why}`
    return { values: { ...base, msg: failed }, failed }
  }
  // What is no success has no cookies, and its body under another name.
  if (status >= 300) return { values: { ...base, ...(given.return_content ? {} : { body }), msg: why } }
  const baked = {
    cookies: Object.fromEntries(cookies),
    cookies_string: [...cookies].map((pair) => pair.join('=')).join('; '),
  }
  return { values: { ...base, ...baked, msg: `OK (${headers.get('content-length') ?? 'unknown'} bytes)` } }
}

function absolute(location: string, url: string): string {
  return URL.canParse(location, url) ? new URL(location, url).href : location
}

/** The body as a value when the server says that it is JSON. */
function jsonOf({ headers, body }: HttpAnswer): { readonly json?: unknown } {
  const type = headers.get('content-type') ?? ''
  if (!/^[^;]*[/+](?:json|javascript)\s*(?:;|$)/i.test(type)) return {}
  try {
    return { json: JSON.parse(body) as unknown }
  } catch {
    return {}
  }
}

/** Makes an HTTP request from the host. */
export default defineModule({
  summary: 'Make an HTTP request from the host',
  description:
    'The host needs curl or GNU wget; for plain http without redirects bash or nc will do. GET and HEAD are made in a dry run too; any other method counts as changed and is not.',
  params,
  rules: HTTP_RULES,
  returns: {
    status: 'Status of the answer; -1 when there was none.',
    url: 'Where redirects led.',
    redirected: 'Whether there was a redirect.',
    content: 'With return_content: the body.',
    body: 'Without it, of an answer that is no success and yet wanted: the body.',
    json: 'The body as a value, when it is JSON.',
    msg: 'OK and the length, or what went wrong.',
    location: 'Where a redirect that was not followed leads.',
    cookies: 'What the answer sets as cookies, by name.',
    cookies_string: 'The same as text for the header Cookie of the next request.',
    elapsed: 'Seconds that it took.',
    stdout: 'That nothing was requested, because of creates or removes.',
    stdout_lines: 'The same as a list.',
  },
  alsoReturns: 'a header of the answer, or what it holds',
  examples: `
- name: FATEFlow answers
  uri: {url: "http://{{ party_ip }}:9380/v2/server/fateflow", return_content: true}
  register: version
- name: Register the party
  uri:
    url: http://192.168.7.1:9380/v2/site
    method: POST
    body_format: json
    body: {party_id: "10000"}
    status_code: [200, 201]
`,
  prepare,
  probe: (given, request) => [
    ...guardAsks(given),
    ...(reads(given) && !guarded(given) ? [answerAsk(request)] : []),
  ],
  more: (given, before, request) =>
    reads(given) && guarded(given) && due(given, before) ? [answerAsk(request)] : [],
  wanted,
  converge: (_given, _before, _differing, request) => ({ script: requestScript(request), judged: true }),
  until: () => ({ seconds: 0, delay: 0, sleep: 1 }),
  result: (given, before, _after, ran, request) => result(given, before, ran, request),
})
