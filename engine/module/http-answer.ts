import { gunzipSync } from 'node:zlib'
import { Fail, type ScriptOutput } from './contract.js'
import { NO_PROGRAM, type HttpRequest } from './http-request.js'

/** What a server answered, or why there was no answer. */
export interface HttpAnswer {
  /** -1: no answer. */
  readonly status: number
  /** The words of the status line, or what went wrong. */
  readonly reason: string
  /** Lower case names. */
  readonly headers: ReadonlyMap<string, string>
  /** What `Set-Cookie` sets and has not expired. */
  readonly cookies: ReadonlyMap<string, string>
  readonly body: string
  /** Whole seconds that it took. */
  readonly elapsed: number
  /** Where redirects led. */
  readonly url: string
}

/** Reads what `requestScript` printed. Throws Fail when the host lacks the means to make the request. */
export function readAnswer(request: HttpRequest, { stdout, stderr: said, code }: ScriptOutput): HttpAnswer {
  const [, stderr = said, seconds = '0'] = /^([^]*)fplay-elapsed (\d+)\n*$/.exec(said) ?? []
  const elapsed = Number(seconds)
  if (code === NO_PROGRAM) throw noProgram()
  // Packed bytes go through the same reading, a character each.
  const isPacked = stdout.startsWith(PACKED)
  const text = isPacked ? Buffer.from(stdout.slice(PACKED.length), 'base64').toString('latin1') : stdout
  const end = /\nfplay-http (\w+) (\d+) (.*)\n*$/.exec(text)
  const [, program, redirects = '0', last = ''] = end ?? []
  const told = end ? skipToLast(text.slice(0, end.index), Number(redirects)) : undefined
  const printed = told && isPacked ? unpacked(told) : told
  const answer = printed ?? (program === 'wget' ? echoedBlock(stderr) : undefined)
  if (code !== 0 || !answer) return { ...noAnswer(request, stderr, code), elapsed }
  const url = last || /URL: ?(\S+) \[/.exec(stderr)?.[1] || request.url
  if (program === 'raw') refuseByHand(request, answer)
  return { ...answer, url, elapsed }
}

const PACKED = 'fplay-packed\n'

function unpacked(block: Block): Block {
  const bytes = unpack(Buffer.from(block.body, 'latin1'), block)
  if (bytes) return { ...block, body: bytes.toString('utf8') }
  return { ...block, status: -1, reason: 'the answer is not what gzip makes', body: '' }
}

/** The bytes of an answer as they were before the server packed them with gzip; undefined where they are damaged. */
export function unpack(bytes: Buffer, { headers }: Pick<HttpAnswer, 'headers'>): Buffer | undefined {
  if (!/^(?:x-)?gzip$/i.test(headers.get('content-encoding') ?? '') || bytes.length === 0) return bytes
  try {
    return gunzipSync(bytes)
  } catch {
    return undefined
  }
}

/** The host has no program that could make the request. */
export function noProgram(): Fail {
  return new Fail(
    'the host has nothing to make this request with',
    [],
    'install curl on it (apt-get, dnf, yum or apk: curl), or GNU wget',
  )
}

/** What one answer says, from its status line on. */
export type Block = Omit<HttpAnswer, 'url' | 'elapsed'>

/** The answer after interim ones, redirects, and a refusal that was answered with a password. */
function skipToLast(text: string, redirects: number): Block | undefined {
  let left = redirects
  let block = readBlock(text)
  while (block) {
    const { status, body } = block
    const next = /^HTTP\/[\d.]+ \d{3}/.test(body) ? readBlock(body) : undefined
    const passing = status < 200 || status === 401 || (left > 0 && status >= 300 && status < 400)
    if (!next || !passing) return block
    if (status >= 300 && status < 400) left--
    block = next
  }
  return undefined
}

/** What wget tells of an answer that it keeps to itself: a redirect it may not follow, a password refused. */
function echoedBlock(stderr: string): Block | undefined {
  const lines = stderr.split('\n').filter((line) => line.startsWith('  '))
  const text = lines.map((line) => line.slice(2)).join('\n')
  const at = text.lastIndexOf('HTTP/')
  return at < 0 ? undefined : readBlock(`${text.slice(at)}\n\n`)
}

/** Reads an answer from its status line on; undefined where there is none. */
export function readBlock(text: string): Block | undefined {
  const match = /^HTTP\/[\d.]+ (\d{3}) ?([^\r\n]*)\r?\n((?:[^\r\n]+\r?\n)*)(?:\r?\n|$)/.exec(text)
  if (!match) return undefined
  const [whole, status, reason = '', fields = ''] = match
  const headers = new Map<string, string>()
  const cookies = new Map<string, string>()
  for (const [, name, value] of fields.matchAll(/^([^:\r\n]+):[ \t]*([^\r\n]*?)[ \t]*$/gm)) {
    const key = name!.toLowerCase()
    if (key === 'set-cookie') takeCookie(cookies, value!)
    const other = headers.get(key)
    headers.set(key, other === undefined ? value! : `${other}, ${value!}`)
  }
  return { status: Number(status), reason, headers, cookies, body: text.slice(whole.length) }
}

/** `name=value; Path=/; Max-Age=60`: one that has expired removes what there was. */
function takeCookie(cookies: Map<string, string>, text: string): void {
  const [, name, value] = /^\s*([^=;]+)=([^;]*)/.exec(text) ?? []
  if (name === undefined || value === undefined) return
  const age = /;\s*max-age=(-?\d+)/i.exec(text)?.[1]
  const until = /;\s*expires=([^;]+)/i.exec(text)?.[1]
  const over = age === undefined ? until !== undefined && Date.parse(until) < Date.now() : Number(age) <= 0
  cookies.delete(name)
  if (!over) cookies.set(name.trim(), value.trim())
}

function noAnswer({ url, timeout }: HttpRequest, stderr: string, code: number): Omit<HttpAnswer, 'elapsed'> {
  const silence = code === 124 ? `no answer within ${timeout} seconds` : 'no answer'
  return {
    status: -1,
    reason: whyNot(stderr) ?? silence,
    headers: new Map(),
    cookies: new Map(),
    body: '',
    url,
  }
}

/** What the program that made the request said last. */
export function whyNot(stderr: string): string | undefined {
  return stderr
    .split('\n')
    .map((line) => line.replace(/^(?:curl: \(\d+\) |request: |wget: )/, '').trim())
    .filter((line) => line !== '')
    .at(-1)
}

/** What curl would have done and the host cannot do by hand. */
export function refuseByHand(request: HttpRequest, { status, headers }: Block): void {
  if (request.redirects && status >= 300 && status < 400 && headers.has('location')) {
    throw new Fail(
      `the server redirects to ${headers.get('location')!}, which the host cannot follow`,
      [],
      'install curl on the host, or name that URL',
    )
  }
  if (status === 401 && request.user !== undefined && !request.unasked) {
    throw new Fail(
      'the server asks for a password, which the host cannot answer',
      [],
      'use force_basic_auth, or install curl on the host',
    )
  }
}
