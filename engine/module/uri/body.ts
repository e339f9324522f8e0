import type { Content } from '../../content.js'
import { Fail, type Controller, type Dict, type Value } from '../contract.js'
import { hasHeader, requestOf } from '../http-params.js'
import { textBody, type HttpBody, type HttpRequest } from '../http-request.js'
import { sh } from '../quote.js'
import { input } from '../write.js'
import { multipart } from './multipart.js'
import { reads, type Uri } from './params.js'

/** The request that the parameters mean, and what travels with it. */
export interface Local {
  readonly request: HttpRequest
  /** The file of the controller that is sent, as the first input of the step that makes the request. */
  readonly inputs: readonly Content[]
}

/** Throws Fail for what no request can have. */
export async function prepare(given: Uri, controller: Controller): Promise<Local> {
  const { method, follow_redirects: follow, body_format: format } = given
  const request = requestOf(given)
  if (!/^[A-Z]+$/.test(method)) throw new Fail(`method "${method}" is not one word in capital letters`)
  const base = {
    ...request,
    method,
    redirects:
      ['all', 'yes', 'urllib2'].includes(follow) || (['safe', 'no'].includes(follow) && reads(given)),
    trusted: given.ca_path,
    socket: given.unix_socket,
  }
  if (format === 'form-multipart') {
    const { body, type } = await multipart(given.body, given.remote_src, controller)
    const others = request.headers.filter(([name]) => name.toLowerCase() !== 'content-type')
    return { request: { ...base, body, headers: [['Content-Type', type], ...others] }, inputs: [] }
  }
  const { body, inputs } = await bodyOf(given, controller)
  return { request: { ...base, body, headers: withType(request.headers, body, format) }, inputs }
}

function withType(
  list: HttpRequest['headers'],
  body: HttpBody | undefined,
  format: Uri['body_format'],
): HttpRequest['headers'] {
  if (body === undefined || hasHeader(list, 'content-type')) return list
  return [
    ['Content-Type', format === 'json' ? 'application/json' : 'application/x-www-form-urlencoded'],
    ...list,
  ]
}

async function bodyOf(
  given: Uri,
  controller: Controller,
): Promise<{ readonly body: HttpBody | undefined; readonly inputs: readonly Content[] }> {
  const { src } = given
  if (src === undefined) {
    return { body: given.body === undefined ? undefined : textBody(bodyText(given, controller)), inputs: [] }
  }
  if (given.remote_src)
    return { body: { print: sh`cat -- ${src}`, size: undefined, files: [src] }, inputs: [] }
  const content = await controller.content(src, 'files', false)
  if (!reads(given)) {
    return { body: { print: input(0, content), size: content.size, files: [] }, inputs: [content] }
  }
  // A question to the host has no inputs.
  const print = sh`printf %s ${content.bytes().toString('base64')} | base64 -d`
  return { body: { print, size: content.size, files: [] }, inputs: [] }
}

function bodyText({ body, body_format: format }: Uri, controller: Controller): string {
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
