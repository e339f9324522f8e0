import type { Returned } from '../contract.js'
import type { HttpAnswer } from '../http-answer.js'
import type { Uri } from './params.js'

/** Whether the answer is one that the task wants. */
function isWanted({ status_code: wanted }: Uri, { status }: HttpAnswer): boolean {
  return wanted.includes(status)
}

/**
 * Values of the result, and why it failed.
 * @param file  what is told of the file that the answer is kept in
 */
export function valuesOf(given: Uri, answer: HttpAnswer, file: object = {}): Returned {
  const { status, reason, headers, cookies, body, url, elapsed } = answer
  const named = [...headers].map(([name, value]) => [name.replaceAll('-', '_'), value] as const)
  const base = {
    ...Object.fromEntries(named),
    url,
    status,
    redirected: url !== given.url,
    elapsed,
    ...(status >= 0 ? file : {}),
    ...(headers.has('location') ? { location: absolute(headers.get('location')!, url) } : {}),
    ...(given.return_content ? { content: body } : {}),
    ...jsonOf(answer),
  }
  const why = status < 0 ? `Request failed: ${reason}` : `HTTP Error ${status}: ${reason}`
  if (!isWanted(given, answer)) {
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
