import { ATTRIBUTE_RETURNS, pathInfo } from '../engine/module/attributes.js'
import {
  defineModule,
  Fail,
  FRESH,
  NotYet,
  Unknown,
  type Ask,
  type Converge,
  type Difference,
  type Key,
  type Ran,
  type Returned,
  type View,
  type Wish,
} from '../engine/module/contract.js'
import { guardAsks, runWish } from '../engine/module/free-command.js'
import { readAnswer } from '../engine/module/http-answer.js'
import { HTTP_RULES } from '../engine/module/http-params.js'
import { requestScript, type HttpRequest } from '../engine/module/http-request.js'
import { valuesOf } from '../engine/module/uri/answer.js'
import { prepare, type Local } from '../engine/module/uri/body.js'
import {
  destAsks,
  destScript,
  destWish,
  fileAsks,
  hasDest,
  keptScript,
  pathOf,
  readKept,
  tooLarge,
  type Kept,
} from '../engine/module/uri/dest.js'
import { reads, URI, type Uri } from '../engine/module/uri/params.js'

const KEY: Key = 'http:answer'
const RUN: Key = 'run:uri'

function guarded({ creates, removes }: Uri): boolean {
  return creates !== undefined || removes !== undefined
}

function answerAsk(given: Uri, request: HttpRequest): Ask {
  return {
    kind: 'own',
    key: KEY,
    once: true,
    script: hasDest(given) ? keptScript(request) : requestScript(request, given.decompress),
    read: (output) => ({ ...readAny(given, request, output) }),
  }
}

/** Reads an answer, with the file that it may be kept in. */
function readAny(given: Uri, request: HttpRequest, output: Parameters<typeof readAnswer>[1]): Kept {
  if (hasDest(given)) return readKept(given, request, output)
  return { answer: readAnswer(request, output), content: undefined }
}

function probe(given: Uri, { request }: Local): readonly Ask[] {
  const files = request.body?.files ?? []
  return [
    ...guardAsks(given),
    ...files.map((path): Ask => ({ kind: 'path', path, need: 'type', follow: true })),
    ...(hasDest(given) ? destAsks(given) : []),
    ...(reads(given) && !guarded(given) && files.length === 0 ? [answerAsk(given, request)] : []),
  ]
}

/** What rests on a guard, on a file that is sent, or on the answer. */
function more(given: Uri, before: View, { request }: Local): readonly Ask[] {
  const files = request.body?.files ?? []
  if (!reads(given) || !due(given, before)) return []
  if (files.some((path) => before.path(path).type === 'absent')) return []
  if (!before.told(KEY)) return [answerAsk(given, request)]
  return hasDest(given) ? fileAsks(given, before, keptOf(before)) : []
}

function keptOf(before: View): Kept {
  return before.own(KEY) as unknown as Kept
}

/** What is requested when no guard says that it is done. */
function due(given: Uri, before: View): boolean {
  return runWish(given, before).size > 0
}

function wanted(given: Uri, before: View, { request }: Local): Wish {
  if (!due(given, before)) return new Map()
  const missing = request.body?.files.find((path) => before.path(path).type === 'absent')
  if (missing !== undefined) {
    throw new Fail(`Unable to open source file ${missing}`, [`path:${missing}`], 'name a file of the host')
  }
  if (!reads(given)) {
    return new Map([...(hasDest(given) ? destWish(given, before, undefined) : []), [RUN, { run: FRESH }]])
  }
  const kept = keptOf(before)
  const { values, failed } = valuesOf(given, kept.answer, fileOf(given, before, kept))
  // In a dry run the server may be one that an earlier task has yet to start.
  if (failed !== undefined) throw new NotYet(failed, [], undefined, values)
  if (!hasDest(given) || kept.answer.status === 304) return new Map()
  const large = tooLarge(given, kept)
  if (large) throw large
  return destWish(given, before, kept)
}

/** What is told of the file that the answer is kept in. */
function fileOf(given: Uri, before: View, kept: Kept | undefined, now = before): object {
  const path = hasDest(given) ? pathOf(given, before, kept) : undefined
  if (path === undefined) return {}
  const state = now.path(path)
  return state.type === 'absent' ? { path } : { path, ...pathInfo(state) }
}

function converge(given: Uri, before: View, differing: ReadonlyMap<Key, Difference>, local: Local): Converge {
  if (!hasDest(given))
    return { script: requestScript(local.request, given.decompress), inputs: local.inputs, judged: true }
  const kept = reads(given) ? keptOf(before) : undefined
  return destScript(given, before, differing, local, kept)
}

function result(given: Uri, before: View, after: View, ran: Ran, { request }: Local): Returned {
  if (!due(given, before)) {
    const [path, state] =
      given.creates === undefined ? [given.removes, 'does not exist'] : [given.creates, 'exists']
    const stdout = `skipped, since '${path!}' ${state}`
    return { values: { stdout, stdout_lines: [stdout] } }
  }
  const known = reads(given) ? keptOf(before) : undefined
  const file = fileOf(given, before, known, after)
  if (ran.kind === 'foreseen' && !known) {
    const late = (name: string): Unknown => new Unknown(`${name} of the answer from ${given.url}`)
    const names = ['status', 'msg', 'redirected', 'elapsed', ...(given.return_content ? ['content'] : [])]
    return {
      values: { url: given.url, ...file, ...Object.fromEntries(names.map((name) => [name, late(name)])) },
    }
  }
  if (ran.kind !== 'ran' || known?.content) return valuesOf(given, known!.answer, file)
  const kept = readAny(given, request, ran)
  const told = valuesOf(given, kept.answer, file)
  if (told.failed !== undefined) return told
  if (ran.code === 0) {
    const large = tooLarge(given, kept)
    return large ? { values: { ...told.values, msg: large.message }, failed: large.message } : told
  }
  // The answer is the wanted one, and was not kept.
  const said =
    ran.stderr
      .replace(/fplay-elapsed \d+\n/, '')
      .trim()
      .split('\n')
      .at(-1) ?? ''
  const failed = `the answer was not kept in ${given.dest}: ${said || 'the connection ended too early'}`
  return { values: { ...told.values, msg: failed }, failed }
}

/** Makes an HTTP request from the host. */
export default defineModule({
  summary: 'Make an HTTP request from the host',
  description:
    'The host needs curl or GNU wget; for plain http without redirects bash or nc will do. GET and HEAD are made in a dry run too; any other method counts as changed and is not. With dest GET counts as changed when the file changes.',
  params: URI,
  rules: { ...HTTP_RULES, exclusive: [['body', 'src']] },
  returns: {
    status: 'Status of the answer; -1 when there was none.',
    url: 'Where redirects led.',
    redirected: 'Whether there was a redirect.',
    content: 'With return_content: the body.',
    body: 'Without it, of an answer that is no success and yet wanted: the body.',
    json: 'The body as a value, when it is JSON.',
    msg: 'OK and the length, or what went wrong.',
    path: 'With dest: the file that the answer is kept in.',
    ...ATTRIBUTE_RETURNS,
    state: 'With dest: file.',
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
- name: Send the archive of a model as a form
  uri:
    url: http://192.168.7.1:9380/v2/model/import
    method: POST
    body_format: form-multipart
    body:
      model_id: "{{ model_id }}"
      file: {filename: model.zip}
- name: Keep what the party has answered
  uri: {url: http://192.168.7.1:9380/v2/site, dest: /srv/site.json, mode: "0640"}
`,
  prepare,
  probe,
  more,
  wanted,
  converge,
  until: () => ({ seconds: 0, delay: 0, sleep: 1 }),
  result,
})
